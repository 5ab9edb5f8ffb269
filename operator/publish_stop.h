/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish_stop.h - Ctrl-C while files are published.
 */
#ifndef OPERATOR_PUBLISH_STOP_H
#define OPERATOR_PUBLISH_STOP_H

/*
 * From now on the first SIGINT or SIGTERM is remembered, and interrupts a
 * system call that waits (EINTR, signal(7)); the second ends the process.
 */
void publish_stop_catch(void);

/* The signal that came; 0: none yet. */
int publish_stop_signal(void);

#endif

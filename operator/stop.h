/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stop.h - Ctrl-C while a command does what takes long.
 */
#ifndef OPERATOR_STOP_H
#define OPERATOR_STOP_H

/*
 * From now on the first SIGINT or SIGTERM is remembered, and interrupts a
 * system call that waits (EINTR, signal(7)); the second ends the process.
 */
void stop_catch(void);

/* The signal that came; 0: none yet. */
int stop_signal(void);

/* The exit code for it, as a shell has it: 128 and its number. */
int stop_exit_code(void);

#endif

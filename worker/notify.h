/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify.h - what the supervisor that started us is told: that we run, that we
 * still do, that we stop. One datagram each, to the socket that NOTIFY_SOCKET
 * names, as systemd wants it (sd_notify(3)); its library is not needed for it.
 *
 * Without a supervisor, or with one that does not listen, nothing happens:
 * work never waits for a notice, nor fails for one.
 */
#ifndef WORKER_NOTIFY_H
#define WORKER_NOTIFY_H

#include <sys/socket.h>
#include <sys/un.h>

#include "policy/millis.h"

struct notify {
	int fd; /* -1: nobody is told */
	struct sockaddr_un to;
	socklen_t to_size;
	millis every; /* NOTIFY_ALIVE is wanted this often; 0: never */
};

#define NOTIFY_READY    "READY=1"
#define NOTIFY_ALIVE    "WATCHDOG=1"
#define NOTIFY_STOPPING "STOPPING=1"

/* As the environment says: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. */
void notify_open(struct notify *notify);
void notify_close(struct notify *notify);

void notify_say(const struct notify *notify, const char *notice);

#endif

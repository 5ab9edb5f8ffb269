/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_sockets.h - the descriptors of calls on the loop. For http*.c alone.
 *
 * curl wants a connection watched while it has a call, and no longer; between
 * two calls that is a moment, and to begin and end to watch takes five system
 * calls. So a connection at rest stays watched for what was wanted last, until
 * it says something, is wanted for something else, or is closed. What is no
 * connection (curl has such of its own, and does not say when it closes them)
 * is watched only as long as it is wanted.
 */
#ifndef WORKER_HTTP_SOCKETS_H
#define WORKER_HTTP_SOCKETS_H

#include <stddef.h>

#include "worker/loop.h"

struct http_socket {
	struct loop_watch *watch; /* NULL: not watched */
	bool is_connection;
	int wanted; /* LOOP_READ and LOOP_WRITE; 0: at rest */
	int watched;
};

struct http_sockets {
	struct loop *loop;
	loop_watch_callback *callback;
	void *context;
	struct http_socket *of; /* by descriptor */
	size_t room;
};

/* `callback` is told what a descriptor that is wanted is ready for. */
void http_sockets_init(struct http_sockets *sockets, struct loop *loop,
		       loop_watch_callback *callback, void *context);
/* All descriptors have been closed, or are no longer wanted. */
void http_sockets_fini(struct http_sockets *sockets);

/* The descriptor is a connection, until it is said to be closed. */
void http_sockets_opened(struct http_sockets *sockets, int fd);
/* It will be closed now: to be called before that. */
void http_sockets_closed(struct http_sockets *sockets, int fd);

/* LOOP_READ and LOOP_WRITE; 0: it is wanted no longer. */
void http_sockets_want(struct http_sockets *sockets, int fd, int events);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/http_sockets.h"

#include <stdlib.h>

#include "worker/mem.h"

void http_sockets_init(struct http_sockets *sockets, struct loop *loop,
		       loop_watch_callback *callback, void *context)
{
	*sockets = (struct http_sockets){
		.loop = loop,
		.callback = callback,
		.context = context,
	};
}

static struct http_socket *socket_of(struct http_sockets *sockets, int fd)
{
	size_t room = sockets->room;

	if ((size_t)fd >= room) {
		sockets->room = 2 * (size_t)fd + 64;
		sockets->of = mem_resize(sockets->of, sockets->room,
					 sizeof(*sockets->of));
		for (size_t i = room; i < sockets->room; i++)
			sockets->of[i] = (struct http_socket){0};
	}
	return &sockets->of[fd];
}

static void forget(struct http_socket *socket)
{
	loop_watch_free(socket->watch);
	*socket = (struct http_socket){0};
}

void http_sockets_fini(struct http_sockets *sockets)
{
	for (size_t fd = 0; fd < sockets->room; fd++)
		forget(&sockets->of[fd]);
	free(sockets->of);
}

void http_sockets_opened(struct http_sockets *sockets, int fd)
{
	struct http_socket *socket = socket_of(sockets, fd);

	forget(socket);
	socket->is_connection = true;
}

void http_sockets_closed(struct http_sockets *sockets, int fd)
{
	forget(socket_of(sockets, fd));
}

static void watch(struct http_socket *socket, int events)
{
	if (socket->watched != events)
		loop_watch_set(socket->watch, events);
	socket->watched = events;
}

/* What a connection at rest says, its end above all, is for curl to find out
   when it wants it again. */
static void report(void *context, int fd, int events)
{
	struct http_sockets *sockets = context;
	struct http_socket *socket = socket_of(sockets, fd);

	if (socket->wanted == 0)
		watch(socket, 0);
	else
		sockets->callback(sockets->context, fd, events);
}

void http_sockets_want(struct http_sockets *sockets, int fd, int events)
{
	struct http_socket *socket = socket_of(sockets, fd);

	socket->wanted = events;
	if (events == 0 && !socket->is_connection) {
		forget(socket);
		return;
	}
	if (events == 0)
		return;
	if (socket->watch == NULL)
		socket->watch =
			loop_watch_new(sockets->loop, fd, report, sockets);
	watch(socket, events);
}

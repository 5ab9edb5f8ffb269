/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_server.h - a server on 127.0.0.1 that misbehaves to order.
 *
 * Reads requests and answers the first of them with the first answer, the
 * second with the second, and all further ones with the last, whichever
 * connection they come by. It knows no HTTP but where a request ends: what it
 * sends is what it is told to.
 */
#ifndef TESTS_HTTP_SERVER_H
#define TESTS_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/text.h"

enum server_reads {
	SERVER_READS_ALL,  /* the request and its body */
	SERVER_READS_LATE, /* all of it too, but waits first */
	SERVER_READS_HEAD, /* the body stays where it is */
	SERVER_READS_NOTHING,
};

enum server_then {
	SERVER_KEEPS,  /* the connection, for another request */
	SERVER_CLOSES, /* it in order (FIN) */
	SERVER_RESETS, /* it (RST) */
	SERVER_HANGS,  /* until it is stopped */
};

struct server_answer {
	const char *bytes; /* NULL: none */
	enum server_then then;
	enum server_reads reads;
	int wait; /* ms, before it answers, or before it reads late */
};

struct http_server;

/* Starts it with a copy of the answers, at least one. */
struct http_server *http_server_start(const struct server_answer *answers,
				      size_t count);
void http_server_stop(struct http_server *server); /* takes NULL */

int http_server_port(const struct http_server *server);
int http_server_connections(struct http_server *server); /* made so far */
int http_server_requests(struct http_server *server);    /* begun so far */
int http_server_whole(struct http_server *server);       /* read whole */

/* Packets with data that the last request which was read whole, and those
   before it on the same connection, came in. */
int http_server_packets(struct http_server *server);

/* Waits until all connections have ended. */
void http_server_settle(struct http_server *server);

/* Of the last request that was read. Borrowed until the next one. */
const char *http_server_head(struct http_server *server); /* with blank line */
struct text http_server_body(struct http_server *server);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_rig.h - a loop, calls, a downstream and a server for the tests of http.
 */
#ifndef TESTS_HTTP_RIG_H
#define TESTS_HTTP_RIG_H

#include "tests/http_server.h"
#include "worker/http.h"

#define HEAD "HTTP/1.1 200 OK\r\n"
#define OK   HEAD "Content-Length: 2\r\n\r\nok"

/* What the last call came to, copied out of the callback. */
struct result {
	int calls; /* of the callback */
	struct http_answer answer;
	char body[4096];
	char detail[512];
};

extern struct http_rig {
	struct loop *loop;
	struct http *http;
	struct http_server *server; /* NULL until it serves */
	struct downstream_config downstream;
	struct config config;
	char url[256]; /* the downstream's */
	struct result result;
} rig;

void http_rig_setup(void);
void http_rig_teardown(void);

/* Starts the server, and points the downstream to it. */
void serve(const struct server_answer *answers, size_t count);
void serve_one(const char *bytes, enum server_then then);

/* An http_done that notes the answer and stops the loop after the last. */
void note_answer(void *context, const struct http_answer *answer);

/* One call, until it is done; call() is a POST of "abc". */
void call_with(struct text body, const struct http_header *headers,
	       size_t count);
void call(void);

/* Fails the test unless that is what the last call came to. */
void expect(enum transport transport, int status);

/* Did the last request have that line in its head, or a field of that name? */
bool has_line(const char *line);
bool has_field(const char *name);

#endif

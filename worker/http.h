/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - calls to downstreams.
 *
 * The only way to libcurl. Calls run on the core's loop; connections are kept
 * and used again, HTTP/2 is spoken where the server offers it by ALPN. Proxies
 * of the environment are not used.
 *
 * A connection older than connection_max_age is not used again once it is idle;
 * libcurl 7.88 does not look at the age of one that calls share at the moment
 * (HTTP/2). For each new one the name is looked up.
 *
 * A request is sent once: libcurl sends a POST again by itself when a kept
 * connection turns out to be closed, and would so execute it twice. Before it
 * does it asks whether it may use the other connection, and to have the body
 * again if it was not lent all of it: both are refused, which turns that into
 * an outcome.
 *
 * Over HTTP/2, libcurl 7.88 loses an answer that ends before it has sent the
 * body (CURLE_HTTP2_STREAM): such a call came to a lost connection, not to the
 * status that the server gave.
 */
#ifndef WORKER_HTTP_H
#define WORKER_HTTP_H

#include <stddef.h>

#include "policy/outcome.h"
#include "policy/text.h"
#include "worker/arena.h"
#include "worker/config.h"
#include "worker/http_kept.h"
#include "worker/loop.h"

struct http; /* all calls of one core */

/* Both are borrowed. The process ignores SIGPIPE. */
struct http *http_new(struct loop *loop, const struct config *config);
/* Calls under way are dropped silently. Not from a callback. Takes NULL. */
void http_free(struct http *http);

/* What is asked. What it points to is borrowed until the call is done. */
struct http_request {
	const struct downstream_config *downstream;
	const char *url;    /* of the downstream's host; NULL: its url */
	const char *method; /* NULL: the downstream's */
	millis timeout;     /* 0: the downstream's */
	const struct http_header *headers; /* beside the downstream's fixed */
	size_t header_count;
	size_t own_count; /* the last of them, which take the place of a
			     fixed one of the same name */
	struct text body;
	/* Fields of the response to keep beside Content-Type, Date and
	   Retry-After; no two are the same. */
	const char *const *wanted;
	size_t wanted_count;
	const char *flaw; /* why it cannot be made, a clause; NULL: it can */
};

/* The answer. Borrowed, for the time of the callback. */
struct http_answer {
	struct outcome outcome;
	struct text body; /* up to response_limit bytes */
	/* Of the response: Content-Type, Date, Retry-After and those that were
	   wanted, where they came; field_count. */
	const struct http_header *fields;
	size_t field_count;
	const char *detail; /* of a transport error, for the log; no
	                             address beyond the host, no payload */
	bool reused;        /* the connection had been used before */
	int http_version;   /* 10, 11, 20; 0: none */
};

typedef void http_done(void *context, const struct http_answer *answer);

/*
 * What happens to credentials, as a sentence without the secret: that one has
 * changed, or cannot be read. From http_call and from the loop; must not call
 * back. None by default.
 */
typedef void http_notice(void *context, const char *text);
void http_on_notice(struct http *http, http_notice *notice, void *context);

/*
 * Starts a call; `done` is called once, from the loop, never from within
 * http_call, and may start calls. A header name or value with a control byte
 * (RFC 9110, section 5.5: CR, LF, NUL and the like) is never sent, nor a name
 * that is no token, nor Content-Length or Transfer-Encoding, which frame the
 * request: the outcome is then TRANSPORT_HEADER. A request with a flaw is not
 * sent either: TRANSPORT_TEMPLATE.
 *
 * The downstream is shown its credential as it is now, which is looked for by
 * this. If it answers 401 or 403 and the credential is then found to have
 * changed, the call is made once more within the same timeout, and the second
 * answer is the answer. A call under way keeps what it was sent with.
 *
 * Redirects are followed where the downstream says so, and then only 307 and
 * 308, which keep method and body, up to five, and never from https to http.
 */
void http_call(struct http *http, const struct http_request *request,
	       http_done *done, void *context);

/* Calls under way. */
size_t http_active(const struct http *http);

/* --- for commands: one GET, waited for ----------------------------------- */

struct http_get {
	const char *url;
	const char *user; /* basic authentication, or NULL */
	const char *password;
	const char *ca_file; /* or NULL */
	millis timeout;
};

/*
 * The body of a 200 response of up to 64 MiB, in the arena, with a NUL behind
 * it. NULL otherwise: *problem is a clause in the arena that says why ("no
 * answer from http://...: ..."), or NULL where *status, another than 200, says
 * it. *status is 0 when none was read. Redirects are not followed. Any thread.
 */
char *http_fetch(const struct http_get *get, struct arena *arena, int *status,
		 const char **problem);

#endif

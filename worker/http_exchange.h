/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_exchange.h - what was seen of one request and its response.
 *
 * The HTTP library tells its events to this account: a request begins, bytes
 * of the body are taken, header lines and bytes of a body come in, it ends so.
 * Out of it comes what matters to a message: may the downstream have carried
 * the request out? Where that cannot be told, the answer is yes.
 *
 * The library itself cannot be asked: a response that is cut inside its
 * headers is a success to libcurl, and a request that it sends twice is one.
 */
#ifndef WORKER_HTTP_EXCHANGE_H
#define WORKER_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/outcome.h"
#include "policy/text.h"
#include "worker/http_kept.h"

/* How far the final response's head (status line and fields) has come. */
enum http_head {
	HTTP_HEAD_NONE,  /* no line of it, or only interim (1xx) ones */
	HTTP_HEAD_OPEN,  /* a status line, and not yet the blank line */
	HTTP_HEAD_ENDED, /* the blank line was seen */
};

/* Why the library came to the end, in the few kinds that differ for us. */
enum http_end {
	HTTP_END_DONE,       /* it found nothing wrong */
	HTTP_END_DNS,        /* the host's name was not resolved */
	HTTP_END_CONNECT,    /* no connection to the host */
	HTTP_END_TLS,        /* no TLS on the connection */
	HTTP_END_TIMEOUT,    /* connect or total timeout */
	HTTP_END_LOST,       /* connection or stream ended or broke */
	HTTP_END_RESEND,     /* it wanted to send the request again */
	HTTP_END_PROTOCOL,   /* what came is not HTTP */
	HTTP_END_UNFOLLOWED, /* a redirect that may not be followed */
};

struct http_exchange {
	struct text body;    /* of the request; borrowed */
	bool is_joined;      /* the library sends head and body together */
	size_t given;        /* bytes of it taken by the library */
	int requests;        /* begun; more than one where redirected */
	bool follows;        /* 307 and 308 (RFC 9110, 15.4.8 and 15.4.9) */
	enum http_head head; /* of the response to the last request */
	int status;          /* of that head; 0: none yet */
	struct http_kept *fields; /* of that head; borrowed; NULL: not kept */
	char *kept;               /* the response's body, so far; on the heap */
	size_t kept_len;          /* bytes; <= kept_room and <= kept_max */
	size_t kept_room;         /* bytes allocated */
	uint64_t kept_max;        /* more than this is dropped */
};

/* Starts afresh. `body` is borrowed until the next start. Memory of an
   exchange before is used again, and its `fields`; all zeroes is an exchange
   too. The caller may set is_joined and follows then. */
void http_exchange_start(struct http_exchange *exchange, struct text body,
			 uint64_t kept_max);
void http_exchange_fini(struct http_exchange *exchange);

/* --- events, in the order of their coming ------------------------------------ */

/*
 * A connection stands and the request is about to be sent on it. False where
 * that must not be: the whole of it may have been sent before, and this is
 * not a redirect. All of a joined body counts as given from here on.
 */
bool http_exchange_request(struct http_exchange *exchange);

/* The next bytes of the body, up to `room`; 0: all were given. */
size_t http_exchange_give(struct http_exchange *exchange, char *to,
			  size_t room);

/* May the body be given from its start? Yes if none of it was given yet, or a
   redirect asks for it. */
bool http_exchange_rewind(struct http_exchange *exchange);

/* A line of a response's head with its line end, the blank line included, or
   a line of a trailer, which is ignored. */
void http_exchange_line(struct http_exchange *exchange, struct text line);

/* Bytes of the response's body. */
void http_exchange_keep(struct http_exchange *exchange, struct text bytes);

/* --- the end ------------------------------------------------------------------- */

/* True once a 307 or 308 that is to be followed is all there. */
bool http_exchange_is_redirected(const struct http_exchange *exchange);

/* `is_sent`: the library has written all of the request, or cannot tell. */
enum transport http_exchange_transport(const struct http_exchange *exchange,
				       enum http_end end, bool is_sent);

/* The status that goes with that transport, 0 where it has none. */
int http_exchange_status(const struct http_exchange *exchange,
			 enum transport transport);

/* How much of the request went out, where it came to that transport. Where that
   cannot be told, it is more rather than less. */
enum sent http_exchange_sent(enum transport transport, bool is_sent);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/http_exchange.h"

#include <stdlib.h>
#include <string.h>

#include "worker/mem.h"

/* A handle at rest keeps no more than this of the last response's memory. */
#define KEPT_AT_REST 65536

static void forget_fields(struct http_exchange *exchange)
{
	if (exchange->fields != NULL)
		http_kept_clear(exchange->fields);
}

void http_exchange_start(struct http_exchange *exchange, struct text body,
			 uint64_t kept_max)
{
	char *kept = exchange->kept;
	size_t room = exchange->kept_room;

	if (room > KEPT_AT_REST) {
		free(kept);
		kept = NULL;
		room = 0;
	}
	*exchange = (struct http_exchange){
		.body = body,
		.kept = kept,
		.kept_room = room,
		.kept_max = kept_max,
		.fields = exchange->fields,
	};
	forget_fields(exchange);
}

void http_exchange_fini(struct http_exchange *exchange)
{
	free(exchange->kept);
	*exchange = (struct http_exchange){0};
}

/* --- events ----------------------------------------------------------------- */

bool http_exchange_is_redirected(const struct http_exchange *exchange)
{
	return exchange->follows && exchange->head == HTTP_HEAD_ENDED &&
	       (exchange->status == 307 || exchange->status == 308);
}

/* As long as bytes are missing, nobody can have taken the request for whole:
   so much may be sent again on another connection. */
static bool is_untouched(const struct http_exchange *exchange)
{
	return exchange->requests == 0 ||
	       (exchange->given == 0 && exchange->body.len > 0);
}

bool http_exchange_request(struct http_exchange *exchange)
{
	if (!is_untouched(exchange) && !http_exchange_is_redirected(exchange))
		return false;
	exchange->requests++;
	exchange->given = exchange->is_joined ? exchange->body.len : 0;
	exchange->head = HTTP_HEAD_NONE;
	exchange->status = 0;
	exchange->kept_len = 0;
	forget_fields(exchange);
	return true;
}

size_t http_exchange_give(struct http_exchange *exchange, char *to, size_t room)
{
	size_t left = exchange->body.len - exchange->given;
	size_t len = left < room ? left : room;

	if (len > 0)
		memcpy(to, exchange->body.at + exchange->given, len);
	exchange->given += len;
	return len;
}

/* libcurl 7.88 may rewind first thing, for a failure of the last request of
   its handle. */
bool http_exchange_rewind(struct http_exchange *exchange)
{
	if (exchange->given > 0 && !http_exchange_is_redirected(exchange))
		return false;
	exchange->given = 0;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The three digits behind the first space: "HTTP/1.1 200 OK". */
static int read_status(struct text line)
{
	const char *space = memchr(line.at, ' ', line.len);

	if (space == NULL || line.at + line.len - space < 4)
		return 0;
	if (!is_digit(space[1]) || !is_digit(space[2]) || !is_digit(space[3]))
		return 0;
	return (space[1] - '0') * 100 + (space[2] - '0') * 10 + space[3] - '0';
}

/* 101 ends the head for good: what follows is another protocol, not ours. */
static bool is_interim(int status)
{
	return status >= 100 && status < 200 && status != 101;
}

static void end_head(struct http_exchange *exchange)
{
	bool more = is_interim(exchange->status);

	exchange->head = more ? HTTP_HEAD_NONE : HTTP_HEAD_ENDED;
	if (more)
		exchange->status = 0;
}

static bool is_blank(struct text line)
{
	return (line.len == 1 && line.at[0] == '\n') ||
	       (line.len == 2 && line.at[0] == '\r' && line.at[1] == '\n');
}

static bool is_status_line(struct text line)
{
	return line.len >= 5 && memcmp(line.at, "HTTP/", 5) == 0;
}

void http_exchange_line(struct http_exchange *exchange, struct text line)
{
	if (exchange->head == HTTP_HEAD_ENDED)
		return;
	if (is_status_line(line)) {
		exchange->head = HTTP_HEAD_OPEN;
		exchange->status = read_status(line);
		forget_fields(exchange);
	} else if (is_blank(line) && exchange->head == HTTP_HEAD_OPEN) {
		end_head(exchange);
	} else if (exchange->fields != NULL) {
		http_kept_line(exchange->fields, line);
	}
}

static void make_room(struct http_exchange *exchange, size_t needed)
{
	size_t room = exchange->kept_room > 0 ? exchange->kept_room : 1024;

	if (needed <= exchange->kept_room)
		return;
	while (room < needed)
		room = room > SIZE_MAX / 2 ? needed : room * 2;
	exchange->kept = mem_resize(exchange->kept, room, 1);
	exchange->kept_room = room;
}

void http_exchange_keep(struct http_exchange *exchange, struct text bytes)
{
	uint64_t left = exchange->kept_max - exchange->kept_len;
	size_t len = bytes.len < left ? bytes.len : (size_t)left;

	if (len == 0)
		return;
	make_room(exchange, exchange->kept_len + len);
	memcpy(exchange->kept + exchange->kept_len, bytes.at, len);
	exchange->kept_len += len;
}

/* --- the end ------------------------------------------------------------------ */

static enum transport lost(const struct http_exchange *exchange, bool is_sent)
{
	if (exchange->requests == 0)
		return TRANSPORT_CONNECT;
	if (exchange->head != HTTP_HEAD_NONE)
		return TRANSPORT_CUT_RESPONSE;
	return is_sent ? TRANSPORT_RESET_AFTER_SEND
		       : TRANSPORT_RESET_BEFORE_SEND;
}

/* Before the request, all is known; after it, trouble with the connection is
   a loss of it, whatever the library calls it. A redirect connects anew. */
static enum transport unconnected(const struct http_exchange *exchange,
				  enum transport transport, bool is_sent)
{
	if (exchange->requests == 0 || http_exchange_is_redirected(exchange))
		return transport;
	return lost(exchange, is_sent);
}

static enum transport timed_out(const struct http_exchange *exchange,
				bool is_sent)
{
	if (exchange->requests == 0)
		return TRANSPORT_CONNECT;
	return is_sent ? TRANSPORT_TIMEOUT_AFTER_SEND
		       : TRANSPORT_TIMEOUT_BEFORE_SEND;
}

static bool is_whole(const struct http_exchange *exchange)
{
	return exchange->head == HTTP_HEAD_ENDED;
}

enum transport http_exchange_transport(const struct http_exchange *exchange,
				       enum http_end end, bool is_sent)
{
	switch (end) {
	case HTTP_END_DONE:
		return is_whole(exchange) ? TRANSPORT_COMPLETE
					  : TRANSPORT_CUT_RESPONSE;
	case HTTP_END_DNS:
		return unconnected(exchange, TRANSPORT_DNS, is_sent);
	case HTTP_END_CONNECT:
		return unconnected(exchange, TRANSPORT_CONNECT, is_sent);
	case HTTP_END_TLS:
		return unconnected(exchange, TRANSPORT_TLS, is_sent);
	case HTTP_END_TIMEOUT:
		return timed_out(exchange, is_sent);
	case HTTP_END_LOST:
		return lost(exchange, is_sent);
	case HTTP_END_RESEND:
		/* The library has forgotten what it wrote before. */
		return exchange->given < exchange->body.len
			       ? TRANSPORT_RESET_BEFORE_SEND
			       : TRANSPORT_RESET_AFTER_SEND;
	case HTTP_END_PROTOCOL:
		break;
	case HTTP_END_UNFOLLOWED:
		if (is_whole(exchange))
			return TRANSPORT_COMPLETE;
		break;
	}
	return TRANSPORT_PROTOCOL;
}

int http_exchange_status(const struct http_exchange *exchange,
			 enum transport transport)
{
	switch (transport) {
	case TRANSPORT_COMPLETE:
	case TRANSPORT_CUT_RESPONSE:
	case TRANSPORT_TIMEOUT_BEFORE_SEND:
	case TRANSPORT_TIMEOUT_AFTER_SEND:
		return is_whole(exchange) ? exchange->status : 0;
	case TRANSPORT_DNS:
	case TRANSPORT_CONNECT:
	case TRANSPORT_TLS:
	case TRANSPORT_RESET_BEFORE_SEND:
	case TRANSPORT_RESET_AFTER_SEND:
	case TRANSPORT_PROTOCOL:
	case TRANSPORT_HEADER:
	case TRANSPORT_TEMPLATE:
		break;
	}
	return 0;
}

enum sent http_exchange_sent(enum transport transport, bool is_sent)
{
	switch (transport) {
	case TRANSPORT_DNS:
	case TRANSPORT_CONNECT:
	case TRANSPORT_TLS:
	case TRANSPORT_HEADER:
	case TRANSPORT_TEMPLATE:
		return SENT_NONE;
	case TRANSPORT_TIMEOUT_BEFORE_SEND:
	case TRANSPORT_RESET_BEFORE_SEND:
		return SENT_SOME;
	case TRANSPORT_TIMEOUT_AFTER_SEND:
	case TRANSPORT_RESET_AFTER_SEND:
		return SENT_ALL;
	case TRANSPORT_COMPLETE:
	case TRANSPORT_CUT_RESPONSE:
	case TRANSPORT_PROTOCOL:
		break;
	}
	return is_sent ? SENT_ALL : SENT_SOME;
}

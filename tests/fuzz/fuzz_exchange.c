/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_exchange.c - the promises of worker/http_exchange.h, for events in any
   order. Input: a byte for redirects, one for the length of the body, two for
   what is kept, and then a letter and an argument for each event. */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "worker/http_exchange.h"

/* Everything that would let a message be sent again as if nothing was done. */
static bool says_not_sent(enum transport transport)
{
	return transport == TRANSPORT_DNS || transport == TRANSPORT_CONNECT ||
	       transport == TRANSPORT_TLS ||
	       transport == TRANSPORT_RESET_BEFORE_SEND ||
	       transport == TRANSPORT_TIMEOUT_BEFORE_SEND;
}

static void check_end(const struct http_exchange *e, enum http_end end,
		      bool is_sent)
{
	enum transport transport = http_exchange_transport(e, end, is_sent);
	int status = http_exchange_status(e, transport);

	fuzz_expect(status >= 0 && status <= 999, "a status has three digits");
	fuzz_expect(transport != TRANSPORT_COMPLETE ||
			    e->head == HTTP_HEAD_ENDED,
		    "a response without the end of its head is not complete");
	if (e->requests > 0 && is_sent && end != HTTP_END_RESEND &&
	    !http_exchange_is_redirected(e))
		fuzz_expect(!says_not_sent(transport),
			    "what was sent may have been carried out");
	if (end == HTTP_END_RESEND && e->given == e->body.len)
		fuzz_expect(!says_not_sent(transport),
			    "what was given may have been carried out");
}

static void check_fields(const struct http_exchange *e)
{
	size_t count;
	size_t total = 0;
	const struct http_header *fields = http_kept_fields(e->fields, &count);

	fuzz_expect(count <= 2, "no more fields are kept than were asked for");
	for (size_t i = 0; i < count; i++) {
		fuzz_expect(fields[i].value.len <= HTTP_KEPT_MAX,
			    "no value is longer than there is room for");
		total += fields[i].value.len;
	}
	fuzz_expect(total <= HTTP_KEPT_ALL,
		    "all values are within what they may be together");
}

static void check(const struct http_exchange *e)
{
	fuzz_expect(e->given <= e->body.len, "no more is given than there is");
	fuzz_expect(e->kept_len <= e->kept_max && e->kept_len <= e->kept_room,
		    "no more is kept than there is room for");
	for (int end = HTTP_END_DONE; end <= HTTP_END_UNFOLLOWED; end++) {
		check_end(e, (enum http_end)end, true);
		check_end(e, (enum http_end)end, false);
	}
	check_fields(e);
}

static void send_again(struct http_exchange *e)
{
	bool was_whole = e->requests > 0 && e->given == e->body.len;
	bool is_redirected = http_exchange_is_redirected(e);

	if (http_exchange_request(e))
		fuzz_expect(!was_whole || is_redirected,
			    "a request that was whole is not sent twice");
}

/* One event, told by its letter. */
static void tell(struct http_exchange *e, struct feed *feed)
{
	char bytes[256];

	switch (feed_byte(feed)) {
	case 'r':
		send_again(e);
		break;
	case 'g':
		(void)http_exchange_give(e, bytes, feed_byte(feed));
		break;
	case 'w':
		(void)http_exchange_rewind(e);
		break;
	case 'k':
		http_exchange_keep(e, feed_text(feed, feed_byte(feed)));
		break;
	case 'e':
		http_exchange_line(e, TEXT("\r\n"));
		break;
	case 's':
		http_exchange_line(e, TEXT("HTTP/1.1 307 Elsewhere\r\n"));
		break;
	default:
		http_exchange_line(e, feed_text(feed, feed_byte(feed)));
	}
}

void fuzz_exchange(struct text input)
{
	static const char body[256] = "body";
	struct feed feed = {.rest = input};
	static const char *const names[] = {"a", "Content-Type"};
	struct http_exchange exchange = {.fields = http_kept_new(names, 2)};
	bool follows = feed_byte(&feed) & 1;
	struct text sent = {.at = body, .len = feed_byte(&feed)};

	http_exchange_start(&exchange, sent, feed_number(&feed, 2));
	exchange.follows = follows;
	check(&exchange);
	while (feed.rest.len > 0) {
		tell(&exchange, &feed);
		check(&exchange);
	}
	http_kept_free(exchange.fields);
	http_exchange_fini(&exchange);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_http_exchange.c - the promises of worker/http_exchange.h. */
#include "worker/http_exchange.h"

#include <stdio.h>
#include <string.h>

#include "tests/worker_suites.h"

static struct http_exchange exchange;

static void setup(void)
{
	http_exchange_start(&exchange, TEXT("abcdef"), 1024);
}

static void teardown(void)
{
	http_exchange_fini(&exchange);
}

/* Tells the head, line by line. */
static void tell(const char *head)
{
	while (*head != '\0') {
		const char *end = strstr(head, "\r\n");

		ck_assert_ptr_nonnull(end);
		http_exchange_line(
			&exchange,
			(struct text){.at = head,
				      .len = (size_t)(end + 2 - head)});
		head = end + 2;
	}
}

static void give(size_t len)
{
	char bytes[16];

	ck_assert_uint_eq(http_exchange_give(&exchange, bytes, len), len);
}

/* In each row: did the connection stand, how much of six bytes was taken, does
   the library say that all was written, and what was told of the response. */
static const struct {
	int requests;
	size_t given;
	bool is_sent;
	const char *head;
	enum http_end end;
	enum transport transport;
	int status;
} ends[] = {
	{1, 6, true, "HTTP/1.1 200 OK\r\n\r\n", HTTP_END_DONE,
	 TRANSPORT_COMPLETE, 200},
	{1, 6, true, "HTTP/2 200 \r\na: b\r\n\r\n", HTTP_END_DONE,
	 TRANSPORT_COMPLETE, 200},
	/* An answer before the request is whole is one. */
	{1, 2, false, "HTTP/1.1 413 No\r\n\r\n", HTTP_END_DONE,
	 TRANSPORT_COMPLETE, 413},
	{1, 6, true, "HTTP/1.1 200 OK\r\na: b\r\n", HTTP_END_DONE,
	 TRANSPORT_CUT_RESPONSE, 0},
	{1, 6, true, "", HTTP_END_DONE, TRANSPORT_CUT_RESPONSE, 0},
	{1, 6, true, "HTTP/1.1 200 OK\r\n\r\n", HTTP_END_LOST,
	 TRANSPORT_CUT_RESPONSE, 200},
	{1, 6, true, "", HTTP_END_LOST, TRANSPORT_RESET_AFTER_SEND, 0},
	{1, 6, false, "", HTTP_END_LOST, TRANSPORT_RESET_BEFORE_SEND, 0},
	{1, 6, true, "HTTP/1.1 103 Hints\r\na: b\r\n\r\n", HTTP_END_LOST,
	 TRANSPORT_RESET_AFTER_SEND, 0},
	{0, 0, false, "", HTTP_END_LOST, TRANSPORT_CONNECT, 0},
	{0, 0, false, "", HTTP_END_DNS, TRANSPORT_DNS, 0},
	{0, 0, false, "", HTTP_END_CONNECT, TRANSPORT_CONNECT, 0},
	{0, 0, false, "", HTTP_END_TLS, TRANSPORT_TLS, 0},
	{0, 0, false, "", HTTP_END_TIMEOUT, TRANSPORT_CONNECT, 0},
	/* Trouble that is called one of connecting, and comes later. */
	{1, 6, true, "", HTTP_END_TLS, TRANSPORT_RESET_AFTER_SEND, 0},
	{1, 6, true, "", HTTP_END_CONNECT, TRANSPORT_RESET_AFTER_SEND, 0},
	{1, 6, true, "", HTTP_END_TIMEOUT, TRANSPORT_TIMEOUT_AFTER_SEND, 0},
	{1, 6, false, "", HTTP_END_TIMEOUT, TRANSPORT_TIMEOUT_BEFORE_SEND, 0},
	{1, 6, true, "HTTP/1.1 200 OK\r\n\r\n", HTTP_END_TIMEOUT,
	 TRANSPORT_TIMEOUT_AFTER_SEND, 200},
	/* What the library wrote before it wanted to resend is not known. */
	{1, 6, false, "", HTTP_END_RESEND, TRANSPORT_RESET_AFTER_SEND, 0},
	{1, 5, false, "", HTTP_END_RESEND, TRANSPORT_RESET_BEFORE_SEND, 0},
	{1, 6, true, "", HTTP_END_PROTOCOL, TRANSPORT_PROTOCOL, 0},
	{1, 6, true, "", HTTP_END_UNFOLLOWED, TRANSPORT_PROTOCOL, 0},
	{1, 6, true, "HTTP/1.1 307 On\r\n\r\n", HTTP_END_UNFOLLOWED,
	 TRANSPORT_COMPLETE, 307},
	/* A status line in a trailer is nobody's. */
	{1, 6, true, "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 500 No\r\n\r\n",
	 HTTP_END_DONE, TRANSPORT_COMPLETE, 200},
};

START_TEST(an_end_is_told_by_what_was_sent_and_seen)
{
	enum transport transport;

	if (ends[_i].requests > 0)
		ck_assert(http_exchange_request(&exchange));
	give(ends[_i].given);
	tell(ends[_i].head);
	transport = http_exchange_transport(&exchange, ends[_i].end,
					    ends[_i].is_sent);
	ck_assert_str_eq(transport_name(transport),
			 transport_name(ends[_i].transport));
	ck_assert_int_eq(http_exchange_status(&exchange, transport),
			 ends[_i].status);
}
END_TEST

START_TEST(a_second_request_is_refused_once_bytes_were_given)
{
	ck_assert(http_exchange_request(&exchange));
	/* Nobody can take a request for whole that lacks its body. */
	ck_assert(http_exchange_request(&exchange));
	give(1);
	ck_assert(!http_exchange_request(&exchange));
	ck_assert(!http_exchange_rewind(&exchange));
	ck_assert_uint_eq(exchange.given, 1);
	ck_assert_int_eq(exchange.requests, 2);
}
END_TEST

START_TEST(a_second_request_with_a_joined_body_is_refused_at_once)
{
	exchange.is_joined = true;
	ck_assert(http_exchange_request(&exchange));
	ck_assert_uint_eq(exchange.given, 6);
	ck_assert(!http_exchange_request(&exchange));
	ck_assert_int_eq(
		http_exchange_transport(&exchange, HTTP_END_RESEND, false),
		TRANSPORT_RESET_AFTER_SEND);
	ck_assert_int_eq(
		http_exchange_transport(&exchange, HTTP_END_TIMEOUT, false),
		TRANSPORT_TIMEOUT_BEFORE_SEND);
}
END_TEST

START_TEST(a_second_request_without_a_body_is_refused_at_once)
{
	http_exchange_start(&exchange, (struct text){0}, 0);
	ck_assert(http_exchange_request(&exchange));
	ck_assert(!http_exchange_request(&exchange));
}
END_TEST

START_TEST(a_redirect_that_is_followed_gives_the_body_again)
{
	exchange.follows = true;
	ck_assert(http_exchange_request(&exchange));
	give(6);
	tell("HTTP/1.1 308 On\r\n");
	ck_assert(!http_exchange_rewind(&exchange));
	tell("\r\n");
	http_exchange_keep(&exchange, TEXT("moved"));
	ck_assert(http_exchange_rewind(&exchange));
	ck_assert(http_exchange_request(&exchange));
	give(6);
	tell("HTTP/1.1 200 OK\r\n\r\n");
	ck_assert_uint_eq(exchange.kept_len, 0);
	ck_assert(!http_exchange_request(&exchange));
}
END_TEST

static const int unfollowed[] = {200, 301, 302, 303, 304, 309, 407};

START_TEST(other_statuses_are_no_reason_to_send_again)
{
	char head[64];

	exchange.follows = true;
	ck_assert(http_exchange_request(&exchange));
	give(6);
	snprintf(head, sizeof(head), "HTTP/1.1 %d X\r\n\r\n", unfollowed[_i]);
	tell(head);
	ck_assert(!http_exchange_rewind(&exchange));
	ck_assert(!http_exchange_request(&exchange));
}
END_TEST

/* An address that could not be reached after a redirect is just that. */
START_TEST(a_redirect_to_nowhere_is_told_as_such)
{
	exchange.follows = true;
	ck_assert(http_exchange_request(&exchange));
	give(6);
	tell("HTTP/1.1 307 On\r\n\r\n");
	ck_assert_int_eq(
		http_exchange_transport(&exchange, HTTP_END_CONNECT, true),
		TRANSPORT_CONNECT);
	ck_assert_int_eq(http_exchange_status(&exchange, TRANSPORT_CONNECT), 0);
}
END_TEST

START_TEST(a_body_is_given_in_pieces_and_then_no_more)
{
	char bytes[8] = "";

	ck_assert_uint_eq(http_exchange_give(&exchange, bytes, 4), 4);
	ck_assert_uint_eq(http_exchange_give(&exchange, bytes + 4, 4), 2);
	ck_assert_str_eq(bytes, "abcdef");
	ck_assert_uint_eq(http_exchange_give(&exchange, bytes, 4), 0);
}
END_TEST

START_TEST(no_more_is_kept_than_the_limit)
{
	http_exchange_start(&exchange, (struct text){0}, 3000);
	for (int i = 0; i < 100; i++)
		http_exchange_keep(&exchange, TEXT("0123456789"
						   "0123456789"
						   "0123456789"
						   "0123456789"));
	ck_assert_uint_eq(exchange.kept_len, 3000);
	ck_assert_uint_le(exchange.kept_room, 4096);
	http_exchange_start(&exchange, (struct text){0}, UINT64_MAX);
	ck_assert_uint_eq(exchange.kept_len, 0);
	http_exchange_keep(&exchange, TEXT("x"));
	ck_assert_uint_eq(exchange.kept_len, 1);
}
END_TEST

static const struct {
	enum transport transport;
	enum sent when_all; /* the library says that all was written */
	enum sent when_not;
} sent[] = {
	{TRANSPORT_COMPLETE, SENT_ALL, SENT_SOME},
	{TRANSPORT_DNS, SENT_NONE, SENT_NONE},
	{TRANSPORT_CONNECT, SENT_NONE, SENT_NONE},
	{TRANSPORT_TLS, SENT_NONE, SENT_NONE},
	{TRANSPORT_HEADER, SENT_NONE, SENT_NONE},
	{TRANSPORT_TEMPLATE, SENT_NONE, SENT_NONE},
	{TRANSPORT_TIMEOUT_BEFORE_SEND, SENT_SOME, SENT_SOME},
	{TRANSPORT_RESET_BEFORE_SEND, SENT_SOME, SENT_SOME},
	{TRANSPORT_TIMEOUT_AFTER_SEND, SENT_ALL, SENT_ALL},
	{TRANSPORT_RESET_AFTER_SEND, SENT_ALL, SENT_ALL},
	{TRANSPORT_CUT_RESPONSE, SENT_ALL, SENT_SOME},
	{TRANSPORT_PROTOCOL, SENT_ALL, SENT_SOME},
};

START_TEST(how_much_was_sent_never_contradicts_the_transport)
{
	ck_assert_int_eq(http_exchange_sent(sent[_i].transport, true),
			 sent[_i].when_all);
	ck_assert_int_eq(http_exchange_sent(sent[_i].transport, false),
			 sent[_i].when_not);
}
END_TEST

START_TEST(fields_are_those_of_the_last_head)
{
	static const char *const names[] = {"A", "B"};
	struct http_kept *kept = http_kept_new(names, 2);
	size_t count;

	exchange.fields = kept;
	http_exchange_start(&exchange, TEXT("abcdef"), 1024);
	ck_assert(http_exchange_request(&exchange));
	tell("HTTP/1.1 103 Hints\r\nA: hint\r\nB: hint\r\n\r\n"
	     "HTTP/1.1 200 OK\r\na: 1\r\nC: 2\r\n\r\nB: in a trailer\r\n");
	const struct http_header *fields = http_kept_fields(kept, &count);

	ck_assert_uint_eq(count, 1);
	ck_assert(text_is(http_header_value(fields, count, "A"), "1"));
	http_exchange_start(&exchange, TEXT("abcdef"), 1024);
	(void)http_kept_fields(kept, &count);
	ck_assert_uint_eq(count, 0);
	http_kept_free(kept);
	exchange.fields = NULL;
}
END_TEST

Suite *http_exchange_suite(void)
{
	Suite *suite = suite_create("http exchange");
	TCase *tcase = tcase_create("exchange");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, an_end_is_told_by_what_was_sent_and_seen, 0,
			    (int)COUNT(ends));
	tcase_add_test(tcase,
		       a_second_request_is_refused_once_bytes_were_given);
	tcase_add_test(tcase,
		       a_second_request_without_a_body_is_refused_at_once);
	tcase_add_test(tcase,
		       a_second_request_with_a_joined_body_is_refused_at_once);
	tcase_add_test(tcase, a_redirect_that_is_followed_gives_the_body_again);
	tcase_add_loop_test(tcase, other_statuses_are_no_reason_to_send_again,
			    0, (int)COUNT(unfollowed));
	tcase_add_test(tcase, a_redirect_to_nowhere_is_told_as_such);
	tcase_add_test(tcase, a_body_is_given_in_pieces_and_then_no_more);
	tcase_add_test(tcase, no_more_is_kept_than_the_limit);
	tcase_add_loop_test(tcase,
			    how_much_was_sent_never_contradicts_the_transport,
			    0, (int)COUNT(sent));
	tcase_add_test(tcase, fields_are_those_of_the_last_head);
	suite_add_tcase(suite, tcase);
	return suite;
}

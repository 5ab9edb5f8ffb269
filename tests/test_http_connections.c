/* SPDX-License-Identifier: Apache-2.0 */
/* test_http_connections.c - connections and redirects, as worker/http.h promises. */
#include "tests/http_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/worker_suites.h"
#include "worker/mem.h"

/* --- connections ------------------------------------------------------------------ */

static void stop_loop(void *context)
{
	loop_stop(context);
}

START_TEST(a_hundred_calls_use_one_connection)
{
	serve_one(OK, SERVER_KEEPS);
	for (int i = 0; i < 100; i++) {
		call();
		expect(TRANSPORT_COMPLETE, 200);
		ck_assert_int_eq(rig.result.answer.reused, i > 0);
	}
	ck_assert_int_eq(http_server_connections(rig.server), 1);
	ck_assert_int_eq(http_server_requests(rig.server), 100);
}
END_TEST

/* What the server said between two calls, its goodbye, is no call's. */
START_TEST(a_connection_that_ends_at_rest_is_replaced)
{
	static const struct server_answer answers[] = {
		{.bytes = OK, .then = SERVER_CLOSES},
		{.bytes = OK},
	};

	serve(answers, COUNT(answers));
	call();
	http_server_settle(rig.server);
	loop_timer_set(loop_timer_new(rig.loop, stop_loop, rig.loop), 20);
	loop_run(rig.loop);
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(!rig.result.answer.reused);
	ck_assert_int_eq(http_server_connections(rig.server), 2);
}
END_TEST

START_TEST(calls_at_once_keep_their_connections)
{
	const struct http_request request = {.downstream = &rig.downstream,
					     .body = TEXT("abc")};

	serve_one(OK, SERVER_KEEPS);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 8; i++)
			http_call(rig.http, &request, note_answer, NULL);
		ck_assert_uint_eq(http_active(rig.http), 8);
		loop_run(rig.loop);
	}
	ck_assert_int_eq(rig.result.calls, 80);
	ck_assert_int_le(http_server_connections(rig.server), 8);
}
END_TEST

/* A server that closes a kept connection the moment it has read a request may
   have carried it out: curl by itself would send it again. */
static const struct server_answer forgetful[] = {
	{.bytes = OK},
	{.then = SERVER_CLOSES},
	{.bytes = OK},
};

START_TEST(a_request_is_not_sent_twice_when_a_kept_connection_closes)
{
	serve(forgetful, COUNT(forgetful));
	call();
	call();
	expect(TRANSPORT_RESET_AFTER_SEND, 0);
	ck_assert(rig.result.answer.reused);
	ck_assert_int_eq(http_server_requests(rig.server), 2);
	ck_assert_ptr_nonnull(strstr(rig.result.detail, "not sent twice"));
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(text_is(http_server_body(rig.server), "abc"));
}
END_TEST

START_TEST(a_request_is_not_sent_twice_when_a_kept_connection_is_reset)
{
	static const struct server_answer answers[] = {
		{.bytes = OK},
		{.then = SERVER_RESETS},
		{.bytes = OK},
	};

	serve(answers, COUNT(answers));
	call();
	call();
	expect(TRANSPORT_RESET_AFTER_SEND, 0);
	ck_assert_int_eq(http_server_requests(rig.server), 2);
}
END_TEST

/* curl asks for the bytes of this one, as it does over TLS; the handle has
   sent one before that it was lent. */
START_TEST(a_large_request_is_not_sent_twice_either)
{
	char *body = mem_array(100000, 1);

	serve(forgetful, COUNT(forgetful));
	call();
	call_with((struct text){.at = body, .len = 100000}, NULL, 0);
	expect(TRANSPORT_RESET_AFTER_SEND, 0);
	ck_assert(rig.result.answer.reused);
	ck_assert_int_eq(http_server_requests(rig.server), 2);
	call();
	expect(TRANSPORT_COMPLETE, 200);
	free(body);
}
END_TEST

START_TEST(an_empty_request_has_a_fresh_connection_and_is_not_sent_twice)
{
	serve(forgetful, COUNT(forgetful));
	call();
	call_with((struct text){0}, NULL, 0);
	expect(TRANSPORT_RESET_AFTER_SEND, 0);
	ck_assert(!rig.result.answer.reused);
	ck_assert_int_eq(http_server_requests(rig.server), 2);
}
END_TEST

static void call_again(void *context, const struct http_answer *answer)
{
	const struct http_request request = {.downstream = &rig.downstream,
					     .body = TEXT("second")};

	(void)context;
	ck_assert_int_eq(answer->outcome.transport, TRANSPORT_COMPLETE);
	http_call(rig.http, &request, note_answer, NULL);
	/* The answer is still lent. */
	ck_assert(text_is(answer->body, "ok"));
}

START_TEST(a_callback_may_start_the_next_call)
{
	const struct http_request request = {.downstream = &rig.downstream,
					     .body = TEXT("first")};

	serve_one(OK, SERVER_KEEPS);
	http_call(rig.http, &request, call_again, NULL);
	loop_run(rig.loop);
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(rig.result.answer.reused);
	ck_assert(text_is(http_server_body(rig.server), "second"));
}
END_TEST

START_TEST(calls_under_way_are_dropped_silently)
{
	static const struct http_header bad = {.name = "X-A",
					       .value = {.at = "\n", .len = 1}};
	const struct http_request request = {.downstream = &rig.downstream,
					     .body = TEXT("abc")};
	struct http_request refused = request;

	rig.downstream.timeout = 600;
	serve_one(NULL, SERVER_HANGS);
	call();
	ck_assert_int_eq(rig.result.calls, 1);
	refused.headers = &bad;
	refused.header_count = 1;
	http_call(rig.http, &request, note_answer, NULL);
	http_call(rig.http, &refused, note_answer, NULL);
	http_free(rig.http);
	rig.http = NULL;
	ck_assert_int_eq(rig.result.calls, 1);
}
END_TEST

START_TEST(proxies_of_the_environment_are_not_used)
{
	serve_one(OK, SERVER_KEEPS);
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	call();
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	expect(TRANSPORT_COMPLETE, 200);
}
END_TEST

/* --- redirects --------------------------------------------------------------------- */

static const struct {
	int status;
	const char *to;
	int end;
	int requests;
} redirects[] = {
	{307, "/elsewhere", 200, 2},
	{308, "/elsewhere", 200, 2},
	/* These would turn it into a GET. */
	{301, "/elsewhere", 301, 1},
	{302, "/elsewhere", 302, 1},
	{303, "/elsewhere", 303, 1},
	/* And these lead where nobody may go. */
	{307, "ftp://127.0.0.1/x", 307, 1},
	{307, "file:///etc/passwd", 307, 1},
	{307, "http://", 307, 1},
};

START_TEST(redirects_are_followed_with_method_and_body_or_not_at_all)
{
	char bytes[256];
	const struct server_answer answers[] = {{.bytes = bytes},
						{.bytes = OK}};

	snprintf(bytes, sizeof(bytes),
		 "HTTP/1.1 %d Over there\r\nLocation: %s\r\n"
		 "Content-Length: 6\r\n\r\nmoved.",
		 redirects[_i].status, redirects[_i].to);
	rig.downstream.follow_redirects = true;
	serve(answers, COUNT(answers));
	call();
	expect(TRANSPORT_COMPLETE, redirects[_i].end);
	ck_assert_int_eq(http_server_requests(rig.server),
			 redirects[_i].requests);
	ck_assert(text_is(http_server_body(rig.server), "abc"));
	if (redirects[_i].requests > 1) {
		ck_assert(text_starts(text_of(http_server_head(rig.server)),
				      "POST /elsewhere "));
		ck_assert(text_is(rig.result.answer.body, "ok"));
	}
	/* The next call asks the downstream itself again. */
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(text_starts(text_of(http_server_head(rig.server)),
			      "POST /fhir/Patient"));
}
END_TEST

START_TEST(redirects_without_end_are_an_answer)
{
	rig.downstream.follow_redirects = true;
	serve_one(
		"HTTP/1.1 307 On\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
		SERVER_KEEPS);
	call();
	expect(TRANSPORT_COMPLETE, 307);
	ck_assert_int_eq(http_server_requests(rig.server), 6);
}
END_TEST

START_TEST(another_host_is_not_told_the_credentials)
{
	static const struct header_config secret = {.name = "Authorization",
						    .source = HEADER_FIXED,
						    .value = "Bearer x"};
	static const struct server_answer there = {.bytes = OK};
	char bytes[256];
	struct http_server *other = http_server_start(&there, 1);

	snprintf(bytes, sizeof(bytes),
		 "HTTP/1.1 308 There\r\nContent-Length: 0\r\n"
		 "Location: http://localhost:%d/\r\n\r\n",
		 http_server_port(other));
	rig.downstream.follow_redirects = true;
	rig.downstream.headers = &secret;
	rig.downstream.header_count = 1;
	serve_one(bytes, SERVER_KEEPS);
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(has_field("Authorization"));
	ck_assert_ptr_null(strstr(http_server_head(other), "Authorization"));
	ck_assert(text_is(http_server_body(other), "abc"));
	http_server_stop(other);
}
END_TEST

START_TEST(a_followed_request_is_not_sent_twice_either)
{
	static const struct server_answer answers[] = {
		{.bytes = "HTTP/1.1 307 On\r\nLocation: /x\r\n"
			  "Content-Length: 0\r\n\r\n"},
		{.then = SERVER_CLOSES},
		{.bytes = OK},
	};

	rig.downstream.follow_redirects = true;
	serve(answers, COUNT(answers));
	call();
	expect(TRANSPORT_RESET_AFTER_SEND, 0);
	ck_assert_int_eq(http_server_requests(rig.server), 2);
}
END_TEST

static void add_connections(TCase *tcase)
{
	tcase_add_test(tcase, a_hundred_calls_use_one_connection);
	tcase_add_test(tcase, a_connection_that_ends_at_rest_is_replaced);
	tcase_add_test(tcase, calls_at_once_keep_their_connections);
	tcase_add_test(
		tcase,
		a_request_is_not_sent_twice_when_a_kept_connection_closes);
	tcase_add_test(
		tcase,
		a_request_is_not_sent_twice_when_a_kept_connection_is_reset);
	tcase_add_test(tcase, a_large_request_is_not_sent_twice_either);
	tcase_add_test(
		tcase,
		an_empty_request_has_a_fresh_connection_and_is_not_sent_twice);
	tcase_add_test(tcase, a_callback_may_start_the_next_call);
	tcase_add_test(tcase, calls_under_way_are_dropped_silently);
	tcase_add_test(tcase, proxies_of_the_environment_are_not_used);
}

static void add_redirects(TCase *tcase)
{
	tcase_add_loop_test(
		tcase,
		redirects_are_followed_with_method_and_body_or_not_at_all, 0,
		(int)COUNT(redirects));
	tcase_add_test(tcase, redirects_without_end_are_an_answer);
	tcase_add_test(tcase, another_host_is_not_told_the_credentials);
	tcase_add_test(tcase, a_followed_request_is_not_sent_twice_either);
}

Suite *http_connections_suite(void)
{
	Suite *suite = suite_create("http connections");
	TCase *tcase = tcase_create("calls");
	tcase_set_timeout(tcase, 20);
	tcase_add_checked_fixture(tcase, http_rig_setup, http_rig_teardown);
	add_connections(tcase);
	add_redirects(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}

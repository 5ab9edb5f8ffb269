/* SPDX-License-Identifier: Apache-2.0 */
/* test_http_ends.c - how exchanges fail, as worker/http.h promises to tell. */
#include "tests/http_rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/worker_suites.h"
#include "worker/mem.h"

/* --- how exchanges fail --------------------------------------------------------- */

static const struct {
	const char *bytes;
	enum server_then then;
	enum transport transport;
	int status;
} broken[] = {
	{NULL, SERVER_CLOSES, TRANSPORT_RESET_AFTER_SEND, 0},
	{NULL, SERVER_RESETS, TRANSPORT_RESET_AFTER_SEND, 0},
	{"HTTP/1.1 100 Continue\r\n\r\n", SERVER_CLOSES,
	 TRANSPORT_RESET_AFTER_SEND, 0},
	{HEAD, SERVER_CLOSES, TRANSPORT_CUT_RESPONSE, 0},
	{HEAD, SERVER_RESETS, TRANSPORT_CUT_RESPONSE, 0},
	{HEAD "Content-Type: a/b\r\n", SERVER_CLOSES, TRANSPORT_CUT_RESPONSE,
	 0},
	{HEAD "Content-Length: 0\r\n", SERVER_CLOSES, TRANSPORT_CUT_RESPONSE,
	 0},
	{HEAD "Content-Le", SERVER_CLOSES, TRANSPORT_CUT_RESPONSE, 0},
	{"HTTP/1.1 100 Continue\r\n", SERVER_CLOSES, TRANSPORT_CUT_RESPONSE, 0},
	{HEAD "Content-Length: 5\r\n\r\n", SERVER_CLOSES,
	 TRANSPORT_CUT_RESPONSE, 200},
	{HEAD "Content-Length: 5\r\n\r\nabc", SERVER_CLOSES,
	 TRANSPORT_CUT_RESPONSE, 200},
	{HEAD "Content-Length: 5\r\n\r\nabc", SERVER_RESETS,
	 TRANSPORT_CUT_RESPONSE, 200},
	{HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nab", SERVER_CLOSES,
	 TRANSPORT_CUT_RESPONSE, 200},
	{HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", SERVER_CLOSES,
	 TRANSPORT_CUT_RESPONSE, 200},
	{HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n", SERVER_KEEPS,
	 TRANSPORT_CUT_RESPONSE, 200},
	{"Hello, who are you?\r\n", SERVER_CLOSES, TRANSPORT_PROTOCOL, 0},
	{"SSH-2.0-OpenSSH_9.2\r\n", SERVER_HANGS, TRANSPORT_PROTOCOL, 0},
	{"HTTP/1.1 two hundred\r\n\r\n", SERVER_CLOSES, TRANSPORT_PROTOCOL, 0},
	/* No line of it: as good as none, and as ambiguous. */
	{"HTTP/1.1 2", SERVER_CLOSES, TRANSPORT_RESET_AFTER_SEND, 0},
	{"HTT", SERVER_RESETS, TRANSPORT_RESET_AFTER_SEND, 0},
};

START_TEST(a_response_that_is_not_whole_is_never_complete)
{
	serve_one(broken[_i].bytes, broken[_i].then);
	call();
	expect(broken[_i].transport, broken[_i].status);
	ck_assert_int_eq(http_server_requests(rig.server), 1);
	ck_assert_str_ne(rig.result.detail, "");
}
END_TEST

START_TEST(time_that_runs_out_after_the_request_says_so)
{
	rig.downstream.timeout = 600;
	serve_one(NULL, SERVER_HANGS);
	call();
	expect(TRANSPORT_TIMEOUT_AFTER_SEND, 0);
	ck_assert_int_ge(rig.result.answer.outcome.duration, 100);
	ck_assert_int_lt(rig.result.answer.outcome.duration, 2000);
}
END_TEST

START_TEST(time_that_runs_out_within_the_response_keeps_its_status)
{
	rig.downstream.timeout = 600;
	serve_one(HEAD "Content-Length: 5\r\n\r\nabc", SERVER_HANGS);
	call();
	expect(TRANSPORT_TIMEOUT_AFTER_SEND, 200);
}
END_TEST

/* More than the two sockets' buffers hold. */
static void call_big(void)
{
	const size_t len = 32 * 1024 * 1024;
	char *body = mem_array(len, 1);

	call_with((struct text){.at = body, .len = len}, NULL, 0);
	free(body);
}

START_TEST(time_that_runs_out_within_the_request_says_so)
{
	static const struct server_answer deaf = {
		.then = SERVER_HANGS, .reads = SERVER_READS_NOTHING};

	rig.downstream.timeout = 300;
	serve(&deaf, 1);
	call_big();
	expect(TRANSPORT_TIMEOUT_BEFORE_SEND, 0);
}
END_TEST

/* True if that says after the request; and then, and only then, the server,
   who reads late, must find it whole. */
static bool is_said_sent(size_t len)
{
	static const struct server_answer late = {
		.then = SERVER_CLOSES, .reads = SERVER_READS_LATE, .wait = 150};
	char *body = mem_array(len, 1);

	serve(&late, 1);
	http_free(rig.http); /* it would know the last server */
	rig.http = http_new(rig.loop, &rig.config);
	call_with((struct text){.at = body, .len = len}, NULL, 0);
	bool is_after = rig.result.answer.outcome.transport ==
			TRANSPORT_TIMEOUT_AFTER_SEND;
	if (!is_after)
		expect(TRANSPORT_TIMEOUT_BEFORE_SEND, 0);
	http_server_settle(rig.server);
	ck_assert_int_eq(http_server_whole(rig.server), is_after);
	http_server_stop(rig.server);
	rig.server = NULL;
	free(body);
	return is_after;
}

/* Halves its way to the size that the sockets' buffers just hold. */
START_TEST(a_request_is_sent_when_its_last_byte_is_out_of_our_hands)
{
	size_t sent = 1024;
	size_t stuck = 32 * 1024 * 1024;

	rig.downstream.timeout = 80;
	ck_assert(is_said_sent(sent));
	ck_assert(!is_said_sent(stuck));
	while (stuck - sent > 16 * 1024) {
		size_t middle = sent + (stuck - sent) / 2;

		if (is_said_sent(middle))
			sent = middle;
		else
			stuck = middle;
	}
}
END_TEST

START_TEST(a_connection_lost_within_the_request_says_so)
{
	static const struct server_answer rude = {.then = SERVER_RESETS,
						  .reads = SERVER_READS_HEAD};

	serve(&rude, 1);
	call_big();
	expect(TRANSPORT_RESET_BEFORE_SEND, 0);
}
END_TEST

/* A label of 64 bytes: no resolver needs to be asked (RFC 1035, 2.3.4). */
START_TEST(a_name_that_does_not_resolve_is_told)
{
	snprintf(rig.url, sizeof(rig.url), "http://%064d.invalid/secret", 0);
	call();
	expect(TRANSPORT_DNS, 0);
}
END_TEST

START_TEST(a_refused_connection_is_told)
{
	serve_one(OK, SERVER_KEEPS);
	http_server_stop(rig.server);
	rig.server = NULL;
	call();
	expect(TRANSPORT_CONNECT, 0);
	ck_assert_ptr_nonnull(strstr(rig.result.detail, "127.0.0.1"));
	ck_assert_ptr_null(strstr(rig.result.detail, "secret"));
	ck_assert_ptr_null(strstr(rig.result.detail, "Patient"));
}
END_TEST

/* Fills the queue of a listener that accepts nobody: Linux then lets further
   connections hang. */
START_TEST(a_connection_that_takes_too_long_is_told)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	int fill[4];
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(listener, 0), 0);
	getsockname(listener, (struct sockaddr *)&address, &len);
	for (size_t i = 0; i < COUNT(fill); i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fill[i], (struct sockaddr *)&address, len);
	}
	snprintf(rig.url, sizeof(rig.url), "http://127.0.0.1:%d/",
		 ntohs(address.sin_port));
	rig.downstream.connect_timeout = 150;
	call();
	expect(TRANSPORT_CONNECT, 0);
	ck_assert_int_lt(rig.result.answer.outcome.duration, 2000);
	for (size_t i = 0; i < COUNT(fill); i++)
		close(fill[i]);
	close(listener);
}
END_TEST

START_TEST(a_server_without_tls_is_told)
{
	static const struct server_answer plain = {
		.bytes = "HTTP/1.1 400 Plain\r\n\r\n",
		.then = SERVER_CLOSES,
		.reads = SERVER_READS_NOTHING};

	serve(&plain, 1);
	snprintf(rig.url, sizeof(rig.url), "https://127.0.0.1:%d/secret",
		 http_server_port(rig.server));
	call();
	expect(TRANSPORT_TLS, 0);
}
END_TEST

START_TEST(a_tls_handshake_that_takes_too_long_is_told)
{
	static const struct server_answer deaf = {
		.then = SERVER_HANGS, .reads = SERVER_READS_NOTHING};

	rig.downstream.timeout = 600;
	serve(&deaf, 1);
	snprintf(rig.url, sizeof(rig.url), "https://127.0.0.1:%d/secret",
		 http_server_port(rig.server));
	call();
	expect(TRANSPORT_TLS, 0);
}
END_TEST

static void add_failures(TCase *tcase)
{
	tcase_add_loop_test(tcase,
			    a_response_that_is_not_whole_is_never_complete, 0,
			    (int)COUNT(broken));
	tcase_add_test(tcase, time_that_runs_out_after_the_request_says_so);
	tcase_add_test(tcase,
		       time_that_runs_out_within_the_response_keeps_its_status);
	tcase_add_test(tcase, time_that_runs_out_within_the_request_says_so);
	tcase_add_test(
		tcase,
		a_request_is_sent_when_its_last_byte_is_out_of_our_hands);
	tcase_add_test(tcase, a_connection_lost_within_the_request_says_so);
	tcase_add_test(tcase, a_name_that_does_not_resolve_is_told);
	tcase_add_test(tcase, a_refused_connection_is_told);
	tcase_add_test(tcase, a_connection_that_takes_too_long_is_told);
	tcase_add_test(tcase, a_server_without_tls_is_told);
	tcase_add_test(tcase, a_tls_handshake_that_takes_too_long_is_told);
}

Suite *http_ends_suite(void)
{
	Suite *suite = suite_create("http ends");
	TCase *tcase = tcase_create("calls");
	tcase_set_timeout(tcase, 20);
	tcase_add_checked_fixture(tcase, http_rig_setup, http_rig_teardown);
	add_failures(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}

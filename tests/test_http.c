/* SPDX-License-Identifier: Apache-2.0 */
/* test_http.c - the promises of worker/http.h, against real sockets. */
#include "worker/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/http_server.h"
#include "tests/worker_suites.h"
#include "worker/mem.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* What the last call came to, copied out of the callback. */
struct result {
	int calls; /* of the callback */
	struct http_answer answer;
	char body[4096];
	char detail[512];
};

static struct loop *loop;
static struct http *http;
static struct http_server *server;
static struct downstream_config downstream;
static struct config config;
static struct result result;
static char url[128];

static void setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	result = (struct result){0};
	downstream = (struct downstream_config){
		.name = "ehr",
		.url = url,
		.method = "POST",
		.timeout = 5000,
		.connect_timeout = 2000,
		.concurrency = 8,
		.response_limit = sizeof(result.body),
	};
	config = (struct config){.downstreams = &downstream,
				 .downstream_count = 1};
	server = NULL;
	loop = loop_new();
	http = http_new(loop, &config);
}

static void teardown(void)
{
	http_free(http);
	loop_free(loop);
	http_server_stop(server);
}

static void serve(const struct server_answer *answers, size_t count)
{
	server = http_server_start(answers, count);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/fhir/Patient?id=secret",
		 http_server_port(server));
}

static void serve_one(const char *bytes, enum server_then then)
{
	static struct server_answer answer;

	answer = (struct server_answer){.bytes = bytes, .then = then};
	serve(&answer, 1);
}

static void note_answer(void *context, const struct http_answer *answer)
{
	size_t len = answer->body.len;

	(void)context;
	ck_assert_uint_le(len, sizeof(result.body));
	result.calls++;
	result.answer = *answer;
	if (len > 0)
		memcpy(result.body, answer->body.at, len);
	result.answer.body.at = result.body;
	snprintf(result.detail, sizeof(result.detail), "%s",
		 answer->detail != NULL ? answer->detail : "");
	if (http_active(http) == 0)
		loop_stop(loop);
}

static void call_with(struct text body, const struct http_header *headers,
		      size_t count)
{
	const struct http_request request = {.downstream = &downstream,
					     .headers = headers,
					     .header_count = count,
					     .body = body};

	http_call(http, &request, note_answer, NULL);
	loop_run(loop);
}

static void call(void)
{
	call_with(TEXT("abc"), NULL, 0);
}

static void expect(enum transport transport, int status)
{
	const struct outcome *outcome = &result.answer.outcome;

	ck_assert_msg(
		outcome->transport == transport && outcome->status == status,
		"expected %s %d, came to %s %d (%s)", transport_name(transport),
		status, transport_name(outcome->transport), outcome->status,
		result.detail);
}

/* --- whole exchanges ------------------------------------------------------- */

START_TEST(a_whole_response_is_complete)
{
	serve_one(OK, SERVER_KEEPS);
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(text_is(result.answer.body, "ok"));
	ck_assert_int_eq(result.answer.http_version, 11);
	ck_assert_int_eq(result.answer.outcome.retry_after, -1);
	ck_assert(!result.answer.reused);
	ck_assert_str_eq(result.detail, "");
	ck_assert_int_eq(result.calls, 1);
}
END_TEST

static const struct {
	const char *bytes;
	enum server_then then;
	int status;
} whole[] = {
	{"HTTP/1.1 204 No Content\r\n\r\n", SERVER_KEEPS, 204},
	{"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", SERVER_KEEPS, 500},
	{"HTTP/1.0 200 OK\r\n\r\nup to the end", SERVER_CLOSES, 200},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	 "2\r\nok\r\n0\r\nTrailer: 1\r\n\r\n",
	 SERVER_KEEPS, 200},
	/* Interim responses are not final (RFC 9110, 15.2). */
	{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
	 "Link: <a>\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
	 SERVER_KEEPS, 201},
	/* Neither is a redirect followed, unasked. */
	{"HTTP/1.1 307 Elsewhere\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
	 SERVER_KEEPS, 307},
	{"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\n"
	 "Content-Length: 0\r\n\r\n",
	 SERVER_KEEPS, 401},
};

START_TEST(whole_responses_give_their_status)
{
	serve_one(whole[_i].bytes, whole[_i].then);
	call();
	expect(TRANSPORT_COMPLETE, whole[_i].status);
	ck_assert_int_eq(http_server_requests(server), 1);
}
END_TEST

START_TEST(a_response_over_the_limit_is_complete_and_its_rest_dropped)
{
	downstream.response_limit = 5;
	serve_one("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789",
		  SERVER_KEEPS);
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(text_is(result.answer.body, "01234"));
}
END_TEST

static const struct {
	const char *field;
	millis low, high;
} waits[] = {
	{"", -1, -1},
	{"Retry-After: 0\r\n", 0, 0},
	{"retry-after:  120\r\n", 120000, 120000},
	{"Retry-After: Fri, 07 Nov 2014 23:59:59 GMT\r\n", 0, 0}, /* past */
	{"Retry-After: Fri, 31 Dec 2199 23:59:59 GMT\r\n",
	 100 * 365 * MILLIS_PER_DAY, 300 * 365 * MILLIS_PER_DAY},
	{"Retry-After: soon\r\n", -1, -1},
	{"Retry-After: -3\r\n", -1, -1},
	{"Retry-After:\r\n", -1, -1},
};

START_TEST(retry_after_is_read_in_both_its_forms)
{
	char bytes[256];

	snprintf(bytes, sizeof(bytes),
		 "HTTP/1.1 503 Busy\r\n%sContent-Length: 0\r\n\r\n",
		 waits[_i].field);
	serve_one(bytes, SERVER_KEEPS);
	call();
	expect(TRANSPORT_COMPLETE, 503);
	ck_assert_int_ge(result.answer.outcome.retry_after, waits[_i].low);
	ck_assert_int_le(result.answer.outcome.retry_after, waits[_i].high);
}
END_TEST

/* --- what is sent ------------------------------------------------------------ */

static bool has_line(const char *line)
{
	char wanted[256];

	snprintf(wanted, sizeof(wanted), "\r\n%s\r\n", line);
	return strstr(http_server_head(server), wanted) != NULL;
}

static bool has_field(const char *name)
{
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "\r\n%s:", name);
	return strstr(http_server_head(server), wanted) != NULL;
}

START_TEST(a_request_says_no_more_than_it_must)
{
	static const char *const unwanted[] = {
		"Content-Type",      "Expect", "Accept-Encoding",
		"Transfer-Encoding", "Cookie", "Connection",
	};

	serve_one(OK, SERVER_KEEPS);
	call();
	ck_assert(has_line("User-Agent: rebound/" REBOUND_VERSION));
	ck_assert(has_line("Content-Length: 3"));
	for (size_t i = 0; i < COUNT(unwanted); i++)
		ck_assert_msg(!has_field(unwanted[i]), "%s", unwanted[i]);
}
END_TEST

static const char *const methods[] = {"POST", "PUT", "PATCH"};

START_TEST(the_method_is_the_downstreams)
{
	char line[64];

	downstream.method = methods[_i];
	serve_one(OK, SERVER_KEEPS);
	call();
	snprintf(line, sizeof(line), "%s /fhir/Patient?id=secret HTTP/1.1\r\n",
		 methods[_i]);
	ck_assert(text_starts(text_of(http_server_head(server)), line));
	ck_assert(text_is(http_server_body(server), "abc"));
}
END_TEST

static const size_t sizes[] = {0, 1, 65536, 16 * 1024 * 1024};

/* Every byte value, NUL among them. */
START_TEST(bodies_arrive_byte_for_byte_with_their_length)
{
	char *body = mem_array(sizes[_i], 1);
	char length[64];

	for (size_t i = 0; i < sizes[_i]; i++)
		body[i] = (char)(i * 7 + i / 256);
	serve_one(OK, SERVER_KEEPS);
	call_with((struct text){.at = body, .len = sizes[_i]}, NULL, 0);
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(text_eq(http_server_body(server),
			  (struct text){.at = body, .len = sizes[_i]}));
	snprintf(length, sizeof(length), "Content-Length: %zu", sizes[_i]);
	ck_assert(has_line(length));
	free(body);
}
END_TEST

START_TEST(headers_are_the_fixed_ones_and_those_of_the_request)
{
	static const struct header_config fixed[] = {
		{.name = "Authorization",
		 .source = HEADER_FIXED,
		 .value = "Bearer x"},
		{.name = "X-Elsewhere",
		 .source = HEADER_PROPERTY,
		 .value = "type"},
	};
	static const struct http_header headers[] = {
		{.name = "Content-Type", .value = {.at = "a/bcd", .len = 3}},
		{.name = "X-Empty"},
		{.name = "X-Blank", .value = {.at = " \t ", .len = 3}},
		{.name = "X-Wide", .value = {.at = " a\tb\xc3\xa9 ", .len = 7}},
	};

	downstream.headers = fixed;
	downstream.header_count = COUNT(fixed);
	serve_one(OK, SERVER_KEEPS);
	call_with(TEXT("abc"), headers, COUNT(headers));
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(has_line("Authorization: Bearer x"));
	ck_assert(!has_field("X-Elsewhere"));
	ck_assert(has_line("Content-Type: a/b"));
	ck_assert(has_line("X-Empty:"));
	ck_assert(has_line("X-Blank:"));
	ck_assert(has_line("X-Wide: a\tb\xc3\xa9"));
	/* The next call has none of them left. */
	downstream.header_count = 0;
	call();
	ck_assert(!has_field("X-Wide"));
	ck_assert(!has_field("Content-Type"));
}
END_TEST

static const struct {
	const char *name;
	struct text value;
} unsendable[] = {
	{"X-A", {.at = "a\r\nX-B: b", .len = 9}},
	{"X-A", {.at = "a\nb", .len = 3}},
	{"X-A", {.at = "a\0b", .len = 3}},
	{"X-A", {.at = "\x7f", .len = 1}},
	{"X-A\r\nX-B", {.at = "b", .len = 1}},
	{"X A", {.at = "b", .len = 1}},
	{"X-A:", {.at = "b", .len = 1}},
	{"", {.at = "b", .len = 1}},
	{"Content-Length", {.at = "1", .len = 1}},
	{"transfer-encoding", {.at = "chunked", .len = 7}},
};

START_TEST(a_header_that_would_break_the_request_is_never_sent)
{
	const struct http_header header = {.name = unsendable[_i].name,
					   .value = unsendable[_i].value};
	const struct http_request request = {.downstream = &downstream,
					     .headers = &header,
					     .header_count = 1,
					     .body = TEXT("abc")};

	serve_one(OK, SERVER_KEEPS);
	http_call(http, &request, note_answer, NULL);
	ck_assert_int_eq(result.calls, 0);
	ck_assert_uint_eq(http_active(http), 1);
	loop_run(loop);
	expect(TRANSPORT_HEADER, 0);
	ck_assert_uint_eq(http_active(http), 0);
	ck_assert_int_eq(http_server_connections(server), 0);
	ck_assert_ptr_null(strpbrk(result.detail, "\r\n\x7f"));
}
END_TEST

/* --- how exchanges fail --------------------------------------------------------- */

#define HEAD "HTTP/1.1 200 OK\r\n"

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
	ck_assert_int_eq(http_server_requests(server), 1);
	ck_assert_str_ne(result.detail, "");
}
END_TEST

START_TEST(time_that_runs_out_after_the_request_says_so)
{
	downstream.timeout = 100;
	serve_one(NULL, SERVER_HANGS);
	call();
	expect(TRANSPORT_TIMEOUT_AFTER_SEND, 0);
	ck_assert_int_ge(result.answer.outcome.duration, 100);
	ck_assert_int_lt(result.answer.outcome.duration, 2000);
}
END_TEST

START_TEST(time_that_runs_out_within_the_response_keeps_its_status)
{
	downstream.timeout = 100;
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

	downstream.timeout = 300;
	serve(&deaf, 1);
	call_big();
	expect(TRANSPORT_TIMEOUT_BEFORE_SEND, 0);
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
	snprintf(url, sizeof(url), "http://%064d.invalid/secret", 0);
	call();
	expect(TRANSPORT_DNS, 0);
}
END_TEST

START_TEST(a_refused_connection_is_told)
{
	serve_one(OK, SERVER_KEEPS);
	http_server_stop(server);
	server = NULL;
	call();
	expect(TRANSPORT_CONNECT, 0);
	ck_assert_ptr_nonnull(strstr(result.detail, "127.0.0.1"));
	ck_assert_ptr_null(strstr(result.detail, "secret"));
	ck_assert_ptr_null(strstr(result.detail, "Patient"));
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
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/",
		 ntohs(address.sin_port));
	downstream.connect_timeout = 150;
	call();
	expect(TRANSPORT_CONNECT, 0);
	ck_assert_int_lt(result.answer.outcome.duration, 2000);
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
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/secret",
		 http_server_port(server));
	call();
	expect(TRANSPORT_TLS, 0);
}
END_TEST

START_TEST(a_tls_handshake_that_takes_too_long_is_told)
{
	static const struct server_answer deaf = {
		.then = SERVER_HANGS, .reads = SERVER_READS_NOTHING};

	downstream.timeout = 150;
	serve(&deaf, 1);
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/secret",
		 http_server_port(server));
	call();
	expect(TRANSPORT_TLS, 0);
}
END_TEST

/* --- connections ------------------------------------------------------------------ */

START_TEST(a_hundred_calls_use_one_connection)
{
	serve_one(OK, SERVER_KEEPS);
	for (int i = 0; i < 100; i++) {
		call();
		expect(TRANSPORT_COMPLETE, 200);
		ck_assert_int_eq(result.answer.reused, i > 0);
	}
	ck_assert_int_eq(http_server_connections(server), 1);
	ck_assert_int_eq(http_server_requests(server), 100);
}
END_TEST

START_TEST(calls_at_once_keep_their_connections)
{
	const struct http_request request = {.downstream = &downstream,
					     .body = TEXT("abc")};

	serve_one(OK, SERVER_KEEPS);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 8; i++)
			http_call(http, &request, note_answer, NULL);
		ck_assert_uint_eq(http_active(http), 8);
		loop_run(loop);
	}
	ck_assert_int_eq(result.calls, 80);
	ck_assert_int_le(http_server_connections(server), 8);
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
	ck_assert(result.answer.reused);
	ck_assert_int_eq(http_server_requests(server), 2);
	ck_assert_ptr_nonnull(strstr(result.detail, "not sent twice"));
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(text_is(http_server_body(server), "abc"));
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
	ck_assert_int_eq(http_server_requests(server), 2);
}
END_TEST

START_TEST(an_empty_request_has_a_fresh_connection_and_is_not_sent_twice)
{
	serve(forgetful, COUNT(forgetful));
	call();
	call_with((struct text){0}, NULL, 0);
	expect(TRANSPORT_RESET_AFTER_SEND, 0);
	ck_assert(!result.answer.reused);
	ck_assert_int_eq(http_server_requests(server), 2);
}
END_TEST

static void call_again(void *context, const struct http_answer *answer)
{
	const struct http_request request = {.downstream = &downstream,
					     .body = TEXT("second")};

	(void)context;
	ck_assert_int_eq(answer->outcome.transport, TRANSPORT_COMPLETE);
	http_call(http, &request, note_answer, NULL);
	/* The answer is still lent. */
	ck_assert(text_is(answer->body, "ok"));
}

START_TEST(a_callback_may_start_the_next_call)
{
	const struct http_request request = {.downstream = &downstream,
					     .body = TEXT("first")};

	serve_one(OK, SERVER_KEEPS);
	http_call(http, &request, call_again, NULL);
	loop_run(loop);
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(result.answer.reused);
	ck_assert(text_is(http_server_body(server), "second"));
}
END_TEST

START_TEST(calls_under_way_are_dropped_silently)
{
	static const struct http_header bad = {.name = "X-A",
					       .value = {.at = "\n", .len = 1}};
	const struct http_request request = {.downstream = &downstream,
					     .body = TEXT("abc")};
	struct http_request refused = request;

	downstream.timeout = 100;
	serve_one(NULL, SERVER_HANGS);
	call();
	ck_assert_int_eq(result.calls, 1);
	refused.headers = &bad;
	refused.header_count = 1;
	http_call(http, &request, note_answer, NULL);
	http_call(http, &refused, note_answer, NULL);
	http_free(http);
	http = NULL;
	ck_assert_int_eq(result.calls, 1);
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
	downstream.follow_redirects = true;
	serve(answers, COUNT(answers));
	call();
	expect(TRANSPORT_COMPLETE, redirects[_i].end);
	ck_assert_int_eq(http_server_requests(server), redirects[_i].requests);
	ck_assert(text_is(http_server_body(server), "abc"));
	if (redirects[_i].requests > 1) {
		ck_assert(text_starts(text_of(http_server_head(server)),
				      "POST /elsewhere "));
		ck_assert(text_is(result.answer.body, "ok"));
	}
	/* The next call asks the downstream itself again. */
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(text_starts(text_of(http_server_head(server)),
			      "POST /fhir/Patient"));
}
END_TEST

START_TEST(redirects_without_end_are_an_answer)
{
	downstream.follow_redirects = true;
	serve_one(
		"HTTP/1.1 307 On\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
		SERVER_KEEPS);
	call();
	expect(TRANSPORT_COMPLETE, 307);
	ck_assert_int_eq(http_server_requests(server), 6);
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
	downstream.follow_redirects = true;
	downstream.headers = &secret;
	downstream.header_count = 1;
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

	downstream.follow_redirects = true;
	serve(answers, COUNT(answers));
	call();
	expect(TRANSPORT_RESET_AFTER_SEND, 0);
	ck_assert_int_eq(http_server_requests(server), 2);
}
END_TEST

/* --- one GET, waited for ------------------------------------------------------------ */

static struct arena arena;

static void setup_fetch(void)
{
	setup();
	arena_init(&arena);
}

static void teardown_fetch(void)
{
	arena_fini(&arena);
	teardown();
}

static char *fetch(int *status, const char **problem)
{
	const struct http_get get = {.url = url,
				     .user = "guest",
				     .password = "gu:est",
				     .timeout = 2000};

	*status = -1;
	*problem = "untouched";
	return http_fetch(&get, &arena, status, problem);
}

START_TEST(a_fetch_returns_the_body_of_a_200)
{
	const char *problem;
	int status;

	serve_one(OK, SERVER_KEEPS);
	ck_assert_str_eq(fetch(&status, &problem), "ok");
	ck_assert_int_eq(status, 200);
	ck_assert_ptr_null(problem);
	ck_assert(text_starts(text_of(http_server_head(server)), "GET /fhir/"));
	/* base64 of guest:gu:est, by hand */
	ck_assert(has_line("Authorization: Basic Z3Vlc3Q6Z3U6ZXN0"));
}
END_TEST

START_TEST(a_fetch_tells_another_status)
{
	const char *problem;
	int status;

	serve_one("HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno",
		  SERVER_KEEPS);
	ck_assert_ptr_null(fetch(&status, &problem));
	ck_assert_int_eq(status, 404);
	ck_assert_ptr_null(problem);
}
END_TEST

static const char *const cut[] = {
	HEAD,
	HEAD "Content-Length: 5\r\n\r\n[1,2",
};

START_TEST(a_fetch_that_is_cut_is_a_problem)
{
	const char *problem;
	int status;

	serve_one(cut[_i], SERVER_CLOSES);
	ck_assert_ptr_null(fetch(&status, &problem));
	ck_assert(text_starts(text_of(problem),
			      "no answer from http://127.0.0.1:"));
	ck_assert_ptr_null(strstr(problem, "secret"));
	ck_assert_ptr_null(strstr(problem, "gu:est"));
}
END_TEST

START_TEST(a_fetch_from_nobody_is_a_problem)
{
	const char *problem;
	int status;

	snprintf(url, sizeof(url), "http://me:pw@127.0.0.1:1/api");
	ck_assert_ptr_null(fetch(&status, &problem));
	ck_assert_int_eq(status, 0);
	ck_assert(text_starts(text_of(problem),
			      "no answer from http://127.0.0.1:1: "));
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
	tcase_add_test(tcase, a_connection_lost_within_the_request_says_so);
	tcase_add_test(tcase, a_name_that_does_not_resolve_is_told);
	tcase_add_test(tcase, a_refused_connection_is_told);
	tcase_add_test(tcase, a_connection_that_takes_too_long_is_told);
	tcase_add_test(tcase, a_server_without_tls_is_told);
	tcase_add_test(tcase, a_tls_handshake_that_takes_too_long_is_told);
}

static void add_requests(TCase *tcase)
{
	tcase_add_test(tcase, a_request_says_no_more_than_it_must);
	tcase_add_loop_test(tcase, the_method_is_the_downstreams, 0,
			    (int)COUNT(methods));
	tcase_add_loop_test(tcase,
			    bodies_arrive_byte_for_byte_with_their_length, 0,
			    (int)COUNT(sizes));
	tcase_add_test(tcase,
		       headers_are_the_fixed_ones_and_those_of_the_request);
	tcase_add_loop_test(tcase,
			    a_header_that_would_break_the_request_is_never_sent,
			    0, (int)COUNT(unsendable));
}

static void add_responses(TCase *tcase)
{
	tcase_add_test(tcase, a_whole_response_is_complete);
	tcase_add_loop_test(tcase, whole_responses_give_their_status, 0,
			    (int)COUNT(whole));
	tcase_add_test(
		tcase,
		a_response_over_the_limit_is_complete_and_its_rest_dropped);
	tcase_add_loop_test(tcase, retry_after_is_read_in_both_its_forms, 0,
			    (int)COUNT(waits));
}

static void add_connections(TCase *tcase)
{
	tcase_add_test(tcase, a_hundred_calls_use_one_connection);
	tcase_add_test(tcase, calls_at_once_keep_their_connections);
	tcase_add_test(
		tcase,
		a_request_is_not_sent_twice_when_a_kept_connection_closes);
	tcase_add_test(
		tcase,
		a_request_is_not_sent_twice_when_a_kept_connection_is_reset);
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

Suite *http_suite(void)
{
	static void (*const add[])(TCase *) = {
		add_responses,   add_requests,  add_failures,
		add_connections, add_redirects,
	};
	Suite *suite = suite_create("http");
	TCase *calls = tcase_create("calls");
	TCase *fetches = tcase_create("fetches");

	tcase_set_timeout(calls, 20);
	tcase_add_checked_fixture(calls, setup, teardown);
	for (size_t i = 0; i < COUNT(add); i++)
		add[i](calls);
	suite_add_tcase(suite, calls);

	tcase_add_checked_fixture(fetches, setup_fetch, teardown_fetch);
	tcase_add_test(fetches, a_fetch_returns_the_body_of_a_200);
	tcase_add_test(fetches, a_fetch_tells_another_status);
	tcase_add_loop_test(fetches, a_fetch_that_is_cut_is_a_problem, 0,
			    (int)COUNT(cut));
	tcase_add_test(fetches, a_fetch_from_nobody_is_a_problem);
	suite_add_tcase(suite, fetches);
	return suite;
}

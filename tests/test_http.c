/* SPDX-License-Identifier: Apache-2.0 */
/* test_http.c - the promises of worker/http.h: requests, responses, fetches. */
#include "tests/http_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/worker_suites.h"
#include "worker/mem.h"

/* --- whole exchanges ------------------------------------------------------- */

START_TEST(a_whole_response_is_complete)
{
	serve_one(OK, SERVER_KEEPS);
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(text_is(rig.result.answer.body, "ok"));
	ck_assert_int_eq(rig.result.answer.http_version, 11);
	ck_assert_int_eq(rig.result.answer.outcome.retry_after, -1);
	ck_assert(!rig.result.answer.reused);
	ck_assert_str_eq(rig.result.detail, "");
	ck_assert_int_eq(rig.result.calls, 1);
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
	ck_assert_int_eq(http_server_requests(rig.server), 1);
}
END_TEST

START_TEST(a_response_over_the_limit_is_complete_and_its_rest_dropped)
{
	rig.downstream.response_limit = 5;
	serve_one("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789",
		  SERVER_KEEPS);
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(text_is(rig.result.answer.body, "01234"));
}
END_TEST

/* The names of the fields that came, and the loop's end. */
static void note_fields(void *context, const struct http_answer *answer)
{
	char *names = context;

	names[0] = '\0';
	for (size_t i = 0; i < answer->field_count; i++) {
		strcat(names, answer->fields[i].name);
		strcat(names, " ");
	}
	loop_stop(rig.loop);
}

static void call_wanting(const char *const *wanted, size_t count, char *names)
{
	const struct http_request request = {
		.downstream = &rig.downstream,
		.body = TEXT("abc"),
		.wanted = wanted,
		.wanted_count = count,
	};

	http_call(rig.http, &request, note_fields, names);
	loop_run(rig.loop);
}

START_TEST(each_call_has_the_fields_that_it_wants)
{
	char *first = mem_string("X-One");
	const char *wanted[] = {first};
	char names[100];

	serve_one("HTTP/1.1 200 OK\r\nX-One: 1\r\nX-Two: 2\r\n"
		  "Content-Length: 0\r\n\r\n",
		  SERVER_KEEPS);
	call_wanting(wanted, 1, names);
	ck_assert_str_eq(names, "X-One ");
	free(first);
	wanted[0] = "X-Two";
	call_wanting(wanted, 1, names);
	ck_assert_str_eq(names, "X-Two ");
	call_wanting(NULL, 0, names);
	ck_assert_str_eq(names, "");
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
	{"Retry-After: Tue, 31 Dec 2199 23:59:59 GMT\r\n",
	 3650 * MILLIS_PER_DAY, 3650 * MILLIS_PER_DAY},
	/* The server's clock is years behind ours. */
	{"Date: Fri, 07 Nov 2014 23:59:00 GMT\r\n"
	 "Retry-After: Fri, 07 Nov 2014 23:59:59 GMT\r\n",
	 59000, 59000},
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
	ck_assert_int_ge(rig.result.answer.outcome.retry_after, waits[_i].low);
	ck_assert_int_le(rig.result.answer.outcome.retry_after, waits[_i].high);
}
END_TEST

/* --- what is sent ------------------------------------------------------------ */

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

	rig.downstream.method = methods[_i];
	serve_one(OK, SERVER_KEEPS);
	call();
	snprintf(line, sizeof(line), "%s /fhir/Patient?id=secret HTTP/1.1\r\n",
		 methods[_i]);
	ck_assert(text_starts(text_of(http_server_head(rig.server)), line));
	ck_assert(text_is(http_server_body(rig.server), "abc"));
}
END_TEST

static const size_t sizes[] = {0, 1, 65535, 65536, 16 * 1024 * 1024};

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
	ck_assert(text_eq(http_server_body(rig.server),
			  (struct text){.at = body, .len = sizes[_i]}));
	snprintf(length, sizeof(length), "Content-Length: %zu", sizes[_i]);
	ck_assert(has_line(length));
	free(body);
}
END_TEST

START_TEST(a_small_request_is_one_packet)
{
	serve_one(OK, SERVER_KEEPS);
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert_int_eq(http_server_packets(rig.server), 1);
}
END_TEST

START_TEST(a_content_type_of_the_message_is_said)
{
	static const struct http_header header = {
		.name = "content-type",
		.value = {.at = "text/plain", .len = 10}};

	serve_one(OK, SERVER_KEEPS);
	call_with(TEXT("abc"), &header, 1);
	ck_assert(has_line("content-type: text/plain"));
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

	rig.downstream.headers = fixed;
	rig.downstream.header_count = COUNT(fixed);
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
	rig.downstream.header_count = 0;
	call();
	ck_assert(!has_field("X-Wide"));
	ck_assert(!has_field("Content-Type"));
}
END_TEST

/* The field is there once, and says that. */
static void expect_agent(const char *expected)
{
	const char *line = http_server_head(rig.server);
	int count = 0;

	while ((line = strstr(line, "\r\n")) != NULL) {
		line += 2;
		if (strncasecmp(line, "User-Agent:", 11) == 0)
			count++;
	}
	ck_assert_int_eq(count, 1);
	ck_assert(has_line(expected));
}

START_TEST(another_user_agent_takes_the_place_of_ours)
{
	static const struct header_config fixed = {
		.name = "User-Agent", .source = HEADER_FIXED, .value = "lab"};
	static const struct header_config mapped = {.name = "User-Agent",
						    .source = HEADER_PROPERTY,
						    .value = "app-id"};
	static const struct http_header own = {
		.name = "user-agent", .value = {.at = "ward", .len = 4}};

	rig.downstream.headers = &fixed;
	rig.downstream.header_count = 1;
	serve_one(OK, SERVER_KEEPS);
	call();
	expect_agent("User-Agent: lab");
	rig.downstream.headers = &mapped;
	call_with(TEXT("abc"), &own, 1);
	expect_agent("user-agent: ward");
	/* A message that says nothing leaves it at ours. */
	call();
	expect_agent("User-Agent: rebound/" REBOUND_VERSION);
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
	const struct http_request request = {.downstream = &rig.downstream,
					     .headers = &header,
					     .header_count = 1,
					     .body = TEXT("abc")};

	serve_one(OK, SERVER_KEEPS);
	http_call(rig.http, &request, note_answer, NULL);
	ck_assert_int_eq(rig.result.calls, 0);
	ck_assert_uint_eq(http_active(rig.http), 1);
	loop_run(rig.loop);
	expect(TRANSPORT_HEADER, 0);
	ck_assert_uint_eq(http_active(rig.http), 0);
	ck_assert_int_eq(http_server_connections(rig.server), 0);
	ck_assert_ptr_null(strpbrk(rig.result.detail, "\r\n\x7f"));
}
END_TEST

/* --- one GET, waited for ------------------------------------------------------------ */

static struct arena arena;

static void setup_fetch(void)
{
	http_rig_setup();
	arena_init(&arena);
}

static void teardown_fetch(void)
{
	arena_fini(&arena);
	http_rig_teardown();
}

static char *fetch(int *status, const char **problem)
{
	const struct http_get get = {.url = rig.url,
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
	ck_assert(text_starts(text_of(http_server_head(rig.server)),
			      "GET /fhir/"));
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

	snprintf(rig.url, sizeof(rig.url), "http://me:pw@127.0.0.1:1/api");
	ck_assert_ptr_null(fetch(&status, &problem));
	ck_assert_int_eq(status, 0);
	ck_assert(text_starts(text_of(problem),
			      "no answer from http://127.0.0.1:1: "));
}
END_TEST

static void add_responses(TCase *tcase)
{
	tcase_add_test(tcase, a_whole_response_is_complete);
	tcase_add_loop_test(tcase, whole_responses_give_their_status, 0,
			    (int)COUNT(whole));
	tcase_add_test(
		tcase,
		a_response_over_the_limit_is_complete_and_its_rest_dropped);
	tcase_add_test(tcase, each_call_has_the_fields_that_it_wants);
	tcase_add_loop_test(tcase, retry_after_is_read_in_both_its_forms, 0,
			    (int)COUNT(waits));
}

static void add_requests(TCase *tcase)
{
	tcase_add_test(tcase, a_request_says_no_more_than_it_must);
	tcase_add_loop_test(tcase, the_method_is_the_downstreams, 0,
			    (int)COUNT(methods));
	tcase_add_loop_test(tcase,
			    bodies_arrive_byte_for_byte_with_their_length, 0,
			    (int)COUNT(sizes));
	tcase_add_test(tcase, a_small_request_is_one_packet);
	tcase_add_test(tcase, a_content_type_of_the_message_is_said);
	tcase_add_test(tcase,
		       headers_are_the_fixed_ones_and_those_of_the_request);
	tcase_add_test(tcase, another_user_agent_takes_the_place_of_ours);
	tcase_add_loop_test(tcase,
			    a_header_that_would_break_the_request_is_never_sent,
			    0, (int)COUNT(unsendable));
}

Suite *http_suite(void)
{
	Suite *suite = suite_create("http");
	TCase *tcase = tcase_create("calls");
	TCase *fetches = tcase_create("fetches");
	tcase_set_timeout(tcase, 20);
	tcase_add_checked_fixture(tcase, http_rig_setup, http_rig_teardown);
	add_responses(tcase);
	add_requests(tcase);
	suite_add_tcase(suite, tcase);

	tcase_add_checked_fixture(fetches, setup_fetch, teardown_fetch);
	tcase_add_test(fetches, a_fetch_returns_the_body_of_a_200);
	tcase_add_test(fetches, a_fetch_tells_another_status);
	tcase_add_loop_test(fetches, a_fetch_that_is_cut_is_a_problem, 0,
			    (int)COUNT(cut));
	tcase_add_test(fetches, a_fetch_from_nobody_is_a_problem);
	suite_add_tcase(suite, fetches);
	return suite;
}

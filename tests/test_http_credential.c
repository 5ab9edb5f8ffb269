/* SPDX-License-Identifier: Apache-2.0 */
/* test_http_credential.c - what downstreams are shown, as worker/http.h says. */
#include "tests/http_rig.h"

#include <stdio.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

#define REFUSAL(status) "HTTP/1.1 " status " No\r\nContent-Length: 0\r\n\r\n"

static char said[300]; /* the last notice */

static void note_notice(void *context, const char *text)
{
	(void)context;
	snprintf(said, sizeof(said), "%s", text);
}

static void show(struct auth_config auth)
{
	rig.downstream.auth = auth;
	http_free(rig.http);
	rig.http = http_new(rig.loop, &rig.config);
	http_on_notice(rig.http, note_notice, NULL);
}

/* The token that was, in a file which has the new one already. */
static void setup(void)
{
	http_rig_setup();
	folder_enter();
	folder_write("token", "old\n");
	said[0] = '\0';
	show((struct auth_config){
		.kind = AUTH_BEARER, .secret = "old", .secret_file = "token"});
}

static void teardown(void)
{
	http_rig_teardown();
	folder_leave();
}

static const struct {
	struct auth_config auth;
	const char *line;
} kinds[] = {
	{{AUTH_BASIC, .user = "Aladdin", .secret = "open sesame"},
	 "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}, /* RFC 7617 */
	{{AUTH_BEARER, .secret = "mF_9.B5f"}, "Authorization: Bearer mF_9.B5f"},
	{{AUTH_HEADER, .name = "X-Api-Key", .secret = "k"}, "X-Api-Key: k"},
};

START_TEST(the_credential_is_shown_with_every_call)
{
	show(kinds[_i].auth);
	serve_one(OK, SERVER_KEEPS);
	for (int i = 0; i < 2; i++) {
		call();
		expect(TRANSPORT_COMPLETE, 200);
		ck_assert(has_line(kinds[_i].line));
	}
}
END_TEST

START_TEST(an_answer_to_basic_is_the_answer)
{
	show(kinds[0].auth);
	serve_one("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\n"
		  "Content-Length: 0\r\n\r\n",
		  SERVER_KEEPS);
	call();
	expect(TRANSPORT_COMPLETE, 401);
	ck_assert_int_eq(http_server_requests(rig.server), 1);
}
END_TEST

/* The look of a call under way has passed when the file changes. */
static void call_then_change(void)
{
	const struct http_request request = {.downstream = &rig.downstream,
					     .body = TEXT("abc")};

	http_call(rig.http, &request, note_answer, NULL);
	folder_write("token", "new\n");
	loop_run(rig.loop);
}

static const struct server_answer refusals[][2] = {
	{{.bytes = REFUSAL("401")}, {.bytes = OK}},
	{{.bytes = REFUSAL("403")}, {.bytes = OK}},
};

START_TEST(a_refusal_is_asked_again_with_a_credential_that_has_changed)
{
	serve(refusals[_i], 2);
	call_then_change();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert_int_eq(http_server_requests(rig.server), 2);
	ck_assert(has_line("Authorization: Bearer new"));
	ck_assert(text_is(http_server_body(rig.server), "abc"));
	ck_assert_str_eq(said, "The credential of the downstream ehr has "
			       "changed, and the new one is used.");
}
END_TEST

START_TEST(a_refusal_stands_if_the_credential_is_what_it_was)
{
	serve(refusals[_i], 2);
	call();
	ck_assert_int_eq(http_server_requests(rig.server), 1);
	ck_assert_int_eq(rig.result.calls, 1);
	ck_assert_int_eq(rig.result.answer.outcome.status, _i ? 403 : 401);
}
END_TEST

START_TEST(a_second_refusal_stands)
{
	serve_one(REFUSAL("401"), SERVER_KEEPS);
	call_then_change();
	expect(TRANSPORT_COMPLETE, 401);
	ck_assert_int_eq(http_server_requests(rig.server), 2);
	ck_assert_int_eq(rig.result.calls, 1);
}
END_TEST

START_TEST(other_errors_are_no_question_of_the_credential)
{
	serve_one(REFUSAL("404"), SERVER_KEEPS);
	call_then_change();
	expect(TRANSPORT_COMPLETE, 404);
	ck_assert_int_eq(http_server_requests(rig.server), 1);
	ck_assert(has_line("Authorization: Bearer old"));
}
END_TEST

START_TEST(what_another_call_has_read_counts_too)
{
	static const struct server_answer answers[] = {
		{.bytes = REFUSAL("401")},
		{.bytes = REFUSAL("401"), .wait = 200},
		{.bytes = OK},
	};
	const struct http_request request = {.downstream = &rig.downstream,
					     .body = TEXT("abc")};

	serve(answers, COUNT(answers));
	http_call(rig.http, &request, note_answer, NULL);
	call_then_change();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert_int_eq(rig.result.calls, 2);
	ck_assert_int_eq(http_server_requests(rig.server), 4);
}
END_TEST

START_TEST(both_together_take_no_longer_than_one_may)
{
	static const struct server_answer answers[] = {
		{.bytes = REFUSAL("401"), .wait = 300},
		{.then = SERVER_HANGS},
	};

	rig.downstream.timeout = 600;
	serve(answers, COUNT(answers));
	call_then_change();
	expect(TRANSPORT_TIMEOUT_AFTER_SEND, 0);
	ck_assert_int_ge(rig.result.answer.outcome.duration, 550);
	ck_assert_int_lt(rig.result.answer.outcome.duration, 850);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_told_and_the_old_secret_serves)
{
	remove("token");
	serve_one(OK, SERVER_KEEPS);
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert(has_line("Authorization: Bearer old"));
	ck_assert_str_eq(said, "The file of downstreams.ehr.auth cannot be "
			       "opened: the credential that was read before "
			       "stays in use.");
}
END_TEST

Suite *http_credential_suite(void)
{
	Suite *suite = suite_create("http credential");
	TCase *tcase = tcase_create("credential");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, the_credential_is_shown_with_every_call, 0,
			    COUNT(kinds));
	tcase_add_test(tcase, an_answer_to_basic_is_the_answer);
	tcase_add_loop_test(
		tcase,
		a_refusal_is_asked_again_with_a_credential_that_has_changed, 0,
		COUNT(refusals));
	tcase_add_loop_test(tcase,
			    a_refusal_stands_if_the_credential_is_what_it_was,
			    0, COUNT(refusals));
	tcase_add_test(tcase, a_second_refusal_stands);
	tcase_add_test(tcase, other_errors_are_no_question_of_the_credential);
	tcase_add_test(tcase, what_another_call_has_read_counts_too);
	tcase_add_test(tcase, both_together_take_no_longer_than_one_may);
	tcase_add_test(
		tcase,
		a_file_that_cannot_be_read_is_told_and_the_old_secret_serves);
	suite_add_tcase(suite, tcase);
	return suite;
}

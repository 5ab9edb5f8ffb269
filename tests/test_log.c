/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/log.h"

#include <stdlib.h>
#include <string.h>

#include "tests/worker_suites.h"
#include "worker/json.h"

static const struct pipeline_config pipeline = {.name = "lab"};

static const struct outcome unavailable = {
	.transport = TRANSPORT_COMPLETE,
	.sent = SENT_ALL,
	.status = 503,
	.retry_after = -1,
	.duration = 12,
};

static struct report failing(enum report_kind kind)
{
	return (struct report){
		.kind = kind,
		.pipeline = &pipeline,
		.id = TEXT("msg-1"),
		.type = TEXT("lab.result"),
		.attempt = 2,
		.downstream = "ehr",
		.outcome = kind == REPORT_CALL ? &unavailable : NULL,
		.error = "unavailable",
		.class = "transient",
		.verdict = VERDICT_RETRY,
		.delay = 6000,
		.lane = TEXT("v1.ehr.6s"),
		.body_len = 77,
	};
}

/* What is logged of a report; the caller frees. */
static char *logged(enum log_format format, const struct report *report)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	struct log *log = log_new(to, format, false);

	log_report(log, report);
	log_free(log);
	fclose(to);
	return text;
}

static struct json *logged_json(const struct report *report)
{
	char *text = logged(LOG_JSON, report);
	size_t len = strlen(text);
	struct json *json;

	ck_assert_uint_ge(len, 2);
	/* One line, whatever is in it. */
	ck_assert_ptr_eq(strchr(text, '\n'), text + len - 1);
	json = json_parse((struct text){.at = text, .len = len - 1});
	ck_assert_ptr_nonnull(json);
	free(text);
	return json;
}

static void has(const struct json *json, const char *key, const char *value)
{
	const char *got = json_string(json_get(json, key));

	ck_assert_msg(got != NULL, "%s is missing", key);
	ck_assert_str_eq(got, value);
}

START_TEST(a_call_is_a_line_of_json_with_all_that_is_known)
{
	const struct report report = failing(REPORT_CALL);
	struct json *line = logged_json(&report);

	has(line, "event", "call");
	has(line, "pipeline", "lab");
	has(line, "id", "msg-1");
	has(line, "type", "lab.result");
	has(line, "downstream", "ehr");
	has(line, "transport", "complete");
	has(line, "sent", "all");
	has(line, "error", "unavailable");
	has(line, "class", "transient");
	has(line, "verdict", "retry");
	has(line, "lane", "v1.ehr.6s");
	ck_assert_int_eq(json_integer(json_get(line, "attempt"), 0), 2);
	ck_assert_int_eq(json_integer(json_get(line, "status"), 0), 503);
	ck_assert_int_eq(json_integer(json_get(line, "duration_ms"), 0), 12);
	ck_assert_int_eq(json_integer(json_get(line, "delay_ms"), 0), 6000);
	ck_assert_int_eq(json_integer(json_get(line, "bytes"), 0), 77);
	ck_assert_uint_eq(strlen(json_string(json_get(line, "at"))), 24);
	json_free(line);
}
END_TEST

START_TEST(a_verdict_and_a_state_are_told_apart_from_calls)
{
	struct report report = failing(REPORT_VERDICT);
	struct json *line = logged_json(&report);

	has(line, "event", "verdict");
	ck_assert_ptr_null(json_get(line, "status"));
	json_free(line);
	report = failing(REPORT_HOLDING);
	report.reason = "returned";
	line = logged_json(&report);
	has(line, "event", "state");
	has(line, "part", "engine");
	has(line, "state", "holding");
	has(line, "reason", "returned");
	ck_assert_ptr_null(json_get(line, "verdict"));
	json_free(line);
}
END_TEST

START_TEST(what_publishers_choose_cannot_break_a_line_or_move_a_terminal)
{
	struct report report = failing(REPORT_CALL);
	char *text;

	report.id = TEXT("a\nb\033[2J\"\\\x00\xff\xc2\x9b"
			 "2J");
	struct json *line = logged_json(&report);

	ck_assert_ptr_nonnull(json_string(json_get(line, "id")));
	json_free(line);
	text = logged(LOG_HUMAN, &report);
	ck_assert_ptr_nonnull(strstr(text, "a?b?[2J\"\\????2J"));
	ck_assert_ptr_null(strchr(text, '\033'));
	ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
	free(text);
}
END_TEST

START_TEST(people_read_what_follows_in_words)
{
	struct report report = failing(REPORT_CALL);
	char *text = logged(LOG_HUMAN, &report);

	ck_assert_ptr_nonnull(
		strstr(text, "lab  msg-1  lab.result #2  ehr 503 in 12 ms, "
			     "unavailable (transient)  retry in 6s\n"));
	free(text);
	report.verdict = VERDICT_QUICK;
	text = logged(LOG_HUMAN, &report);
	ck_assert_ptr_nonnull(strstr(text, "  quick retry in 6s\n"));
	free(text);
	report = failing(REPORT_VERDICT);
	text = logged(LOG_HUMAN, &report);
	ck_assert_ptr_nonnull(strstr(text, "  waits 6s, in lane v1.ehr.6s\n"));
	free(text);
	report.verdict = VERDICT_PARK;
	report.reason = "attempts";
	text = logged(LOG_HUMAN, &report);
	ck_assert_ptr_nonnull(strstr(text, "  parked: attempts\n"));
	free(text);
}
END_TEST

START_TEST(the_word_of_the_policy_is_said_of_what_is_parked)
{
	struct report report = failing(REPORT_VERDICT);
	struct json *line;
	char *text;

	report.verdict = VERDICT_PARK;
	report.reason = "permanent";
	report.parked_as = "data-team";
	line = logged_json(&report);
	has(line, "reason", "permanent");
	has(line, "parked_as", "data-team");
	json_free(line);
	text = logged(LOG_HUMAN, &report);
	ck_assert_ptr_nonnull(
		strstr(text, "  parked: permanent, as data-team\n"));
	free(text);
	report.parked_as = NULL;
	line = logged_json(&report);
	ck_assert_ptr_null(json_get(line, "parked_as"));
	json_free(line);
}
END_TEST

START_TEST(a_call_that_had_been_done_before_says_so)
{
	struct report report = failing(REPORT_CALL);
	char *text;

	report.error = NULL;
	report.class = NULL;
	report.verdict = VERDICT_DONE;
	report.reason = "already-done";
	struct json *line = logged_json(&report);

	has(line, "verdict", "done");
	has(line, "reason", "already-done");
	json_free(line);
	text = logged(LOG_HUMAN, &report);
	ck_assert_ptr_nonnull(strstr(text, "  done: already-done\n"));
	free(text);
}
END_TEST

START_TEST(a_call_without_an_answer_says_how_much_was_sent)
{
	const struct outcome lost = {.transport = TRANSPORT_RESET_BEFORE_SEND,
				     .sent = SENT_SOME,
				     .duration = 3};
	struct report report = failing(REPORT_CALL);
	char *text;

	report.outcome = &lost;
	text = logged(LOG_HUMAN, &report);
	ck_assert_ptr_nonnull(
		strstr(text, "  ehr reset-before-send, some sent in 3 ms, "));
	free(text);
}
END_TEST

Suite *log_suite(void)
{
	Suite *suite = suite_create("log");
	TCase *t = tcase_create("lines");

	tcase_add_test(t, a_call_is_a_line_of_json_with_all_that_is_known);
	tcase_add_test(t, a_verdict_and_a_state_are_told_apart_from_calls);
	tcase_add_test(
		t,
		what_publishers_choose_cannot_break_a_line_or_move_a_terminal);
	tcase_add_test(t, people_read_what_follows_in_words);
	tcase_add_test(t, the_word_of_the_policy_is_said_of_what_is_parked);
	tcase_add_test(t, a_call_that_had_been_done_before_says_so);
	tcase_add_test(t, a_call_without_an_answer_says_how_much_was_sent);
	suite_add_tcase(suite, t);
	return suite;
}

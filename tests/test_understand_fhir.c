/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_understand_fhir.c - what FHIR servers say. Quotes are written ' in the
 * bodies here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/worker_suites.h"
#include "worker/fhir_issue.h"
#include "worker/understand.h"

#define OUTCOME(issues)                                                        \
	"{'resourceType':'OperationOutcome','issue':[" issues "]}"
#define ISSUE(severity, code) "{'severity':'" severity "','code':'" code "'}"
#define BATCH(entries)                                                         \
	"{'resourceType':'Bundle','type':'batch-response','entry':[" entries   \
	"]}"
#define ENTRY(status) "{'response':{'status':'" status "'}}"
#define ENTRY_SAYS(status, says)                                               \
	"{'response':{'status':'" status "','outcome':" says "}}"

static const char *const may_be_there[] = {"duplicate", "conflict"};

static const struct understand_config plain = {.as = UNDERSTAND_FHIR};
static const struct understand_config lenient = {
	.as = UNDERSTAND_FHIR, .done = {.codes = may_be_there, .count = 2}};

static char *quoted(struct arena *arena, const char *body)
{
	char *copy = arena_string(arena, text_of(body));

	for (char *at = copy; *at != '\0'; at++)
		if (*at == '\'')
			*at = '"';
	return copy;
}

static struct understanding read(struct arena *arena,
				 const struct understand_config *config,
				 int status, const char *body)
{
	const struct understand_input input = {
		.status = status, .body = text_of(quoted(arena, body))};

	return understand(config, &input, arena);
}

struct expected {
	const struct understand_config *config;
	int status;
	const char *body;
	enum sense sense;
	const char *error;  /* NULL: none */
	const char *detail; /* NULL: not looked at */
};

static void check(const struct expected *cases, size_t count)
{
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < count; i++) {
		const struct expected *c = &cases[i];
		struct understanding it =
			read(&arena, c->config, c->status, c->body);

		ck_assert_msg(it.sense == c->sense, "case %zu: sense %d", i,
			      it.sense);
		if (c->error == NULL)
			ck_assert_msg(it.error == NULL, "case %zu", i);
		else
			ck_assert_msg(it.error != NULL &&
					      strcmp(it.error, c->error) == 0,
				      "case %zu: %s", i, it.error);
		if (c->detail != NULL)
			ck_assert_msg(text_is(it.detail, c->detail),
				      "case %zu: %.*s", i, (int)it.detail.len,
				      it.detail.at);
	}
	arena_fini(&arena);
}

START_TEST(each_issue_type_has_its_class_whatever_the_status)
{
	static const char *const transient[] = {
		"transient", "lock-error", "no-store", "exception",
		"timeout",   "incomplete", "throttled"};
	static const int statuses[] = {200, 400, 404, 500, 503};
	size_t passing = 0;
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; fhir_issue_at(i) != NULL; i++) {
		const char *code = fhir_issue_at(i)->code;
		enum sense sense = SENSE_PERMANENT;

		for (size_t t = 0; t < COUNT(transient); t++)
			if (strcmp(code, transient[t]) == 0)
				sense = SENSE_TRANSIENT;
		passing += sense == SENSE_TRANSIENT;
		for (size_t s = 0; s < COUNT(statuses); s++) {
			const char *body = arena_printf(
				&arena, OUTCOME(ISSUE("error", "%s")), code);
			struct understanding it =
				read(&arena, &plain, statuses[s], body);

			ck_assert_msg(it.sense == sense, "%s", code);
			ck_assert_str_eq(it.error,
					 arena_printf(&arena, "fhir-%s", code));
		}
	}
	ck_assert_uint_eq(passing, COUNT(transient));
	ck_assert_ptr_null(fhir_issue(TEXT("made-up")));
	arena_fini(&arena);
}
END_TEST

START_TEST(every_parent_of_an_issue_type_is_one_that_stands_before_it)
{
	for (size_t i = 0; fhir_issue_at(i) != NULL; i++) {
		const struct fhir_issue *issue = fhir_issue_at(i);

		if (issue->parent != NULL)
			ck_assert(fhir_issue(text_of(issue->parent)) < issue);
	}
}
END_TEST

START_TEST(severities_say_what_is_a_failure)
{
	const struct expected cases[] = {
		{&plain, 200, OUTCOME(ISSUE("information", "exception")),
		 SENSE_NONE, NULL, NULL},
		{&plain, 201, OUTCOME(ISSUE("warning", "structure")),
		 SENSE_NONE, NULL, NULL},
		{&plain, 200, OUTCOME(ISSUE("success", "success")), SENSE_NONE,
		 NULL, NULL},
		{&plain, 200, OUTCOME("{'code':'structure'}"), SENSE_NONE, NULL,
		 NULL},
		{&plain, 200, OUTCOME(ISSUE("fatal", "exception")),
		 SENSE_TRANSIENT, "fhir-exception", NULL},
		{&plain, 500, OUTCOME("{'code':'structure'}"), SENSE_PERMANENT,
		 "fhir-structure", NULL},
		/* None is a failure by itself, and yet it is none to accept:
		   the status says of which class. */
		{&plain, 503, OUTCOME(ISSUE("warning", "structure")),
		 SENSE_FAILED, "fhir-structure", NULL},
		{&plain, 503,
		 OUTCOME(ISSUE("information", "informational") "," ISSUE(
			 "warning", "throttled")),
		 SENSE_FAILED, "fhir-throttled", NULL},
	};

	check(cases, COUNT(cases));
}
END_TEST

START_TEST(of_several_issues_what_cannot_pass_counts_and_then_the_most_severe)
{
	const struct expected cases[] = {
		{&plain, 500,
		 OUTCOME(ISSUE("error", "timeout") "," ISSUE("error",
							     "required")),
		 SENSE_PERMANENT, "fhir-required", NULL},
		{&plain, 500,
		 OUTCOME(ISSUE("fatal", "exception") "," ISSUE("error",
							       "required")),
		 SENSE_PERMANENT, "fhir-required", NULL},
		{&plain, 400,
		 OUTCOME(ISSUE("error", "value") "," ISSUE("fatal",
							   "structure")),
		 SENSE_PERMANENT, "fhir-structure", NULL},
		{&plain, 400,
		 OUTCOME(ISSUE("error", "value") "," ISSUE("error",
							   "required")),
		 SENSE_PERMANENT, "fhir-value", NULL},
		{&plain, 500,
		 OUTCOME(ISSUE("warning", "required") "," ISSUE("error",
								"timeout")),
		 SENSE_TRANSIENT, "fhir-timeout", NULL},
		{&lenient, 409,
		 OUTCOME(ISSUE("error", "duplicate") "," ISSUE("error",
							       "timeout")),
		 SENSE_TRANSIENT, "fhir-timeout", NULL},
	};

	check(cases, COUNT(cases));
}
END_TEST

START_TEST(what_the_configuration_says_of_a_code_or_its_family_counts)
{
	static const char *const expired[] = {"expired"};
	static const char *const processing[] = {"processing"};
	static const char *const timeout[] = {"timeout"};
	const struct understand_config own = {
		.as = UNDERSTAND_FHIR,
		.done = {.codes = may_be_there, .count = 1},
		.transient = {.codes = expired, .count = 1},
		.permanent = {.codes = timeout, .count = 1}};
	const struct understand_config family = {
		.as = UNDERSTAND_FHIR,
		.transient = {.codes = processing, .count = 1}};
	const struct expected cases[] = {
		{&plain, 409, OUTCOME(ISSUE("error", "conflict")),
		 SENSE_PERMANENT, "fhir-conflict", NULL},
		{&lenient, 409, OUTCOME(ISSUE("error", "conflict")),
		 SENSE_ALREADY, "fhir-conflict", NULL},
		{&lenient, 500, OUTCOME(ISSUE("error", "duplicate")),
		 SENSE_ALREADY, "fhir-duplicate", NULL},
		{&own, 401, OUTCOME(ISSUE("error", "expired")), SENSE_TRANSIENT,
		 "fhir-expired", NULL},
		{&own, 401, OUTCOME(ISSUE("error", "login")), SENSE_PERMANENT,
		 "fhir-login", NULL},
		{&own, 503, OUTCOME(ISSUE("error", "timeout")), SENSE_PERMANENT,
		 "fhir-timeout", NULL},
		{&family, 404, OUTCOME(ISSUE("error", "deleted")),
		 SENSE_TRANSIENT, "fhir-deleted", NULL},
		{&family, 422, OUTCOME(ISSUE("error", "value")),
		 SENSE_PERMANENT, "fhir-value", NULL},
	};

	check(cases, COUNT(cases));
}
END_TEST

START_TEST(what_is_no_operation_outcome_says_nothing)
{
	static const char *const bodies[] = {
		"",
		"<OperationOutcome xmlns='http://hl7.org/fhir'/>",
		"{'resourceType':'Observation','issue':[{'severity':'fatal'}]}",
		"{'resourceType':['OperationOutcome']}",
		"{'resourceType':'OperationOutcome'}",
		"{'resourceType':'OperationOutcome','issue':{}}",
		"{'resourceType':'OperationOutcome','issue':[]}",
		"[{'resourceType':'OperationOutcome'}]",
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < COUNT(bodies); i++)
		for (int status = 200; status <= 500; status += 100)
			ck_assert_msg(
				read(&arena, &plain, status, bodies[i]).sense ==
					SENSE_NONE,
				"%s", bodies[i]);
	arena_fini(&arena);
}
END_TEST

START_TEST(a_code_that_fhir_does_not_have_is_classed_by_its_status)
{
	const struct expected cases[] = {
		{&plain, 503, OUTCOME(ISSUE("error", "Out Of Paper!")),
		 SENSE_FAILED, "fhir-out-of-paper", NULL},
		{&plain, 503, OUTCOME("{'severity':'error','code':7}"),
		 SENSE_FAILED, NULL, NULL},
		{&plain, 503, OUTCOME(ISSUE("error", "\xff\xfe")), SENSE_FAILED,
		 NULL, NULL},
	};

	check(cases, COUNT(cases));
}
END_TEST

START_TEST(the_detail_is_what_the_issue_says_and_bounded)
{
	struct arena arena;
	char *body;
	struct understanding it;
	const struct expected cases[] = {
		{&plain, 422,
		 OUTCOME("{'severity':'error','code':'value','diagnostics':"
			 "'trace','details':{'text':'No such unit'}}"),
		 SENSE_PERMANENT, "fhir-value", "No such unit"},
		{&plain, 422,
		 OUTCOME("{'severity':'error','code':'value','diagnostics':"
			 "'line 1\\nline 2'}"),
		 SENSE_PERMANENT, "fhir-value", "line 1 line 2"},
		{&plain, 422,
		 OUTCOME("{'severity':'error','code':'value','details':"
			 "{'coding':[{'display':'Bad unit'}]}}"),
		 SENSE_PERMANENT, "fhir-value", "Bad unit"},
		{&plain, 422, OUTCOME(ISSUE("error", "value")), SENSE_PERMANENT,
		 "fhir-value", ""},
	};

	check(cases, COUNT(cases));
	arena_init(&arena);
	body = arena_printf(&arena,
			    OUTCOME("{'severity':'error','code':'value',"
				    "'diagnostics':'%0300d'}"),
			    7);
	it = read(&arena, &plain, 422, body);
	ck_assert_uint_eq(it.detail.len, UNDERSTAND_DETAIL_MAX);
	arena_fini(&arena);
}
END_TEST

START_TEST(a_byte_order_mark_before_json_is_no_hindrance)
{
	const struct expected cases[] = {
		{&plain, 500,
		 "\xef\xbb\xbf" OUTCOME(ISSUE("error", "structure")),
		 SENSE_PERMANENT, "fhir-structure", NULL},
	};

	check(cases, COUNT(cases));
}
END_TEST

START_TEST(a_batch_with_an_entry_that_failed_is_a_failure_named_by_its_entries)
{
	const struct expected cases[] = {
		{&plain, 200, BATCH(ENTRY("201 Created") "," ENTRY("200")),
		 SENSE_NONE, NULL, NULL},
		{&plain, 200, BATCH(ENTRY("304 Not Modified")), SENSE_NONE,
		 NULL, NULL},
		{&plain, 200, BATCH(""), SENSE_NONE, NULL, NULL},
		{&plain, 200, BATCH("{'response':{'status':201}}"), SENSE_NONE,
		 NULL, NULL},
		{&plain, 200,
		 BATCH(ENTRY("201") "," ENTRY("422 Unprocessable")),
		 SENSE_PERMANENT, "fhir-entry-422", "entry 2"},
		{&plain, 200,
		 BATCH(ENTRY("201") "," ENTRY("404") "," ENTRY("200") "," ENTRY(
			 "200") "," ENTRY("422")),
		 SENSE_PERMANENT, "fhir-entry-404", "entries 2, 5"},
		/* Sending it again helps those that may pass. */
		{&plain, 200, BATCH(ENTRY("422") "," ENTRY("503")),
		 SENSE_TRANSIENT, "fhir-entry-503", "entries 1, 2"},
		{&plain, 200,
		 BATCH(ENTRY_SAYS("500",
				  OUTCOME("{'severity':'error','code':"
					  "'structure','diagnostics':'Bad'}"))),
		 SENSE_PERMANENT, "fhir-structure", "entry 1: Bad"},
		{&plain, 200,
		 BATCH("{'response':{'status':'429'},'resource':" OUTCOME(
			 ISSUE("error", "throttled")) "}"),
		 SENSE_TRANSIENT, "fhir-throttled", "entry 1"},
		{&plain, 200,
		 BATCH(ENTRY_SAYS(
			 "201",
			 OUTCOME(ISSUE(
				 "warning",
				 "value"))) "," ENTRY_SAYS("201",
							   OUTCOME(ISSUE(
								   "error",
								   "value")))),
		 SENSE_PERMANENT, "fhir-value", "entry 2"},
		{&plain, 200,
		 BATCH(ENTRY_SAYS("503", OUTCOME(ISSUE("error", "odd")))),
		 SENSE_TRANSIENT, "fhir-odd", "entry 1"},
	};

	check(cases, COUNT(cases));
}
END_TEST

#define SENT_BATCH(entries)                                                    \
	"{'resourceType':'Bundle','type':'batch','entry':[" entries "]}"
#define DEEP10 "[[[[[[[[[["

/* What was sent, and what came of it with a 200. */
struct sent_case {
	const char *sent;
	const char *body;
	const char *error; /* NULL: the status counts */
	const char *detail;
};

START_TEST(a_success_that_does_not_say_what_was_done_is_ambiguous)
{
	static const struct sent_case cases[] = {
		{SENT_BATCH("{},{}"), BATCH(ENTRY("201") "," ENTRY("200")),
		 NULL, NULL},
		{SENT_BATCH("{},{},{}"), BATCH(ENTRY("201") "," ENTRY("200")),
		 "fhir-entries-missing", "2 of 3 entries have a status"},
		{SENT_BATCH("{}"), BATCH(""), "fhir-entries-missing",
		 "0 of 1 entries have a status"},
		{"", BATCH("{},7," ENTRY("200") "," ENTRY("100")),
		 "fhir-entries-missing", "1 of 4 entries have a status"},
		{SENT_BATCH("{},{}"), BATCH(ENTRY("422")), "fhir-entry-422",
		 "entry 1"},
		{SENT_BATCH("{},{}"),
		 "{'resourceType':'Bundle','type':'batch-response','entry':[{",
		 "fhir-unread", NULL},
		{SENT_BATCH("{}"), " {'a':" DEEP10 DEEP10 DEEP10 DEEP10,
		 "fhir-unread", NULL},
		{SENT_BATCH("{}"), "", NULL, NULL},
		{SENT_BATCH("{}"), "<html>", NULL, NULL},
		/* A transaction is done as a whole. */
		{"{'resourceType':'Bundle','type':'transaction','entry':[{}]}",
		 "{'resourceType':'Bundle','type':'transaction-response',",
		 NULL, NULL},
		{"",
		 "{ 'id':'resourceType','resourceType' : 'OperationOutcome',",
		 "fhir-unread", NULL},
		{"",
		 "{'resourceType':'Patient','contained':[{'resourceType':"
		 "'OperationOutcome','issue':[",
		 NULL, NULL},
		{"", "{'resourceType", NULL, NULL},
		{"", "{'resourceType'", NULL, NULL},
		{"", "{'resourceType' : ", NULL, NULL},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct sent_case *c = &cases[i];
		const struct understand_input input = {
			.status = 200,
			.body = text_of(quoted(&arena, c->body)),
			.sent = text_of(quoted(&arena, c->sent))};
		struct understanding it = understand(&plain, &input, &arena);

		if (c->error == NULL) {
			ck_assert_msg(it.sense == SENSE_NONE, "case %zu", i);
			continue;
		}
		ck_assert_msg(it.error != NULL &&
				      strcmp(it.error, c->error) == 0,
			      "case %zu: %s", i, it.error);
		ck_assert_msg(
			c->detail == NULL || text_is(it.detail, c->detail),
			"case %zu: %.*s", i, (int)it.detail.len, it.detail.at);
		ck_assert_msg((it.sense == SENSE_AMBIGUOUS) ==
				      (strcmp(c->error, "fhir-entry-422") != 0),
			      "case %zu", i);
	}
	arena_fini(&arena);
}
END_TEST

START_TEST(entries_that_were_done_before_are_done)
{
	const struct expected cases[] = {
		{&lenient, 200,
		 BATCH(ENTRY_SAYS("409", OUTCOME(ISSUE("error", "duplicate")))),
		 SENSE_ALREADY, NULL, NULL},
		{&lenient, 200,
		 BATCH(ENTRY_SAYS(
			 "409", OUTCOME(ISSUE("error",
					      "duplicate"))) "," ENTRY("201")),
		 SENSE_NONE, NULL, NULL},
		{&lenient, 200,
		 BATCH(ENTRY_SAYS(
			 "409", OUTCOME(ISSUE("error",
					      "duplicate"))) "," ENTRY("422")),
		 SENSE_PERMANENT, "fhir-entry-422", "entry 2"},
	};

	check(cases, COUNT(cases));
}
END_TEST

START_TEST(
	only_an_answer_to_a_batch_or_transaction_with_a_success_is_looked_into)
{
	const struct expected cases[] = {
		{&plain, 200,
		 "{'resourceType':'Bundle','type':'transaction-response',"
		 "'entry':[" ENTRY("422") "]}",
		 SENSE_PERMANENT, "fhir-entry-422", NULL},
		{&plain, 200,
		 "{'resourceType':'Bundle','type':'searchset','entry':[" ENTRY(
			 "422") "]}",
		 SENSE_NONE, NULL, NULL},
		{&plain, 503, BATCH(ENTRY("422")), SENSE_NONE, NULL, NULL},
	};

	check(cases, COUNT(cases));
}
END_TEST

START_TEST(many_entries_that_failed_are_counted)
{
	const struct expected cases[] = {
		{&plain, 200,
		 BATCH(ENTRY("422") "," ENTRY("422") "," ENTRY("422") "," ENTRY("422") "," ENTRY("422") "," ENTRY("422") "," ENTRY(
			 "422") "," ENTRY("422") "," ENTRY("422") "," ENTRY("42"
									    "2") "," ENTRY("422") "," ENTRY("422")),
		 SENSE_PERMANENT, "fhir-entry-422",
		 "entries 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more"},
	};

	check(cases, COUNT(cases));
}
END_TEST

/* What is said of each would be more than the answer itself. */
START_TEST(very_many_entries_leave_little_behind)
{
	static const char entry[] = ENTRY("422") ",";
	size_t count = 20000;
	size_t len = sizeof(entry) - 1;
	char *entries = malloc(count * len + 1);
	char *body = malloc(count * len + 200);
	struct arena arena;
	size_t before;

	ck_assert(entries != NULL && body != NULL);
	for (size_t i = 0; i < count; i++)
		memcpy(entries + i * len, entry, len);
	entries[count * len - 1] = '\0';
	sprintf(body,
		"{'resourceType':'Bundle','type':'batch-response',"
		"'entry':[%s]}",
		entries);
	arena_init(&arena);
	const struct understand_input input = {
		.status = 200, .body = text_of(quoted(&arena, body))};
	before = arena.total;
	struct understanding it = understand(&plain, &input, &arena);

	ck_assert_str_eq(it.error, "fhir-entry-422");
	ck_assert_uint_lt(arena.total - before, 16384);
	arena_fini(&arena);
	free(entries);
	free(body);
}
END_TEST

Suite *understand_fhir_suite(void)
{
	Suite *suite = suite_create("understand_fhir");
	TCase *t = tcase_create("fhir");

	suite_add_tcase(suite, t);
	tcase_add_test(t, each_issue_type_has_its_class_whatever_the_status);
	tcase_add_test(
		t, every_parent_of_an_issue_type_is_one_that_stands_before_it);
	tcase_add_test(t, severities_say_what_is_a_failure);
	tcase_add_test(
		t,
		of_several_issues_what_cannot_pass_counts_and_then_the_most_severe);
	tcase_add_test(
		t, what_the_configuration_says_of_a_code_or_its_family_counts);
	tcase_add_test(t, what_is_no_operation_outcome_says_nothing);
	tcase_add_test(t,
		       a_code_that_fhir_does_not_have_is_classed_by_its_status);
	tcase_add_test(t, the_detail_is_what_the_issue_says_and_bounded);
	tcase_add_test(t, a_byte_order_mark_before_json_is_no_hindrance);
	tcase_add_test(
		t,
		a_batch_with_an_entry_that_failed_is_a_failure_named_by_its_entries);
	tcase_add_test(t, entries_that_were_done_before_are_done);
	tcase_add_test(
		t,
		only_an_answer_to_a_batch_or_transaction_with_a_success_is_looked_into);
	tcase_add_test(t, many_entries_that_failed_are_counted);
	tcase_add_test(t, very_many_entries_leave_little_behind);
	tcase_add_test(t,
		       a_success_that_does_not_say_what_was_done_is_ambiguous);
	return suite;
}

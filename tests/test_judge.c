/* SPDX-License-Identifier: Apache-2.0 */
/* test_judge.c - what an outcome is: success rules, bodies and error rules, in
   their order (policy/policy.h). */
#include "policy/policy.h"

#include <string.h>

#include "policy/lanes.h"
#include "tests/policy_suites.h"

static const char *const duplicate[] = {"fhir-duplicate"};
static const char *const fhir_transient[] = {"fhir-transient"};
static const char *const only_lab[] = {"lab"};
static const uint16_t seven[] = {7};

#define STATUS(first, last) .statuses = {{first, last}}, .status_count = 1

/* Of the downstream "ehr": in this order. */
static const struct success_rule success[] = {
	{.when = {STATUS(200, 299), .matchers = seven, .matcher_count = 1},
	 .meaning = SUCCESS_FAILED},
	{.when = {STATUS(409, 409)}, .meaning = SUCCESS_ALREADY},
	{.when = {STATUS(404, 404)}, .meaning = SUCCESS_DONE},
	{.when = {STATUS(202, 202)},
	 .meaning = SUCCESS_FAILED,
	 .error = "still-working",
	 .has_class = true,
	 .class = CLASS_TRANSIENT},
	{.when = {STATUS(299, 299)},
	 .meaning = SUCCESS_FAILED,
	 .has_class = true,
	 .class = CLASS_AMBIGUOUS},
	{.when = {STATUS(299, 299)}, .meaning = SUCCESS_DONE},
	{.when = {.understood = duplicate, .understood_count = 1},
	 .meaning = SUCCESS_ALREADY},
	{.when = {STATUS(298, 298)},
	 .meaning = SUCCESS_FAILED,
	 .error = "named",
	 .has_class = false},
};

static const struct downstream_rules ehr = {
	.name = "ehr", .success = success, .success_count = COUNT(success)};

static const struct error_rule errors[] = {
	{.name = "lab-down",
	 .when = {STATUS(503, 503), .downstreams = only_lab,
		  .downstream_count = 1}},
	{.name = "seven",
	 .class = CLASS_PERMANENT,
	 .when = {STATUS(500, 500), .matchers = seven, .matcher_count = 1}},
	{.name = "patient",
	 .class = CLASS_PERMANENT,
	 .when = {.understood = fhir_transient, .understood_count = 1}},
	{.name = "inside",
	 .class = CLASS_PERMANENT,
	 .when = {STATUS(201, 201)}},
};

static const struct policy policy = {
	.name = "p", .errors = errors, .error_count = COUNT(errors)};

#define ALL_BY(by_) .by = JUDGED_BY_##by_

static const struct {
	const char *what;
	struct outcome outcome;
	bool has_seven; /* the matcher 7 matches */
	struct judgement is;
	int success; /* that held; -1: none */
	int rule;    /* of the policy that held; -1: none */
} rows[] = {
	/* Done. */
	{"a success",
	 {.status = 200},
	 false,
	 {.is_done = true, ALL_BY(STATUS)},
	 -1,
	 -1},
	{"the last status of success",
	 {.status = 297},
	 false,
	 {.is_done = true, ALL_BY(STATUS)},
	 -1,
	 -1},
	{"a success rule for what would be an error",
	 {.status = 404},
	 false,
	 {.is_done = true, ALL_BY(SUCCESS_RULE)},
	 2,
	 -1},
	{"done before",
	 {.status = 409},
	 false,
	 {.is_done = true, .is_already = true, ALL_BY(SUCCESS_RULE)},
	 1,
	 -1},
	{"what was understood, by a success rule",
	 {.status = 422, .understood = {SENSE_FAILED, "fhir-duplicate", {0}}},
	 false,
	 {.is_done = true, .is_already = true, ALL_BY(SUCCESS_RULE)},
	 6,
	 -1},
	{"a body that says done, whatever the status",
	 {.status = 500, .understood = {SENSE_DONE, NULL, {0}}},
	 false,
	 {.is_done = true, ALL_BY(UNDERSTANDING)},
	 -1,
	 -1},
	{"a body that says done before",
	 {.status = 200, .understood = {SENSE_ALREADY, NULL, {0}}},
	 false,
	 {.is_done = true, .is_already = true, ALL_BY(UNDERSTANDING)},
	 -1,
	 -1},
	/* Failed, and named by a success rule. */
	{"a success that hides a failure of no class",
	 {.status = 200},
	 true,
	 {.error = "failed-inside", .class = CLASS_TRANSIENT, ALL_BY(BUILT_IN)},
	 0,
	 -2},
	{"the same, and a rule of the policy classes it",
	 {.status = 201},
	 true,
	 {.error = "inside", .class = CLASS_PERMANENT, ALL_BY(RULE)},
	 0,
	 3},
	{"the same, and the body has named it",
	 {.status = 200, .understood = {SENSE_NONE, "problem-x", {0}}},
	 true,
	 {.error = "problem-x", .class = CLASS_TRANSIENT, ALL_BY(BUILT_IN)},
	 0,
	 -2},
	{"a success rule with name and class",
	 {.status = 202},
	 false,
	 {.error = "still-working",
	  .class = CLASS_TRANSIENT,
	  ALL_BY(SUCCESS_RULE)},
	 3,
	 -1},
	{"a success rule with a class alone; the first that holds counts",
	 {.status = 299},
	 false,
	 {.error = "refused", .class = CLASS_AMBIGUOUS, ALL_BY(SUCCESS_RULE)},
	 4,
	 -1},
	{"a success rule with a name alone",
	 {.status = 298},
	 false,
	 {.error = "named", .class = CLASS_TRANSIENT, ALL_BY(BUILT_IN)},
	 7,
	 -2},
	{"success rules are for complete answers",
	 {.transport = TRANSPORT_CUT_RESPONSE, .status = 409},
	 false,
	 {.error = "cut-response", .class = CLASS_AMBIGUOUS, ALL_BY(BUILT_IN)},
	 -1,
	 -2},
	{"the same for one that asks for no status",
	 {.transport = TRANSPORT_RESET_AFTER_SEND,
	  .understood = {SENSE_FAILED, "fhir-duplicate", {0}}},
	 false,
	 {.error = "reset-after-send",
	  .class = CLASS_AMBIGUOUS,
	  ALL_BY(BUILT_IN)},
	 -1,
	 -2},
	/* Failed, and named by the body. */
	{"a body that says permanent, against the status",
	 {.status = 500,
	  .understood = {SENSE_PERMANENT, "fhir-structure", {0}}},
	 false,
	 {.error = "fhir-structure",
	  .class = CLASS_PERMANENT,
	  ALL_BY(UNDERSTANDING)},
	 -1,
	 -1},
	{"a body that says transient, against the status",
	 {.status = 400, .understood = {SENSE_TRANSIENT, "fhir-timeout", {0}}},
	 false,
	 {.error = "fhir-timeout",
	  .class = CLASS_TRANSIENT,
	  ALL_BY(UNDERSTANDING)},
	 -1,
	 -1},
	{"a body that says ambiguous, of a success",
	 {.status = 200, .understood = {SENSE_AMBIGUOUS, "hl7v2-msa", {0}}},
	 false,
	 {.error = "hl7v2-msa",
	  .class = CLASS_AMBIGUOUS,
	  ALL_BY(UNDERSTANDING)},
	 -1,
	 -1},
	{"a body that says no more than failed: the status classes it",
	 {.status = 400, .understood = {SENSE_FAILED, "problem-oops", {0}}},
	 false,
	 {.error = "problem-oops", .class = CLASS_PERMANENT, ALL_BY(BUILT_IN)},
	 -1,
	 -2},
	{"a rule of the policy over what the body says",
	 {.status = 503,
	  .understood = {SENSE_TRANSIENT, "fhir-transient", {0}}},
	 false,
	 {.error = "patient", .class = CLASS_PERMANENT, ALL_BY(RULE)},
	 -1,
	 2},
	{"a body that was not whole says nothing",
	 {.transport = TRANSPORT_CUT_RESPONSE,
	  .status = 200,
	  .understood = {SENSE_DONE, NULL, {0}}},
	 false,
	 {.error = "cut-response", .class = CLASS_AMBIGUOUS, ALL_BY(BUILT_IN)},
	 -1,
	 -2},
	/* Failed, by status and rules. */
	{"a rule for another downstream",
	 {.status = 503},
	 false,
	 {.error = "unavailable", .class = CLASS_TRANSIENT, ALL_BY(BUILT_IN)},
	 -1,
	 -2},
	{"a rule with a matcher that matches",
	 {.status = 500},
	 true,
	 {.error = "seven", .class = CLASS_PERMANENT, ALL_BY(RULE)},
	 -1,
	 1},
	{"a rule with a matcher that does not",
	 {.status = 500},
	 false,
	 {.error = "server-error", .class = CLASS_TRANSIENT, ALL_BY(BUILT_IN)},
	 -1,
	 -2},
};

START_TEST(success_rules_then_bodies_then_the_status_and_the_rules_judge)
{
	struct outcome outcome = rows[_i].outcome;

	if (rows[_i].has_seven)
		facts_add(&outcome.facts, 7);
	const struct judgement j = policy_judge(&policy, &ehr, &outcome);
	const struct judgement *is = &rows[_i].is;

	ck_assert_msg(j.is_done == is->is_done && j.by == is->by, "%s",
		      rows[_i].what);
	ck_assert_int_eq(j.is_already, is->is_already);
	ck_assert_pstr_eq(j.error, is->error);
	ck_assert(j.is_done || j.class == is->class);
	ck_assert_ptr_eq(j.success, rows[_i].success < 0
					    ? NULL
					    : &success[rows[_i].success]);
	if (rows[_i].rule >= 0)
		ck_assert_ptr_eq(j.rule, &errors[rows[_i].rule]);
	else
		ck_assert_int_eq(j.rule == NULL, rows[_i].rule == -1);
}
END_TEST

START_TEST(an_answer_that_may_have_failed_is_not_done)
{
	struct outcome outcomes[] = {
		{.status = 200},
		{.status = 200, .understood = {SENSE_DONE, NULL, {0}}},
	};
	struct outcome other = {.status = 409};
	struct outcome failed = {.status = 299};

	for (size_t i = 0; i < COUNT(outcomes); i++) {
		facts_leave_open(&outcomes[i].facts, 7);
		const struct judgement j =
			policy_judge(&policy, &ehr, &outcomes[i]);

		ck_assert(!j.is_done);
		ck_assert_str_eq(j.error, SUCCESS_UNREAD);
		ck_assert_int_eq(j.class, CLASS_AMBIGUOUS);
		ck_assert_int_eq(j.by, JUDGED_BY_SUCCESS_RULE);
		ck_assert_ptr_eq(j.success, &success[0]);
	}
	/* What is left open decides nothing there. */
	facts_leave_open(&other.facts, 7);
	ck_assert(policy_judge(&policy, &ehr, &other).is_done);
	facts_leave_open(&failed.facts, 7);
	ck_assert_str_eq(policy_judge(&policy, &ehr, &failed).error, "refused");
	facts_leave_open(&outcomes[0].facts, 8);
	facts_add(&outcomes[0].facts, 7);
	ck_assert_str_eq(policy_judge(&policy, &ehr, &outcomes[0]).error,
			 "failed-inside");
}
END_TEST

START_TEST(a_rule_that_is_left_open_is_no_doubt_if_it_comes_later_or_means_done)
{
	static const struct success_rule rules[] = {
		{.when = {STATUS(204, 204), .matchers = seven,
			  .matcher_count = 1},
		 .meaning = SUCCESS_DONE},
		{.when = {STATUS(200, 200)}, .meaning = SUCCESS_DONE},
		{.when = {STATUS(200, 200), .matchers = seven,
			  .matcher_count = 1},
		 .meaning = SUCCESS_FAILED},
	};
	static const struct downstream_rules lab = {
		.name = "lab", .success = rules, .success_count = COUNT(rules)};
	struct outcome o = {.status = 200};

	facts_leave_open(&o.facts, 7);
	ck_assert(policy_judge(&policy, &lab, &o).is_done);
	o.status = 204;
	ck_assert(policy_judge(&policy, &lab, &o).is_done);
}
END_TEST

static struct verdict decide(const struct policy *by, const struct outcome *o,
			     const struct message_facts *facts,
			     const struct step *step)
{
	return policy_decide(by, &ehr, facts, step, o, 0);
}

START_TEST(done_before_is_told_apart)
{
	const struct message_facts facts = {.type = TEXT("x")};
	const struct step step = {0};
	struct outcome o = {.status = 409};
	struct verdict v = decide(&policy, &o, &facts, &step);

	ck_assert_int_eq(v.kind, VERDICT_DONE);
	ck_assert(v.is_already);
	o.status = 204;
	v = decide(&policy, &o, &facts, &step);
	ck_assert_int_eq(v.kind, VERDICT_DONE);
	ck_assert(!v.is_already);
}
END_TEST

/* --- settings of the case ------------------------------------------------------- */

static const struct schedule hour = {.kind = SCHEDULE_FIXED,
				     .first = MILLIS_PER_HOUR};

START_TEST(an_ambiguous_answer_has_settings_of_its_own)
{
	const struct policy p = {
		.name = "p",
		.ambiguous = {.schedule = &hour, .max_attempts = 2}};
	const struct message_facts facts = {.type = TEXT("x")};
	struct outcome o = {.transport = TRANSPORT_RESET_AFTER_SEND,
			    .retry_after = -1};
	struct step step = {0};
	struct verdict v = decide(&p, &o, &facts, &step);

	ck_assert_int_eq(v.kind, VERDICT_RETRY);
	ck_assert_int_eq(v.delay, MILLIS_PER_HOUR);
	step.attempts = 1;
	v = decide(&p, &o, &facts, &step);
	ck_assert_int_eq(v.reason, PARK_ATTEMPTS);
	/* Another error is none of it. */
	o = (struct outcome){.status = 503, .retry_after = -1};
	v = decide(&p, &o, &facts, &step);
	ck_assert_int_eq(v.kind, VERDICT_RETRY);
	ck_assert_int_eq(v.delay, 2 * MILLIS_PER_SECOND);
}
END_TEST

START_TEST(an_error_of_a_message_type_wins_over_both)
{
	static const struct type_error type_errors[] = {
		{.error = "bad-gateway", .own = {.max_attempts = 9}},
		{.error = "unavailable",
		 .own = {.schedule = &hour, .park_as = "night-shift"}},
	};
	static const struct type_rule types[] = {
		{.match = "lab.#",
		 .own = {.max_attempts = 2},
		 .errors = type_errors,
		 .error_count = COUNT(type_errors)}};
	const struct policy p = {
		.name = "p", .types = types, .type_count = COUNT(types)};
	const struct outcome o = {.status = 503, .retry_after = -1};
	struct message_facts facts = {.type = TEXT("lab.x")};
	struct step step = {0};
	struct verdict v = decide(&p, &o, &facts, &step);

	ck_assert_int_eq(v.delay, MILLIS_PER_HOUR);
	step.attempts = 1; /* the type's limit still holds for it */
	v = decide(&p, &o, &facts, &step);
	ck_assert_int_eq(v.kind, VERDICT_PARK);
	ck_assert_str_eq(v.park_as, "night-shift");
	const struct outcome other = {.status = 502, .retry_after = -1};
	v = decide(&p, &other, &facts, &step);
	ck_assert_int_eq(v.kind, VERDICT_RETRY);
	facts.type = TEXT("adt");
	v = decide(&p, &o, &facts, &step);
	ck_assert_int_eq(v.delay, 2 * MILLIS_PER_SECOND);
}
END_TEST

START_TEST(the_least_floor_is_a_wait_of_the_ladder)
{
	static const struct schedule short_one = {.kind = SCHEDULE_FIXED,
						  .first = 10};
	const struct policy p = {
		.name = "p",
		.own = {.schedule = &short_one, .retry_after_floor = 1}};
	const struct message_facts facts = {.type = TEXT("x")};
	const struct step step = {0};
	struct outcome o = {.status = 503, .retry_after = 0};
	struct verdict v = decide(&p, &o, &facts, &step);

	ck_assert_int_eq(v.delay, LADDER_FIRST);
	ck_assert(v.by_server);
	o.retry_after = -1;
	v = decide(&p, &o, &facts, &step);
	ck_assert_int_eq(v.delay, 10);
}
END_TEST

/* --- quick retries, deadlines ------------------------------------------------------ */

static const struct policy urgent = {
	.name = "urgent", .own = {.quick = {3, 2000}, .max_attempts = 4}};

static const struct {
	const char *what;
	bool may_quick;
	uint32_t made;
	millis spent;
	uint32_t attempts;
	millis age;
	millis to_deadline; /* 0: there is none */
	millis retry_after;
	enum verdict_kind kind;
	millis delay;
	enum park_reason reason;
} quick[] = {
	{"the first", true, 0, 0, 0, 0, 0, -1, VERDICT_QUICK, 285, 0},
	{"the second", true, 1, 285, 1, 285, 0, -1, VERDICT_QUICK, 571, 0},
	{"the breaker says no", false, 0, 0, 0, 0, 0, -1, VERDICT_RETRY, 2000,
	 0},
	{"all were made", true, 3, 1998, 2, 0, 0, -1, VERDICT_RETRY, 2000, 0},
	{"calls took some of its time", true, 2, 1000, 2, 0, 0, -1,
	 VERDICT_QUICK, 1000, 0},
	{"calls took all of its time", true, 2, 2000, 2, 0, 0, -1,
	 VERDICT_RETRY, 2000, 0},
	{"it counts as an attempt", true, 2, 856, 3, 0, 0, -1, VERDICT_PARK, 0,
	 PARK_ATTEMPTS},
	/* Retry-After 0 asks for no time at all. */
	{"the server is ready", true, 0, 0, 0, 0, 0, 0, VERDICT_QUICK, 285, 0},
	{"the server asks for longer", true, 0, 0, 0, 0, 0, 286, VERDICT_RETRY,
	 2000, 0},
	{"its age leaves time for it alone", true, 0, 0, 0,
	 MILLIS_PER_DAY - 285, 0, -1, VERDICT_QUICK, 285, 0},
	{"its age does not", true, 0, 0, 0, MILLIS_PER_DAY - 284, 0, -1,
	 VERDICT_PARK, 0, PARK_AGE},
	{"its deadline leaves time for it alone", true, 0, 0, 0, 0, 285, -1,
	 VERDICT_QUICK, 285, 0},
	{"its deadline does not", true, 0, 0, 0, 0, 284, -1, VERDICT_PARK, 0,
	 PARK_DEADLINE},
	{"its deadline is over", true, 0, 0, 0, 0, -1, -1, VERDICT_PARK, 0,
	 PARK_DEADLINE},
	{"its deadline leaves time for the schedule", false, 0, 0, 0, 0, 2000,
	 -1, VERDICT_RETRY, 2000, 0},
	{"its deadline is a millisecond short of it", false, 0, 0, 0, 0, 1999,
	 -1, VERDICT_PARK, 0, PARK_DEADLINE},
};

START_TEST(quick_retries_come_first_within_all_limits)
{
	const struct message_facts facts = {
		.type = TEXT("x"),
		.age = quick[_i].age,
		.has_deadline = quick[_i].to_deadline != 0,
		.to_deadline = quick[_i].to_deadline,
		.may_quick = quick[_i].may_quick,
		.quick_made = quick[_i].made,
		.quick_spent = quick[_i].spent};
	const struct step step = {.attempts = quick[_i].attempts};
	const struct outcome o = {.status = 503,
				  .retry_after = quick[_i].retry_after};
	const struct verdict v = decide(&urgent, &o, &facts, &step);

	ck_assert_msg(v.kind == quick[_i].kind, "%s", quick[_i].what);
	ck_assert_int_eq(v.delay, quick[_i].delay);
	ck_assert_int_eq(v.reason, quick[_i].reason);
	ck_assert(!v.by_server);
}
END_TEST

Suite *judge_suite(void)
{
	Suite *suite = suite_create("judge");
	TCase *tests = tcase_create("judging");

	tcase_add_loop_test(
		tests,
		success_rules_then_bodies_then_the_status_and_the_rules_judge,
		0, COUNT(rows));
	tcase_add_test(tests, an_answer_that_may_have_failed_is_not_done);
	tcase_add_test(
		tests,
		a_rule_that_is_left_open_is_no_doubt_if_it_comes_later_or_means_done);
	tcase_add_test(tests, done_before_is_told_apart);
	tcase_add_test(tests, an_ambiguous_answer_has_settings_of_its_own);
	tcase_add_test(tests, an_error_of_a_message_type_wins_over_both);
	tcase_add_test(tests, the_least_floor_is_a_wait_of_the_ladder);
	tcase_add_loop_test(tests, quick_retries_come_first_within_all_limits,
			    0, COUNT(quick));
	suite_add_tcase(suite, tests);
	return suite;
}

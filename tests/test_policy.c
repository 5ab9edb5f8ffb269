/* SPDX-License-Identifier: Apache-2.0 */
/* test_policy.c - the promises of policy/policy.h, outcome.h and step.h. */
#include "policy/policy.h"

#include <string.h>

#include "tests/policy_suites.h"

#define S MILLIS_PER_SECOND

static const struct downstream_rules ehr = {.name = "ehr"};

static const struct {
	enum transport transport;
	int status;
	const char *error;
	enum error_class class;
} rows[] = {
	{TRANSPORT_DNS, 0, "dns", CLASS_TRANSIENT},
	{TRANSPORT_CONNECT, 0, "connect", CLASS_TRANSIENT},
	{TRANSPORT_TLS, 0, "tls", CLASS_TRANSIENT},
	{TRANSPORT_TIMEOUT_BEFORE_SEND, 0, "timeout-before-send",
	 CLASS_TRANSIENT},
	{TRANSPORT_TIMEOUT_AFTER_SEND, 0, "timeout-after-send",
	 CLASS_AMBIGUOUS},
	{TRANSPORT_RESET_BEFORE_SEND, 0, "reset-before-send", CLASS_TRANSIENT},
	{TRANSPORT_RESET_AFTER_SEND, 0, "reset-after-send", CLASS_AMBIGUOUS},
	{TRANSPORT_PROTOCOL, 0, "protocol", CLASS_AMBIGUOUS},
	/* A status of success does not help a response that was cut. */
	{TRANSPORT_CUT_RESPONSE, 200, "cut-response", CLASS_AMBIGUOUS},
	{TRANSPORT_HEADER, 0, "header", CLASS_PERMANENT},
	{TRANSPORT_TEMPLATE, 0, "template", CLASS_PERMANENT},
	{TRANSPORT_COMPLETE, 301, "redirect", CLASS_PERMANENT},
	{TRANSPORT_COMPLETE, 304, "redirect", CLASS_PERMANENT},
	{TRANSPORT_COMPLETE, 400, "rejected", CLASS_PERMANENT},
	{TRANSPORT_COMPLETE, 401, "auth", CLASS_PERMANENT},
	{TRANSPORT_COMPLETE, 403, "auth", CLASS_PERMANENT},
	{TRANSPORT_COMPLETE, 404, "not-found", CLASS_PERMANENT},
	{TRANSPORT_COMPLETE, 408, "request-timeout", CLASS_TRANSIENT},
	{TRANSPORT_COMPLETE, 409, "rejected", CLASS_PERMANENT},
	{TRANSPORT_COMPLETE, 410, "not-found", CLASS_PERMANENT},
	{TRANSPORT_COMPLETE, 413, "too-large", CLASS_PERMANENT},
	{TRANSPORT_COMPLETE, 422, "rejected", CLASS_PERMANENT},
	{TRANSPORT_COMPLETE, 425, "too-early", CLASS_TRANSIENT},
	{TRANSPORT_COMPLETE, 429, "throttled", CLASS_TRANSIENT},
	{TRANSPORT_COMPLETE, 431, "too-large", CLASS_PERMANENT},
	{TRANSPORT_COMPLETE, 500, "server-error", CLASS_TRANSIENT},
	{TRANSPORT_COMPLETE, 501, "not-implemented", CLASS_PERMANENT},
	{TRANSPORT_COMPLETE, 502, "bad-gateway", CLASS_TRANSIENT},
	{TRANSPORT_COMPLETE, 503, "unavailable", CLASS_TRANSIENT},
	{TRANSPORT_COMPLETE, 504, "gateway-timeout", CLASS_TRANSIENT},
	{TRANSPORT_COMPLETE, 505, "not-implemented", CLASS_PERMANENT},
	{TRANSPORT_COMPLETE, 599, "server-error", CLASS_TRANSIENT},
	/* Nothing that HTTP knows: tried again, never lost. */
	{TRANSPORT_COMPLETE, 0, "server-error", CLASS_TRANSIENT},
	{TRANSPORT_COMPLETE, 199, "server-error", CLASS_TRANSIENT},
	{TRANSPORT_COMPLETE, 999, "server-error", CLASS_TRANSIENT},
};

START_TEST(every_outcome_has_a_built_in_rule)
{
	struct policy policy;
	const struct outcome outcome = {.transport = rows[_i].transport,
					.status = rows[_i].status};

	policy_init(&policy, "p");
	const struct judgement j = policy_judge(&policy, &ehr, &outcome);

	ck_assert_str_eq(j.error, rows[_i].error);
	ck_assert_int_eq(j.class, rows[_i].class);
	ck_assert_int_eq(j.by, JUDGED_BY_BUILT_IN);
}
END_TEST

START_TEST(success_is_a_complete_2xx_and_nothing_else)
{
	for (int status = 0; status <= 999; status++) {
		struct outcome o = {.status = status};

		ck_assert(outcome_is_success(&o) ==
			  (status >= 200 && status <= 299));
		for (int t = 1; t < TRANSPORT_COUNT; t++) {
			o.transport = (enum transport)t;
			ck_assert(!outcome_is_success(&o));
		}
	}
}
END_TEST

static const struct schedule minute = {.kind = SCHEDULE_FIXED, .first = 60 * S};
static const struct schedule second = {.kind = SCHEDULE_FIXED, .first = S};
static const struct schedule twice = {.kind = SCHEDULE_CUSTOM,
				      .delays = {S, 2 * S},
				      .delay_count = 2,
				      .then_park = true};

static const struct error_rule errors[] = {
	{.name = "throttled",
	 .when = {.statuses = {{429, 429}}, .status_count = 1},
	 .own = {.schedule = &minute}},
	{.name = "odd",
	 .class = CLASS_PERMANENT,
	 .when = {.statuses = {{429, 429}, {500, 502}}, .status_count = 2}},
	{.name = "twice",
	 .when = {.statuses = {{503, 503}},
		  .status_count = 1,
		  .transports = 1u << TRANSPORT_DNS},
	 .own = {.schedule = &twice}},
	{.name = "few",
	 .when = {.statuses = {{504, 504}}, .status_count = 1},
	 .own = {.max_attempts = 2, .honour = HONOUR_NO}},
};

static const struct type_rule types[] = {
	{.match = "lab.#", .own = {.schedule = &second, .max_attempts = 3}},
	{.match = "lab.result.critical", .own = {.max_attempts = 20}},
	{.match = "lab.result.*", .own = {.give_up_after = 10 * S}},
};

static struct policy careful(void)
{
	struct policy policy;

	policy_init(&policy, "careful");
	policy.errors = errors;
	policy.error_count = COUNT(errors);
	policy.types = types;
	policy.type_count = COUNT(types);
	return policy;
}

START_TEST(the_first_rule_that_matches_wins_over_later_and_built_in_ones)
{
	struct policy policy = careful();
	struct outcome o = {.status = 429};

	ck_assert_str_eq(policy_judge(&policy, &ehr, &o).error, "throttled");
	o.status = 501;
	ck_assert_str_eq(policy_judge(&policy, &ehr, &o).error, "odd");
	o = (struct outcome){.transport = TRANSPORT_DNS};
	ck_assert_str_eq(policy_judge(&policy, &ehr, &o).error, "twice");
	/* A status does not match a rule when the response was cut. */
	o = (struct outcome){.transport = TRANSPORT_CUT_RESPONSE,
			     .status = 429};
	ck_assert_str_eq(policy_judge(&policy, &ehr, &o).error, "cut-response");
}
END_TEST

static const struct success_rule failed_inside[] = {
	{.when = {.statuses = {{200, 200}}, .status_count = 1},
	 .meaning = SUCCESS_FAILED},
};

START_TEST(a_success_rule_that_only_says_failed_leaves_the_class_to_the_body)
{
	const struct downstream_rules to = {
		.name = "ehr", .success = failed_inside, .success_count = 1};
	const struct policy policy = {.name = "p"};
	struct outcome o = {.status = 200,
			    .understood = {.sense = SENSE_PERMANENT,
					   .error = "fhir-structure"}};
	struct judgement j = policy_judge(&policy, &to, &o);

	ck_assert(!j.is_done);
	ck_assert_str_eq(j.error, "fhir-structure");
	ck_assert_int_eq(j.class, CLASS_PERMANENT);
	ck_assert_int_eq(j.by, JUDGED_BY_SUCCESS_RULE);
	o.understood = (struct understanding){.sense = SENSE_NONE};
	j = policy_judge(&policy, &to, &o);
	ck_assert_str_eq(j.error, "failed-inside");
	ck_assert_int_eq(j.class, CLASS_TRANSIENT);
	ck_assert_int_eq(j.by, JUDGED_BY_BUILT_IN);
}
END_TEST

START_TEST(the_most_specific_type_wins_wherever_it_stands)
{
	struct policy policy = careful();

	ck_assert_ptr_eq(policy_type(&policy, TEXT("lab.result.critical")),
			 &types[1]);
	ck_assert_ptr_eq(policy_type(&policy, TEXT("lab.result.final")),
			 &types[2]);
	ck_assert_ptr_eq(policy_type(&policy, TEXT("lab")), &types[0]);
	ck_assert_ptr_null(policy_type(&policy, TEXT("adt.admit")));
}
END_TEST

START_TEST(each_setting_comes_from_the_most_specific_that_has_it)
{
	struct policy policy = careful();

	struct settled s = policy_settle(&policy, &ehr, &errors[3], "few",
					 CLASS_TRANSIENT, &types[1]);

	ck_assert_uint_eq(s.max_attempts, 2);
	ck_assert_int_eq(s.max_attempts_by, LEVEL_ERROR);
	s = policy_settle(&policy, &ehr, &errors[0], "throttled",
			  CLASS_TRANSIENT, &types[1]);
	ck_assert_uint_eq(s.max_attempts, 20);
	ck_assert_int_eq(s.max_attempts_by, LEVEL_TYPE);
	ck_assert_ptr_eq(s.schedule, &minute);
	s = policy_settle(&policy, &ehr, NULL, NULL, CLASS_TRANSIENT, NULL);
	ck_assert_uint_eq(s.max_attempts, 8);
	ck_assert_int_eq(s.max_attempts_by, LEVEL_BUILT_IN);
	ck_assert_int_eq(s.give_up_after, MILLIS_PER_DAY);
	s = policy_settle(&policy, &ehr, &errors[3], "few", CLASS_TRANSIENT,
			  &types[0]);
	ck_assert_ptr_eq(s.schedule, &second);
	s = policy_settle(&policy, &ehr, &errors[3], "few", CLASS_TRANSIENT,
			  &types[2]);
	ck_assert_int_eq(s.give_up_after, 10 * S);
	ck_assert_int_eq(s.give_up_after_by, LEVEL_TYPE);
}
END_TEST

/* One decision of the policy `careful`. */
static const struct {
	const char *type;
	uint32_t attempts; /* before this call */
	uint32_t failures; /* of the error, before this call */
	const char *failed_with;
	millis age;
	int status;
	enum transport transport;
	millis retry_after;
	enum verdict_kind kind;
	millis delay;
	bool by_server;
	enum park_reason reason;
} lives[] = {
	{"x", 0, 0, "", 0, 204, 0, -1, VERDICT_DONE, 0, false, 0},
	{"x", 0, 0, "", 0, 429, 0, -1, VERDICT_RETRY, 60 * S, false, 0},
	/* The built-in exponential schedule of "bad-gateway"... is "odd". */
	{"x", 0, 0, "", 0, 502, 0, -1, VERDICT_PARK, 0, false, PARK_PERMANENT},
	{"x", 0, 0, "", 0, 408, 0, -1, VERDICT_RETRY, 2 * S, false, 0},
	{"x", 3, 2, "request-timeout", 0, 408, 0, -1, VERDICT_RETRY, 18 * S,
	 false, 0},
	/* Another error type has a schedule position of its own. */
	{"x", 3, 2, "request-timeout", 0, 425, 0, -1, VERDICT_RETRY, 2 * S,
	 false, 0},
	/* max_attempts counts the first try: the eighth ends it. */
	{"x", 6, 6, "too-early", 0, 425, 0, -1, VERDICT_RETRY, 1458 * S, false,
	 0},
	{"x", 7, 7, "too-early", 0, 425, 0, -1, VERDICT_PARK, 0, false,
	 PARK_ATTEMPTS},
	{"x", UINT32_MAX, 7, "too-early", 0, 425, 0, -1, VERDICT_PARK, 0, false,
	 PARK_ATTEMPTS},
	{"x", 1, 0, "", 0, 504, 0, -1, VERDICT_PARK, 0, false, PARK_ATTEMPTS},
	/* A custom list that says so gives up behind its last. */
	{"x", 2, 1, "twice", 0, 503, 0, -1, VERDICT_RETRY, 2 * S, false, 0},
	{"x", 2, 2, "twice", 0, 503, 0, -1, VERDICT_PARK, 0, false,
	 PARK_ATTEMPTS},
	/* Types. */
	{"lab.x", 1, 0, "", 0, 408, 0, -1, VERDICT_RETRY, S, false, 0},
	{"lab.x", 2, 0, "", 0, 408, 0, -1, VERDICT_PARK, 0, false,
	 PARK_ATTEMPTS},
	{"lab.result.critical", 18, 0, "", 0, 408, 0, -1, VERDICT_RETRY, 2 * S,
	 false, 0},
	/* Age: a try that would come too late is not waited for. */
	{"lab.result.y", 0, 0, "", 8 * S, 408, 0, -1, VERDICT_RETRY, 2 * S,
	 false, 0},
	{"lab.result.y", 0, 0, "", 8 * S + 1, 408, 0, -1, VERDICT_PARK, 0,
	 false, PARK_AGE},
	{"lab.result.y", 0, 0, "", 99 * S, 408, 0, -1, VERDICT_PARK, 0, false,
	 PARK_AGE},
	{"x", 0, 0, "", INT64_MAX, 408, 0, -1, VERDICT_PARK, 0, false,
	 PARK_AGE},
	/* Retry-After: longer than the schedule, it wins, by the ladder. */
	{"x", 0, 0, "", 0, 408, 0, 47 * S, VERDICT_RETRY, 48 * S, true, 0},
	{"x", 0, 0, "", 0, 408, 0, S, VERDICT_RETRY, 2 * S, false, 0},
	{"x", 0, 0, "", 0, 408, 0, 0, VERDICT_RETRY, 2 * S, false, 0},
	{"x", 0, 0, "", 0, 429, 0, 30 * S, VERDICT_RETRY, 60 * S, false, 0},
	/* The ceiling of an hour, rounded up by the ladder. */
	{"x", 0, 0, "", 0, 408, 0, INT64_MAX, VERDICT_RETRY, 3840 * S, true, 0},
	{"x", 0, 0, "", 0, 504, 0, 47 * S, VERDICT_RETRY, 2 * S, false, 0},
	/* A permanent error is parked at the first try, whatever it asks. */
	{"x", 0, 0, "", 0, 400, 0, 5 * S, VERDICT_PARK, 0, false,
	 PARK_PERMANENT},
	{"x", 0, 0, "", 0, 0, TRANSPORT_TIMEOUT_AFTER_SEND, -1, VERDICT_RETRY,
	 2 * S, false, 0},
};

START_TEST(verdicts_follow_the_policy)
{
	struct policy policy = careful();
	const struct message_facts facts = {.type = text_of(lives[_i].type),
					    .age = lives[_i].age};
	const struct outcome o = {.transport = lives[_i].transport,
				  .status = lives[_i].status,
				  .retry_after = lives[_i].retry_after};
	struct step step = {.attempts = lives[_i].attempts};

	for (uint32_t n = 0; n < lives[_i].failures; n++)
		step_count_failure(&step, text_of(lives[_i].failed_with));

	struct verdict v = policy_decide(&policy, &ehr, &facts, &step, &o, 0);

	ck_assert_int_eq(v.kind, lives[_i].kind);
	ck_assert_int_eq(v.delay, lives[_i].delay);
	ck_assert_int_eq(v.by_server, lives[_i].by_server);
	ck_assert_int_eq(v.reason, lives[_i].reason);
	ck_assert((v.error == NULL) == (v.kind == VERDICT_DONE));
}
END_TEST

START_TEST(an_ambiguous_outcome_is_parked_where_the_policy_says_so)
{
	struct policy policy = careful();
	const struct message_facts facts = {.type = TEXT("x")};
	const struct outcome o = {.transport = TRANSPORT_RESET_AFTER_SEND,
				  .retry_after = -1};
	const struct step step = {0};

	policy.own.ambiguous = AMBIGUOUS_PARK;
	struct verdict v = policy_decide(&policy, &ehr, &facts, &step, &o, 0);

	ck_assert_int_eq(v.kind, VERDICT_PARK);
	ck_assert_int_eq(v.reason, PARK_AMBIGUOUS);
	ck_assert_int_eq(v.class, CLASS_AMBIGUOUS);
}
END_TEST

START_TEST(a_floor_lifts_what_a_server_asks)
{
	struct policy policy = careful();
	const struct message_facts facts = {.type = TEXT("x")};
	const struct outcome o = {.status = 408, .retry_after = 1};
	const struct step step = {0};

	policy.own.retry_after_floor = 10 * S;
	struct verdict v = policy_decide(&policy, &ehr, &facts, &step, &o, 0);

	ck_assert_int_eq(v.delay, 10 * S);
	ck_assert(v.by_server);
	policy.own.honour = HONOUR_NO;
	v = policy_decide(&policy, &ehr, &facts, &step, &o, 0);
	ck_assert_int_eq(v.delay, 2 * S);
	ck_assert(!v.by_server);
}
END_TEST

START_TEST(names_are_read_back_as_they_are_spelt)
{
	for (int t = 0; t < TRANSPORT_COUNT; t++) {
		enum transport back = TRANSPORT_COMPLETE;

		ck_assert(transport_parse(
			text_of(transport_name((enum transport)t)), &back));
		ck_assert_int_eq(back, t);
	}
	for (int c = CLASS_TRANSIENT; c <= CLASS_AMBIGUOUS; c++) {
		enum error_class back = CLASS_TRANSIENT;

		ck_assert(error_class_parse(
			text_of(error_class_name((enum error_class)c)), &back));
		ck_assert_int_eq(back, c);
	}
	for (int s = STEP_WAITING; s <= STEP_UNDONE; s++) {
		enum step_state back = STEP_WAITING;

		ck_assert(step_state_parse(
			text_of(step_state_name((enum step_state)s)), &back));
		ck_assert_int_eq(back, s);
	}
	for (int a = 0; a < PARK_REASON_COUNT; a++)
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(park_reason_name((enum park_reason)a),
					 park_reason_name((enum park_reason)b));
	ck_assert_str_eq(verdict_kind_name(VERDICT_DONE), "done");
	ck_assert_str_eq(verdict_kind_name(VERDICT_RETRY), "retry");
	ck_assert_str_eq(verdict_kind_name(VERDICT_PARK), "park");
}
END_TEST

START_TEST(unknown_names_are_refused)
{
	enum transport transport = TRANSPORT_DNS;
	enum error_class class = CLASS_PERMANENT;
	enum step_state state = STEP_DONE;

	ck_assert(!transport_parse(TEXT("dns "), &transport));
	ck_assert(!error_class_parse(TEXT(""), &class));
	ck_assert(!step_state_parse(TEXT("Waiting"), &state));
	ck_assert_int_eq(transport, TRANSPORT_DNS);
	ck_assert_int_eq(class, CLASS_PERMANENT);
	ck_assert_int_eq(state, STEP_DONE);
}
END_TEST

START_TEST(a_step_counts_failures_apart_and_the_rest_together)
{
	struct step step = {0};
	char names[STEP_ERRORS_MAX + 4][8];

	for (size_t i = 0; i < COUNT(names); i++) {
		names[i][0] = 'e';
		names[i][1] = (char)('A' + i % 26);
		names[i][2] = (char)('a' + i / 26);
		names[i][3] = '\0';
		step_count_failure(&step, text_of(names[i]));
	}
	step_count_failure(&step, text_of(names[0]));
	ck_assert_uint_eq(step.failure_count, STEP_ERRORS_MAX);
	ck_assert_uint_eq(step_failures(&step, text_of(names[0])), 2);
	ck_assert_uint_eq(step_failures(&step, text_of(names[1])), 1);
	/* The last place is shared by all that came later. */
	ck_assert_uint_eq(step_failures(&step, TEXT("never seen")), 5);
	step.failures[0].count = UINT32_MAX;
	step_count_failure(&step, text_of(names[0]));
	ck_assert_uint_eq(step.failures[0].count, UINT32_MAX);
}
END_TEST

START_TEST(a_step_has_no_failures_behind_their_count)
{
	const struct step step = {
		.failure_count = 1,
		.failures = {[0] = {TEXT("a"), 3},
			     [1] = {TEXT("b"), 4},
			     [STEP_ERRORS_MAX - 1] = {TEXT("c"), 5}}};

	ck_assert_uint_eq(step_failures(&step, TEXT("a")), 3);
	ck_assert_uint_eq(step_failures(&step, TEXT("b")), 0);
	ck_assert_uint_eq(step_failures(&step, TEXT("c")), 0);
}
END_TEST

Suite *policy_suite(void)
{
	Suite *suite = suite_create("policy");
	TCase *tests = tcase_create("policies");

	tcase_add_loop_test(tests, every_outcome_has_a_built_in_rule, 0,
			    COUNT(rows));
	tcase_add_test(tests, success_is_a_complete_2xx_and_nothing_else);
	tcase_add_test(
		tests,
		the_first_rule_that_matches_wins_over_later_and_built_in_ones);
	tcase_add_test(
		tests,
		a_success_rule_that_only_says_failed_leaves_the_class_to_the_body);
	tcase_add_test(tests, the_most_specific_type_wins_wherever_it_stands);
	tcase_add_test(tests,
		       each_setting_comes_from_the_most_specific_that_has_it);
	tcase_add_loop_test(tests, verdicts_follow_the_policy, 0, COUNT(lives));
	tcase_add_test(tests,
		       an_ambiguous_outcome_is_parked_where_the_policy_says_so);
	tcase_add_test(tests, a_floor_lifts_what_a_server_asks);
	tcase_add_test(tests, names_are_read_back_as_they_are_spelt);
	tcase_add_test(tests, unknown_names_are_refused);
	tcase_add_test(tests,
		       a_step_counts_failures_apart_and_the_rest_together);
	tcase_add_test(tests, a_step_has_no_failures_behind_their_count);
	suite_add_tcase(suite, tests);
	return suite;
}

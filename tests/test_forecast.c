/* SPDX-License-Identifier: Apache-2.0 */
/* test_forecast.c - the promises of policy/forecast.h. */
#include "policy/forecast.h"

#include "tests/policy_suites.h"

#define S MILLIS_PER_SECOND

static const struct downstream_rules ehr = {.name = "ehr"};
static const struct outcome unavailable = {.status = 503, .retry_after = -1};
static const struct step no_step = {.name = {.at = "ehr", .len = 3}};

static struct forecast begin(const struct policy *policy,
			     const struct outcome *outcome,
			     struct message_facts facts)
{
	struct forecast f;

	forecast_init(&f, policy, &ehr, outcome, &facts, &no_step);
	return f;
}

START_TEST(the_built_in_policy_is_eight_calls_in_36_minutes)
{
	static const millis at[] = {0,     2000,   8000,   26000,
				    80000, 242000, 728000, 2186000};
	struct policy policy;
	struct forecast_call call = {0};
	uint32_t calls = 0;

	policy_init(&policy, "p");
	struct forecast f =
		begin(&policy, &unavailable, (struct message_facts){0});
	while (forecast_next(&f, FORECAST_MEAN, &call)) {
		ck_assert_uint_lt(calls, COUNT(at));
		ck_assert_int_eq(call.at, at[calls]);
		ck_assert_uint_eq(call.attempt, ++calls);
	}
	ck_assert_uint_eq(calls, COUNT(at));
	ck_assert_int_eq(call.verdict.kind, VERDICT_PARK);
	ck_assert_int_eq(call.verdict.reason, PARK_ATTEMPTS);
	ck_assert_str_eq(call.verdict.error, "unavailable");
}
END_TEST

static const struct schedule jittered = {
	.kind = SCHEDULE_FIXED, .first = 10 * S, .jitter_pct = 40};

START_TEST(each_dice_goes_its_way)
{
	static const struct {
		uint32_t dice;
		millis wait;
	} ways[] = {
		{FORECAST_LONGEST, 10 * S},
		{FORECAST_MEAN, 8 * S},
		{FORECAST_SHORTEST, 6 * S},
	};
	const struct policy policy = {
		.own = {.schedule = &jittered, .max_attempts = 3}};
	struct forecast f =
		begin(&policy, &unavailable, (struct message_facts){0});
	struct forecast_call last;

	ck_assert_uint_eq(forecast_run(&f, ways[_i].dice, &last), 3);
	ck_assert_int_eq(last.at, 2 * ways[_i].wait);
}
END_TEST

START_TEST(a_call_takes_the_time_of_its_outcome)
{
	const struct outcome slow = {
		.status = 503, .retry_after = -1, .duration = 30 * S};
	struct policy policy = {.own = {.max_attempts = 3}};
	struct forecast f = begin(&policy, &slow, (struct message_facts){0});
	struct forecast_call call;

	ck_assert(forecast_next(&f, 0, &call));
	ck_assert_int_eq(call.at, 0);
	ck_assert_int_eq(call.ended, 30 * S);
	ck_assert(forecast_next(&f, 0, &call));
	ck_assert_int_eq(call.at, 32 * S);
	ck_assert_uint_eq(forecast_run(&f, 0, &call), 1);
	ck_assert_int_eq(call.ended, (30 + 2 + 30 + 6 + 30) * S);
}
END_TEST

START_TEST(age_and_deadline_run_out_as_time_goes_by)
{
	struct policy policy = {.own = {.give_up_after = 60 * S}};
	struct forecast f =
		begin(&policy, &unavailable, (struct message_facts){0});
	struct forecast_call last;

	ck_assert_uint_eq(forecast_run(&f, 0, &last), 4);
	ck_assert_int_eq(last.verdict.reason, PARK_AGE);
	ck_assert_int_eq(last.at, 26 * S);

	f = begin(&policy, &unavailable, (struct message_facts){.age = 40 * S});
	ck_assert_uint_eq(forecast_run(&f, 0, &last), 3);
	ck_assert_int_eq(last.verdict.reason, PARK_AGE);

	f = begin(&policy, &unavailable,
		  (struct message_facts){.has_deadline = true,
					 .to_deadline = 7 * S});
	ck_assert_uint_eq(forecast_run(&f, 0, &last), 2);
	ck_assert_int_eq(last.verdict.reason, PARK_DEADLINE);
}
END_TEST

START_TEST(it_begins_where_the_message_stands)
{
	struct policy policy = {0};
	struct step step = no_step;
	struct forecast f;
	struct forecast_call call;

	step.attempts = 5;
	for (int i = 0; i < 3; i++)
		step_count_failure(&step, TEXT("unavailable"));
	forecast_init(&f, &policy, &ehr, &unavailable,
		      &(struct message_facts){0}, &step);
	ck_assert(forecast_next(&f, 0, &call));
	ck_assert_uint_eq(call.attempt, 6);
	ck_assert_int_eq(call.verdict.delay, 54 * S);
	ck_assert_uint_eq(forecast_run(&f, 0, &call), 2);
}
END_TEST

START_TEST(quick_retries_come_each_time_and_do_not_move_the_schedule)
{
	const struct policy policy = {
		.own = {.max_attempts = 6, .quick = {.tries = 2, .within = S}}};
	static const struct {
		enum verdict_kind kind;
		millis delay;
	} calls[] = {
		{VERDICT_QUICK, 333},   {VERDICT_QUICK, 666},
		{VERDICT_RETRY, 2 * S}, {VERDICT_QUICK, 333},
		{VERDICT_QUICK, 666},   {VERDICT_PARK, 0},
	};
	struct forecast f = begin(&policy, &unavailable,
				  (struct message_facts){.may_quick = true});
	struct forecast_call call;

	for (size_t i = 0; i < COUNT(calls); i++) {
		ck_assert(forecast_next(&f, 0, &call));
		ck_assert_int_eq(call.verdict.kind, calls[i].kind);
		ck_assert_int_eq(call.verdict.delay, calls[i].delay);
	}
	ck_assert(!forecast_next(&f, 0, &call));
}
END_TEST

START_TEST(slow_calls_use_up_the_time_of_quick_retries)
{
	const struct outcome slow = {
		.status = 503, .retry_after = -1, .duration = S};
	const struct policy policy = {
		.own = {.quick = {.tries = 2, .within = S}}};
	struct forecast f = begin(&policy, &slow,
				  (struct message_facts){.may_quick = true});
	struct forecast_call call;

	ck_assert(forecast_next(&f, 0, &call));
	ck_assert_int_eq(call.verdict.kind, VERDICT_QUICK);
	ck_assert(forecast_next(&f, 0, &call));
	ck_assert_int_eq(call.verdict.kind, VERDICT_RETRY);
}
END_TEST

START_TEST(what_succeeds_or_cannot_pass_is_one_call)
{
	static const struct outcome outcomes[] = {
		{.status = 200, .retry_after = -1},
		{.status = 400, .retry_after = -1},
	};
	struct policy policy = {0};
	struct forecast f =
		begin(&policy, &outcomes[_i], (struct message_facts){0});
	struct forecast_call last;

	ck_assert_uint_eq(forecast_run(&f, 0, &last), 1);
	ck_assert_int_eq(last.verdict.kind,
			 _i == 0 ? VERDICT_DONE : VERDICT_PARK);
	ck_assert(!forecast_next(&f, 0, &last));
}
END_TEST

START_TEST(the_extremes_of_time_do_not_overflow)
{
	const struct outcome slow = {
		.status = 503, .retry_after = INT64_MAX, .duration = INT64_MAX};
	const struct policy policy = {
		.own = {.give_up_after = POLICY_UNLIMITED_TIME,
			.max_attempts = ATTEMPTS_MAX}};
	struct forecast f =
		begin(&policy, &slow,
		      (struct message_facts){.age = INT64_MAX,
					     .has_deadline = true,
					     .to_deadline = INT64_MIN});
	struct forecast_call last;

	ck_assert_uint_eq(forecast_run(&f, 0, &last), 1);
	ck_assert_int_eq(last.ended, INT64_MAX);
	ck_assert_int_eq(last.verdict.kind, VERDICT_PARK);
}
END_TEST

START_TEST(the_longest_life_ends)
{
	static const struct schedule often = {.kind = SCHEDULE_FIXED,
					      .first = 1};
	const struct policy policy = {
		.own = {.give_up_after = POLICY_UNLIMITED_TIME,
			.max_attempts = ATTEMPTS_MAX,
			.schedule = &often}};
	struct forecast f =
		begin(&policy, &unavailable, (struct message_facts){0});
	struct forecast_call last;

	ck_assert_uint_eq(forecast_run(&f, 0, &last), ATTEMPTS_MAX);
	ck_assert_int_eq(last.at, ATTEMPTS_MAX - 1);
}
END_TEST

Suite *forecast_suite(void)
{
	Suite *suite = suite_create("forecast");
	TCase *tcase = tcase_create("forecast");

	tcase_add_test(tcase, the_built_in_policy_is_eight_calls_in_36_minutes);
	tcase_add_loop_test(tcase, each_dice_goes_its_way, 0, 3);
	tcase_add_test(tcase, a_call_takes_the_time_of_its_outcome);
	tcase_add_test(tcase, age_and_deadline_run_out_as_time_goes_by);
	tcase_add_test(tcase, it_begins_where_the_message_stands);
	tcase_add_test(
		tcase,
		quick_retries_come_each_time_and_do_not_move_the_schedule);
	tcase_add_test(tcase, slow_calls_use_up_the_time_of_quick_retries);
	tcase_add_loop_test(tcase, what_succeeds_or_cannot_pass_is_one_call, 0,
			    2);
	tcase_add_test(tcase, the_extremes_of_time_do_not_overflow);
	tcase_add_test(tcase, the_longest_life_ends);
	suite_add_tcase(suite, tcase);
	return suite;
}

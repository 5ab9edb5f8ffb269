/* SPDX-License-Identifier: Apache-2.0 */
/* test_lanes.c - the promises of policy/lanes.h. */
#include "policy/lanes.h"

#include "tests/policy_suites.h"

#define S MILLIS_PER_SECOND

static const struct downstream_rules ehr = {.name = "ehr"};

START_TEST(the_built_in_policy_needs_seven_lanes)
{
	struct policy policy;
	millis lanes[LANES_MAX];
	const millis expected[] = {2 * S,   6 * S,   18 * S,  54 * S,
				   162 * S, 486 * S, 1458 * S};

	policy_init(&policy, "built-in");
	ck_assert_uint_eq(lanes_of_policy(&policy, &ehr, lanes, LANES_MAX),
			  COUNT(expected));
	ck_assert_mem_eq(lanes, expected, sizeof(expected));
}
END_TEST

static const struct schedule slow = {
	.kind = SCHEDULE_CUSTOM,
	.delays = {60 * S, 7200 * S, 172800 * S},
	.delay_count = 3,
};
static const struct error_rule errors[] = {
	{.name = "maintenance", .own = {.schedule = &slow}},
	{.name = "schema",
	 .class = CLASS_PERMANENT,
	 .own = {.schedule = &slow}},
};

START_TEST(no_lane_is_longer_than_the_time_a_message_is_tried)
{
	struct policy policy;
	millis lanes[LANES_MAX];

	policy_init(&policy, "p");
	policy.errors = errors;
	policy.error_count = 1;
	size_t count = lanes_of_policy(&policy, &ehr, lanes, LANES_MAX);

	/* 60 s and 7200 s come to the seven, 48 h do not. */
	ck_assert_uint_eq(count, 9);
	ck_assert_int_eq(lanes[count - 1], 7200 * S);
}
END_TEST

START_TEST(permanent_errors_and_single_attempts_need_none)
{
	struct policy policy;
	millis lanes[LANES_MAX];

	policy_init(&policy, "p");
	policy.errors = &errors[1];
	policy.error_count = 1;
	ck_assert_uint_eq(lanes_of_policy(&policy, &ehr, lanes, LANES_MAX), 7);
	policy.own.max_attempts = 1;
	ck_assert_uint_eq(lanes_of_policy(&policy, &ehr, lanes, LANES_MAX), 0);
}
END_TEST

START_TEST(the_lanes_of_types_come_to_those_of_the_policy)
{
	struct policy policy;
	millis lanes[LANES_MAX];
	const struct type_rule types[] = {
		{.match = "a", .own = {.max_attempts = 9}}, /* one wait more */
		{.match = "b",
		 .own = {.schedule = &slow, .give_up_after = 90 * S}},
	};

	policy_init(&policy, "p");
	policy.types = types;
	policy.type_count = 2;
	/* 7, and the capped 30 m, and 60 s. */
	ck_assert_uint_eq(lanes_of_policy(&policy, &ehr, lanes, LANES_MAX), 9);
}
END_TEST

START_TEST(too_many_lanes_are_said)
{
	struct policy policy;
	millis lanes[LANES_MAX];

	policy_init(&policy, "p");
	policy.own.max_attempts = ATTEMPTS_MAX;
	policy.own.schedule = &(struct schedule){.kind = SCHEDULE_LINEAR,
						 .first = 1,
						 .step = 1,
						 .max = 3600 * S};
	ck_assert_uint_eq(lanes_of_policy(&policy, &ehr, lanes, 128), 129);
}
END_TEST

START_TEST(every_wait_a_policy_can_decide_has_its_lane)
{
	struct policy policy;
	millis lanes[LANES_MAX];
	const struct outcome busy = {.status = 503, .retry_after = -1};

	policy_init(&policy, "p");
	struct schedule jittery = *tuning_built_in()->schedule;

	jittery.jitter_pct = 30;
	policy.own.schedule = &jittery;
	size_t count = lanes_of_policy(&policy, &ehr, lanes, LANES_MAX);

	for (uint32_t tries = 0; tries < 8; tries++) {
		struct step step = {.attempts = tries};
		const struct message_facts facts = {0};

		for (uint32_t n = 0; n < tries; n++)
			step_count_failure(&step, TEXT("unavailable"));
		for (uint32_t dice = 0; dice < 4; dice++) {
			struct verdict v =
				policy_decide(&policy, &ehr, &facts, &step,
					      &busy, dice * (UINT32_MAX / 4));
			size_t i = 0;

			if (v.kind == VERDICT_PARK)
				continue;
			while (i < count && lanes[i] != v.delay)
				i++;
			ck_assert_msg(i < count, "no lane of %lld ms",
				      (long long)v.delay);
		}
	}
}
END_TEST

/* What one ladder trip after another comes to. */
static void walk(millis asked, millis ceiling, millis *waited, int *trips)
{
	millis rungs[LADDER_RUNGS_MAX];
	size_t count = ladder_rungs(ceiling, rungs);
	millis left = ladder_round(asked);

	*waited = 0;
	*trips = 0;
	while (left > 0) {
		*waited += ladder_next(rungs, count, left, &left);
		(*trips)++;
	}
}

START_TEST(the_ladder_is_never_early_hardly_late_and_within_four_trips)
{
	const millis ceiling = MILLIS_PER_HOUR;

	for (millis asked = 1; asked <= ceiling;
	     asked += asked < 100 * S ? 97 : 1009) {
		millis waited;
		int trips;
		millis slack = asked / 8 > S ? asked / 8 : S;

		walk(asked, ceiling, &waited, &trips);
		ck_assert_msg(waited >= asked && waited - asked <= slack,
			      "%lld waited %lld", (long long)asked,
			      (long long)waited);
		ck_assert_msg(trips <= 4, "%lld took %d", (long long)asked,
			      trips);
	}
}
END_TEST

START_TEST(forty_seven_seconds_take_two_trips)
{
	millis waited;
	int trips;

	walk(47 * S, MILLIS_PER_HOUR, &waited, &trips);
	ck_assert_int_eq(waited, 48 * S);
	ck_assert_int_eq(trips, 2);
}
END_TEST

/* What is asked for, and what it is rounded up to: at both sides of where the
   grain grows. */
static const struct {
	millis asked, rounded;
} rounding[] = {
	{1, 1 * S},           {S, S},           {S + 1, 2 * S},
	{15 * S, 15 * S},     {15999, 16 * S},  {16 * S, 16 * S},
	{16 * S + 1, 18 * S}, {16500, 18 * S},  {31 * S, 32 * S},
	{32 * S, 32 * S},     {33 * S, 36 * S}, {MILLIS_PER_HOUR, 3840 * S},
};

START_TEST(what_is_asked_is_rounded_up_by_the_grain)
{
	ck_assert_int_eq(ladder_round(rounding[_i].asked),
			 rounding[_i].rounded);
}
END_TEST

START_TEST(what_cannot_be_rounded_up_is_rounded_down)
{
	millis rounded = ladder_round(INT64_MAX);

	ck_assert_int_gt(rounded, INT64_MAX / 8 * 7);
	ck_assert_int_eq(rounded % LADDER_FIRST, 0);
	ck_assert_int_eq(ladder_round(rounded), rounded);
}
END_TEST

/* What is set, and the longest Retry-After that is waited for. */
static const struct {
	struct tuning own;
	millis longest;
} asked[] = {
	{{.max_attempts = 0}, MILLIS_PER_HOUR},
	{{.retry_after_ceiling = 300 * S}, 300 * S},
	{{.retry_after_ceiling = 300 * S, .give_up_after = 301 * S}, 300 * S},
	{{.retry_after_ceiling = 300 * S, .give_up_after = 299 * S}, 299 * S},
	{{.honour = HONOUR_NO}, 0},
	{{.max_attempts = 1}, 0},
	{{.max_attempts = 2}, MILLIS_PER_HOUR},
};

START_TEST(the_longest_retry_after_is_within_ceiling_and_age)
{
	const struct policy policy = {.name = "p", .own = asked[_i].own};

	ck_assert_int_eq(lanes_longest_asked(&policy, &ehr), asked[_i].longest);
}
END_TEST

START_TEST(ambiguous_answers_that_are_parked_need_none)
{
	struct policy policy = {.name = "p", .ambiguous = {.schedule = &slow}};
	millis lanes[LANES_MAX];

	ck_assert_uint_eq(lanes_of_policy(&policy, &ehr, lanes, LANES_MAX), 9);
	policy.own.ambiguous = AMBIGUOUS_PARK;
	ck_assert_uint_eq(lanes_of_policy(&policy, &ehr, lanes, LANES_MAX), 7);
}
END_TEST

/* With rungs of 1, 2 and 4 s: what is left, the next trip, and the rest. */
static const struct {
	millis left, trip, rest;
} trips[] = {
	{1, S, 0},
	{S - 1, S, 0},
	{S, S, 0},
	{2 * S - 1, S, S - 1},
	{2 * S, 2 * S, 0},
	{3 * S, 2 * S, S},
	{4 * S, 4 * S, 0},
	{9 * S, 4 * S, 5 * S},
	{INT64_MAX, 4 * S, INT64_MAX - 4 * S},
};

START_TEST(what_is_held_waits_at_least_as_long_or_the_longest)
{
	const millis lanes[] = {300, 1 * S, 4 * S};

	ck_assert_int_eq(lane_for_hold(lanes, 3, 0), 300);
	ck_assert_int_eq(lane_for_hold(lanes, 3, 300), 300);
	ck_assert_int_eq(lane_for_hold(lanes, 3, 301), 1 * S);
	ck_assert_int_eq(lane_for_hold(lanes, 3, 4 * S), 4 * S);
	ck_assert_int_eq(lane_for_hold(lanes, 3, 5 * S), 4 * S);
}
END_TEST

START_TEST(a_trip_is_the_longest_that_is_not_longer)
{
	static const millis rungs[] = {S, 2 * S, 4 * S};
	millis rest = -7;

	ck_assert_int_eq(ladder_next(rungs, 3, trips[_i].left, &rest),
			 trips[_i].trip);
	ck_assert_int_eq(rest, trips[_i].rest);
}
END_TEST

START_TEST(rungs_double_up_to_the_ceiling)
{
	millis rungs[LADDER_RUNGS_MAX];

	ck_assert_uint_eq(ladder_rungs(S, rungs), 1);
	ck_assert_uint_eq(ladder_rungs(MILLIS_PER_HOUR, rungs), 12);
	ck_assert_int_eq(rungs[11], 2048 * S);
	ck_assert_uint_eq(ladder_rungs(INT64_MAX, rungs), LADDER_RUNGS_MAX);
}
END_TEST

Suite *lanes_suite(void)
{
	Suite *suite = suite_create("lanes");
	TCase *tests = tcase_create("lanes");

	tcase_add_test(tests, the_built_in_policy_needs_seven_lanes);
	tcase_add_test(tests,
		       no_lane_is_longer_than_the_time_a_message_is_tried);
	tcase_add_test(tests, permanent_errors_and_single_attempts_need_none);
	tcase_add_test(tests, the_lanes_of_types_come_to_those_of_the_policy);
	tcase_add_test(tests, too_many_lanes_are_said);
	tcase_add_test(tests, every_wait_a_policy_can_decide_has_its_lane);
	tcase_add_test(
		tests,
		the_ladder_is_never_early_hardly_late_and_within_four_trips);
	tcase_add_test(tests, forty_seven_seconds_take_two_trips);
	tcase_add_loop_test(tests, what_is_asked_is_rounded_up_by_the_grain, 0,
			    COUNT(rounding));
	tcase_add_test(tests, what_cannot_be_rounded_up_is_rounded_down);
	tcase_add_loop_test(tests,
			    the_longest_retry_after_is_within_ceiling_and_age,
			    0, COUNT(asked));
	tcase_add_test(tests, ambiguous_answers_that_are_parked_need_none);
	tcase_add_test(tests,
		       what_is_held_waits_at_least_as_long_or_the_longest);
	tcase_add_loop_test(tests, a_trip_is_the_longest_that_is_not_longer, 0,
			    COUNT(trips));
	tcase_add_test(tests, rungs_double_up_to_the_ceiling);
	suite_add_tcase(suite, tests);
	return suite;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_tuning.c - the promises of policy/tuning.h. */
#include "policy/tuning.h"

#include <string.h>

#include "tests/policy_suites.h"

#define S MILLIS_PER_SECOND

/* A place that sets everything, to values that tell it from the others. */
static struct schedule schedules[LEVEL_COUNT];
static struct tuning all_of(enum level level)
{
	static const char *const words[] = {"a", "b", "c", "d", "e", "f", "g"};
	const int n = (int)level + 1;

	schedules[level] =
		(struct schedule){.kind = SCHEDULE_FIXED, .first = n * S};
	return (struct tuning){
		.schedule = &schedules[level],
		.max_attempts = (uint32_t)n,
		.give_up_after = n * S,
		.honour = n % 2 == 0 ? HONOUR_YES : HONOUR_NO,
		.retry_after_floor = n,
		.retry_after_ceiling = n * S,
		.ambiguous = n % 2 == 0 ? AMBIGUOUS_PARK : AMBIGUOUS_RETRY,
		.quick = {(uint32_t)n, n * S},
		.park_as = words[level],
		.count_hold = n % 2 == 0 ? HONOUR_YES : HONOUR_NO,
	};
}

static void assert_all_of(const struct settled *s, enum level level)
{
	const struct tuning t = all_of(level);

	ck_assert_ptr_eq(s->schedule, t.schedule);
	ck_assert_uint_eq(s->max_attempts, t.max_attempts);
	ck_assert_int_eq(s->give_up_after, t.give_up_after);
	ck_assert(s->honours_retry_after == (t.honour == HONOUR_YES));
	ck_assert_int_eq(s->retry_after_floor, t.retry_after_floor);
	ck_assert_int_eq(s->retry_after_ceiling, t.retry_after_ceiling);
	ck_assert_int_eq(s->ambiguous, t.ambiguous);
	ck_assert_uint_eq(s->quick.tries, t.quick.tries);
	ck_assert_int_eq(s->quick.within, t.quick.within);
	ck_assert_str_eq(s->park_as, t.park_as);
	ck_assert_int_eq(s->schedule_by, level);
	ck_assert_int_eq(s->max_attempts_by, level);
	ck_assert_int_eq(s->give_up_after_by, level);
	ck_assert_int_eq(s->honour_by, level);
	ck_assert_int_eq(s->floor_by, level);
	ck_assert_int_eq(s->ceiling_by, level);
	ck_assert_int_eq(s->ambiguous_by, level);
	ck_assert_int_eq(s->quick_by, level);
	ck_assert_int_eq(s->park_as_by, level);
	ck_assert(s->counts_hold == (t.count_hold == HONOUR_YES));
	ck_assert_int_eq(s->count_hold_by, level);
}

START_TEST(the_most_specific_place_wins_whatever_the_values)
{
	struct tuning places[LEVEL_COUNT];
	struct levels levels = {{0}};

	/* From the least specific on, each takes over from the last. */
	for (int l = LEVEL_POLICY; l >= LEVEL_TYPE_ERROR; l--) {
		places[l] = all_of((enum level)l);
		levels.at[l] = &places[l];
		const struct settled s = tuning_settle(&levels);

		assert_all_of(&s, (enum level)l);
	}
}
END_TEST

START_TEST(nothing_set_is_what_is_built_in)
{
	static const struct tuning nothing;
	const struct tuning *b = tuning_built_in();
	struct levels levels = {{0}};

	for (int round = 0; round < 2; round++) {
		const struct settled s = tuning_settle(&levels);

		ck_assert_uint_eq(s.max_attempts, 8);
		ck_assert_int_eq(s.give_up_after, 24 * MILLIS_PER_HOUR);
		ck_assert(s.honours_retry_after);
		ck_assert_int_eq(s.retry_after_floor, 0);
		ck_assert_int_eq(s.retry_after_ceiling, MILLIS_PER_HOUR);
		ck_assert_int_eq(s.ambiguous, AMBIGUOUS_RETRY);
		ck_assert_uint_eq(s.quick.tries, 0);
		ck_assert_ptr_null(s.park_as);
		ck_assert_ptr_eq(s.schedule, b->schedule);
		ck_assert_int_eq(s.schedule->kind, SCHEDULE_EXPONENTIAL);
		ck_assert_int_eq(s.schedule->first, 2 * S);
		ck_assert_uint_eq(s.schedule->factor, 3000);
		ck_assert_int_eq(s.schedule->max, 30 * MILLIS_PER_MINUTE);
		ck_assert_uint_eq(s.schedule->jitter_pct, 0);
		ck_assert_int_eq(s.schedule_by, LEVEL_BUILT_IN);
		ck_assert_int_eq(s.floor_by, LEVEL_BUILT_IN);
		ck_assert_int_eq(s.quick_by, LEVEL_BUILT_IN);
		ck_assert_int_eq(s.park_as_by, LEVEL_BUILT_IN);
		/* Places that set nothing are no places. */
		for (int l = LEVEL_TYPE_ERROR; l < LEVEL_BUILT_IN; l++)
			levels.at[l] = &nothing;
	}
}
END_TEST

START_TEST(each_setting_is_settled_by_itself)
{
	const struct tuning type = {
		.max_attempts = 3, .no_quick = true, .quick = {5, 500}};
	const struct tuning downstream = {.give_up_after = 5,
					  .quick = {2, 100}};
	const struct tuning policy = {
		.max_attempts = 20, .give_up_after = 9, .park_as = "p"};
	const struct levels levels = {.at = {[LEVEL_TYPE] = &type,
					     [LEVEL_DOWNSTREAM] = &downstream,
					     [LEVEL_POLICY] = &policy}};
	const struct settled s = tuning_settle(&levels);

	ck_assert_uint_eq(s.max_attempts, 3);
	ck_assert_int_eq(s.max_attempts_by, LEVEL_TYPE);
	ck_assert_int_eq(s.give_up_after, 5);
	ck_assert_int_eq(s.give_up_after_by, LEVEL_DOWNSTREAM);
	/* To have no quick retries is a setting too. */
	ck_assert_uint_eq(s.quick.tries, 0);
	ck_assert_int_eq(s.quick_by, LEVEL_TYPE);
	ck_assert_str_eq(s.park_as, "p");
	ck_assert_int_eq(s.park_as_by, LEVEL_POLICY);
	ck_assert_int_eq(s.schedule_by, LEVEL_BUILT_IN);
}
END_TEST

/* Floor and ceiling of an error and of the policy, and what they come to. */
static const struct {
	millis error_floor, error_ceiling, policy_floor, policy_ceiling;
	millis floor, ceiling;
} bounds[] = {
	{0, 0, 5 * S, 60 * S, 5 * S, 60 * S},
	{90 * S, 0, 5 * S, 60 * S, 90 * S, 90 * S}, /* lifts the ceiling */
	{0, 2 * S, 5 * S, 60 * S, 2 * S, 2 * S},    /* lowers the floor */
	{60 * S, 0, 0, 60 * S, 60 * S, 60 * S},
	{9000 * S, 0, 0, 0, 9000 * S, 9000 * S}, /* over what is built in */
	{90 * S, 100 * S, 5 * S, 60 * S, 90 * S, 100 * S},
	/* Of one place, the ceiling has the last word. */
	{90 * S, 80 * S, 0, 0, 80 * S, 80 * S},
};

START_TEST(the_more_specific_of_floor_and_ceiling_moves_the_other)
{
	const struct tuning error = {
		.retry_after_floor = bounds[_i].error_floor,
		.retry_after_ceiling = bounds[_i].error_ceiling};
	const struct tuning policy = {
		.retry_after_floor = bounds[_i].policy_floor,
		.retry_after_ceiling = bounds[_i].policy_ceiling};
	const struct levels levels = {
		.at = {[LEVEL_ERROR] = &error, [LEVEL_POLICY] = &policy}};
	const struct settled s = tuning_settle(&levels);

	ck_assert_int_eq(s.retry_after_floor, bounds[_i].floor);
	ck_assert_int_eq(s.retry_after_ceiling, bounds[_i].ceiling);
}
END_TEST

START_TEST(the_least_values_are_values)
{
	const struct tuning policy = {.max_attempts = 1,
				      .give_up_after = 1,
				      .retry_after_floor = 1,
				      .retry_after_ceiling = 1,
				      .quick = {1, 1}};
	const struct levels levels = {.at = {[LEVEL_POLICY] = &policy}};
	const struct settled s = tuning_settle(&levels);

	ck_assert_uint_eq(s.max_attempts, 1);
	ck_assert_int_eq(s.give_up_after, 1);
	ck_assert_int_eq(s.retry_after_floor, 1);
	ck_assert_int_eq(s.retry_after_ceiling, 1);
	ck_assert_uint_eq(s.quick.tries, 1);
}
END_TEST

START_TEST(levels_and_rules_have_names)
{
	for (int a = 0; a < LEVEL_COUNT; a++) {
		ck_assert_uint_gt(strlen(level_name((enum level)a)), 3);
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(level_name((enum level)a),
					 level_name((enum level)b));
	}
	ck_assert_str_eq(ambiguous_rule_name(AMBIGUOUS_UNSET), "");
	ck_assert_str_eq(ambiguous_rule_name(AMBIGUOUS_RETRY), "retry");
	ck_assert_str_eq(ambiguous_rule_name(AMBIGUOUS_PARK), "park");
}
END_TEST

Suite *tuning_suite(void)
{
	Suite *suite = suite_create("tuning");
	TCase *tests = tcase_create("levels");

	tcase_add_test(tests, the_most_specific_place_wins_whatever_the_values);
	tcase_add_test(tests, nothing_set_is_what_is_built_in);
	tcase_add_test(tests, each_setting_is_settled_by_itself);
	tcase_add_loop_test(
		tests, the_more_specific_of_floor_and_ceiling_moves_the_other,
		0, COUNT(bounds));
	tcase_add_test(tests, the_least_values_are_values);
	tcase_add_test(tests, levels_and_rules_have_names);
	suite_add_tcase(suite, tests);
	return suite;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_schedule.c - the promises of policy/schedule.h. */
#include "policy/schedule.h"

#include <string.h>

#include "tests/policy_suites.h"

#define S MILLIS_PER_SECOND

static const struct schedule exponential = {
	.kind = SCHEDULE_EXPONENTIAL,
	.first = 2 * S,
	.factor = 3000,
	.max = 60 * S,
};
static const struct schedule gentle = {
	.kind = SCHEDULE_EXPONENTIAL,
	.first = 1,
	.factor = 1500, /* 1 ms * 1.5 is 1 ms again: it never grows */
	.max = 60 * S,
};
static const struct schedule half = {
	.kind = SCHEDULE_EXPONENTIAL,
	.first = 10,
	.factor = 1500,
	.max = 30,
};
static const struct schedule linear = {
	.kind = SCHEDULE_LINEAR,
	.first = 5 * S,
	.step = 5 * S,
	.max = 17 * S,
};
static const struct schedule level = {
	.kind = SCHEDULE_LINEAR,
	.first = 5 * S,
	.step = 0,
	.max = 17 * S,
};
static const struct schedule fixed = {
	.kind = SCHEDULE_FIXED,
	.first = 250,
};
static const struct schedule custom = {
	.kind = SCHEDULE_CUSTOM,
	.delays = {60 * S, 300 * S, 900 * S},
	.delay_count = 3,
};
static const struct schedule custom_park = {
	.kind = SCHEDULE_CUSTOM,
	.delays = {60 * S, 300 * S},
	.delay_count = 2,
	.then_park = true,
};
static const struct schedule longest = {
	.kind = SCHEDULE_EXPONENTIAL,
	.first = SCHEDULE_DELAY_MAX - 1,
	.factor = 100000,
	.max = SCHEDULE_DELAY_MAX,
};

static const struct {
	const struct schedule *schedule;
	uint32_t failures;
	millis wait; /* -1: gives up */
} rows[] = {
	{&exponential, 1, 2 * S},
	{&exponential, 2, 6 * S},
	{&exponential, 3, 18 * S},
	{&exponential, 4, 54 * S},
	{&exponential, 5, 60 * S},
	{&exponential, UINT32_MAX, 60 * S},
	{&gentle, 1, 1},
	{&gentle, UINT32_MAX, 1},
	{&half, 2, 15},
	{&half, 3, 22}, /* 22.5, rounded down */
	{&half, 4, 30},
	{&linear, 1, 5 * S},
	{&linear, 2, 10 * S},
	{&linear, 3, 15 * S},
	{&linear, 4, 17 * S},
	{&linear, UINT32_MAX, 17 * S},
	{&level, 1, 5 * S},
	{&level, UINT32_MAX, 5 * S},
	{&fixed, 1, 250},
	{&fixed, UINT32_MAX, 250},
	{&custom, 1, 60 * S},
	{&custom, 3, 900 * S},
	{&custom, 4, 900 * S},
	{&custom, UINT32_MAX, 900 * S},
	{&custom_park, 2, 300 * S},
	{&custom_park, 3, -1},
	{&longest, 1, SCHEDULE_DELAY_MAX - 1},
	{&longest, UINT32_MAX, SCHEDULE_DELAY_MAX},
};

START_TEST(waits_follow_the_kind_of_the_schedule)
{
	millis wait = -1;
	bool waits =
		schedule_wait(rows[_i].schedule, rows[_i].failures, 0, &wait);

	ck_assert_int_eq(waits, rows[_i].wait >= 0);
	ck_assert_int_eq(wait, rows[_i].wait);
}
END_TEST

START_TEST(jitter_has_three_steps_and_only_shortens)
{
	struct schedule s = {
		.kind = SCHEDULE_FIXED, .first = 1000, .jitter_pct = 20};
	const struct {
		uint32_t dice;
		millis wait;
	} throws[] = {
		{0, 1000},         {0x55555555, 1000}, {0x55555556, 900},
		{0xaaaaaaaa, 900}, {0xaaaaaaab, 800},  {UINT32_MAX, 800},
	};
	millis waits[SCHEDULE_JITTER_STEPS];

	for (size_t i = 0; i < COUNT(throws); i++) {
		millis wait;

		ck_assert(schedule_wait(&s, 1, throws[i].dice, &wait));
		ck_assert_int_eq(wait, throws[i].wait);
	}
	ck_assert_uint_eq(schedule_waits(&s, 1, waits), 3);
	ck_assert_int_eq(waits[0], 1000);
	ck_assert_int_eq(waits[1], 900);
	ck_assert_int_eq(waits[2], 800);
}
END_TEST

START_TEST(jitter_comes_after_the_cap_and_never_reaches_zero)
{
	struct schedule s = exponential;
	millis wait;

	s.jitter_pct = 100;
	ck_assert(schedule_wait(&s, 100, UINT32_MAX / 2, &wait));
	ck_assert_int_eq(wait, 30 * S);
	ck_assert(schedule_wait(&s, 100, UINT32_MAX, &wait));
	ck_assert_int_eq(wait, 1);
}
END_TEST

START_TEST(a_wait_of_one_millisecond_has_one_jitter_step)
{
	struct schedule s = {
		.kind = SCHEDULE_FIXED, .first = 1, .jitter_pct = 50};
	millis waits[SCHEDULE_JITTER_STEPS];

	ck_assert_uint_eq(schedule_waits(&s, 1, waits), 1);
	ck_assert_int_eq(waits[0], 1);
	ck_assert_uint_eq(schedule_waits(&custom_park, 3, waits), 0);
}
END_TEST

static const struct {
	const struct schedule *schedule;
	uint32_t settles;
} settling[] = {
	{&exponential, 5}, {&gentle, 1}, {&linear, 4},      {&fixed, 1},
	{&custom, 3},      {&half, 4},   {&custom_park, 3}, {&longest, 2},
};

START_TEST(nothing_changes_once_a_schedule_has_settled)
{
	const struct schedule *s = settling[_i].schedule;
	uint32_t n = schedule_settles(s);
	millis settled[SCHEDULE_JITTER_STEPS];
	millis later[SCHEDULE_JITTER_STEPS];
	size_t count = schedule_waits(s, n, settled);

	ck_assert_uint_eq(n, settling[_i].settles);
	for (uint32_t more = 1; more < 50; more++) {
		ck_assert_uint_eq(schedule_waits(s, n + more, later), count);
		ck_assert_mem_eq(settled, later, count * sizeof(millis));
	}
}
END_TEST

#define FIRST  "first must be from 1ms to 30d"
#define MAX    "max must be from first to 30d"
#define STEP   "step must be from 0s to 30d"
#define FACTOR "factor must be from 1 to 100"
#define EACH   "each of delays must be from 1ms to 30d"
#define MOST   SCHEDULE_DELAY_MAX
#define EXPONENTIAL(first_, max_, factor_)                                     \
	{                                                                      \
		.kind = SCHEDULE_EXPONENTIAL, .first = (first_),               \
		.max = (max_), .factor = (factor_)                             \
	}
#define LINEAR(first_, max_, step_)                                            \
	{                                                                      \
		.kind = SCHEDULE_LINEAR, .first = (first_), .max = (max_),     \
		.step = (step_)                                                \
	}

/* Settings at and beyond each of their ends. */
static const struct {
	struct schedule s;
	const char *flaw; /* NULL: sound */
} flaws[] = {
	{EXPONENTIAL(1, 1, 1000), NULL},
	{EXPONENTIAL(MOST, MOST, 100000), NULL},
	{EXPONENTIAL(0, 1, 1000), FIRST},
	{EXPONENTIAL(MOST + 1, MOST, 1000), FIRST},
	{EXPONENTIAL(2, 1, 1000), MAX},
	{EXPONENTIAL(1, MOST + 1, 1000), MAX},
	{EXPONENTIAL(1, 1, 999), FACTOR},
	{EXPONENTIAL(1, 1, 100001), FACTOR},
	{LINEAR(1, 1, 0), NULL},
	{LINEAR(MOST, MOST, MOST), NULL},
	{LINEAR(0, 1, 0), FIRST},
	{LINEAR(2, 1, 0), MAX},
	{LINEAR(1, MOST + 1, 0), MAX},
	{LINEAR(1, 1, -1), STEP},
	{LINEAR(1, 1, MOST + 1), STEP},
	{{.kind = SCHEDULE_FIXED, .first = 1}, NULL},
	{{.kind = SCHEDULE_FIXED, .first = MOST, .jitter_pct = 100}, NULL},
	{{.kind = SCHEDULE_FIXED, .first = 0}, FIRST},
	{{.kind = SCHEDULE_FIXED, .first = MOST + 1}, FIRST},
	{{.kind = SCHEDULE_FIXED, .first = 1, .jitter_pct = 101},
	 "jitter must be from 0% to 100%"},
	{{.kind = SCHEDULE_CUSTOM, .delays = {1, MOST}, .delay_count = 2},
	 NULL},
	{{.kind = SCHEDULE_CUSTOM, .delays = {1, 0}, .delay_count = 2}, EACH},
	{{.kind = SCHEDULE_CUSTOM, .delays = {MOST + 1}, .delay_count = 1},
	 EACH},
	{{.kind = SCHEDULE_CUSTOM}, "delays must hold at least one duration"},
	{{.kind = SCHEDULE_CUSTOM, .delay_count = SCHEDULE_CUSTOM_MAX + 1},
	 "delays must hold at most 64 durations"},
};

START_TEST(settings_are_sound_up_to_their_ends)
{
	ck_assert_pstr_eq(schedule_flaw(&flaws[_i].s), flaws[_i].flaw);
}
END_TEST

START_TEST(a_custom_schedule_may_have_64_delays)
{
	struct schedule s = {.kind = SCHEDULE_CUSTOM,
			     .delay_count = SCHEDULE_CUSTOM_MAX};
	millis wait = 0;

	for (size_t i = 0; i < SCHEDULE_CUSTOM_MAX; i++)
		s.delays[i] = (millis)i + 1;
	ck_assert_ptr_null(schedule_flaw(&s));
	ck_assert(schedule_wait(&s, SCHEDULE_CUSTOM_MAX, 0, &wait));
	ck_assert_int_eq(wait, SCHEDULE_CUSTOM_MAX);
}
END_TEST

Suite *schedule_suite(void)
{
	Suite *suite = suite_create("schedule");
	TCase *tests = tcase_create("schedules");

	tcase_add_loop_test(tests, waits_follow_the_kind_of_the_schedule, 0,
			    COUNT(rows));
	tcase_add_test(tests, jitter_has_three_steps_and_only_shortens);
	tcase_add_test(tests,
		       jitter_comes_after_the_cap_and_never_reaches_zero);
	tcase_add_test(tests, a_wait_of_one_millisecond_has_one_jitter_step);
	tcase_add_loop_test(tests, nothing_changes_once_a_schedule_has_settled,
			    0, COUNT(settling));
	tcase_add_loop_test(tests, settings_are_sound_up_to_their_ends, 0,
			    COUNT(flaws));
	tcase_add_test(tests, a_custom_schedule_may_have_64_delays);
	suite_add_tcase(suite, tests);
	return suite;
}

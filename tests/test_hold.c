/* SPDX-License-Identifier: Apache-2.0 */
/* test_hold.c - the promises of policy/hold.h. */
#include "policy/hold.h"

#include "tests/policy_suites.h"

#define HOUR   MILLIS_PER_HOUR
#define MINUTE MILLIS_PER_MINUTE
/* Monday, 2026-11-23, 00:00 UTC. */
#define MONDAY    INT64_C(1795392000000)
#define DAY_OF(n) (MONDAY + (n)*MILLIS_PER_DAY)
#define MON       0x01
#define SAT       0x20
#define SUN       0x40

START_TEST(times_and_days_are_read)
{
	millis time = -7;
	uint8_t day = 0;

	ck_assert(hold_time_parse(TEXT("00:00"), &time));
	ck_assert_int_eq(time, 0);
	ck_assert(hold_time_parse(TEXT("23:59"), &time));
	ck_assert_int_eq(time, 23 * HOUR + 59 * MINUTE);
	ck_assert(!hold_time_parse(TEXT("24:00"), &time));
	ck_assert(!hold_time_parse(TEXT("12:60"), &time));
	ck_assert(!hold_time_parse(TEXT("1:00"), &time));
	ck_assert(!hold_time_parse(TEXT("12-00"), &time));
	ck_assert(!hold_time_parse(TEXT("ab:cd"), &time));
	ck_assert(!hold_time_parse(TEXT(""), &time));
	ck_assert_int_eq(time, 23 * HOUR + 59 * MINUTE);
	ck_assert(hold_day_parse(TEXT("mon"), &day));
	ck_assert_uint_eq(day, MON);
	ck_assert(hold_day_parse(TEXT("sun"), &day));
	ck_assert_uint_eq(day, SUN);
	ck_assert(!hold_day_parse(TEXT("Sunday"), &day));
	ck_assert_uint_eq(day, SUN);
}
END_TEST

/* Saturday night, 22:00 until 04:00; each day, 12:00 until 12:30; once, Tuesday
   11:00 until 13:00. */
static const struct hold_window windows[] = {
	{SAT, 22 * HOUR, 4 * HOUR, "upgrade"},
	{HOLD_EVERY_DAY, 12 * HOUR, 12 * HOUR + 30 * MINUTE, "backup"},
	{0, MONDAY + 35 * HOUR, MONDAY + 37 * HOUR, "move"},
};

static const struct {
	millis at;
	const char *reason; /* NULL: none */
	millis until;
	millis next;
} moments[] = {
	{DAY_OF(0), NULL, 0, 12 * HOUR},
	{DAY_OF(0) + 12 * HOUR - 1, NULL, 0, 1},
	{DAY_OF(0) + 12 * HOUR, "backup", DAY_OF(0) + 12 * HOUR + 30 * MINUTE,
	 30 * MINUTE},
	{DAY_OF(0) + 12 * HOUR + 30 * MINUTE, NULL, 0, 22 * HOUR + 30 * MINUTE},
	/* Of two, the one that ends last. */
	{DAY_OF(1) + 12 * HOUR, "move", DAY_OF(1) + 13 * HOUR, 30 * MINUTE},
	{DAY_OF(1) + 13 * HOUR, NULL, 0, 23 * HOUR},
	/* Over midnight. */
	{DAY_OF(5) + 22 * HOUR - 1, NULL, 0, 1},
	{DAY_OF(5) + 22 * HOUR, "upgrade", DAY_OF(6) + 4 * HOUR, 6 * HOUR},
	{DAY_OF(6) + 4 * HOUR - 1, "upgrade", DAY_OF(6) + 4 * HOUR, 1},
	{DAY_OF(6) + 4 * HOUR, NULL, 0, 8 * HOUR},
	{DAY_OF(6) + 22 * HOUR, NULL, 0, 14 * HOUR},
	{DAY_OF(0) + 1 * HOUR, NULL, 0, 11 * HOUR},
};

START_TEST(a_window_holds_from_its_beginning_until_its_end)
{
	millis until = -7;
	const struct hold_window *w =
		hold_window_at(windows, COUNT(windows), moments[_i].at, &until);

	if (moments[_i].reason == NULL) {
		ck_assert_ptr_null(w);
	} else {
		ck_assert_ptr_nonnull(w);
		ck_assert_str_eq(w->reason, moments[_i].reason);
		ck_assert_int_eq(until, moments[_i].until);
	}
	ck_assert_int_eq(
		hold_window_next(windows, COUNT(windows), moments[_i].at),
		moments[_i].next);
}
END_TEST

START_TEST(without_windows_nothing_is_held)
{
	const struct hold_window over = {0, 5, 10, "over"};
	millis until = -7;

	ck_assert_ptr_null(hold_window_at(NULL, 0, MONDAY, &until));
	ck_assert_int_eq(hold_window_next(NULL, 0, MONDAY), -1);
	ck_assert_ptr_null(hold_window_at(&over, 1, MONDAY, &until));
	ck_assert_int_eq(hold_window_next(&over, 1, MONDAY), -1);
	ck_assert_ptr_null(hold_window_at(windows, 1, 0, &until));
}
END_TEST

START_TEST(a_window_of_a_day_holds_all_of_it)
{
	const struct hold_window day = {MON, 6 * HOUR, 6 * HOUR, NULL};
	millis until;

	ck_assert_ptr_nonnull(
		hold_window_at(&day, 1, DAY_OF(1) + 6 * HOUR - 1, &until));
	ck_assert_int_eq(until, DAY_OF(1) + 6 * HOUR);
	ck_assert_ptr_null(
		hold_window_at(&day, 1, DAY_OF(1) + 6 * HOUR, &until));
}
END_TEST

Suite *hold_suite(void)
{
	Suite *suite = suite_create("hold");
	TCase *tests = tcase_create("windows");

	tcase_add_test(tests, times_and_days_are_read);
	tcase_add_loop_test(tests,
			    a_window_holds_from_its_beginning_until_its_end, 0,
			    COUNT(moments));
	tcase_add_test(tests, without_windows_nothing_is_held);
	tcase_add_test(tests, a_window_of_a_day_holds_all_of_it);
	suite_add_tcase(suite, tests);
	return suite;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_quick.c - the promises of policy/quick.h. */
#include "policy/quick.h"

#include "tests/policy_suites.h"

static const struct {
	struct quick quick;
	uint32_t made;
	millis spent;
	millis wait; /* 0: there is none */
} rows[] = {
	/* Those of the header. */
	{{3, 2000}, 0, 0, 285},
	{{3, 2000}, 1, 285, 571},
	{{3, 2000}, 2, 856, 1142},
	{{3, 2000}, 3, 1999, 0},
	/* None at all. */
	{{0, 2000}, 0, 0, 0},
	{{QUICK_TRIES_MAX + 1, 2000}, 0, 0, 0},
	/* One fills the time by itself. */
	{{1, 2000}, 0, 0, 2000},
	{{1, 2000}, 0, 1, 1999},
	{{1, 2000}, 1, 0, 0},
	/* What calls have taken is gone: it ends with the time. */
	{{3, 2000}, 0, 1715, 285},
	{{3, 2000}, 0, 1716, 284},
	{{3, 2000}, 2, 866, 1134},
	{{3, 2000}, 0, 1999, 1},
	{{3, 2000}, 0, 2000, 0},
	{{3, 2000}, 0, INT64_MAX, 0},
	/* No wait is zero. */
	{{10, 1}, 0, 0, 1},
	{{10, 1}, 0, 1, 0},
	{{10, 1022}, 0, 0, 1},
	{{10, QUICK_WITHIN_MAX}, 9, 0, 30029},
};

START_TEST(waits_double_within_the_time)
{
	millis wait = -7;
	bool is_due = quick_wait(&rows[_i].quick, rows[_i].made, rows[_i].spent,
				 &wait);

	ck_assert(is_due == (rows[_i].wait > 0));
	ck_assert_int_eq(wait, is_due ? rows[_i].wait : -7);
}
END_TEST

START_TEST(all_tries_fit_in_the_time_where_calls_take_none)
{
	for (uint32_t tries = 1; tries <= QUICK_TRIES_MAX; tries++) {
		for (millis within = 1; within <= QUICK_WITHIN_MAX;
		     within = within * 3 + 1) {
			const struct quick quick = {tries, within};
			millis spent = 0;
			millis wait;
			uint32_t made = 0;

			while (quick_wait(&quick, made, spent, &wait)) {
				ck_assert_int_ge(wait, 1);
				spent += wait;
				made++;
			}
			ck_assert_int_le(spent, within);
			/* Waits of a millisecond do not fit into less. */
			ck_assert_uint_eq(
				made, within > 2 * (1 << tries) ? tries : made);
			ck_assert_uint_ge(made, 1);
		}
	}
}
END_TEST

Suite *quick_suite(void)
{
	Suite *suite = suite_create("quick");
	TCase *tests = tcase_create("quick retries");

	tcase_add_loop_test(tests, waits_double_within_the_time, 0,
			    COUNT(rows));
	tcase_add_test(tests, all_tries_fit_in_the_time_where_calls_take_none);
	suite_add_tcase(suite, tests);
	return suite;
}

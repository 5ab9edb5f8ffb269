/* SPDX-License-Identifier: Apache-2.0 */
/* test_share.c - the promises of policy/share.h. */
#include "policy/share.h"

#include "tests/policy_suites.h"

START_TEST(shares_add_up_to_all_places)
{
	for (uint32_t total = 1; total <= 40; total++) {
		for (uint32_t workers = 1; workers <= 50; workers++) {
			uint32_t sum = 0;
			uint32_t most = 0;
			uint32_t least = UINT32_MAX;

			for (uint32_t rank = 0; rank < workers; rank++) {
				uint32_t share = share_of(total, workers, rank);

				sum += share;
				most = share > most ? share : most;
				least = share < least ? share : least;
			}
			ck_assert_uint_ge(least, 1);
			ck_assert_uint_le(most - least, 1);
			ck_assert_uint_eq(sum,
					  total > workers ? total : workers);
		}
	}
	ck_assert_uint_eq(share_of(32, 0, 0), 32);
}
END_TEST

#define BIT(p) (UINT32_C(1) << (p))

START_TEST(the_highest_that_waits_is_next)
{
	struct turn turn = {0};

	ck_assert_uint_eq(turn_next(&turn, BIT(4)), 4);
	ck_assert_uint_eq(turn_next(&turn, BIT(0) | BIT(9) | BIT(4)), 9);
	ck_assert_uint_eq(turn_next(&turn, BIT(0) | BIT(4)), 4);
	ck_assert_uint_eq(turn_next(&turn, BIT(0)), 0);
}
END_TEST

START_TEST(none_waits_for_ever)
{
	struct turn turn = {0};
	uint32_t got[PRIORITY_COUNT] = {0};

	for (int i = 0; i < 1000; i++)
		got[turn_next(&turn, BIT(0) | BIT(4) | BIT(9))]++;
	ck_assert_uint_ge(got[0], 90);
	ck_assert_uint_ge(got[4], 90);
	ck_assert_uint_ge(got[9], 790);
}
END_TEST

START_TEST(being_passed_over_counts_only_while_waiting)
{
	struct turn turn = {0};

	for (int i = 0; i < PRIORITY_PATIENCE - 1; i++)
		ck_assert_uint_eq(turn_next(&turn, BIT(1) | BIT(9)), 9);
	ck_assert_uint_eq(turn_next(&turn, BIT(9)), 9);
	ck_assert_uint_eq(turn_next(&turn, BIT(1) | BIT(9)), 9);
}
END_TEST

Suite *share_suite(void)
{
	Suite *suite = suite_create("share");
	TCase *tests = tcase_create("shares and turns");

	tcase_add_test(tests, shares_add_up_to_all_places);
	tcase_add_test(tests, the_highest_that_waits_is_next);
	tcase_add_test(tests, none_waits_for_ever);
	tcase_add_test(tests, being_passed_over_counts_only_while_waiting);
	suite_add_tcase(suite, tests);
	return suite;
}

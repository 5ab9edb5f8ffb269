/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/shut_list.h"

#include "tests/worker_suites.h"

#define A TEXT("a.parking")
#define B TEXT("b.parking")
#define C TEXT("c.parking")

START_TEST(an_exchange_is_open_until_it_is_shut)
{
	struct shut_list shut;

	shut_list_init(&shut, 2);
	ck_assert_int_eq(shut_list_state(&shut, A, 0), SHUT_OPEN);
	shut_list_add(&shut, A, 100);
	ck_assert_int_eq(shut_list_state(&shut, A, 99), SHUT_SHUT);
	ck_assert_int_eq(shut_list_state(&shut, B, 99), SHUT_OPEN);
	shut_list_fini(&shut);
}
END_TEST

START_TEST(one_is_tried_alone_when_its_time_is_over)
{
	struct shut_list shut;

	shut_list_init(&shut, 2);
	shut_list_add(&shut, A, 100);
	ck_assert_int_eq(shut_list_state(&shut, A, 100), SHUT_TRY_ALONE);
	shut_list_add(&shut, A, 200); /* refused again */
	ck_assert_int_eq(shut_list_state(&shut, A, 100), SHUT_SHUT);
	ck_assert_uint_eq(shut.count, 1);
	shut_list_fini(&shut);
}
END_TEST

START_TEST(what_takes_messages_again_is_open_and_others_stay_shut)
{
	struct shut_list shut;

	shut_list_init(&shut, 3);
	shut_list_add(&shut, A, 100);
	shut_list_add(&shut, B, 100);
	shut_list_add(&shut, C, 100);
	shut_list_remove(&shut, A);
	shut_list_remove(&shut, A);
	ck_assert_int_eq(shut_list_state(&shut, A, 0), SHUT_OPEN);
	ck_assert_int_eq(shut_list_state(&shut, B, 0), SHUT_SHUT);
	ck_assert_int_eq(shut_list_state(&shut, C, 0), SHUT_SHUT);
	shut_list_fini(&shut);
}
END_TEST

START_TEST(what_finds_no_room_is_left_open)
{
	struct shut_list shut;

	shut_list_init(&shut, 1);
	shut_list_add(&shut, A, 100);
	shut_list_add(&shut, B, 100);
	ck_assert_int_eq(shut_list_state(&shut, A, 0), SHUT_SHUT);
	ck_assert_int_eq(shut_list_state(&shut, B, 0), SHUT_OPEN);
	shut_list_fini(&shut);
}
END_TEST

Suite *shut_list_suite(void)
{
	Suite *suite = suite_create("shut_list");
	TCase *t = tcase_create("exchanges");

	tcase_add_test(t, an_exchange_is_open_until_it_is_shut);
	tcase_add_test(t, one_is_tried_alone_when_its_time_is_over);
	tcase_add_test(t,
		       what_takes_messages_again_is_open_and_others_stay_shut);
	tcase_add_test(t, what_finds_no_room_is_left_open);
	suite_add_tcase(suite, t);
	return suite;
}

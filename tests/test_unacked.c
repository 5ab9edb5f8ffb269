/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/unacked.h"

#include "tests/worker_suites.h"

static millis now;
static size_t enough;

static void setup(void)
{
	now = 0;
	enough = 1;
}

static void expect(struct unacked *u, uint64_t tag, bool multiple)
{
	uint64_t got = 0;
	bool got_multiple = !multiple;

	ck_assert(unacked_next(u, enough, now, &got, &got_multiple));
	ck_assert_uint_eq(got, tag);
	ck_assert_int_eq(got_multiple, multiple);
	ck_assert(unacked_sane(u));
}

static void expect_none(struct unacked *u)
{
	uint64_t tag;
	bool multiple;

	ck_assert(!unacked_next(u, enough, now, &tag, &multiple));
}

static void deliver(struct unacked *u, uint64_t count)
{
	unacked_init(u);
	for (uint64_t tag = 1; tag <= count; tag++)
		unacked_add(u, tag);
}

START_TEST(nothing_is_acked_that_is_not_ready)
{
	struct unacked u;

	deliver(&u, 3);
	expect_none(&u);
	ck_assert(unacked_ready(&u, 2));
	expect(&u, 2, false);
	expect_none(&u);
	unacked_fini(&u);
}
END_TEST

START_TEST(what_is_ready_at_the_front_goes_with_one_multiple_ack)
{
	struct unacked u;

	deliver(&u, 200);
	for (uint64_t tag = 150; tag >= 1; tag--)
		ck_assert(unacked_ready(&u, tag));
	expect(&u, 150, true);
	expect_none(&u);
	ck_assert_uint_eq(u.count, 50);
	unacked_fini(&u);
}
END_TEST

START_TEST(a_multiple_ack_never_covers_a_tag_that_is_not_ready)
{
	struct unacked u;

	deliver(&u, 6);
	ck_assert(unacked_ready(&u, 1));
	ck_assert(unacked_ready(&u, 2));
	ck_assert(unacked_ready(&u, 4));
	ck_assert(unacked_ready(&u, 6));
	expect(&u, 2, true);
	expect(&u, 4, false);
	expect(&u, 6, false);
	expect_none(&u);
	/* Once 3 and 5 are ready they are the front, with nothing between. */
	ck_assert(unacked_ready(&u, 5));
	ck_assert(unacked_ready(&u, 3));
	expect(&u, 5, true);
	expect_none(&u);
	ck_assert_uint_eq(u.count, 0);
	unacked_fini(&u);
}
END_TEST

START_TEST(what_is_behind_a_gap_waits_for_it_but_not_long)
{
	struct unacked u;

	enough = 100;
	deliver(&u, 9);
	ck_assert_int_eq(unacked_due(&u, now), -1);
	ck_assert(unacked_ready(&u, 2));
	expect_none(&u);
	ck_assert_int_eq(unacked_due(&u, now), UNACKED_WAIT);
	ck_assert(unacked_ready(&u, 1));
	expect(&u, 2, true);
	expect_none(&u);
	ck_assert_int_eq(unacked_due(&u, now), -1);
	/* 3 takes its time. What comes after 5 does not lengthen its wait. */
	ck_assert(unacked_ready(&u, 5));
	expect_none(&u);
	now += UNACKED_WAIT - 1;
	ck_assert(unacked_ready(&u, 6));
	expect_none(&u);
	ck_assert_int_eq(unacked_due(&u, now), 1);
	now += 1;
	ck_assert_int_eq(unacked_due(&u, now), 0);
	expect(&u, 5, false);
	expect(&u, 6, false);
	expect_none(&u);
	ck_assert_int_eq(unacked_due(&u, now), -1);
	/* The next begins to wait anew. */
	ck_assert(unacked_ready(&u, 8));
	expect_none(&u);
	ck_assert_int_eq(unacked_due(&u, now), UNACKED_WAIT);
	unacked_fini(&u);
}
END_TEST

START_TEST(enough_do_not_wait_at_all)
{
	struct unacked u;

	enough = 2;
	deliver(&u, 9);
	ck_assert(unacked_ready(&u, 3));
	expect_none(&u);
	ck_assert(unacked_ready(&u, 5));
	expect(&u, 3, false);
	expect(&u, 5, false);
	expect_none(&u);
	ck_assert(unacked_ready(&u, 7));
	enough = 0;
	expect(&u, 7, false);
	expect_none(&u);
	unacked_fini(&u);
}
END_TEST

START_TEST(a_tag_is_acked_once_and_an_unknown_one_never)
{
	struct unacked u;

	deliver(&u, 2);
	ck_assert(unacked_ready(&u, 1));
	ck_assert(!unacked_ready(&u, 1));
	expect(&u, 1, false);
	ck_assert(!unacked_ready(&u, 1));
	ck_assert(!unacked_ready(&u, 3));
	ck_assert(!unacked_ready(&u, 0));
	expect_none(&u);
	unacked_fini(&u);
}
END_TEST

START_TEST(what_is_rejected_holds_up_no_ack)
{
	struct unacked u;

	deliver(&u, 3);
	ck_assert(unacked_ready(&u, 2));
	ck_assert(unacked_ready(&u, 3));
	ck_assert(unacked_remove(&u, 1));
	ck_assert(!unacked_remove(&u, 1));
	expect(&u, 3, true);
	unacked_fini(&u);
}
END_TEST

START_TEST(a_new_channel_begins_with_nothing)
{
	struct unacked u;

	deliver(&u, 3);
	ck_assert(unacked_ready(&u, 1));
	unacked_clear(&u);
	expect_none(&u);
	unacked_add(&u, 1);
	ck_assert(unacked_sane(&u));
	expect_none(&u);
	unacked_fini(&u);
}
END_TEST

Suite *unacked_suite(void)
{
	Suite *suite = suite_create("unacked");
	TCase *t = tcase_create("acks");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, what_is_behind_a_gap_waits_for_it_but_not_long);
	tcase_add_test(t, enough_do_not_wait_at_all);
	tcase_add_test(t, nothing_is_acked_that_is_not_ready);
	tcase_add_test(t,
		       what_is_ready_at_the_front_goes_with_one_multiple_ack);
	tcase_add_test(t, a_multiple_ack_never_covers_a_tag_that_is_not_ready);
	tcase_add_test(t, a_tag_is_acked_once_and_an_unknown_one_never);
	tcase_add_test(t, what_is_rejected_holds_up_no_ack);
	tcase_add_test(t, a_new_channel_begins_with_nothing);
	suite_add_tcase(suite, t);
	return suite;
}

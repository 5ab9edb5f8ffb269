/* SPDX-License-Identifier: Apache-2.0 */
/* test_gather.c - the promises of worker/gather.h, in pretended time. */
#include "worker/gather.h"

#include "tests/worker_suites.h"

static struct gather gather;

static void setup(void)
{
	gather = (struct gather){0};
}

START_TEST(what_is_gathered_goes_together_and_once)
{
	ck_assert(!gather_take(&gather, 100, true, 5));
	gather_add(&gather, 5);
	gather_add(&gather, 5);
	ck_assert(!gather_take(&gather, 100, false, 5));
	ck_assert(gather_take(&gather, 100, false, 6));
	ck_assert(!gather_take(&gather, 100, true, 6));
}
END_TEST

/* However many come after it: the first of a steady stream does not wait
   for its end. */
START_TEST(none_waits_longer_than_it_may)
{
	millis first = 0;

	for (millis now = 1; now < 100; now++) {
		gather_add(&gather, now);
		if (first == 0)
			first = now;
		if (!gather_take(&gather, 1000, false, now))
			continue;
		ck_assert_int_le(now - first, GATHER_WAIT);
		first = 0;
	}
	ck_assert(first == 0 || first == 99);
}
END_TEST

START_TEST(none_waits_when_no_other_can_come)
{
	gather_add(&gather, 5);
	ck_assert(gather_take(&gather, 100, true, 5));
}
END_TEST

static const struct {
	uint32_t prefetch;
	uint32_t enough;
} prefetches[] = {{1, 1}, {4, 1}, {5, 2}, {128, 32}, {65535, 16384}};

START_TEST(a_quarter_of_the_prefetch_is_enough)
{
	uint32_t prefetch = prefetches[_i].prefetch;

	for (uint32_t i = 1; i < prefetches[_i].enough; i++) {
		gather_add(&gather, 5);
		ck_assert(!gather_take(&gather, prefetch, false, 5));
	}
	gather_add(&gather, 5);
	ck_assert(gather_take(&gather, prefetch, false, 5));
}
END_TEST

Suite *gather_suite(void)
{
	Suite *suite = suite_create("gather");
	TCase *tcase = tcase_create("gather");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, what_is_gathered_goes_together_and_once);
	tcase_add_test(tcase, none_waits_longer_than_it_may);
	tcase_add_test(tcase, none_waits_when_no_other_can_come);
	tcase_add_loop_test(tcase, a_quarter_of_the_prefetch_is_enough, 0,
			    COUNT(prefetches));
	suite_add_tcase(suite, tcase);
	return suite;
}

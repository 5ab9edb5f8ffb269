/* SPDX-License-Identifier: Apache-2.0 */
/* test_bucket.c - the promises of policy/bucket.h. */
#include "policy/bucket.h"

#include "tests/policy_suites.h"

static struct bucket bucket(const char *written, uint32_t burst)
{
	struct rate rate;
	struct bucket b;

	ck_assert(rate_parse(text_of(written), &rate));
	bucket_init(&b, &rate, burst, 0);
	return b;
}

/* Calls that begin as soon as they may, in that time. */
static uint32_t run(struct bucket *b, millis from, millis until)
{
	uint32_t calls = 0;
	millis now = from;

	while (now < until) {
		while (bucket_take(b, now))
			calls++;
		ck_assert_int_ge(bucket_wait(b, now), 1);
		ck_assert(!bucket_take(b, now + bucket_wait(b, now) - 1));
		now += bucket_wait(b, now);
	}
	return calls;
}

static const struct {
	const char *written;
	uint32_t count; /* 0: none */
	millis per;
} rates[] = {
	{"200/s", 200, 1000}, {"30/m", 30, 60000},
	{"1/h", 1, 3600000},  {"1000000/s", 1000000, 1000},
	{"1000001/s", 0, 0},  {"99999999999999999999/s", 0, 0},
	{"0/s", 0, 0},        {"/s", 0, 0},
	{"", 0, 0},           {"5", 0, 0},
	{"5/", 0, 0},         {"5/d", 0, 0},
	{"5/ms", 0, 0},       {"-5/s", 0, 0},
	{"5 /s", 0, 0},       {"0.5/s", 0, 0},
};

START_TEST(a_rate_is_a_count_and_a_unit)
{
	struct rate rate = {7, 7};
	bool is_rate = rate_parse(text_of(rates[_i].written), &rate);

	ck_assert(is_rate == (rates[_i].count > 0));
	ck_assert_uint_eq(rate.count, is_rate ? rates[_i].count : 7);
	ck_assert_int_eq(rate.per, is_rate ? rates[_i].per : 7);
}
END_TEST

START_TEST(as_many_as_the_burst_and_then_at_the_rate)
{
	struct bucket b = bucket("200/s", 50);

	for (int i = 0; i < 50; i++)
		ck_assert(bucket_take(&b, 0));
	ck_assert(!bucket_take(&b, 0));
	ck_assert_int_eq(bucket_wait(&b, 0), 5);
	ck_assert_uint_eq(run(&b, 0, 10000), 1999);
	/* A pause saves the burst, and no more. */
	ck_assert_uint_eq(run(&b, 3600000, 3600001), 50);
}
END_TEST

START_TEST(by_default_the_burst_is_that_of_a_second)
{
	struct bucket b = bucket("200/s", 0);

	ck_assert_uint_eq(run(&b, 0, 1), 200);
	b = bucket("30/m", 0);
	ck_assert_uint_eq(run(&b, 0, 1), 1);
	b = bucket("600/m", 0);
	ck_assert_uint_eq(run(&b, 0, 1), 10);
}
END_TEST

START_TEST(rates_that_divide_badly_lose_nothing)
{
	struct bucket b = bucket("7/h", 1);

	/* The first at once, 7 in each of 100 hours; none is early. */
	ck_assert_uint_eq(run(&b, 0, 360000000), 700);
	b = bucket("999/s", 1);
	ck_assert_uint_le(run(&b, 0, 100000), 99901);
}
END_TEST

START_TEST(workers_have_the_rate_between_them)
{
	for (uint32_t workers = 1; workers <= 8; workers++) {
		uint32_t calls = 0;

		for (uint32_t i = 0; i < workers; i++) {
			struct bucket b = bucket("50/s", 10);

			bucket_share(&b, workers, 0);
			calls += run(&b, 0, 100000);
		}
		ck_assert_uint_le(calls, 5000 + 10);
		ck_assert_uint_ge(calls, 5000 - workers);
	}
}
END_TEST

START_TEST(a_worker_more_takes_what_was_saved)
{
	struct bucket b = bucket("10/s", 10);

	bucket_share(&b, 10, 0);
	ck_assert(bucket_take(&b, 0));
	ck_assert(!bucket_take(&b, 0));
	ck_assert_int_eq(bucket_wait(&b, 0), 1000);
	bucket_share(&b, 1, 500);
	ck_assert(bucket_take(&b, 500));
	bucket_share(&b, 0, 500); /* none seen: oneself */
	ck_assert_uint_eq(b.workers, 1);
	bucket_share(&b, UINT32_MAX, 500);
	ck_assert_uint_eq(b.workers, BUCKET_WORKERS_MAX);
}
END_TEST

START_TEST(a_token_that_is_given_back_is_there_again)
{
	struct bucket b = bucket("1/h", 1);

	ck_assert(bucket_take(&b, 0));
	bucket_give_back(&b);
	bucket_give_back(&b); /* and no more than there may be */
	ck_assert(bucket_take(&b, 0));
	ck_assert(!bucket_take(&b, 0));
}
END_TEST

START_TEST(without_a_rate_there_is_no_limit)
{
	const struct rate none = {0};
	struct bucket b;

	bucket_init(&b, &none, 0, 0);
	bucket_share(&b, 9, 0);
	for (int i = 0; i < 100000; i++)
		ck_assert_often(bucket_take(&b, 0), "at %d", i);
	bucket_give_back(&b);
	ck_assert_int_eq(bucket_wait(&b, 0), 0);
}
END_TEST

START_TEST(the_extremes_do_not_overflow)
{
	const struct rate slow = {1, MILLIS_PER_HOUR};
	const struct rate fast = {RATE_COUNT_MAX, MILLIS_PER_HOUR};
	struct bucket b;

	bucket_init(&b, &slow, BUCKET_BURST_MAX, 0);
	bucket_share(&b, BUCKET_WORKERS_MAX, INT64_MAX / 2);
	ck_assert(bucket_take(&b, INT64_MAX - 1));
	bucket_init(&b, &fast, BUCKET_BURST_MAX, 0);
	for (int i = 0; i < BUCKET_BURST_MAX; i++)
		ck_assert_often(bucket_take(&b, 0), "at %d", i);
	ck_assert(!bucket_take(&b, 0));
	ck_assert(bucket_take(&b, INT64_MAX - 1));
}
END_TEST

Suite *bucket_suite(void)
{
	Suite *suite = suite_create("bucket");
	TCase *tests = tcase_create("rate");

	tcase_add_loop_test(tests, a_rate_is_a_count_and_a_unit, 0,
			    COUNT(rates));
	tcase_add_test(tests, as_many_as_the_burst_and_then_at_the_rate);
	tcase_add_test(tests, by_default_the_burst_is_that_of_a_second);
	tcase_add_test(tests, rates_that_divide_badly_lose_nothing);
	tcase_add_test(tests, workers_have_the_rate_between_them);
	tcase_add_test(tests, a_worker_more_takes_what_was_saved);
	tcase_add_test(tests, a_token_that_is_given_back_is_there_again);
	tcase_add_test(tests, without_a_rate_there_is_no_limit);
	tcase_add_test(tests, the_extremes_do_not_overflow);
	suite_add_tcase(suite, tests);
	return suite;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_load.c - the promises of policy/load.h. */
#include "policy/load.h"

#include "tests/policy_suites.h"

#define S       MILLIS_PER_SECOND
#define MINUTES 600

static const struct downstream_rules ehr = {.name = "ehr"};
static const struct outcome unavailable = {.status = 503, .retry_after = -1};

/* Waits that hardly ever add up to the same, so that groups are merged. */
static const struct schedule uneven = {.kind = SCHEDULE_EXPONENTIAL,
				       .first = 61 * S,
				       .factor = 1300,
				       .max = 1500 * S,
				       .jitter_pct = 97};

static struct load_room memory;
static double minutes[MINUTES];

static struct load load_of(const struct policy *policy, double messages)
{
	struct forecast first;

	forecast_init(&first, policy, &ehr, &unavailable,
		      &(struct message_facts){0}, &(struct step){0});
	return load_forecast(&first, messages, &memory, minutes, MINUTES);
}

/* How far apart they are. */
static double apart(double a, double b)
{
	return a > b ? a - b : b - a;
}

static double sum_of_minutes(void)
{
	double sum = 0;

	for (size_t i = 0; i < MINUTES; i++)
		sum += minutes[i];
	return sum;
}

START_TEST(without_jitter_all_come_at_once)
{
	struct policy policy;

	policy_init(&policy, "p");
	struct load load = load_of(&policy, 10000);

	/* At 2 s, 8 s, 26 s; 80 s; 242 s; 728 s; 2186 s. */
	ck_assert(apart(minutes[0], 30000) < 0.001);
	ck_assert(apart(minutes[1], 10000) < 0.001);
	ck_assert(apart(minutes[4], 10000) < 0.001);
	ck_assert(apart(minutes[12], 10000) < 0.001);
	ck_assert(apart(minutes[36], 10000) < 0.001);
	ck_assert(apart(load.retries, 70000) < 0.001);
	ck_assert_uint_eq(load.minute_count, 37);
	ck_assert_uint_eq(load.busiest, 0);
	ck_assert_int_eq(load.last, 2186 * S);
	ck_assert(!load.is_cut);
}
END_TEST

START_TEST(jitter_spreads_them_in_thirds)
{
	static const struct schedule spread = {
		.kind = SCHEDULE_FIXED, .first = 240 * S, .jitter_pct = 100};
	const struct policy policy = {
		.own = {.max_attempts = 2, .schedule = &spread}};
	struct load load = load_of(&policy, 300);

	ck_assert(apart(minutes[0], 100) < 0.001);
	ck_assert(apart(minutes[2], 100) < 0.001);
	ck_assert(apart(minutes[4], 100) < 0.001);
	ck_assert(apart(load.retries, 300) < 0.001);
	ck_assert_uint_eq(load.minute_count, 5);
}
END_TEST

START_TEST(no_message_is_lost_where_groups_are_merged)
{
	const struct policy policy = {
		.own = {.max_attempts = 20, .schedule = &uneven}};
	struct load load = load_of(&policy, 1000);

	ck_assert(apart(load.retries, 19000) < 0.01);
	ck_assert(apart(sum_of_minutes() + load.later, 19000) < 0.01);
	ck_assert_uint_le(load.minute_count, MINUTES);
}
END_TEST

START_TEST(merged_groups_keep_their_mean_time)
{
	const struct policy policy = {
		.own = {.max_attempts = 20, .schedule = &uneven}};
	const struct load load = load_of(&policy, 10);
	struct forecast f;
	struct forecast_call call;
	double expected = 0;
	double sum = 0;

	forecast_init(&f, &policy, &ehr, &unavailable,
		      &(struct message_facts){0}, &(struct step){0});
	while (forecast_next(&f, FORECAST_MEAN, &call))
		expected += (double)call.at / MILLIS_PER_MINUTE;
	for (size_t i = 0; i < MINUTES; i++)
		sum += minutes[i] * ((double)i + 0.5);
	ck_assert(apart(sum / load.retries, expected / 19) < 0.1);
}
END_TEST

START_TEST(no_merged_group_outlives_its_time)
{
	const struct policy policy = {.own = {.max_attempts = 20,
					      .schedule = &uneven,
					      .give_up_after = 9000 * S}};
	const struct policy unlimited = {
		.own = {.max_attempts = 20, .schedule = &uneven}};
	const struct message_facts hurry = {.has_deadline = true,
					    .to_deadline = 9000 * S};
	struct forecast first;

	ck_assert_int_le(load_of(&policy, 10).last, 9000 * S);
	forecast_init(&first, &unlimited, &ehr, &unavailable, &hurry,
		      &(struct step){0});
	const struct load load =
		load_forecast(&first, 10, &memory, minutes, MINUTES);

	ck_assert_int_le(load.last, 9000 * S);
	ck_assert_int_gt(load.last, 8900 * S);
}
END_TEST

START_TEST(what_gives_up_by_age_makes_fewer_retries)
{
	static const struct schedule spread = {
		.kind = SCHEDULE_FIXED, .first = 60 * S, .jitter_pct = 50};
	const struct policy policy = {
		.own = {.schedule = &spread, .give_up_after = 80 * S}};
	struct load load = load_of(&policy, 9);

	/* 30 s, 45 s or 60 s; then a second wait within 80 s: 30 + 30, 30 + 45,
	   45 + 30 s. */
	ck_assert(apart(load.retries, 9 + 3) < 0.001);
}
END_TEST

START_TEST(what_is_beyond_the_minutes_is_counted_apart)
{
	static const struct schedule six_hours = {.kind = SCHEDULE_FIXED,
						  .first = 6 * 3600 * S};
	const struct policy policy = {
		.own = {.schedule = &six_hours, .max_attempts = 4}};
	struct load load = load_of(&policy, 5);

	ck_assert(apart(load.retries, 15) < 0.001);
	ck_assert(apart(load.later, 10) < 0.001);
	ck_assert_int_eq(load.last, 18 * 3600 * S);
}
END_TEST

START_TEST(a_life_of_very_many_calls_is_cut_and_says_so)
{
	static const struct schedule second = {.kind = SCHEDULE_FIXED,
					       .first = S};
	const struct policy policy = {
		.own = {.schedule = &second, .max_attempts = ATTEMPTS_MAX}};
	struct load load = load_of(&policy, 1);

	ck_assert(load.is_cut);
	ck_assert(apart(load.retries, LOAD_ATTEMPTS_MAX) < 0.001);
	ck_assert(apart(minutes[1], 60) < 0.001);
}
END_TEST

START_TEST(what_is_not_tried_again_makes_no_load)
{
	static const struct outcome wrong = {.status = 400, .retry_after = -1};
	struct policy policy = {0};
	struct forecast first;

	forecast_init(&first, &policy, &ehr, &wrong, &(struct message_facts){0},
		      &(struct step){0});
	struct load load = load_forecast(&first, 10, &memory, minutes, MINUTES);

	ck_assert(load.retries == 0);
	ck_assert_uint_eq(load.minute_count, 0);
}
END_TEST

Suite *load_suite(void)
{
	Suite *suite = suite_create("load");
	TCase *tcase = tcase_create("load");

	tcase_add_test(tcase, without_jitter_all_come_at_once);
	tcase_add_test(tcase, jitter_spreads_them_in_thirds);
	tcase_add_test(tcase, no_message_is_lost_where_groups_are_merged);
	tcase_add_test(tcase, merged_groups_keep_their_mean_time);
	tcase_add_test(tcase, no_merged_group_outlives_its_time);
	tcase_add_test(tcase, what_gives_up_by_age_makes_fewer_retries);
	tcase_add_test(tcase, what_is_beyond_the_minutes_is_counted_apart);
	tcase_add_test(tcase, a_life_of_very_many_calls_is_cut_and_says_so);
	tcase_add_test(tcase, what_is_not_tried_again_makes_no_load);
	suite_add_tcase(suite, tcase);
	return suite;
}

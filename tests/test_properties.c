/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_properties.c - what holds for every policy, on random ones.
 *
 * The seed is fixed, and REBOUND_SEED names another. A failure says which seed
 * and which of the policies it was.
 */
#include <stdio.h>
#include <stdlib.h>

#include "policy/lanes.h"
#include "tests/policy_suites.h"
#include "tests/random_policy.h"

#define POLICIES     400
#define ATTEMPTS     12
#define LANES_ENOUGH 4096

static uint64_t seed;

static void set_up(void)
{
	const char *given = getenv("REBOUND_SEED");

	seed = given != NULL ? strtoull(given, NULL, 10) : 20260101;
}

/* Each policy has a generator of its own, to be made again by its number. */
static struct random random_of(uint64_t number)
{
	return (struct random){.state = seed * 1000003 + number};
}

#define HOLDS(what, number)                                                    \
	ck_assert_often(what, "seed %llu, number %llu: not " #what,            \
			(unsigned long long)seed,                              \
			(unsigned long long)(number))

/* --- schedules ------------------------------------------------------------------ */

static const uint32_t some_failures[] = {
	1, 2, 3, 4, 5, 9, 63, 64, 65, 1000, 99999, UINT32_MAX - 1, UINT32_MAX};

START_TEST(no_wait_is_zero_negative_or_over_the_longest)
{
	for (uint64_t n = 0; n < POLICIES; n++) {
		struct random random = random_of(n);
		struct schedule s;

		random_schedule(&random, &s);
		HOLDS(schedule_flaw(&s) == NULL, n);
		for (size_t i = 0; i < COUNT(some_failures); i++) {
			millis wait = 1;
			bool goes_on =
				schedule_wait(&s, some_failures[i],
					      random_bits(&random), &wait);

			HOLDS(goes_on || s.then_park, n);
			HOLDS(wait >= 1, n);
			HOLDS(wait <= SCHEDULE_DELAY_MAX, n);
		}
	}
}
END_TEST

START_TEST(every_wait_is_one_of_the_listed_ones)
{
	static const uint32_t dice[] = {0,          0x55555555, 0x55555556,
					0xaaaaaaaa, 0xaaaaaaab, UINT32_MAX};

	for (uint64_t n = 0; n < POLICIES; n++) {
		struct random random = random_of(n);
		struct schedule s;

		random_schedule(&random, &s);
		for (size_t i = 0; i < COUNT(some_failures); i++) {
			millis waits[SCHEDULE_JITTER_STEPS] = {0};
			size_t count =
				schedule_waits(&s, some_failures[i], waits);

			for (size_t d = 0; d < COUNT(dice); d++) {
				millis wait = 0;
				bool is_listed = false;
				bool is_given = schedule_wait(
					&s, some_failures[i], dice[d], &wait);

				HOLDS(is_given == (count > 0), n);
				for (size_t w = 0; w < count; w++)
					is_listed |= waits[w] == wait;
				HOLDS(is_listed || !is_given, n);
			}
		}
	}
}
END_TEST

START_TEST(waits_grow_where_that_is_promised_and_settle)
{
	for (uint64_t n = 0; n < POLICIES; n++) {
		struct random random = random_of(n);
		struct schedule s;
		millis before = 0;
		millis waits[SCHEDULE_JITTER_STEPS] = {0};

		random_schedule(&random, &s);
		if (s.kind == SCHEDULE_CUSTOM)
			continue;
		for (uint32_t f = 1; f <= 200; f++) {
			(void)schedule_waits(&s, f, waits);
			HOLDS(waits[0] >= before, n);
			HOLDS(s.kind == SCHEDULE_FIXED || waits[0] <= s.max, n);
			before = waits[0];
		}
		uint32_t settled = schedule_settles(&s);
		(void)schedule_waits(&s, settled, waits);
		before = waits[0];
		(void)schedule_waits(&s, UINT32_MAX, waits);
		HOLDS(waits[0] == before, n);
		if (settled < 2)
			continue;
		(void)schedule_waits(&s, settled - 1, waits);
		HOLDS(waits[0] < before, n);
	}
}
END_TEST

/* --- ladders ---------------------------------------------------------------------- */

START_TEST(a_ladder_keeps_its_promise_up_to_seven_days)
{
	for (uint64_t n = 0; n < 20000; n++) {
		struct random random = random_of(n);
		millis asked = random_millis(&random, 1, 7 * MILLIS_PER_DAY);
		millis ceiling = random_millis(
			&random, asked < LADDER_FIRST ? LADDER_FIRST : asked,
			7 * MILLIS_PER_DAY);
		millis rungs[LADDER_RUNGS_MAX];
		size_t count = ladder_rungs(ceiling, rungs);
		millis rounded = ladder_round(asked);
		millis left = rounded;
		millis waited = 0;
		int trips = 0;

		while (left > 0 && trips < 100) {
			waited += ladder_next(rungs, count, left, &left);
			trips++;
		}
		HOLDS(waited >= asked, n);
		HOLDS(waited == rounded, n);
		HOLDS(8 * (waited - asked) < asked || waited - asked < 1000, n);
		HOLDS(trips <= 4, n);
	}
}
END_TEST

/* --- lives of messages -------------------------------------------------------------- */

/* What a decision has to keep to. */
struct bounds {
	struct settled settled;
	millis least;   /* of the schedule's waits */
	millis longest; /* of the same */
	millis asked;   /* what the server may ask for; 0: nothing */
	uint32_t failures;
};

static struct bounds bounds_of(const struct random_policy *p,
			       const struct judgement *j,
			       const struct message_facts *facts,
			       const struct step *step,
			       const struct outcome *outcome)
{
	struct bounds b = {
		.settled = policy_settle(&p->policy, &p->downstream, j->rule,
					 j->error, j->class,
					 policy_type(&p->policy, facts->type))};
	millis waits[SCHEDULE_JITTER_STEPS];

	b.failures = step_failures(step, text_of(j->error));
	if (b.failures < UINT32_MAX)
		b.failures++;
	size_t count = schedule_waits(b.settled.schedule, b.failures, waits);
	if (count > 0) {
		b.longest = waits[0];
		b.least = waits[count - 1];
	}
	if (outcome->retry_after < 0 || !b.settled.honours_retry_after)
		return b;
	b.asked = outcome->retry_after;
	if (b.asked < b.settled.retry_after_floor)
		b.asked = b.settled.retry_after_floor;
	if (b.asked > b.settled.retry_after_ceiling)
		b.asked = b.settled.retry_after_ceiling;
	return b;
}

static bool has_lane(const struct random_policy *p, millis delay)
{
	static millis lanes[LANES_ENOUGH];
	size_t count = lanes_of_policy(&p->policy, &p->downstream, lanes,
				       LANES_ENOUGH);

	for (size_t i = 0; i < count && i < LANES_ENOUGH; i++)
		if (lanes[i] == delay)
			return true;
	return false;
}

/* Is a lane a wait of one of the schedules, while it can come to that? */
static bool is_asked_for(const struct random_policy *p, millis lane)
{
	for (size_t s = 0; s <= p->schedule_count; s++) {
		const struct schedule *schedule =
			s < p->schedule_count ? &p->schedules[s]
					      : tuning_built_in()->schedule;

		for (uint32_t f = 1; f < ATTEMPTS; f++) {
			millis waits[SCHEDULE_JITTER_STEPS];
			size_t count = schedule_waits(schedule, f, waits);

			for (size_t w = 0; w < count; w++)
				if (waits[w] == lane)
					return true;
		}
	}
	return false;
}

START_TEST(every_lane_is_a_wait_of_a_schedule)
{
	static millis lanes[LANES_ENOUGH];

	for (uint64_t n = 0; n < POLICIES / 4; n++) {
		struct random random = random_of(n);
		struct random_policy p;

		random_policy(&random, ATTEMPTS, &p);
		size_t count = lanes_of_policy(&p.policy, &p.downstream, lanes,
					       LANES_ENOUGH);
		HOLDS(count <= LANES_ENOUGH, n);
		for (size_t i = 0; i < count; i++) {
			HOLDS(i == 0 || lanes[i - 1] < lanes[i], n);
			HOLDS(is_asked_for(&p, lanes[i]), n);
		}
	}
}
END_TEST

static int trips_of(const struct random_policy *p, millis delay)
{
	millis rungs[LADDER_RUNGS_MAX];
	millis longest = lanes_longest_asked(&p->policy, &p->downstream);
	size_t count = ladder_rungs(
		longest < LADDER_FIRST ? LADDER_FIRST : longest, rungs);
	int trips = 0;

	for (; delay > 0 && trips < 100; trips++)
		(void)ladder_next(rungs, count, delay, &delay);
	return trips;
}

static void assert_retry(const struct random_policy *p, const struct bounds *b,
			 const struct verdict *v, uint64_t n)
{
	HOLDS(v->delay >= 1, n);
	HOLDS(v->delay >= b->least, n);
	HOLDS(v->delay >= b->asked, n);
	if (v->by_server) {
		HOLDS(v->delay == ladder_round(b->asked), n);
		HOLDS(trips_of(p, v->delay) <= 4, n);
		return;
	}
	HOLDS(v->delay <= b->longest, n);
	HOLDS(has_lane(p, v->delay), n);
}

static void assert_verdict(const struct random_policy *p,
			   const struct message_facts *facts,
			   const struct step *step, const struct outcome *o,
			   const struct verdict *v, uint64_t n)
{
	const struct judgement j = policy_judge(&p->policy, &p->downstream, o);

	HOLDS((v->kind == VERDICT_DONE) == j.is_done, n);
	if (j.is_done)
		return;
	HOLDS(j.error != NULL && v->error == j.error, n);
	HOLDS(j.class != CLASS_PERMANENT ||
		      (v->kind == VERDICT_PARK && v->reason == PARK_PERMANENT),
	      n);
	if (v->kind == VERDICT_PARK)
		return;
	const struct bounds b = bounds_of(p, &j, facts, step, o);
	HOLDS((uint64_t)step->attempts + 1 < b.settled.max_attempts, n);
	HOLDS(v->delay <= b.settled.give_up_after - facts->age, n);
	HOLDS(!facts->has_deadline || v->delay <= facts->to_deadline, n);
	HOLDS(j.class != CLASS_AMBIGUOUS ||
		      b.settled.ambiguous == AMBIGUOUS_RETRY,
	      n);
	if (v->kind == VERDICT_RETRY)
		assert_retry(p, &b, v, n);
	else
		HOLDS(v->delay >= 1 && facts->may_quick && v->delay >= b.asked,
		      n);
}

/* One message until it ends; as many calls as it had. */
static uint32_t live(struct random *random, const struct random_policy *p,
		     uint64_t n)
{
	struct step step = {0};
	struct message_facts facts = {.type = text_of(random_type(random)),
				      .may_quick = true};
	millis deadline = random_millis(random, 0, INT64_MAX);

	facts.has_deadline = random_below(random, 2) == 0;
	for (;;) {
		struct outcome o = random_outcome(random);

		facts.to_deadline = deadline - facts.age;
		const struct verdict v =
			policy_decide(&p->policy, &p->downstream, &facts, &step,
				      &o, random_bits(random));
		assert_verdict(p, &facts, &step, &o, &v, n);
		step.attempts++;
		if (v.kind == VERDICT_DONE || v.kind == VERDICT_PARK ||
		    step.attempts > ATTEMPTS)
			return step.attempts;
		facts.age += v.delay;
		if (v.kind == VERDICT_QUICK) {
			facts.quick_made++;
			facts.quick_spent += v.delay;
			continue;
		}
		facts.quick_made = 0;
		facts.quick_spent = 0;
		step_count_failure(&step, text_of(v.error));
	}
}

START_TEST(every_life_ends_and_every_wait_has_a_lane)
{
	for (uint64_t n = 0; n < POLICIES; n++) {
		struct random random = random_of(n);
		struct random_policy p;

		random_policy(&random, ATTEMPTS, &p);
		for (int message = 0; message < 10; message++)
			HOLDS(live(&random, &p, n) <= ATTEMPTS, n);
	}
}
END_TEST

/* Numbers that no message should have, and a broker could bring. */
static struct step extreme_step(struct random *random)
{
	static const uint32_t counts[] = {0, 1, 7, UINT32_MAX - 1, UINT32_MAX};
	static const char *const names[] = {"busy", "server-error", "rejected"};
	struct step step = {.attempts =
				    counts[random_below(random, COUNT(counts))],
			    .failure_count = COUNT(names)};

	for (size_t i = 0; i < COUNT(names); i++)
		step.failures[i] = (struct step_errors){
			text_of(names[i]),
			counts[random_below(random, COUNT(counts))]};
	return step;
}

START_TEST(nothing_overflows_at_the_extremes)
{
	for (uint64_t n = 0; n < 20 * POLICIES; n++) {
		struct random random = random_of(n);
		struct random_policy p;
		const struct outcome o = random_outcome(&random);
		const struct step step = extreme_step(&random);
		const struct message_facts facts = {
			.type = text_of(random_type(&random)),
			.age = random_millis(&random, 0, INT64_MAX),
			.has_deadline = random_below(&random, 2) == 0,
			.to_deadline = random_millis(&random, -INT64_MAX / 2,
						     INT64_MAX / 2),
			.may_quick = true,
			.quick_made = random_bits(&random),
			.quick_spent = random_millis(&random, 0, INT64_MAX)};

		random_policy(&random, ATTEMPTS_MAX, &p);
		const struct verdict v =
			policy_decide(&p.policy, &p.downstream, &facts, &step,
				      &o, random_bits(&random));

		HOLDS(v.kind == VERDICT_DONE || v.kind == VERDICT_PARK ||
			      (v.delay >= 1 &&
			       v.delay <= POLICY_UNLIMITED_TIME - facts.age),
		      n);
	}
}
END_TEST

Suite *properties_suite(void)
{
	Suite *suite = suite_create("properties");
	TCase *tests = tcase_create("of random policies");

	tcase_add_checked_fixture(tests, set_up, NULL);
	tcase_add_test(tests, no_wait_is_zero_negative_or_over_the_longest);
	tcase_add_test(tests, every_wait_is_one_of_the_listed_ones);
	tcase_add_test(tests, waits_grow_where_that_is_promised_and_settle);
	tcase_add_test(tests, a_ladder_keeps_its_promise_up_to_seven_days);
	tcase_add_test(tests, every_lane_is_a_wait_of_a_schedule);
	tcase_add_test(tests, every_life_ends_and_every_wait_has_a_lane);
	tcase_add_test(tests, nothing_overflows_at_the_extremes);
	suite_add_tcase(suite, tests);
	return suite;
}

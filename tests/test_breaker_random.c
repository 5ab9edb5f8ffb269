/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_breaker_random.c - what holds for a breaker whatever happens, in random
 * order: calls that overlap, their ends, time, words, probes, holds.
 */
#include "policy/breaker.h"

#include "tests/policy_suites.h"
#include "tests/random_policy.h"

#define CALLS_MAX 64
#define LIVES     400
#define EVENTS    400

struct life {
	struct random random;
	struct breaker b;
	millis now;
	struct breaker_ticket calls[CALLS_MAX]; /* under way */
	uint32_t calling;
	/* Of the state that it is in. */
	uint32_t changes;
	uint32_t begun; /* calls, less those that were given back */
};

static struct breaker_rules random_rules(struct random *random)
{
	struct breaker_rules r = {0};

	r.window = random_millis(random, BREAKER_SLICES, MILLIS_PER_HOUR);
	r.calls = 1 + random_below(random, 30);
	r.share_pct = 1 + random_below(random, 100);
	r.row = random_below(random, 12);
	r.open = random_millis(random, 1, MILLIS_PER_MINUTE);
	r.open_max = random_millis(random, r.open, MILLIS_PER_HOUR);
	r.jitter_pct = random_below(random, 101);
	r.probes = 1 + random_below(random, 4);
	r.ramp = random_below(random, 2) == 0
			 ? 0
			 : random_millis(random, 1, MILLIS_PER_HOUR);
	r.storm =
		random_below(random, 2) == 0 ? 0 : 2 + random_below(random, 20);
	r.is_off = random_below(random, 10) == 0;
	return r;
}

#define HOLDS(what) ck_assert_often(what, "not " #what)

/* What must hold after each event. */
static void look(struct life *life)
{
	struct breaker *b = &life->b;
	uint32_t room = breaker_room(b, life->calling);

	ck_assert_often(breaker_flaw(b) == NULL, "%s is wrong",
			breaker_flaw(b));
	if (b->changes != life->changes) {
		life->changes = b->changes;
		life->begun = 0;
	}
	switch (b->state) {
	case BREAKER_OPEN:
	case BREAKER_STORM:
	case BREAKER_HELD:
		HOLDS(room == 0);
		break;
	case BREAKER_HALF_OPEN:
		HOLDS(life->begun <= b->rules.probes);
		HOLDS(room <= b->rules.probes - life->begun);
		break;
	case BREAKER_RAMP:
		HOLDS(b->limit <= b->full);
		HOLDS(room == 0 || room + life->calling <= b->limit);
		break;
	case BREAKER_CLOSED:
		HOLDS(room == 0 || room + life->calling <= b->full);
		break;
	}
	/* What ends by time says when. */
	if (b->state == BREAKER_OPEN || b->state == BREAKER_STORM) {
		HOLDS(breaker_next(b) >= 0);
		HOLDS(breaker_next(b) <= b->since + b->rules.open_max);
	}
}

static void begin_call(struct life *life)
{
	if (breaker_room(&life->b, life->calling) == 0 ||
	    life->calling == CALLS_MAX)
		return;
	life->calls[life->calling++] = breaker_take(&life->b);
	life->begun++;
}

static struct breaker_ticket end_call(struct life *life)
{
	uint32_t i = random_below(&life->random, life->calling);
	struct breaker_ticket ticket = life->calls[i];

	life->calls[i] = life->calls[--life->calling];
	return ticket;
}

static void answer(struct life *life)
{
	static const char *const errors[] = {"auth", "schema", ""};
	struct random *random = &life->random;
	enum breaker_answer kind = (enum breaker_answer)random_below(random, 4);
	const char *error = errors[random_below(random, 3)];
	struct breaker_ticket ticket;
	bool is_held;

	if (life->calling == 0)
		return;
	ticket = end_call(life);
	is_held = breaker_answered(&life->b, ticket, kind, text_of(error),
				   random_below(random, 50), life->now,
				   random_bits(random));
	if (is_held) {
		ck_assert_int_eq(kind, BREAKER_PERMANENT);
		ck_assert(breaker_holds(&life->b, text_of(error)));
		ck_assert(breaker_is_shut(&life->b) ||
			  ticket.changes != life->b.changes);
	}
}

static void give_back(struct life *life)
{
	struct breaker_ticket ticket;

	if (life->calling == 0)
		return;
	ticket = end_call(life);
	breaker_give_back(&life->b, ticket);
	if (ticket.changes == life->b.changes)
		life->begun--;
}

static void hear(struct life *life)
{
	struct breaker *b = &life->b;
	struct random *random = &life->random;
	millis wait = random_millis(random, -5, 2 * MILLIS_PER_HOUR);

	switch (random_below(random, 6)) {
	case 0:
		(void)breaker_hear_open(
			b, wait,
			random_below(random, 2) == 0 ? TEXT("") : TEXT("auth"),
			life->now);
		return;
	case 1:
		(void)breaker_hear_closed(b, life->now);
		return;
	case 2:
		breaker_hold(b, wait < 0 ? -1 : life->now + wait,
			     BREAKER_BY_OPERATOR, life->now);
		return;
	case 3:
		(void)breaker_resume(b, BREAKER_BY_OPERATOR, life->now);
		return;
	case 4:
		breaker_set_full(b, 1 + random_below(random, 40));
		return;
	default:
		(void)breaker_healthy(b, life->now);
		return;
	}
}

static void happen(struct life *life)
{
	switch (random_below(&life->random, 8)) {
	case 0:
		life->now += random_millis(&life->random, 0, MILLIS_PER_MINUTE);
		(void)breaker_tick(&life->b, life->now);
		return;
	case 1:
		hear(life);
		return;
	case 2:
		give_back(life);
		return;
	case 3:
	case 4:
		answer(life);
		return;
	default:
		begin_call(life);
		return;
	}
}

static void live(struct life *life, uint64_t seed)
{
	struct breaker_rules rules;

	*life = (struct life){.random = {.state = seed + 1}, .now = 1000};
	rules = random_rules(&life->random);
	breaker_init(&life->b, &rules, 1 + random_below(&life->random, 40),
		     life->now);
	for (int i = 0; i < EVENTS; i++) {
		happen(life);
		look(life);
	}
}

START_TEST(no_more_than_its_probes_its_step_or_its_full)
{
	for (uint64_t seed = 0; seed < LIVES; seed++) {
		struct life life;

		live(&life, seed);
	}
}
END_TEST

/* Whatever has happened before: no state is one that it never leaves. */
START_TEST(one_that_is_fed_successes_closes)
{
	for (uint64_t seed = 0; seed < LIVES; seed++) {
		struct life life;
		int turns = 0;

		live(&life, seed);
		while (life.calling > 0) /* all that was under way is lost */
			give_back(&life);
		(void)breaker_resume(&life.b, BREAKER_BY_OPERATOR, life.now);
		while (life.b.state != BREAKER_CLOSED) {
			millis next = breaker_next(&life.b);

			ck_assert_int_lt(turns++, 2000);
			if (breaker_room(&life.b, 0) > 0)
				(void)breaker_answered(
					&life.b, breaker_take(&life.b),
					BREAKER_SUCCESS, TEXT(""), 1, life.now,
					0);
			else
				ck_assert_int_ge(next, 0);
			if (next > life.now)
				life.now = next;
			(void)breaker_tick(&life.b, life.now);
			look(&life);
		}
	}
}
END_TEST

START_TEST(one_that_is_fed_failures_makes_few_calls)
{
	for (uint64_t seed = 0; seed < LIVES; seed++) {
		struct life life;
		millis begun;
		uint64_t calls = 0;

		live(&life, seed);
		if (life.b.rules.is_off)
			continue;
		while (life.b.state != BREAKER_OPEN) {
			if (breaker_room(&life.b, 0) > 0)
				(void)breaker_answered(
					&life.b, breaker_take(&life.b),
					BREAKER_FAILURE, TEXT("x"), 1, life.now,
					UINT32_MAX);
			else
				(void)breaker_resume(
					&life.b, BREAKER_BY_OPERATOR, life.now);
			/* With no row and no calls enough it may never. */
			if (calls++ > 20000)
				break;
		}
		if (life.b.state != BREAKER_OPEN)
			continue;
		begun = life.now;
		for (calls = 0; calls < 50; calls++) {
			millis open = life.b.rules.open;

			life.now = breaker_next(&life.b);
			/* At least its share of the first time. */
			ck_assert_int_ge(
				life.now - life.b.since,
				calls == 0
					? 0
					: open -
						  open *
							  life.b.rules
								  .jitter_pct /
							  100 -
						  1);
			ck_assert(breaker_tick(&life.b, life.now));
			(void)breaker_answered(&life.b, breaker_take(&life.b),
					       BREAKER_FAILURE, TEXT("x"), 1,
					       life.now, UINT32_MAX);
			ck_assert_int_eq(life.b.state, BREAKER_OPEN);
		}
		ck_assert_int_ge(life.now, begun);
	}
}
END_TEST

Suite *breaker_random_suite(void)
{
	Suite *suite = suite_create("breaker_random");
	TCase *tests = tcase_create("properties");

	tcase_add_test(tests, no_more_than_its_probes_its_step_or_its_full);
	tcase_add_test(tests, one_that_is_fed_successes_closes);
	tcase_add_test(tests, one_that_is_fed_failures_makes_few_calls);
	suite_add_tcase(suite, tests);
	return suite;
}

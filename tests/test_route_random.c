/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_route_random.c - what holds for a message on its route, whatever its calls
 * come to, wherever a worker dies, and however many copies there are.
 *
 * A model of the broker: copies of one message, each with the progress that its
 * headers carry. A worker takes one and goes by the machine; it may die at any
 * point, and what it did since it took the copy is then forgotten. If it dies
 * after its new copy was confirmed and before the old one is acked, there are two.
 *
 * The seed is fixed, and REBOUND_SEED names another. A failure says which seed
 * and which life it was.
 */
#include "policy/route.h"

#include <stdlib.h>

#include "tests/policy_suites.h"
#include "tests/random_policy.h"

#define LIVES      1000
#define COPIES_MAX 8
#define TRIES      4 /* of one place, for good then */
#define TROUBLES   6 /* deaths of workers in one life */

/* What the headers of a copy carry. */
struct carried {
	enum step_state state;
	millis rest;
	uint32_t tries;
	bool is_done; /* by what its calls came to, whatever the machine says */
};

struct copy {
	enum route_state state;
	struct carried steps[ROUTE_STEPS_MAX];
	struct carried undos[ROUTE_STEPS_MAX];
};

struct life {
	uint64_t number;
	struct random random;
	struct route route;
	uint32_t applies;
	millis now;
	uint32_t troubles; /* left */
	struct copy copies[COPIES_MAX];
	size_t count;
};

/* One delivery: the copy that was taken, and what came of it so far. */
struct attempt {
	struct copy copy;
	struct route_progress p;
	uint32_t calling; /* bit i: step or undo i is under way */
	bool is_undo;
};

static uint64_t seed;

static void set_seed(void)
{
	const char *given = getenv("REBOUND_SEED");

	seed = given != NULL ? strtoull(given, NULL, 10) : 20260101;
}

#define HOLDS(life, what)                                                      \
	ck_assert_often(what, "seed %llu, life %llu: not " #what,              \
			(unsigned long long)seed,                              \
			(unsigned long long)(life)->number)

static bool one_in(struct life *life, uint32_t n)
{
	return random_below(&life->random, n) == 0;
}

static uint32_t some_of(struct life *life, size_t count)
{
	return random_bits(&life->random) & ((UINT32_C(1) << count) - 1);
}

/* --- the broker ------------------------------------------------------------- */

static struct carried *of_copy(struct copy *copy, bool is_undo)
{
	return is_undo ? copy->undos : copy->steps;
}

static const struct route_place *of_progress(const struct route_progress *p,
					     bool is_undo)
{
	return is_undo ? p->undos : p->steps;
}

static void unpack(const struct carried *from, struct route_place *into,
		   millis now)
{
	for (size_t i = 0; i < ROUTE_STEPS_MAX; i++)
		into[i] = (struct route_place){
			.state = from[i].state,
			.due = now + from[i].rest,
		};
}

static void pack(const struct route_place *from, struct carried *into,
		 millis now, millis trip)
{
	for (size_t i = 0; i < ROUTE_STEPS_MAX; i++) {
		into[i].state = from[i].state;
		into[i].rest = from[i].state == STEP_WAITING
				       ? route_rest(&from[i], now, trip)
				       : 0;
	}
}

/* The worker dies here. The copy that it took is there again. */
static bool dies(struct life *life)
{
	if (life->troubles == 0 || !one_in(life, 12))
		return false;
	life->troubles--;
	return true;
}

/* A lane of its own takes the whole delay; a rung takes part of it, or, at the
   end, somewhat more. */
static millis trip_of(const struct route_effect *effect)
{
	if (!effect->by_ladder)
		return effect->delay;
	return effect->delay <= 2 ? 2 : (effect->delay + 1) / 2;
}

/* --- one delivery ----------------------------------------------------------- */

static void begin_calls(struct life *life, struct attempt *a,
			const struct route_effect *effect)
{
	const struct carried *taken = of_copy(&a->copy, effect->is_undo);

	HOLDS(life, effect->call != 0 || a->calling != 0);
	HOLDS(life, (effect->call & a->calling) == 0);
	a->is_undo = effect->is_undo;
	a->calling |= effect->call;
	for (size_t i = 0; i < ROUTE_STEPS_MAX; i++) {
		if ((effect->call >> i & 1) == 0)
			continue;
		/* No call of what the worker saw to be finished. */
		HOLDS(life, i < life->route.step_count);
		HOLDS(life, !taken[i].is_done);
		HOLDS(life,
		      of_progress(&a->p, a->is_undo)[i].state == STEP_WAITING);
		HOLDS(life, a->is_undo || taken[i].state == STEP_WAITING);
		HOLDS(life, a->is_undo || (life->applies >> i & 1) != 0);
		/* Nor too early. */
		HOLDS(life, of_progress(&a->p, a->is_undo)[i].due <= life->now);
		/* Nothing is undone that is not done, and no two at a time. */
		HOLDS(life, !a->is_undo || a->p.steps[i].state == STEP_DONE);
		HOLDS(life, !a->is_undo || (life->route.undo_able >> i & 1));
		HOLDS(life, !a->is_undo || a->calling == UINT32_C(1) << i);
	}
	if (life->route.order == ROUTE_SEQUENTIAL)
		HOLDS(life, (a->calling & (a->calling - 1)) == 0);
}

static struct verdict some_verdict(struct life *life, struct carried *place)
{
	struct verdict verdict = {.kind = VERDICT_DONE};

	place->tries++;
	place->is_done = one_in(life, 2);
	if (place->is_done)
		return verdict;
	if (one_in(life, 6) || place->tries >= TRIES) {
		verdict.kind = VERDICT_PARK;
		verdict.reason = PARK_ATTEMPTS;
		return verdict;
	}
	verdict.kind = VERDICT_RETRY;
	verdict.delay = random_millis(&life->random, 1, 100000);
	verdict.by_server = one_in(life, 3);
	return verdict;
}

/* One of those that are under way ends. */
static struct route_effect end_call(struct life *life, struct attempt *a)
{
	struct verdict verdict;
	uint32_t i;

	do
		i = random_below(&life->random, ROUTE_STEPS_MAX);
	while ((a->calling >> i & 1) == 0);
	a->calling &= ~(UINT32_C(1) << i);
	verdict = some_verdict(life, &of_copy(&a->copy, a->is_undo)[i]);
	life->now += random_millis(&life->random, 0, 3000);
	return route_answered(&a->p, i, a->is_undo, &verdict, life->now);
}

/* Until the attempt is over. False: the worker died before. */
static bool attempt(struct life *life, struct attempt *a,
		    struct route_effect *effect)
{
	a->p = (struct route_progress){
		.route = life->route,
		.state = a->copy.state,
		.applies = life->applies,
	};
	unpack(a->copy.steps, a->p.steps, life->now);
	unpack(a->copy.undos, a->p.undos, life->now);
	*effect = route_begin(&a->p, life->now);
	while (effect->end == ROUTE_ON) {
		begin_calls(life, a, effect);
		if (dies(life))
			return false;
		*effect = end_call(life, a);
	}
	HOLDS(life, a->calling == 0);
	return !dies(life);
}

/* Every step is done, undone, or named. */
static void check_end(struct life *life, const struct attempt *a,
		      const struct route_effect *effect)
{
	uint32_t named = route_missing(&a->p) | route_standing(&a->p);

	for (size_t i = 0; i < life->route.step_count; i++) {
		enum step_state state = a->p.steps[i].state;
		bool is_for_it = (life->applies >> i & 1) != 0;

		if (effect->end == ROUTE_DONE)
			HOLDS(life, !is_for_it || state == STEP_DONE);
		else
			HOLDS(life, !is_for_it || state == STEP_UNDONE ||
					    (named >> i & 1) != 0);
		/* What is undone was undone by a call that succeeded. */
		HOLDS(life,
		      state != STEP_UNDONE || a->p.undos[i].state == STEP_DONE);
	}
	if (effect->end == ROUTE_NONE)
		HOLDS(life, life->applies == 0);
	if (effect->end == ROUTE_PARKED)
		HOLDS(life, effect->step < life->route.step_count);
	if (effect->end == ROUTE_PARKED && a->p.state == ROUTE_COMPENSATING &&
	    !effect->is_undo)
		HOLDS(life,
		      (route_standing(&a->p) & life->route.undo_able) == 0);
}

static void deliver(struct life *life)
{
	size_t at = random_below(&life->random, (uint32_t)life->count);
	struct attempt a = {.copy = life->copies[at]};
	struct route_effect effect;
	struct copy next;
	millis trip;

	if (!attempt(life, &a, &effect))
		return;
	if (effect.end != ROUTE_RETRY) {
		check_end(life, &a, &effect);
		life->copies[at] = life->copies[--life->count];
		return;
	}
	HOLDS(life, effect.delay >= 1);
	trip = trip_of(&effect);
	next = a.copy;
	next.state = a.p.state;
	pack(a.p.steps, next.steps, life->now, trip);
	pack(a.p.undos, next.undos, life->now, trip);
	/* The copy is confirmed; does the worker live to ack the old one? */
	if (life->count < COPIES_MAX && dies(life))
		at = life->count++;
	life->copies[at] = next;
	life->now += trip;
}

/* --- whole lives -------------------------------------------------------------- */

static void begin_life(struct life *life, uint64_t number)
{
	*life = (struct life){
		.number = number,
		.random = {.state = seed * 1000003 + number},
		.now = 1000,
		.troubles = TROUBLES,
		.count = 1,
	};
	life->route.order = (enum route_order)random_below(&life->random, 2);
	life->route.on_failure =
		(enum route_failure)random_below(&life->random, 2);
	life->route.step_count = one_in(life, 8)
					 ? ROUTE_STEPS_MAX
					 : random_below(&life->random, 6);
	life->route.undo_able = some_of(life, life->route.step_count);
	if (one_in(life, 2))
		life->route.undo_able |= some_of(life, life->route.step_count);
	life->applies = some_of(life, life->route.step_count);
	if (one_in(life, 2))
		life->applies = (UINT32_C(1) << life->route.step_count) - 1;
	/* Two of the same, as of a lost ack. */
	if (one_in(life, 3))
		life->count = 2;
}

/*
 * Each delivery that no death cuts either ends its copy, uses up a try of a
 * place, or halves a wait, which it can do some 18 times (100 s) for each try.
 */
static uint32_t longest(const struct life *life)
{
	uint32_t tries = (uint32_t)life->route.step_count * TRIES * 2;

	return (1 + tries) * 18 * COPIES_MAX + TROUBLES + 1;
}

START_TEST(whatever_happens_it_ends_and_what_is_done_is_not_called_again)
{
	for (uint64_t number = 0; number < LIVES; number++) {
		struct life life;
		uint32_t deliveries = 0;

		begin_life(&life, number);
		while (life.count > 0) {
			HOLDS(&life, deliveries++ < longest(&life));
			deliver(&life);
		}
	}
}
END_TEST

Suite *route_random_suite(void)
{
	Suite *suite = suite_create("route_random");
	TCase *tests = tcase_create("properties");

	tcase_add_checked_fixture(tests, set_seed, NULL);
	tcase_add_test(
		tests,
		whatever_happens_it_ends_and_what_is_done_is_not_called_again);
	suite_add_tcase(suite, tests);
	return suite;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_route.c - the promises of policy/route.h, as lives of messages.
 *
 * A life is a delivery: what the message brings, and then event after event,
 * each with the effect that it has to have.
 */
#include "policy/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/policy_suites.h"

#define MOVES_MAX 12
#define BEGUN     1000 /* the time 0 of a life */

/*
 * Steps: w waiting, d done, f failed, u undone; a capital does not apply; a
 * number: what it has still to wait. Undos: the same, - for none.
 *
 * Events, behind the time: "begin", "STEP done|park|retry MS|asked MS" (asked:
 * by a server).
 */
struct life {
	const char *name;
	const char *route; /* "parallel park", ... "!": is compensating */
	const char *steps;
	const char *undos;
	const char *moves[MOVES_MAX][2];
};

static const struct life lives[] = {
	/* --- parallel --- */
	{"all that is due is called at once, and done when all are",
	 "parallel park",
	 "w w w",
	 "- - -",
	 {{"0 begin", "call 0 1 2"},
	  {"1 1 done", "wait"},
	  {"2 0 done", "wait"},
	  {"3 2 done", "done"}}},
	{"what is done is not called again",
	 "parallel park",
	 "d w d",
	 "- - -",
	 {{"0 begin", "call 1"}, {"0 1 done", "done"}}},
	{"a message whose steps are all done is done",
	 "parallel park",
	 "d d",
	 "- -",
	 {{"0 begin", "done"}}},
	{"what does not apply is not called, whatever it is",
	 "parallel park",
	 "W w F U D",
	 "- - - - -",
	 {{"0 begin", "call 1"}, {"0 1 done", "done"}}},
	{"no step applies",
	 "parallel park",
	 "W D F",
	 "- - -",
	 {{"0 begin", "none"}}},
	{"a route without steps",
	 "parallel park",
	 "",
	 "",
	 {{"0 begin", "none"}}},
	{"the retry waits for the failed one only",
	 "parallel park",
	 "w w",
	 "- -",
	 {{"0 begin", "call 0 1"},
	  {"0 0 retry 2000", "wait"},
	  {"9 1 done", "retry 0 in 2000"}}},
	{"it goes where the first is due",
	 "parallel park",
	 "w w w",
	 "- - -",
	 {{"0 begin", "call 0 1 2"},
	  {"0 0 retry 5000", "wait"},
	  {"0 1 retry 2000", "wait"},
	  {"0 2 retry 9000", "retry 1 in 2000"}}},
	{"a wait has all of its delay, from the end of the attempt",
	 "parallel park",
	 "w w",
	 "- -",
	 {{"0 begin", "call 0 1"},
	  {"0 0 retry 2000", "wait"},
	  {"1500 1 retry 1800", "retry 1 in 1800"}}},
	{"even one that would be over by then",
	 "parallel park",
	 "w w",
	 "- -",
	 {{"0 begin", "call 0 1"},
	  {"0 0 retry 2000", "wait"},
	  {"7000 1 done", "retry 0 in 2000"}}},
	{"of two that are due at once, the one with a lane of its own",
	 "parallel park",
	 "w w w",
	 "- - -",
	 {{"0 begin", "call 0 1 2"},
	  {"0 0 asked 2000", "wait"},
	  {"0 1 retry 2000", "wait"},
	  {"0 2 asked 2000", "retry 1 in 2000"}}},
	{"of two that are alike, the first",
	 "parallel park",
	 "w w",
	 "- -",
	 {{"0 begin", "call 0 1"},
	  {"0 1 asked 2000", "wait"},
	  {"0 0 asked 2000", "retry 0 in 2000 by ladder"}}},
	{"what is left of a wait goes through the ladder",
	 "parallel park",
	 "w w3000 d",
	 "- - -",
	 {{"0 begin", "call 0"}, {"1000 0 done", "retry 1 in 2000 by ladder"}}},
	{"the first of what is left",
	 "parallel park",
	 "w9000 w3000 w4000",
	 "- - -",
	 {{"0 begin", "retry 1 in 3000 by ladder"}}},
	{"where nothing is due, nothing is called",
	 "parallel park",
	 "w3000",
	 "-",
	 {{"0 begin", "retry 0 in 3000 by ladder"}}},
	{"what becomes due during the attempt is called in it",
	 "parallel park",
	 "w w300 w400",
	 "- - -",
	 {{"0 begin", "call 0"},
	  {"300 0 retry 2000", "call 1"},
	  {"400 1 done", "call 2"},
	  {"401 2 done", "retry 0 in 2000"}}},
	{"and beside what is under way",
	 "parallel park",
	 "w w w300",
	 "- - -",
	 {{"0 begin", "call 0 1"},
	  {"300 0 done", "call 2"},
	  {"301 2 done", "wait"},
	  {"302 1 done", "done"}}},
	{"one that failed for good does not stop the others",
	 "parallel park",
	 "w w w",
	 "- - -",
	 {{"0 begin", "call 0 1 2"},
	  {"0 1 park", "wait"},
	  {"0 0 retry 500", "wait"},
	  {"0 2 done", "retry 0 in 500"}}},
	{"they are finished first",
	 "parallel park",
	 "w f d",
	 "- - -",
	 {{"0 begin", "call 0"}, {"0 0 done", "parked 1, before"}}},
	{"what failed last is why",
	 "parallel park",
	 "f w w",
	 "- - -",
	 {{"0 begin", "call 1 2"},
	  {"0 2 park", "wait"},
	  {"0 1 park", "parked 1, attempts"}}},
	{"a failed message is parked again at once",
	 "parallel park",
	 "d f f",
	 "- - -",
	 {{"0 begin", "parked 1, before"}}},
	{"an undone step of a message that is delivering is not called",
	 "parallel park",
	 "u w",
	 "- -",
	 {{"0 begin", "call 1"}, {"0 1 done", "parked 0, before"}}},
	/* --- sequential --- */
	{"one after the other",
	 "sequential park",
	 "w w w",
	 "- - -",
	 {{"0 begin", "call 0"},
	  {"0 0 done", "call 1"},
	  {"0 1 done", "call 2"},
	  {"0 2 done", "done"}}},
	{"over what is done and what does not apply",
	 "sequential park",
	 "d W w D w",
	 "- - - - -",
	 {{"0 begin", "call 2"}, {"0 2 done", "call 4"}, {"0 4 done", "done"}}},
	{"one that waits holds up those behind it",
	 "sequential park",
	 "d w w",
	 "- - -",
	 {{"0 begin", "call 1"}, {"5 1 retry 2000", "retry 1 in 2000"}}},
	{"a server's word goes through the ladder",
	 "sequential park",
	 "w w",
	 "- -",
	 {{"0 begin", "call 0"},
	  {"0 0 asked 2000", "retry 0 in 2000 by ladder"}}},
	{"one that is not due holds them up too",
	 "sequential park",
	 "w700 w",
	 "- -",
	 {{"0 begin", "retry 0 in 700 by ladder"}}},
	{"one that failed for good ends it",
	 "sequential park",
	 "d w w",
	 "- - -",
	 {{"0 begin", "call 1"}, {"0 1 park", "parked 1, attempts"}}},
	{"and is where it stays",
	 "sequential park",
	 "d f w",
	 "- - -",
	 {{"0 begin", "parked 1, before"}}},
	{"a new step before one that failed is called first",
	 "sequential park",
	 "w f w",
	 "- - -",
	 {{"0 begin", "call 0"}, {"0 0 done", "parked 1, before"}}},
	{"a new step before one that is done is called alone",
	 "sequential park",
	 "w d",
	 "- -",
	 {{"0 begin", "call 0"}, {"0 0 done", "done"}}},
	/* --- compensating --- */
	{"what is done is undone, the last of the route first",
	 "sequential compensate",
	 "w w w w",
	 "w w w w",
	 {{"0 begin", "call 0"},
	  {"0 0 done", "call 1"},
	  {"0 1 done", "call 2"},
	  {"0 2 park", "undo 1"},
	  {"0 1 done", "undo 0"},
	  {"0 0 done", "compensated 2, attempts"}}},
	{"of a parallel route too, once all others are finished",
	 "parallel compensate",
	 "w w w",
	 "w w w",
	 {{"0 begin", "call 0 1 2"},
	  {"0 1 park", "wait"},
	  {"0 0 done", "wait"},
	  {"0 2 done", "undo 2"},
	  {"0 2 done", "undo 0"},
	  {"0 0 done", "compensated 1, attempts"}}},
	{"a step that waits is finished before",
	 "parallel compensate",
	 "f w",
	 "w w",
	 {{"0 begin", "call 1"}, {"0 1 retry 70", "retry 1 in 70"}}},
	{"without an undo a step is left as it is",
	 "sequential compensate",
	 "d d d w",
	 "w - w -",
	 {{"0 begin", "call 3"},
	  {"0 3 park", "undo 2"},
	  {"0 2 done", "undo 0"},
	  {"0 0 done", "compensated 3, attempts"}}},
	{"where nothing is to be undone, all is",
	 "sequential compensate",
	 "w w",
	 "w w",
	 {{"0 begin", "call 0"}, {"0 0 park", "compensated 0, attempts"}}},
	{"what is done and applies no more is undone like all others",
	 "sequential compensate",
	 "D w",
	 "w w",
	 {{"0 begin", "call 1"},
	  {"0 1 park", "undo 0"},
	  {"0 0 done", "compensated 1, attempts"}}},
	{"an undo is tried again",
	 "parallel compensate !",
	 "d f d",
	 "w w w",
	 {{"0 begin", "undo 2"}, {"0 2 retry 300", "undo 2 in 300"}}},
	{"by a server's word too",
	 "parallel compensate !",
	 "d f d",
	 "w w w",
	 {{"0 begin", "undo 2"}, {"0 2 asked 300", "undo 2 in 300 by ladder"}}},
	{"and goes on where it was",
	 "parallel compensate !",
	 "d f d u",
	 "w w w d",
	 {{"0 begin", "undo 2"},
	  {"0 2 done", "undo 0"},
	  {"0 0 done", "compensated 1, before"}}},
	{"an undo that is not due holds up those behind it",
	 "parallel compensate !",
	 "d f d",
	 "w w w50",
	 {{"0 begin", "undo 2 in 50 by ladder"}}},
	{"no step is called any more",
	 "sequential compensate !",
	 "d f w",
	 "w w w",
	 {{"0 begin", "undo 0"}, {"0 0 done", "compensated 1, before"}}},
	{"of a sequential route an undo that failed for good ends it",
	 "sequential compensate !",
	 "d d f",
	 "w w w",
	 {{"0 begin", "undo 1"}, {"0 1 park", "uncompensated 1, attempts"}}},
	{"and is where it stays too",
	 "sequential compensate !",
	 "d d f",
	 "w f w",
	 {{"0 begin", "uncompensated 1, before"}}},
	{"of a parallel one the others are undone first",
	 "parallel compensate !",
	 "d d d f",
	 "w w w w",
	 {{"0 begin", "undo 2"},
	  {"0 2 park", "undo 1"},
	  {"0 1 retry 10", "undo 1 in 10"}}},
	{"and then it is said which failed",
	 "parallel compensate !",
	 "d u d f",
	 "w d f w",
	 {{"0 begin", "undo 0"}, {"0 0 done", "uncompensated 2, before"}}},
	{"the one that failed now, if there are several",
	 "parallel compensate !",
	 "d u d f",
	 "w d f w",
	 {{"0 begin", "undo 0"}, {"0 0 park", "uncompensated 0, attempts"}}},
	{"what a message has begun it ends, though its route says park today",
	 "sequential park !",
	 "d f",
	 "w w",
	 {{"0 begin", "undo 0"}, {"0 0 done", "compensated 1, before"}}},
	{"what failed may be of the route no more",
	 "sequential compensate !",
	 "d w F",
	 "w w w",
	 {{"0 begin", "undo 0"}, {"0 0 done", "compensated -"}}},
	{"none of it may apply any more",
	 "sequential compensate !",
	 "D F",
	 "w w",
	 {{"0 begin", "undo 0"}, {"0 0 done", "compensated -"}}},
	{"what failed to be undone in an earlier life is undone in this",
	 "sequential compensate",
	 "d w",
	 "f w",
	 {{"0 begin", "call 1"},
	  {"0 1 park", "undo 0"},
	  {"0 0 done", "compensated 1, attempts"}}},
};

/* --- reading and showing ---------------------------------------------------- */

static void read_place(const char *word, struct route_place *place)
{
	static const char letters[] = "wdfu";
	char letter = (char)(word[0] | 0x20);

	place->state = (enum step_state)(strchr(letters, letter) - letters);
	place->due = BEGUN + strtoll(word + 1, NULL, 10);
}

static const char *word_after(const char *at)
{
	at += strcspn(at, " ");
	return at + strspn(at, " ");
}

static struct route_progress progress_of(const struct life *life)
{
	struct route_progress p = {0};
	size_t i = 0;

	p.route.order = strstr(life->route, "sequential") != NULL
				? ROUTE_SEQUENTIAL
				: ROUTE_PARALLEL;
	p.route.on_failure = strstr(life->route, "compensate") != NULL
				     ? ROUTE_COMPENSATE
				     : ROUTE_PARK;
	if (strchr(life->route, '!') != NULL)
		p.state = ROUTE_COMPENSATING;
	for (const char *at = life->steps; *at != 0; at = word_after(at)) {
		read_place(at, &p.steps[i]);
		if (at[0] >= 'a')
			p.applies |= 1U << i;
		i++;
	}
	p.route.step_count = i;
	i = 0;
	for (const char *at = life->undos; *at != 0; at = word_after(at), i++) {
		if (at[0] == '-')
			continue;
		read_place(at, &p.undos[i]);
		p.route.undo_able |= 1U << i;
	}
	return p;
}

static struct route_effect move(struct route_progress *p, const char *event)
{
	char *at;
	millis now = BEGUN + strtoll(event, &at, 10);
	struct verdict verdict = {.kind = VERDICT_DONE};
	size_t step;

	if (strstr(at, "begin") != NULL)
		return route_begin(p, now);
	step = (size_t)strtoul(at, &at, 10);
	if (strstr(at, "park") != NULL) {
		verdict.kind = VERDICT_PARK;
		verdict.reason = PARK_ATTEMPTS;
	} else if (strstr(at, "done") == NULL) {
		verdict.kind = VERDICT_RETRY;
		verdict.by_server = strstr(at, "asked") != NULL;
		verdict.delay =
			strtoll(at + strcspn(at, "1234567890"), NULL, 10);
	}
	return route_answered(p, step, p->state == ROUTE_COMPENSATING, &verdict,
			      now);
}

static void show_calls(const struct route_effect *effect, char *into,
		       size_t room)
{
	int len = snprintf(into, room, effect->is_undo ? "undo" : "call");

	for (unsigned i = 0; i < ROUTE_STEPS_MAX; i++)
		if ((effect->call >> i & 1) != 0)
			len += snprintf(into + len, room - (size_t)len, " %u",
					i);
}

static void show_parked(const struct route_progress *p,
			const struct route_effect *effect, char *into,
			size_t room)
{
	const char *word = p->state == ROUTE_DELIVERING ? "parked"
			   : effect->is_undo            ? "uncompensated"
							: "compensated";

	if (effect->step == ROUTE_STEPS_MAX)
		(void)snprintf(into, room, "%s -", word);
	else
		(void)snprintf(into, room, "%s %zu, %s", word, effect->step,
			       effect->has_reason
				       ? park_reason_name(effect->reason)
				       : "before");
}

static void show(const struct route_progress *p,
		 const struct route_effect *effect, char *into, size_t room)
{
	switch (effect->end) {
	case ROUTE_ON:
		if (effect->call == 0)
			(void)snprintf(into, room, "wait");
		else
			show_calls(effect, into, room);
		return;
	case ROUTE_DONE:
		(void)snprintf(into, room, "done");
		return;
	case ROUTE_NONE:
		(void)snprintf(into, room, "none");
		return;
	case ROUTE_RETRY:
		(void)snprintf(into, room, "%s %zu in %lld%s",
			       effect->is_undo ? "undo" : "retry", effect->step,
			       (long long)effect->delay,
			       effect->by_ladder ? " by ladder" : "");
		return;
	case ROUTE_PARKED:
		show_parked(p, effect, into, room);
		return;
	}
}

START_TEST(each_life_goes_as_it_is_written)
{
	const struct life *life = &lives[_i];
	struct route_progress p = progress_of(life);

	for (size_t i = 0; i < MOVES_MAX && life->moves[i][0] != NULL; i++) {
		struct route_effect effect = move(&p, life->moves[i][0]);
		char shown[100];

		show(&p, &effect, shown, sizeof(shown));
		ck_assert_msg(strcmp(shown, life->moves[i][1]) == 0,
			      "\"%s\", %s: %s and not %s", life->name,
			      life->moves[i][0], shown, life->moves[i][1]);
	}
}
END_TEST

/* --- what is left to wait --------------------------------------------------- */

START_TEST(what_is_left_to_wait_is_a_duration_after_the_trip)
{
	struct life life = {.route = "parallel park",
			    .steps = "w w w9000",
			    .undos = "- - -"};
	struct route_progress p = progress_of(&life);
	struct route_effect effect;

	(void)move(&p, "0 begin");
	(void)move(&p, "0 0 retry 2000");
	effect = move(&p, "1000 1 retry 5000");
	ck_assert_int_eq(effect.delay, 2000);
	ck_assert_int_eq(route_rest(&p.steps[0], BEGUN + 1000, 2000), 0);
	ck_assert_int_eq(route_rest(&p.steps[1], BEGUN + 1000, 2000), 3000);
	ck_assert_int_eq(route_rest(&p.steps[2], BEGUN + 1000, 2000), 6000);
	/* A trip may be longer than what is left, and time goes on. */
	ck_assert_int_eq(route_rest(&p.steps[0], BEGUN + 1000, 2048), 0);
	ck_assert_int_eq(route_rest(&p.steps[1], BEGUN + 1010, 2000), 2990);
}
END_TEST

START_TEST(a_wait_of_an_undo_begins_at_the_end_of_the_attempt)
{
	struct life life = {.route = "parallel compensate !",
			    .steps = "d d f",
			    .undos = "w w -"};
	struct route_progress p = progress_of(&life);

	(void)move(&p, "0 begin");
	(void)move(&p, "100 1 retry 2000");
	ck_assert_int_eq(route_rest(&p.undos[1], BEGUN + 100, 1024), 976);
}
END_TEST

/* --- what has become of it -------------------------------------------------- */

static const struct {
	const char *route;
	const char *steps;
	uint32_t missing;
	uint32_t standing;
} ends[] = {
	{"parallel park", "d d", 0, 3},
	{"parallel park", "d f w u", 0xe, 1},
	{"parallel park", "D F W U d", 0, 0x11},
	{"parallel compensate !", "u f w d", 6, 8},
	{"parallel compensate !", "U F W D", 0, 8},
};

START_TEST(each_step_is_missing_or_stands_or_was_taken_back)
{
	struct life life = {
		.route = ends[_i].route, .steps = ends[_i].steps, .undos = ""};
	struct route_progress p = progress_of(&life);

	ck_assert_uint_eq(route_missing(&p), ends[_i].missing);
	ck_assert_uint_eq(route_standing(&p), ends[_i].standing);
}
END_TEST

START_TEST(a_route_may_have_as_many_steps_as_there_are_places)
{
	struct life life = {.route = "parallel compensate",
			    .steps = "w w w w w w w w w w w w w w w w",
			    .undos = "w w w w w w w w w w w w w w w w"};
	struct route_progress p = progress_of(&life);
	struct route_effect effect;
	char event[20];

	p.applies = UINT32_MAX; /* what is beyond the steps is nothing */
	effect = move(&p, "0 begin");
	ck_assert_uint_eq(effect.call, 0xffff);
	(void)move(&p, "0 0 park");
	for (int i = 1; i < ROUTE_STEPS_MAX; i++) {
		(void)snprintf(event, sizeof(event), "0 %d done", i);
		effect = move(&p, event);
	}
	for (int i = ROUTE_STEPS_MAX - 1; i > 0; i--) {
		ck_assert(effect.is_undo);
		ck_assert_uint_eq(effect.call, 1U << i);
		(void)snprintf(event, sizeof(event), "0 %d done", i);
		effect = move(&p, event);
	}
	ck_assert_int_eq(effect.end, ROUTE_PARKED);
	ck_assert_uint_eq(effect.step, 0);
	ck_assert_uint_eq(route_standing(&p), 0);
}
END_TEST

START_TEST(a_state_is_read_as_it_is_written)
{
	enum route_state state = ROUTE_COMPENSATING;

	ck_assert(route_state_parse(TEXT("delivering"), &state));
	ck_assert_int_eq(state, ROUTE_DELIVERING);
	ck_assert(route_state_parse(TEXT("compensating"), &state));
	ck_assert_int_eq(state, ROUTE_COMPENSATING);
	ck_assert(!route_state_parse(TEXT("Delivering"), &state));
	ck_assert(!route_state_parse(TEXT(""), &state));
	ck_assert_int_eq(state, ROUTE_COMPENSATING);
}
END_TEST

Suite *route_suite(void)
{
	Suite *suite = suite_create("route");
	TCase *tests = tcase_create("lives");

	tcase_add_loop_test(tests, each_life_goes_as_it_is_written, 0,
			    COUNT(lives));
	tcase_add_test(tests,
		       what_is_left_to_wait_is_a_duration_after_the_trip);
	tcase_add_test(tests,
		       a_wait_of_an_undo_begins_at_the_end_of_the_attempt);
	tcase_add_loop_test(tests,
			    each_step_is_missing_or_stands_or_was_taken_back, 0,
			    COUNT(ends));
	tcase_add_test(tests,
		       a_route_may_have_as_many_steps_as_there_are_places);
	tcase_add_test(tests, a_state_is_read_as_it_is_written);
	suite_add_tcase(suite, tests);
	return suite;
}

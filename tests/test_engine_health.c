/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_engine_health.c - what becomes of deliveries while a downstream is not
 * called.
 */
#include <stdio.h>
#include <string.h>

#include "tests/engine_world.h"
#include "tests/worker_suites.h"
#include "worker/health.h"

/* Opens after three failures in a row; storms of three. */
static void start(struct world *w)
{
	world_start(w);
	struct breaker_rules rules = w->downstream.health.breaker;

	rules.is_off = false;
	rules.row = 3;
	rules.storm = 3;
	w->downstream.health.breaker = rules;
	w->downstream.concurrency = 8;
	world_restart(w);
}

static void arrive(struct world *w, uint64_t tag)
{
	struct message *m = world_fresh(tag);

	m->properties.message_id = text_of(
		arena_printf(&m->arena, "msg-%llu", (unsigned long long)tag));
	engine_delivered(w->engine, 0, 1, m, w->now);
}

static void tick(struct world *w, millis wait)
{
	w->now += wait;
	(void)engine_tick(w->engine, w->now);
}

/* So many calls, each failing by itself; their copies are placed. */
static void fail_calls(struct world *w, int count, int status)
{
	for (int i = 0; i < count; i++) {
		arrive(w, 100 + (uint64_t)i + 10 * w->called);
		world_answer(w, status, TRANSPORT_COMPLETE, -1);
		if (w->copy_count > 0)
			message_free(world_confirm(w, 0));
	}
	(void)engine_tick(w->engine, w->now);
}

static enum breaker_state state_of(struct world *w)
{
	return health_state(engine_health(w->engine), 0, w->now).state;
}

static int64_t header_number(const struct copy *copy, const char *name)
{
	int64_t number = -1;
	const struct field *field = table_find(&copy->headers, name);

	if (field != NULL)
		ck_assert(field_integer(field, &number));
	return number;
}

START_TEST(after_failures_in_a_row_nothing_is_taken)
{
	struct world w;

	start(&w);
	fail_calls(&w, 2, 503);
	ck_assert_uint_eq(w.prefetch, 4);
	fail_calls(&w, 1, 503);
	ck_assert_int_eq(state_of(&w), BREAKER_OPEN);
	ck_assert_uint_eq(w.health_changes, 1);
	ck_assert_uint_eq(w.prefetch, 0);
	world_end(&w);
}
END_TEST

START_TEST(what_is_in_hand_is_held_without_an_attempt)
{
	struct world w;
	const struct copy *copy;

	start(&w);
	fail_calls(&w, 3, 503);
	size_t called = w.called;

	arrive(&w, 7); /* was on its way */
	ck_assert_uint_eq(w.called, called);
	ck_assert_uint_eq(w.copy_count, 1);
	copy = w.copies[0];
	ck_assert_uint_eq(w.acks, 3); /* not before it is confirmed */
	/* 5 s are left: the shortest lane that is not shorter is 6 s. */
	ck_assert(text_is(world_header(copy, "rebound-lane"), "v1.ehr.6s"));
	ck_assert_int_eq(header_number(copy, "rebound-held-since-ms"),
			 WALL + w.now);
	ck_assert_int_eq(header_number(copy, "rebound-held-ms"), -1);
	struct message *back = world_confirm(&w, 8);

	ck_assert_uint_eq(w.acks, 4);
	tick(&w, 6 * S);
	engine_delivered(w.engine, 0, 1, back, w.now);
	ck_assert_uint_eq(w.called, called + 1);
	ck_assert_uint_eq(w.attempt, 0);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.attempt, 1); /* its first */
	copy = w.copies[0];
	ck_assert_int_eq(header_number(copy, "rebound-held-ms"), 6 * S);
	ck_assert_int_eq(header_number(copy, "rebound-held-since-ms"), -1);
	world_end(&w);
}
END_TEST

START_TEST(half_open_takes_as_many_as_there_are_probes)
{
	struct world w;

	start(&w);
	fail_calls(&w, 3, 503);
	tick(&w, 5 * S);
	ck_assert_int_eq(state_of(&w), BREAKER_HALF_OPEN);
	ck_assert_uint_eq(w.prefetch, 1);
	size_t called = w.called;

	arrive(&w, 7);
	arrive(&w, 8); /* waits, in hand */
	ck_assert_uint_eq(w.called, called + 1);
	ck_assert_uint_eq(w.copy_count, 0);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_int_eq(state_of(&w), BREAKER_RAMP);
	ck_assert_uint_eq(w.called, called + 2);
	(void)engine_tick(w.engine, w.now);
	ck_assert_uint_eq(w.prefetch, 2);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	for (uint64_t tag = 9; state_of(&w) != BREAKER_CLOSED; tag++) {
		ck_assert_uint_lt(tag, 40);
		arrive(&w, tag);
		world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	}
	(void)engine_tick(w.engine, w.now);
	ck_assert_uint_eq(w.prefetch, 4);
	world_end(&w);
}
END_TEST

START_TEST(a_failed_probe_holds_those_behind_it)
{
	struct world w;

	start(&w);
	fail_calls(&w, 3, 503);
	tick(&w, 5 * S);
	arrive(&w, 7);
	arrive(&w, 8);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	ck_assert_int_eq(state_of(&w), BREAKER_OPEN);
	(void)engine_tick(w.engine, w.now);
	ck_assert_uint_eq(w.copy_count, 2);
	/* The probe was an attempt; the other was not. */
	ck_assert_int_eq(header_number(w.copies[0], "rebound-held-since-ms"),
			 -1);
	ck_assert_int_eq(header_number(w.copies[1], "rebound-held-since-ms"),
			 WALL + w.now);
	world_end(&w);
}
END_TEST

START_TEST(a_storm_of_permanent_errors_parks_no_more)
{
	struct world w;

	start(&w);
	fail_calls(&w, 2, 401); /* parked */
	arrive(&w, 7);
	world_answer(&w, 401, TRANSPORT_COMPLETE, -1);
	ck_assert_int_eq(state_of(&w), BREAKER_STORM);
	ck_assert_uint_eq(w.copy_count, 1);
	ck_assert(text_is(world_header(w.copies[0], "rebound-lane"),
			  "v1.ehr.6s"));
	ck_assert_uint_eq(
		world_header(w.copies[0], "rebound-parked-reason").len, 0);
	ck_assert_int_ge(header_number(w.copies[0], "rebound-held-since-ms"),
			 WALL);
	(void)engine_tick(w.engine, w.now);
	ck_assert_uint_eq(w.prefetch, 0);
	message_free(world_confirm(&w, 0));
	/* Nor the one that is let through to see. */
	tick(&w, 5 * S);
	arrive(&w, 8);
	world_answer(&w, 401, TRANSPORT_COMPLETE, -1);
	ck_assert_int_eq(state_of(&w), BREAKER_STORM);
	ck_assert_int_ge(header_number(w.copies[0], "rebound-held-since-ms"),
			 WALL);
	world_end(&w);
}
END_TEST

START_TEST(an_error_rule_can_be_left_out_of_storms)
{
	struct world w;
	static const struct error_rule rule = {
		.name = "schema",
		.class = CLASS_PERMANENT,
		.storm = HONOUR_NO,
		.when = {.statuses = {{422, 422}}, .status_count = 1},
	};

	start(&w);
	w.policy.errors = &rule;
	w.policy.error_count = 1;
	fail_calls(&w, 10, 422);
	ck_assert_int_eq(state_of(&w), BREAKER_CLOSED);
	world_end(&w);
}
END_TEST

START_TEST(time_held_does_not_count_unless_it_is_to)
{
	for (int i = 0; i < 2; i++) {
		struct world w;
		struct message *back;

		start(&w);
		w.policy.own.give_up_after = 60 * S;
		w.policy.own.count_hold = i == 0 ? HONOUR_UNSET : HONOUR_YES;
		fail_calls(&w, 3, 503);
		arrive(&w, 7);
		back = world_confirm(&w, 8);
		tick(&w, 100 * S);
		engine_delivered(w.engine, 0, 1, back, w.now);
		world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
		ck_assert_uint_eq(
			world_header(w.copies[0], "rebound-lane").len > 0,
			i == 0);
		ck_assert(text_is(
			world_header(w.copies[0], "rebound-parked-reason"),
			i == 0 ? "" : "age"));
		world_end(&w);
	}
}
END_TEST

START_TEST(calls_begin_at_the_rate)
{
	struct world w;

	start(&w);
	w.downstream.health.rate = (struct rate){2, 1000};
	w.downstream.health.burst = 1;
	world_restart(&w);
	arrive(&w, 1);
	arrive(&w, 2);
	arrive(&w, 3);
	ck_assert_uint_eq(w.called, 1);
	ck_assert_int_eq(engine_tick(w.engine, w.now), 500);
	tick(&w, 499);
	ck_assert_uint_eq(w.called, 1);
	tick(&w, 1);
	ck_assert_uint_eq(w.called, 2);
	tick(&w, 500);
	ck_assert_uint_eq(w.called, 3);
	world_end(&w);
}
END_TEST

START_TEST(a_planned_window_holds_and_lets_go)
{
	struct world w;
	const struct hold_window window = {0, WALL + 1 * S, WALL + 9 * S, "up"};

	start(&w);
	w.downstream.health.windows = &window;
	w.downstream.health.window_count = 1;
	world_restart(&w);
	ck_assert_int_eq(engine_tick(w.engine, w.now), 1 * S);
	tick(&w, 1 * S);
	ck_assert_int_eq(state_of(&w), BREAKER_HELD);
	ck_assert_str_eq(health_state(engine_health(w.engine), 0, w.now).reason,
			 "up");
	ck_assert_uint_eq(w.prefetch, 0);
	arrive(&w, 1);
	ck_assert_uint_eq(w.called, 0);
	ck_assert(text_is(world_header(w.copies[0], "rebound-lane"),
			  "v1.ehr.18s"));
	tick(&w, 8 * S);
	ck_assert_int_eq(state_of(&w), BREAKER_HALF_OPEN);
	world_end(&w);
}
END_TEST

START_TEST(a_probe_lets_calls_through_before_the_time)
{
	struct world w;

	start(&w);
	fail_calls(&w, 3, 503);
	health_probed(engine_health(w.engine), 0, false, w.now);
	ck_assert_int_eq(state_of(&w), BREAKER_OPEN);
	health_probed(engine_health(w.engine), 0, true, w.now);
	(void)engine_tick(w.engine, w.now);
	ck_assert_int_eq(state_of(&w), BREAKER_HALF_OPEN);
	ck_assert_uint_eq(w.prefetch, 1);
	world_end(&w);
}
END_TEST

Suite *engine_health_suite(void)
{
	Suite *suite = suite_create("engine_health");
	TCase *tests = tcase_create("held");

	tcase_add_test(tests, after_failures_in_a_row_nothing_is_taken);
	tcase_add_test(tests, what_is_in_hand_is_held_without_an_attempt);
	tcase_add_test(tests, half_open_takes_as_many_as_there_are_probes);
	tcase_add_test(tests, a_failed_probe_holds_those_behind_it);
	tcase_add_test(tests, a_storm_of_permanent_errors_parks_no_more);
	tcase_add_test(tests, an_error_rule_can_be_left_out_of_storms);
	tcase_add_test(tests, time_held_does_not_count_unless_it_is_to);
	tcase_add_test(tests, calls_begin_at_the_rate);
	tcase_add_test(tests, a_planned_window_holds_and_lets_go);
	tcase_add_test(tests, a_probe_lets_calls_through_before_the_time);
	suite_add_tcase(suite, tests);
	return suite;
}

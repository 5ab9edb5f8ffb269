/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_engine_forecast.c - what a forecast says is what the engine does.
 */
#include "policy/forecast.h"

#include <string.h>

#include "policy/duration.h"
#include "tests/engine_world.h"
#include "tests/worker_suites.h"

static const struct schedule thrice = {.kind = SCHEDULE_CUSTOM,
				       .delays = {S, 4 * S, 9 * S},
				       .delay_count = 3,
				       .then_park = true,
				       .jitter_pct = 50};
static const struct schedule linear = {
	.kind = SCHEDULE_LINEAR, .first = S, .step = 2 * S, .max = 60 * S};
static const struct error_rule errors[] = {
	{.name = "slow",
	 .when = {.transports = UINT32_C(1) << TRANSPORT_TIMEOUT_AFTER_SEND},
	 .class = CLASS_AMBIGUOUS,
	 .own = {.schedule = &linear, .max_attempts = 12}},
};
static const struct type_rule types[] = {
	{.match = "lab.*", .own = {.give_up_after = 90 * S}},
	{.match = "adt.*", .own = {.max_attempts = 2}},
};

/* A life: what the policy has, and what every call comes to. */
static const struct {
	struct policy policy;
	struct outcome outcome;
} lives[] = {
	{{.name = "p"}, {.status = 503, .retry_after = -1}},
	{{.name = "p"}, {.status = 400, .retry_after = -1}},
	{{.name = "p"}, {.status = 204, .retry_after = -1}},
	/* By trips through the ladder, and by the schedule once that waits
	   longer. */
	{{.name = "p"}, {.status = 429, .retry_after = 47 * S}},
	{{.name = "p", .own = {.give_up_after = 200 * S}},
	 {.status = 429, .retry_after = 47 * S}},
	{{.name = "p", .own = {.schedule = &thrice}},
	 {.status = 503, .retry_after = -1}},
	{{.name = "p",
	  .own = {.schedule = &linear},
	  .types = types,
	  .type_count = 2},
	 {.status = 503, .retry_after = -1}},
	{{.name = "p", .errors = errors, .error_count = 1},
	 {.transport = TRANSPORT_TIMEOUT_AFTER_SEND, .retry_after = -1}},
	{{.name = "p", .own = {.ambiguous = AMBIGUOUS_PARK}},
	 {.transport = TRANSPORT_RESET_AFTER_SEND, .retry_after = -1}},
	{{.name = "p",
	  .own = {.max_attempts = 9, .quick = {.tries = 3, .within = 2 * S}}},
	 {.status = 503, .retry_after = -1}},
	{{.name = "p", .own = {.quick = {.tries = 3, .within = 2 * S}}},
	 {.status = 503, .retry_after = S}},
};

#define LIFE_COUNT ((int)(sizeof(lives) / sizeof(lives[0])))

/* How long a copy waits in its lane: "v1.ehr.2s". */
static millis lane_wait(const struct copy *copy)
{
	struct text lane = world_header(copy, "rebound-lane");
	millis wait;

	while (lane.len > 0 && memchr(lane.at, '.', lane.len) != NULL) {
		lane.at++;
		lane.len--;
	}
	ck_assert(duration_parse(lane, &wait));
	return wait;
}

/* One call of the engine against one of the forecast. False: it was the
   last. */
static bool compare(struct world *w, struct forecast *forecast,
		    const struct outcome *outcome)
{
	struct forecast_call call;

	ck_assert(forecast_next(forecast, 0, &call));
	ck_assert_int_eq(w->now, call.at);
	world_answer(w, outcome->status, outcome->transport,
		     outcome->retry_after);
	ck_assert_uint_eq(w->attempt, call.attempt);
	if (call.verdict.kind == VERDICT_QUICK) {
		w->now += call.verdict.delay;
		(void)engine_tick(w->engine, w->now);
		ck_assert_uint_eq(w->call_count, 1);
		return true;
	}
	if (call.verdict.kind == VERDICT_RETRY)
		return true;
	ck_assert(!forecast_next(forecast, 0, &call));
	if (call.verdict.kind == VERDICT_DONE) {
		ck_assert_uint_eq(w->acks, 1);
		return false;
	}
	ck_assert(text_is(world_header(w->copies[0], "rebound-parked-reason"),
			  park_reason_name(call.verdict.reason)));
	message_free(world_confirm(w, 99));
	return false;
}

START_TEST(a_forecast_is_what_the_engine_does)
{
	const struct outcome *outcome = &lives[_i].outcome;
	struct world w;
	struct forecast forecast;
	struct message *m = world_fresh(1);

	world_start(&w);
	w.policy = lives[_i].policy;
	forecast_init(&forecast, &w.policy, &w.downstream.rules, outcome,
		      &(struct message_facts){.type = TEXT("lab.result"),
					      .may_quick = true},
		      &(struct step){.name = TEXT("ehr")});
	for (uint64_t tag = 2;; tag++) {
		engine_delivered(w.engine, 0, 1, m, w.now);
		/* Without a call: there is more to wait, in another lane. */
		while (w.call_count > 0 && compare(&w, &forecast, outcome))
			continue;
		if (forecast.has_ended)
			break;
		w.now += lane_wait(w.copies[0]);
		m = world_confirm(&w, tag);
	}
	ck_assert(forecast.has_ended);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	engine_free(w.engine);
}
END_TEST

Suite *engine_forecast_suite(void)
{
	Suite *suite = suite_create("engine_forecast");
	TCase *tcase = tcase_create("lives");

	tcase_add_loop_test(tcase, a_forecast_is_what_the_engine_does, 0,
			    LIFE_COUNT);
	suite_add_tcase(suite, tcase);
	return suite;
}

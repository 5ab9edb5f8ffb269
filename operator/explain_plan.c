/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/explain_plan.h"

#include <string.h>

#include "operator/explain_settings.h"
#include "policy/lanes.h"
#include "worker/topology.h"

/* As the engine chooses it: a server's wait begins on the ladder, a schedule's
   has a lane of its own. */
static const char *lane_of(const struct explain_case *c,
			   const struct verdict *verdict)
{
	const struct pipeline_config *p = c->pipeline;
	millis rest;

	if (!verdict->by_server || p->ladder_count == 0)
		return topology_lane(c->arena, c->downstream->name,
				     verdict->delay);
	return topology_lane(
		c->arena, NULL,
		ladder_next(p->ladder, p->ladder_count, verdict->delay, &rest));
}

const char *explain_queue(const struct explain_case *c,
			  const struct verdict *verdict)
{
	switch (verdict->kind) {
	case VERDICT_RETRY:
		return arena_printf(c->arena, "%s.%s",
				    c->pipeline->delay_exchange,
				    lane_of(c, verdict));
	case VERDICT_PARK:
		return c->pipeline->parking;
	case VERDICT_DONE:
	case VERDICT_QUICK:
		break;
	}
	return NULL;
}

/* "32s + 16s": the trips of a wait through the ladder. */
static const char *trips_of(const struct explain_case *c,
			    const struct verdict *verdict)
{
	const struct pipeline_config *p = c->pipeline;
	millis left = verdict->delay;
	const char *trips = NULL;

	if (verdict->kind != VERDICT_RETRY || !verdict->by_server ||
	    p->ladder_count == 0)
		return NULL;
	while (left > 0) {
		millis trip =
			ladder_next(p->ladder, p->ladder_count, left, &left);
		const char *spelt = explain_duration(trip, c->arena);

		trips = trips == NULL ? spelt
				      : arena_printf(c->arena, "%s + %s", trips,
						     spelt);
	}
	return trips;
}

static bool is_same(const struct verdict *a, const struct verdict *b)
{
	return a->kind == b->kind && a->delay == b->delay &&
	       a->by_server == b->by_server &&
	       (a->kind != VERDICT_PARK || a->reason == b->reason);
}

static void add_way(const struct explain_case *c, struct explain_plan *plan,
		    const struct forecast_call *call)
{
	const struct verdict *verdict = &call->verdict;

	for (size_t i = 0; i < plan->way_count; i++) {
		if (is_same(&plan->ways[i].verdict, verdict)) {
			plan->ways[i].thirds++;
			return;
		}
	}
	plan->ways[plan->way_count++] = (struct explain_way){
		.verdict = *verdict,
		.attempt = call->attempt,
		.thirds = 1,
		.queue = explain_queue(c, verdict),
		.trips = trips_of(c, verdict),
	};
}

/* Takes the quick retries, of which every throw makes as many, and stops
   before the call that ends them. */
static struct forecast after_quick(const struct explain_case *c,
				   struct explain_plan *plan)
{
	struct forecast f = explain_forecast(c);

	for (;;) {
		struct forecast next = f;
		struct forecast_call call;

		(void)forecast_next(&next, FORECAST_LONGEST, &call);
		if (call.verdict.kind != VERDICT_QUICK ||
		    plan->quick_count == QUICK_TRIES_MAX)
			return f;
		plan->quick[plan->quick_count++] = call.verdict.delay;
		f = next;
	}
}

static struct explain_end end_of(const struct explain_case *c, uint32_t dice)
{
	struct forecast f = explain_forecast(c);
	struct explain_end end = {0};

	end.calls = forecast_run(&f, dice, &end.last);
	return end;
}

void explain_plan_make(const struct explain_case *c, struct explain_plan *plan)
{
	static const uint32_t dice[SCHEDULE_JITTER_STEPS] = {
		FORECAST_LONGEST, FORECAST_MEAN, FORECAST_SHORTEST};

	memset(plan, 0, sizeof(*plan));
	const struct forecast before = after_quick(c, plan);

	for (size_t i = 0; i < SCHEDULE_JITTER_STEPS; i++) {
		struct forecast f = before;
		struct forecast_call call;

		(void)forecast_next(&f, dice[i], &call);
		add_way(c, plan, &call);
	}
	plan->longest = end_of(c, FORECAST_LONGEST);
	plan->mean = end_of(c, FORECAST_MEAN);
	plan->shortest = end_of(c, FORECAST_SHORTEST);
}

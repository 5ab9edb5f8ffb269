/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology.c - the plan: what each pipeline needs on the broker. The
 * arguments are the same for every version of the broker, since none of them
 * can ever be changed in place.
 */
#include "worker/topology.h"

#include <assert.h>
#include <string.h>

#include "policy/duration.h"
#include "worker/audit.h"

#define SOURCE_DELIVERY_LIMIT 20
/* "None" would be 20 and a drop on 4.x, and -1 destroys messages on 3.x. */
#define PARKING_DELIVERY_LIMIT 1000000

const char *topology_lane(struct arena *arena, const char *downstream,
			  millis delay)
{
	char spelling[DURATION_SPELLING_MAX];

	return arena_printf(arena, "v1.%s.%s",
			    downstream != NULL ? downstream : "_",
			    duration_spell(delay, spelling));
}

/* A plan as it grows; its lists have room for all that can come. */
struct plan {
	struct topology topology;
	struct arena *arena;
};

static struct table quorum(struct plan *plan, const char *dead_letter_exchange)
{
	struct table table = {0};

	table_add_text(&table, plan->arena, "x-queue-type", TEXT("quorum"));
	if (dead_letter_exchange == NULL)
		return table;
	table_add_text(&table, plan->arena, "x-dead-letter-exchange",
		       text_of(dead_letter_exchange));
	table_add_text(&table, plan->arena, "x-dead-letter-strategy",
		       TEXT("at-least-once"));
	table_add_text(&table, plan->arena, "x-overflow",
		       TEXT("reject-publish"));
	return table;
}

static void add_exchange(struct plan *plan, const char *name, const char *type,
			 struct table arguments, bool ours, const char *what)
{
	struct topology *t = &plan->topology;

	/* Two pipelines may take from one business exchange. */
	for (size_t i = 0; i < t->exchange_count; i++)
		if (strcmp(t->exchanges[i].name, name) == 0)
			return;
	t->exchanges[t->exchange_count++] = (struct topology_exchange){
		.name = name,
		.type = type,
		.arguments = arguments,
		.ours = ours,
		.what = what,
	};
}

static void add_queue(struct plan *plan, const char *name,
		      struct table arguments, bool ours, const char *what)
{
	struct topology *t = &plan->topology;

	t->queues[t->queue_count++] = (struct topology_queue){
		.name = name,
		.arguments = arguments,
		.ours = ours,
		.what = what,
	};
}

static void add_binding(struct plan *plan, const char *source,
			const char *destination, bool to_exchange,
			const char *key, struct table arguments)
{
	struct topology *t = &plan->topology;

	t->bindings[t->binding_count++] = (struct topology_binding){
		.source = source,
		.destination = destination,
		.to_exchange = to_exchange,
		.key = key,
		.arguments = arguments,
	};
}

static void add_exchanges(struct plan *plan, const struct pipeline_config *p)
{
	struct table none = {0};
	struct table alternate = {0};

	add_exchange(plan, p->parking, "fanout", none, true,
		     arena_printf(plan->arena,
				  "parking exchange of pipeline %s", p->name));
	table_add_text(&alternate, plan->arena, "alternate-exchange",
		       text_of(p->parking));
	add_exchange(plan, p->exchange, "fanout", alternate, true,
		     arena_printf(plan->arena, "source exchange of pipeline %s",
				  p->name));
	add_exchange(plan, p->delay_exchange, "headers", none, true,
		     arena_printf(plan->arena, "delay exchange of pipeline %s",
				  p->name));
	if (p->business_exchange != NULL)
		add_exchange(plan, p->business_exchange,
			     p->business_is_ours ? "topic" : "", none,
			     p->business_is_ours,
			     arena_printf(plan->arena,
					  "business exchange of pipeline %s",
					  p->name));
}

static void add_source_and_parking(struct plan *plan,
				   const struct pipeline_config *p)
{
	struct table none = {0};
	struct table parking = quorum(plan, NULL);
	struct table source = quorum(plan, p->parking);

	table_add_i32(&parking, plan->arena, "x-delivery-limit",
		      PARKING_DELIVERY_LIMIT);
	table_add_i32(&source, plan->arena, "x-delivery-limit",
		      SOURCE_DELIVERY_LIMIT);
	add_queue(plan, p->parking, parking, true,
		  arena_printf(plan->arena, "parking queue of pipeline %s",
			       p->name));
	add_binding(plan, p->parking, p->parking, false, "", none);
	add_queue(plan, p->queue, p->queue_is_ours ? source : none,
		  p->queue_is_ours,
		  arena_printf(plan->arena, "source queue of pipeline %s",
			       p->name));
	add_binding(plan, p->exchange, p->queue, false, "", none);
}

static void add_lane(struct plan *plan, const struct pipeline_config *p,
		     const char *downstream, millis delay)
{
	const char *lane = topology_lane(plan->arena, downstream, delay);
	const char *name =
		arena_printf(plan->arena, "%s.%s", p->delay_exchange, lane);
	struct table arguments = quorum(plan, p->exchange);
	struct table match = {0};
	char spelling[DURATION_SPELLING_MAX];

	table_add_i64(&arguments, plan->arena, "x-message-ttl", delay);
	table_add_bool(&arguments, plan->arena, "x-single-active-consumer",
		       true);
	add_queue(plan, name, arguments, true,
		  arena_printf(plan->arena,
			       "delay queue (lane) for %s of pipeline %s",
			       duration_spell(delay, spelling), p->name));
	table_add_text(&match, plan->arena, "x-match", TEXT("all"));
	table_add_text(&match, plan->arena, "rebound-lane", text_of(lane));
	add_binding(plan, p->delay_exchange, name, false, "", match);
}

static void add_pipeline(struct plan *plan, const struct pipeline_config *p)
{
	struct table none = {0};

	add_exchanges(plan, p);
	add_source_and_parking(plan, p);
	for (size_t d = 0; d < p->deliver_to_count; d++)
		for (size_t i = 0; i < p->lane_count; i++)
			add_lane(plan, p, p->deliver_to[d]->name, p->lanes[i]);
	for (size_t i = 0; i < p->ladder_count; i++)
		add_lane(plan, p, NULL, p->ladder[i]);
	/* Last, so that nothing arrives before all else is there. */
	if (p->business_exchange == NULL)
		return;
	for (size_t i = 0; i < p->key_count; i++)
		add_binding(plan, p->business_exchange, p->exchange, true,
			    p->keys[i], none);
}

/* --- the audit trail ----------------------------------------------------- */

/* A stream ends its segments by their size alone, and drops whole ones: with
   so many of them it is never far over its bounds. */
#define SEGMENTS    32
#define SEGMENT_MIN (INT64_C(1) << 20)
#define SEGMENT_MAX INT64_C(500000000)

static int64_t segment_of(uint64_t max_size)
{
	int64_t segment = (int64_t)(max_size / SEGMENTS);

	return segment < SEGMENT_MIN   ? SEGMENT_MIN
	       : segment > SEGMENT_MAX ? SEGMENT_MAX
				       : segment;
}

/* Streams take an age with a unit: Y, M, D, h, m or s. */
static struct table stream_of(struct plan *plan,
			      const struct audit_config *audit)
{
	struct table table = {0};

	table_add_text(&table, plan->arena, "x-queue-type", TEXT("stream"));
	table_add_text(&table, plan->arena, "x-max-age",
		       text_of(arena_printf(plan->arena, "%llds",
					    (long long)(audit->max_age /
							MILLIS_PER_SECOND))));
	table_add_i64(&table, plan->arena, "x-max-length-bytes",
		      (int64_t)audit->max_size);
	table_add_i64(&table, plan->arena, "x-stream-max-segment-size-bytes",
		      segment_of(audit->max_size));
	return table;
}

/* Here dropping the oldest is wanted: it is the retention. */
static struct table quorum_of(struct plan *plan,
			      const struct audit_config *audit)
{
	struct table table = quorum(plan, NULL);

	table_add_i64(&table, plan->arena, "x-message-ttl", audit->max_age);
	table_add_i64(&table, plan->arena, "x-max-length-bytes",
		      (int64_t)audit->max_size);
	table_add_text(&table, plan->arena, "x-overflow", TEXT("drop-head"));
	table_add_i32(&table, plan->arena, "x-delivery-limit",
		      PARKING_DELIVERY_LIMIT);
	return table;
}

static void add_audit(struct plan *plan, const struct audit_config *audit)
{
	struct table none = {0};

	if (audit->record == AUDIT_OFF)
		return;
	add_exchange(plan, audit->exchange, "direct", none, true,
		     "exchange of the audit trail");
	add_queue(plan, audit->exchange,
		  audit->queue == AUDIT_STREAM ? stream_of(plan, audit)
					       : quorum_of(plan, audit),
		  true, "queue of the audit trail");
	add_binding(plan, audit->exchange, audit->exchange, false, AUDIT_KEY,
		    none);
}

static size_t lanes_of(const struct pipeline_config *p)
{
	return p->lane_count * p->deliver_to_count + p->ladder_count;
}

struct topology topology_plan(const struct config *config,
			      const struct pipeline_config *only,
			      struct arena *arena)
{
	struct plan plan = {.arena = arena};
	size_t queues = 0;
	size_t keys = 0;

	for (size_t i = 0; i < config->pipeline_count; i++) {
		queues += 2 + lanes_of(&config->pipelines[i]);
		keys += config->pipelines[i].key_count;
	}
	plan.topology.exchanges =
		arena_array(arena, 4 * config->pipeline_count + 1,
			    sizeof(struct topology_exchange));
	plan.topology.queues =
		arena_array(arena, queues + 1, sizeof(struct topology_queue));
	plan.topology.bindings = arena_array(arena, queues + keys + 1,
					     sizeof(struct topology_binding));
	/* First, so that whatever happens can be recorded. */
	add_audit(&plan, &config->audit);
	for (size_t i = 0; i < config->pipeline_count; i++)
		if (only == NULL || only == &config->pipelines[i])
			add_pipeline(&plan, &config->pipelines[i]);
	return plan.topology;
}

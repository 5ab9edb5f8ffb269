/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/engine_world.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "worker/envelope.h"
#include "worker/topology.h"

static void on_call(void *context, uint64_t job,
		    const struct http_request *request)
{
	struct world *w = context;

	for (size_t i = 0; i < request->header_count; i++)
		if (strcmp(request->headers[i].name, "Idempotency-Key") == 0)
			memcpy(w->keys[w->called % WORLD_MAX],
			       request->headers[i].value.at,
			       request->headers[i].value.len + 1);
	w->calls[w->call_count++] = job;
	w->called++;
}

static void on_publish(void *context, const struct copy *copy)
{
	struct world *w = context;

	w->copies[w->copy_count++] = copy;
}

static void on_ack(void *context, size_t pipeline, uint64_t epoch, uint64_t tag)
{
	struct world *w = context;

	ck_assert_uint_eq(pipeline, 0);
	ck_assert_uint_ge(epoch, 1);
	w->acked_tag = tag;
	w->acks++;
}

static void on_reject(void *context, size_t pipeline, uint64_t epoch,
		      uint64_t tag)
{
	(void)pipeline;
	(void)epoch;
	(void)tag;
	((struct world *)context)->rejects++;
}

static void on_consume(void *context, size_t pipeline, uint64_t epoch,
		       uint32_t prefetch)
{
	struct world *w = context;

	ck_assert_uint_eq(pipeline, 0);
	w->epoch_asked = epoch;
	w->prefetch = prefetch;
	w->consumes++;
}

static void on_repair(void *context, size_t pipeline)
{
	(void)pipeline;
	((struct world *)context)->repairs++;
}

static void on_report(void *context, const struct report *report)
{
	struct world *w = context;

	w->reports[report->kind]++;
	w->attempt = report->attempt;
	w->delay = report->delay;
	w->reason = report->reason;
}

static void on_health(void *context, size_t downstream)
{
	ck_assert_uint_eq(downstream, 0);
	((struct world *)context)->health_changes++;
}

static uint32_t on_dice(void *context)
{
	(void)context;
	return 0;
}

static millis on_wall(void *context)
{
	return WALL + ((struct world *)context)->now;
}

static void begin(struct world *w)
{
	const struct engine_ports ports = {
		.context = w,
		.call = on_call,
		.publish = on_publish,
		.ack = on_ack,
		.reject = on_reject,
		.consume = on_consume,
		.repair = on_repair,
		.report = on_report,
		.health_changed = on_health,
		.dice = on_dice,
		.wall = on_wall,
	};

	w->rules = ruleset_new(&w->config);
	w->engine = engine_new(&w->config, w->rules, "w", &ports);
	ruleset_drop(w->rules);
	engine_can_publish(w->engine, true, 0);
	engine_epoch(w->engine, 0, 1);
	w->prefetch = 1;
}

static const struct breaker_rules world_breaker_off = {
	.is_off = true,
	.window = 10 * S,
	.calls = 20,
	.share_pct = 50,
	.open = 5 * S,
	.open_max = 60 * S,
	.probes = 1,
};

void world_start(struct world *w)
{
	*w = (struct world){0};
	policy_init(&w->policy, "p");
	w->downstream = (struct downstream_config){
		.name = "ehr",
		.rules = {.name = "ehr"},
		.url = "http://ehr/",
		.concurrency = 2,
		.health = {.breaker = world_breaker_off}};
	w->deliver_to[0] = &w->downstream;
	w->pipeline = (struct pipeline_config){
		.name = "lab",
		.exchange = "rebound.lab",
		.queue = "rebound.lab",
		.queue_is_ours = true,
		.delay_exchange = "rebound.lab.delay",
		.parking = "rebound.lab.parking",
		.deliver_to = w->deliver_to,
		.deliver_to_count = 1,
		.policy = &w->policy,
		.prefetch = 4,
		.in_flight_bytes = 100,
		.lanes = w->lanes,
		.lane_count = lanes_of_policy(&w->policy, &w->downstream.rules,
					      w->lanes, LANES_MAX),
		.ladder = w->rungs,
		.ladder_count = ladder_rungs(MILLIS_PER_HOUR, w->rungs),
	};
	w->config = (struct config){
		.downstreams = &w->downstream,
		.downstream_count = 1,
		.pipelines = &w->pipeline,
		.pipeline_count = 1,
	};
	begin(w);
}

void world_restart(struct world *w)
{
	engine_free(w->engine);
	begin(w);
}

void world_end(struct world *w)
{
	engine_free(w->engine);
}

struct message *world_fresh(uint64_t tag)
{
	struct message *m = message_new();

	m->exchange = TEXT("clinical-events");
	m->routing_key = TEXT("lab.result");
	m->properties.message_id = TEXT("msg-1");
	m->body = TEXT("x");
	m->tag = tag;
	return m;
}

void world_answer(struct world *w, int status, enum transport transport,
		  millis retry_after)
{
	const struct http_answer a = {
		.outcome = {.transport = transport,
			    .status = status,
			    .retry_after = retry_after,
			    .duration = 5},
		.body = w->body,
	};

	ck_assert_uint_ge(w->call_count, 1);
	uint64_t job = w->calls[0];

	memmove(w->calls, w->calls + 1, --w->call_count * sizeof(*w->calls));
	engine_answered(w->engine, job, &a, w->now);
}

const struct copy *world_take_copy(struct world *w)
{
	ck_assert_uint_ge(w->copy_count, 1);
	const struct copy *copy = w->copies[0];

	memmove(w->copies, w->copies + 1,
		--w->copy_count * sizeof(struct copy *));
	return copy;
}

struct text world_header(const struct copy *copy, const char *name)
{
	const struct field *field = table_find(&copy->headers, name);
	struct text text = {0};

	if (field != NULL)
		ck_assert(field_text(field, &text));
	return text;
}

static struct table deep_copy(const struct table *from, struct arena *arena)
{
	struct table to = {0};

	for (size_t i = 0; i < from->count; i++) {
		const struct field *f = &from->fields[i];
		struct field *t = table_add(
			&to, arena, arena_text(arena, f->name), f->kind);

		t->as = f->as;
		if (f->kind == FIELD_STRING)
			t->as.text = arena_text(arena, f->as.text);
		if (f->kind == FIELD_TABLE || f->kind == FIELD_ARRAY) {
			struct table inner = deep_copy(&f->as.table, arena);

			t = &to.fields[to.count - 1];
			t->as.table = inner;
		}
	}
	return to;
}

/* The delivery that a copy in a delay queue becomes, once its time is over. */
struct message *world_comes_back(const struct copy *copy, uint64_t tag)
{
	struct message *m = message_new();

	m->exchange = TEXT("rebound.lab");
	m->routing_key = arena_text(&m->arena, copy->routing_key);
	m->properties.message_id =
		arena_text(&m->arena, copy->properties.message_id);
	m->headers = deep_copy(&copy->headers, &m->arena);
	m->body = TEXT("x");
	m->tag = tag;
	return m;
}

/* A copy that the broker has confirmed, and the delivery it becomes. */
struct message *world_confirm(struct world *w, uint64_t tag)
{
	const struct copy *copy = world_take_copy(w);
	struct message *back = world_comes_back(copy, tag);

	engine_copied(w->engine, copy->job, COPY_CONFIRMED, w->now);
	return back;
}

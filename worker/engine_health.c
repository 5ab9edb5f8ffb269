/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_health.c - what the health of downstreams means for deliveries.
 */
#include "policy/lanes.h"
#include "worker/engine_job.h"

static void on_changed(void *context, size_t downstream)
{
	struct engine *engine = context;

	engine->has_moved = true;
	engine->ports.health_changed(engine->ports.context, downstream);
}

static uint32_t on_dice(void *context)
{
	const struct engine *engine = context;

	return engine->ports.dice(engine->ports.context);
}

static millis on_wall(void *context)
{
	const struct engine *engine = context;

	return engine->ports.wall(engine->ports.context);
}

struct health *engine_health_new(struct engine *engine)
{
	const struct health_ports ports = {
		.context = engine,
		.changed = on_changed,
		.dice = on_dice,
		.wall = on_wall,
	};

	return health_new(engine->config, &ports, 0);
}

struct health *engine_health(struct engine *engine)
{
	return engine->health;
}

uint32_t flow_width(const struct flow *flow)
{
	uint32_t most = 0;

	for (size_t i = 0; i < flow->config->deliver_to_count; i++) {
		uint32_t width =
			health_width(flow->engine->health,
				     flow->config->deliver_to[i]->index);

		most = width > most ? width : most;
	}
	return most < flow->config->prefetch ? most : flow->config->prefetch;
}

/* FNV-1a: tells messages apart, and need not be more than good at it. */
static uint64_t number_of(struct text id)
{
	uint64_t number = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < id.len; i++)
		number = (number ^ (unsigned char)id.at[i]) *
			 UINT64_C(1099511628211);
	return number;
}

/* The request could not be made of this message: nobody was asked. */
static bool was_made(const struct outcome *outcome)
{
	return outcome->transport != TRANSPORT_HEADER &&
	       outcome->transport != TRANSPORT_TEMPLATE;
}

static enum breaker_answer answer_of(const struct verdict *verdict)
{
	if (verdict->kind == VERDICT_DONE)
		return BREAKER_SUCCESS;
	if (verdict->class != CLASS_PERMANENT)
		return BREAKER_FAILURE;
	return verdict->is_exempt ? BREAKER_EXEMPT : BREAKER_PERMANENT;
}

/* Waits in the lane that fits best how long nothing is called. */
static bool plan_hold(const struct call *call, struct verdict *verdict)
{
	const struct job *job = call->job;
	const struct pipeline_config *pipeline = job->ruling.pipeline;
	millis wait =
		health_shut_for(job->flow->engine->health,
				call->line->downstream, job->flow->engine->now);

	if (pipeline->lane_count == 0)
		return false;
	*verdict = (struct verdict){
		.kind = VERDICT_RETRY,
		.is_held = true,
		.error = verdict->error,
		.class = verdict->class,
		.delay = lane_for_hold(pipeline->lanes, pipeline->lane_count,
				       wait),
	};
	return true;
}

void call_tell_health(struct call *call, const struct outcome *outcome,
		      struct verdict *verdict, millis now)
{
	const struct job *job = call->job;
	struct health *health = job->flow->engine->health;
	size_t downstream = call->line->downstream;
	struct text error = text_of(verdict->error);

	if (!was_made(outcome))
		health_give_back(health, downstream, call->ticket, true);
	else if (health_answered(health, downstream, call->ticket,
				 answer_of(verdict), error,
				 number_of(job->envelope.id), now) &&
		 verdict->kind == VERDICT_PARK)
		(void)plan_hold(call, verdict);
}

bool call_hold(struct call *call)
{
	struct job *job = call->job;

	job->verdict = (struct verdict){0};
	call->attempt = 0;
	job->about = call;
	if (!plan_hold(call, &job->verdict))
		return false;
	call->phase = CALL_IDLE;
	job_plan(job);
	job_copy(job);
	return true;
}

millis engine_heed_health(struct engine *engine, millis now)
{
	millis next = health_tick(engine->health, now);
	bool has_moved = engine->has_moved;

	engine->has_moved = false;
	for (size_t i = 0; has_moved && i < engine->config->pipeline_count; i++)
		flow_turn(&engine->flows[i]);
	for (size_t i = 0; i < engine->config->downstream_count; i++) {
		struct line *line = &engine->lines[i];
		millis wait;

		if (!engine->is_draining && (has_moved || line->is_late))
			line_pump(line);
		if (!line->is_late)
			continue;
		wait = health_wait(engine->health, i, now);
		if (next < 0 || wait < next)
			next = wait;
	}
	return next;
}

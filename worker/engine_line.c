/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_line.c - who waits for a place at a downstream, and who has one.
 */
#include "worker/engine_job.h"
#include "worker/request.h"

/* Copies that wait for the broker may fill half of the prefetch; then calls
   stop, since each may need one more. */
static bool may_call(const struct flow *flow)
{
	return flow->engine->can_publish ||
	       flow->copying < (flow->config->prefetch + 1) / 2;
}

static void start_call(struct call *call)
{
	const struct job *job = call->job;
	const struct engine_ports *ports = &job->flow->engine->ports;
	struct http_request request =
		request_build(&job->envelope, call->downstream);

	request.wanted = call->rules->wanted;
	request.wanted_count = call->rules->wanted_count;
	call->phase = CALL_CALLING;
	call->line->calling++;
	ports->call(ports->context, (uint64_t)(uintptr_t)call, &request);
}

/* The first of the queue that may be called; those that may not yet keep their
   places, and others pass them by. */
static struct call **first_of(struct queue *queue, struct call **before)
{
	struct call **at = &queue->first;

	*before = NULL;
	while (*at != NULL && !may_call((*at)->job->flow)) {
		*before = *at;
		at = &(*at)->behind;
	}
	return at;
}

/* The priorities of which one may be called, a bit each. */
static uint32_t waiting_in(struct line *line)
{
	uint32_t waiting = 0;
	struct call *before;

	for (uint32_t p = 0; p < PRIORITY_COUNT; p++)
		if (line->queues[p].first != NULL &&
		    *first_of(&line->queues[p], &before) != NULL)
			waiting |= UINT32_C(1) << p;
	return waiting;
}

static struct call *take_next(struct line *line, uint32_t waiting)
{
	struct queue *queue = &line->queues[turn_next(&line->turn, waiting)];
	struct call *before;
	struct call **at = first_of(queue, &before);
	struct call *call = *at;

	*at = call->behind;
	if (queue->last == call)
		queue->last = before;
	call->behind = NULL;
	return call;
}

/* It is not called for now: they wait in its delay queues, where it has any. */
static void hold_all(struct line *line)
{
	for (uint32_t p = 0; p < PRIORITY_COUNT; p++) {
		struct call *call = line->queues[p].first;

		line->queues[p] = (struct queue){0};
		while (call != NULL) {
			struct call *behind = call->behind;

			call->behind = NULL;
			if (!call_hold(call))
				line_join(call, line);
			call = behind;
		}
	}
}

/* True if its message is too late, and is parked. */
static bool park_late(struct call *call)
{
	call->phase = CALL_IDLE;
	return call_park_late(call);
}

/* Starts the calls that have a place now. */
void line_pump(struct line *line)
{
	struct health *health = line->engine->health;
	millis now = line->engine->now;
	struct breaker_ticket ticket;
	uint32_t waiting;

	line->is_late = false;
	if (health_is_shut(health, line->downstream)) {
		hold_all(line);
		return;
	}
	while ((waiting = waiting_in(line)) != 0) {
		struct call *call;

		if (!health_take(health, line->downstream, line->calling, now,
				 &ticket)) {
			line->is_late = health_is_late(health, line->downstream,
						       line->calling, now);
			return;
		}
		call = take_next(line, waiting);
		call->ticket = ticket;
		if (park_late(call))
			health_give_back(health, line->downstream, ticket,
					 false);
		else
			start_call(call);
	}
}

void engine_pump(struct engine *engine)
{
	if (engine->is_draining)
		return;
	for (size_t i = 0; i < engine->config->downstream_count; i++)
		line_pump(&engine->lines[i]);
}

void line_join(struct call *call, struct line *line)
{
	struct queue *queue = &line->queues[call->job->flow->config->priority];

	call->job->phase = PHASE_CALLS;
	call->phase = CALL_WAITING;
	call->line = line;
	if (queue->last != NULL)
		queue->last->behind = call;
	else
		queue->first = call;
	queue->last = call;
}

static void clear_queue(struct line *line, struct queue *queue, bool all)
{
	struct call *call = queue->first;

	*queue = (struct queue){0};
	while (call != NULL) {
		struct call *behind = call->behind;

		call->behind = NULL;
		if (all || job_is_stale(call->job))
			call->phase = CALL_IDLE;
		else
			line_join(call, line);
		call = behind;
	}
}

void line_clear(struct line *line, bool all)
{
	for (uint32_t p = 0; p < PRIORITY_COUNT; p++)
		clear_queue(line, &line->queues[p], all);
}

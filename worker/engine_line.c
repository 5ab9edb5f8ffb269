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

static void start_call(struct job *job)
{
	const struct engine_ports *ports = &job->flow->engine->ports;
	const struct downstream_config *downstream =
		job->flow->config->deliver_to[0];
	const struct downstream_config *rules =
		job->ruling.pipeline->deliver_to[0];
	struct http_request request = request_build(&job->envelope, downstream);

	request.wanted = rules->wanted;
	request.wanted_count = rules->wanted_count;
	job->phase = PHASE_CALLING;
	job->line->calling++;
	ports->call(ports->context, (uint64_t)(uintptr_t)job, &request);
}

/* The first of the queue that may be called; those that may not yet keep their
   places, and others pass them by. */
static struct job **first_of(struct queue *queue, struct job **before)
{
	struct job **at = &queue->first;

	*before = NULL;
	while (*at != NULL && !may_call((*at)->flow)) {
		*before = *at;
		at = &(*at)->behind;
	}
	return at;
}

/* The priorities of which one may be called, a bit each. */
static uint32_t waiting_in(struct line *line)
{
	uint32_t waiting = 0;
	struct job *before;

	for (uint32_t p = 0; p < PRIORITY_COUNT; p++)
		if (line->queues[p].first != NULL &&
		    *first_of(&line->queues[p], &before) != NULL)
			waiting |= UINT32_C(1) << p;
	return waiting;
}

static struct job *take_next(struct line *line, uint32_t waiting)
{
	struct queue *queue = &line->queues[turn_next(&line->turn, waiting)];
	struct job *before;
	struct job **at = first_of(queue, &before);
	struct job *job = *at;

	*at = job->behind;
	if (queue->last == job)
		queue->last = before;
	job->behind = NULL;
	return job;
}

/* It is not called for now: they wait in its delay queues, where it has any. */
static void hold_all(struct line *line)
{
	for (uint32_t p = 0; p < PRIORITY_COUNT; p++) {
		struct job *job = line->queues[p].first;

		line->queues[p] = (struct queue){0};
		while (job != NULL) {
			struct job *behind = job->behind;

			job->behind = NULL;
			if (!job_hold(job))
				line_join(job, line);
			job = behind;
		}
	}
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
		struct job *job;

		if (!health_take(health, line->downstream, line->calling, now,
				 &ticket)) {
			line->is_late = health_is_late(health, line->downstream,
						       line->calling, now);
			return;
		}
		job = take_next(line, waiting);
		job->ticket = ticket;
		if (job_park_late(job))
			health_give_back(health, line->downstream, ticket,
					 false);
		else
			start_call(job);
	}
}

void engine_pump(struct engine *engine)
{
	if (engine->is_draining)
		return;
	for (size_t i = 0; i < engine->config->downstream_count; i++)
		line_pump(&engine->lines[i]);
}

void line_join(struct job *job, struct line *line)
{
	struct queue *queue = &line->queues[job->flow->config->priority];

	job->phase = PHASE_WAITING;
	job->line = line;
	if (queue->last != NULL)
		queue->last->behind = job;
	else
		queue->first = job;
	queue->last = job;
}

static void clear_queue(struct line *line, struct queue *queue, bool all)
{
	struct job *job = queue->first;

	*queue = (struct queue){0};
	while (job != NULL) {
		struct job *behind = job->behind;

		job->behind = NULL;
		if (all || job_is_stale(job))
			job_drop(job);
		else
			line_join(job, line);
		job = behind;
	}
}

/* Takes the jobs out of a line that are void, or all of them. */
void line_clear(struct line *line, bool all)
{
	for (uint32_t p = 0; p < PRIORITY_COUNT; p++)
		clear_queue(line, &line->queues[p], all);
}

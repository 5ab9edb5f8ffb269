/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_copy.c - the copy that carries a message on: made, published, and
 * held where the broker does not take it.
 */
#include <assert.h>

#include "policy/duration.h"
#include "policy/lanes.h"
#include "worker/engine_job.h"
#include "worker/topology.h"

const char *copy_result_name(enum copy_result result)
{
	switch (result) {
	case COPY_CONFIRMED:
		return "confirmed";
	case COPY_RETURNED:
		return "returned";
	case COPY_REFUSED:
		return "refused";
	case COPY_LOST:
		return "lost";
	case COPY_TOO_BIG:
		return "too-big";
	}
	return "?";
}

/* The lane that the verdict's delay goes to, and what is left after it. */
static void choose_lane(struct job *job)
{
	const struct pipeline_config *pipeline = job->ruling.pipeline;
	struct arena *arena = &job->message->arena;
	millis delay = job->verdict.delay;
	const char *downstream = job->about->downstream->name;

	job->rest = 0;
	if (job->verdict.by_server) {
		delay = ladder_next(pipeline->ladder, pipeline->ladder_count,
				    delay, &job->rest);
		downstream = NULL;
	}
	job->lane = text_of(topology_lane(arena, downstream, delay));
	call_step(job->about)->rest = job->rest;
}

static void make_copy(struct job *job)
{
	const struct engine *engine = job->flow->engine;
	const struct envelope_stamp stamp = {
		.policy_version = job->ruling.set->version,
		.frame_max = engine->frame_max,
		.slim = job->is_slim,
		.held_at_wall =
			job->verdict.is_held
				? engine->ports.wall(engine->ports.context)
				: 0,
	};

	if (job->verdict.kind == VERDICT_RETRY)
		job->copy = envelope_retry(&job->envelope, &stamp, job->lane,
					   job->rest);
	else
		job->copy =
			envelope_park(&job->envelope, &stamp, &job->parking);
	job->copy.job = (uint64_t)(uintptr_t)job;
}

/* Why the message is parked, for the headers. */
static void fill_parking(struct job *job)
{
	const struct engine_ports *ports = &job->flow->engine->ports;
	const struct verdict *verdict = &job->verdict;
	bool called = job->about->attempt > 0;

	job->parking = (struct envelope_parking){
		.reason = verdict->reason,
		.as = verdict->park_as,
		.class = called ? error_class_name(verdict->class) : NULL,
		.error = verdict->error,
		.step = called ? text_of(job->about->downstream->name)
			       : (struct text){0},
		.at_wall = ports->wall(ports->context),
	};
}

void job_plan(struct job *job)
{
	if (job->verdict.kind == VERDICT_RETRY)
		choose_lane(job);
	else if (job->verdict.kind == VERDICT_PARK)
		fill_parking(job);
}

void job_copy(struct job *job)
{
	make_copy(job);
	job->flow->copying++;
	job->phase = PHASE_COPYING;
	job->flow->engine->ports.publish(job->flow->engine->ports.context,
					 &job->copy);
}

/* Says once that copies of a pipeline are held, and once that they are not. */
static void report_held(struct flow *flow, const struct job *job,
			enum copy_result result)
{
	const struct engine_ports *ports = &flow->engine->ports;
	bool is_held = flow->holding > 0;

	if (is_held == flow->is_held)
		return;
	flow->is_held = is_held;

	struct report report =
		job_report(job, is_held ? REPORT_HOLDING : REPORT_MOVING);

	report.reason = copy_result_name(result);
	ports->report(ports->context, &report);
}

void job_publish(struct job *job)
{
	const struct engine_ports *ports = &job->flow->engine->ports;

	assert(job->phase == PHASE_HOLDING);
	job->phase = PHASE_COPYING;
	ports->publish(ports->context, &job->copy);
}

void job_uncount_copy(struct job *job, enum copy_result result)
{
	job->flow->copying--;
	if (job->held > 0)
		job->flow->holding--;
	report_held(job->flow, job, result);
}

/* Counts the job among those held, from its first time to its end. */
static void count_held(struct job *job, enum copy_result result)
{
	if (job->held == 0)
		job->flow->holding++;
	if (job->held < UINT32_MAX)
		job->held++;
	report_held(job->flow, job, result);
}

/* 1 s, 2 s, 4 s, ... 30 s, each shortened by up to a quarter at random, so
   that many held copies do not come again all at once. */
static void hold(struct job *job, enum copy_result result, millis now)
{
	const struct engine_ports *ports = &job->flow->engine->ports;
	millis wait = ENGINE_HOLD_FIRST;

	for (uint32_t n = 0; n < job->held && wait < ENGINE_HOLD_MAX; n++)
		wait *= 2;
	if (wait > ENGINE_HOLD_MAX)
		wait = ENGINE_HOLD_MAX;
	wait -= (millis)(((uint64_t)ports->dice(ports->context) *
			  (uint64_t)(wait / 4)) >>
			 32);
	job->due = now + wait;
	job->phase = PHASE_HOLDING;
	count_held(job, result);
	if (result == COPY_RETURNED)
		ports->repair(ports->context, job->flow->config->index);
}

/*
 * No copy of the message can be made. A queue of ours has a way of its own to
 * parking; in a queue of somebody else the message stays unacked, and alarms.
 */
void job_refuse(struct job *job)
{
	const struct engine_ports *ports = &job->flow->engine->ports;
	const struct pipeline_config *pipeline = job->flow->config;
	bool ours = pipeline->queue_is_ours;
	struct report report =
		job_report(job, ours ? REPORT_REJECTED : REPORT_STUCK);

	ports->report(ports->context, &report);
	if (!ours) {
		job->phase = PHASE_STUCK;
		count_held(job, COPY_TOO_BIG);
		return;
	}
	ports->reject(ports->context, pipeline->index, job->epoch,
		      job->message->tag);
	job_uncount_copy(job, COPY_TOO_BIG);
	job_drop(job);
}

/* Without all that can be left out the copy may fit. */
static void slim_or_refuse(struct job *job)
{
	const struct engine_ports *ports = &job->flow->engine->ports;

	if (job->is_slim) {
		job_refuse(job);
		return;
	}
	job->is_slim = true;
	make_copy(job);
	ports->publish(ports->context, &job->copy);
}

void job_copied(struct job *job, enum copy_result result, millis now)
{
	if (job_is_stale(job)) {
		job_uncount_copy(job, result);
		if (result == COPY_CONFIRMED)
			job_void_done(job, DELIVERED_COPIED);
		else
			job_void_failed(job);
		job_drop(job);
		return;
	}
	switch (result) {
	case COPY_CONFIRMED:
		job_uncount_copy(job, result);
		job_done(job);
		return;
	case COPY_RETURNED:
	case COPY_REFUSED:
	case COPY_LOST:
		hold(job, result, now);
		return;
	case COPY_TOO_BIG:
		slim_or_refuse(job);
		return;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/engine.h"

#include <assert.h>
#include <stdlib.h>

#include "worker/engine_job.h"
#include "worker/mem.h"

static struct flow flow_of(struct engine *engine,
			   const struct pipeline_config *pipeline,
			   struct ruleset *rules)
{
	return (struct flow){
		.engine = engine,
		.config = pipeline,
		.ruling = {.set = ruleset_keep(rules), .pipeline = pipeline}};
}

struct engine *engine_new(const struct config *config, struct ruleset *rules,
			  const char *worker, const struct engine_ports *ports)
{
	struct engine *engine = mem_new(sizeof(*engine));

	*engine = (struct engine){
		.config = config,
		.worker = worker,
		.ports = *ports,
		.flows = mem_array(config->pipeline_count, sizeof(struct flow)),
		.lines = mem_array(config->downstream_count,
				   sizeof(struct line)),
		.delivered = delivered_new(),
		.frame_max = 131072,
	};
	for (size_t i = 0; i < config->pipeline_count; i++)
		engine->flows[i] =
			flow_of(engine, &config->pipelines[i], rules);
	for (size_t i = 0; i < config->downstream_count; i++)
		engine->lines[i] =
			(struct line){.engine = engine, .downstream = i};
	engine->health = engine_health_new(engine);
	return engine;
}

void engine_free(struct engine *engine)
{
	if (engine == NULL)
		return;
	for (size_t i = 0; i < engine->config->pipeline_count; i++) {
		while (engine->flows[i].jobs != NULL)
			job_drop(engine->flows[i].jobs);
		flow_forget(&engine->flows[i]);
		ruleset_drop(engine->flows[i].ruling.set);
	}
	health_free(engine->health);
	delivered_free(engine->delivered);
	free(engine->flows);
	free(engine->lines);
	free(engine);
}

/* --- jobs ------------------------------------------------------------------ */

bool job_is_stale(const struct job *job)
{
	return job->epoch != job->flow->epoch;
}

static struct report report_of(const struct call *call,
			       const struct verdict *verdict,
			       enum report_kind kind)
{
	const struct job *job = call->job;
	const char *reason = NULL;
	const char *class = NULL;

	if (verdict->kind == VERDICT_PARK)
		reason = park_reason_name(verdict->reason);
	else if (job->is_again)
		reason = delivered_how_name(job->how);
	else if (verdict->kind == VERDICT_DONE && verdict->is_already)
		reason = success_meaning_name(SUCCESS_ALREADY);

	if (call->attempt > 0 && verdict->kind != VERDICT_DONE)
		class = error_class_name(verdict->class);
	return (struct report){
		.kind = kind,
		.pipeline = job->flow->config,
		.id = job->envelope.id,
		.type = job->envelope.type,
		.attempt = call->attempt,
		.downstream = call->downstream->name,
		.error = verdict->error,
		.class = class,
		.verdict = verdict->kind,
		.delay = verdict->delay,
		.is_held = verdict->is_held,
		.lane = job->lane,
		.reason = reason,
		.parked_as = verdict->park_as,
		.body_len = job->body_len,
		.status = call->status,
		.is_again = job->is_again,
		.how = job->how,
		.has_failed = job->envelope.is_return || call->attempt > 1,
		.is_first_failure = kind == REPORT_CALL && call->attempt == 1 &&
				    verdict->kind != VERDICT_DONE &&
				    !verdict->is_held,
		.policy = job->ruling.set->version,
		.first_seen_wall = job->envelope.first_seen_wall,
		.message = job->message,
	};
}

struct report job_report(const struct job *job, enum report_kind kind)
{
	return report_of(job->about, &job->verdict, kind);
}

struct report call_report(const struct call *call, enum report_kind kind)
{
	return report_of(call, &call->verdict, kind);
}

struct step *call_step(const struct call *call)
{
	return envelope_step(&call->job->envelope, call->downstream->name);
}

void job_drop(struct job *job)
{
	struct flow *flow = job->flow;

	if (job->next != NULL)
		job->next->previous = job->previous;
	if (job->previous != NULL)
		job->previous->next = job->next;
	else
		flow->jobs = job->next;
	for (size_t i = 0; i < job->call_count; i++)
		if (job->calls[i].phase == CALL_QUICK)
			call_leave_quick(&job->calls[i]);
	flow->engine->jobs--;
	flow->bytes -= job->body_len;
	job_part(job);
	ruleset_drop(job->ruling.set);
	message_free(job->message);
	free(job);
}

/* What the ack was for. */
static enum delivered_how how_of(const struct job *job)
{
	if (job->is_again)
		return job->how;
	return job->verdict.kind == VERDICT_DONE ? DELIVERED_CALLED
						 : DELIVERED_COPIED;
}

void job_done(struct job *job)
{
	const struct engine_ports *ports = &job->flow->engine->ports;

	if (!job_is_stale(job)) {
		struct report report = job_report(job, REPORT_VERDICT);

		/* In this order: an ack may have to wait for what records it. */
		ports->report(ports->context, &report);
		ports->ack(ports->context, job->flow->config->index, job->epoch,
			   job->message->tag);
		flow_keep(job->flow, job->message, how_of(job));
		job->message = NULL;
	}
	job_drop(job);
}

struct job *job_new(struct flow *flow, uint64_t epoch, struct message *message)
{
	size_t calls = 1;
	struct job *job = mem_new(sizeof(*job) + calls * sizeof(struct call));

	job->flow = flow;
	job->ruling = flow->ruling;
	job->epoch = epoch;
	job->message = message;
	job->body_len = message->body.len;
	job->call_count = calls;
	job->about = &job->calls[0];
	for (size_t i = 0; i < calls; i++)
		job->calls[i] = (struct call){
			.job = job,
			.downstream = flow->config->deliver_to[i],
			.rules = flow->ruling.pipeline->deliver_to[i]};
	job->next = flow->jobs;
	if (flow->jobs != NULL)
		flow->jobs->previous = job;
	flow->jobs = job;
	ruleset_keep(job->ruling.set);
	flow->engine->jobs++;
	flow->bytes += message->body.len;
	return job;
}

void engine_copied(struct engine *engine, uint64_t job_id,
		   enum copy_result result, millis now)
{
	struct job *job = (struct job *)(uintptr_t)job_id;

	struct flow *flow = job->flow;

	assert(job->phase == PHASE_COPYING);
	engine->now = now;
	job_copied(job, result, now);
	flow_turn(flow);
	engine_pump(engine);
}

/* --- the world around --------------------------------------------------------- */

/* Its calls wait, all of them: nothing is under way for it but time. */
static bool is_waiting(const struct job *job)
{
	if (job->phase != PHASE_CALLS)
		return false;
	for (size_t i = 0; i < job->call_count; i++)
		if (job->calls[i].phase == CALL_CALLING)
			return false;
	return true;
}

void engine_epoch(struct engine *engine, size_t pipeline, uint64_t epoch)
{
	struct flow *flow = &engine->flows[pipeline];
	struct job *next;

	flow_broken(flow);
	flow_begin(flow, epoch);
	for (size_t i = 0; i < engine->config->downstream_count; i++)
		line_clear(&engine->lines[i], false);
	for (struct job *job = flow->jobs; job != NULL; job = next) {
		next = job->next;
		if (!job_is_stale(job))
			continue;
		/* The broker delivers it again: a copy would be one more. */
		atomic_store(&job->copy.is_void, true);
		if (job->phase == PHASE_HOLDING || job->phase == PHASE_STUCK) {
			job_uncount_copy(job, COPY_LOST);
			job_drop(job);
		} else if (job_is_aside(job) || is_waiting(job)) {
			job_drop(job);
		}
	}
	flow_turn(flow);
	engine_pump(engine);
}

void engine_rule(struct engine *engine, size_t pipeline,
		 const struct ruling *ruling)
{
	struct flow *flow = &engine->flows[pipeline];

	ruleset_keep(ruling->set);
	ruleset_drop(flow->ruling.set);
	flow->ruling = *ruling;
	flow->has_given_up = false; /* by other rules, which may be said too */
}

void engine_can_publish(struct engine *engine, bool can, millis now)
{
	engine->now = now;
	engine->can_publish = can;
	for (size_t i = 0; i < engine->config->pipeline_count; i++)
		flow_turn(&engine->flows[i]);
	engine_pump(engine);
}

void engine_frame_max(struct engine *engine, uint32_t frame_max)
{
	engine->frame_max = frame_max;
}

/* Those whose turn has not come, or not yet again, and what is stuck and will
   not move: they are left to the broker. */
static void drop_idle(struct flow *flow)
{
	struct job *next;

	for (struct job *job = flow->jobs; job != NULL; job = next) {
		bool is_stuck = job->phase == PHASE_STUCK;

		next = job->next;
		if (!is_stuck && !job_is_aside(job) && !is_waiting(job))
			continue;
		if (is_stuck)
			job_uncount_copy(job, COPY_TOO_BIG);
		job_drop(job);
	}
}

void engine_drain(struct engine *engine)
{
	engine->is_draining = true;
	for (size_t i = 0; i < engine->config->downstream_count; i++)
		line_clear(&engine->lines[i], true);
	for (size_t i = 0; i < engine->config->pipeline_count; i++)
		drop_idle(&engine->flows[i]);
}

static millis sooner(millis a, millis b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

/* What is held is bounded by the prefetch, and a tick comes once in a while:
   a walk over all of it will do. */
static millis publish_held(struct flow *flow, millis now)
{
	millis next = -1;

	if (flow->holding == 0)
		return next;
	for (struct job *job = flow->jobs; job; job = job->next) {
		if (job->phase != PHASE_HOLDING)
			continue;
		if (job->due <= now)
			job_publish(job);
		else
			next = sooner(next, job->due - now);
	}
	return next;
}

millis engine_tick(struct engine *engine, millis now)
{
	millis next;

	engine->now = now;
	next = engine_heed_health(engine, now);
	for (size_t i = 0; i < engine->config->pipeline_count; i++) {
		struct flow *flow = &engine->flows[i];

		next = sooner(next, publish_held(flow, now));
		next = sooner(next, flow_call_quick(flow, now));
		next = sooner(next, flow_tick(flow, now));
	}
	return next;
}

size_t engine_jobs(const struct engine *engine)
{
	return engine->jobs;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/engine.h"

#include <assert.h>
#include <stdlib.h>

#include "policy/duration.h"
#include "policy/lanes.h"
#include "worker/arena.h"
#include "worker/digest.h"
#include "worker/engine_job.h"
#include "worker/mem.h"
#include "worker/request.h"

struct engine *engine_new(const struct config *config,
			  const char *policy_version, const char *worker,
			  const struct engine_ports *ports)
{
	struct engine *engine = mem_new(sizeof(*engine));

	*engine = (struct engine){
		.config = config,
		.policy_version = policy_version,
		.worker = worker,
		.ports = *ports,
		.flows = mem_array(config->pipeline_count, sizeof(struct flow)),
		.lines = mem_array(config->downstream_count,
				   sizeof(struct line)),
		.frame_max = 131072,
	};
	for (size_t i = 0; i < config->pipeline_count; i++)
		engine->flows[i] = (struct flow){
			.engine = engine, .config = &config->pipelines[i]};
	for (size_t i = 0; i < config->downstream_count; i++)
		engine->lines[i].room = config->downstreams[i].concurrency;
	return engine;
}

void engine_free(struct engine *engine)
{
	if (engine == NULL)
		return;
	for (size_t i = 0; i < engine->config->pipeline_count; i++)
		while (engine->flows[i].jobs != NULL)
			job_drop(engine->flows[i].jobs);
	free(engine->flows);
	free(engine->lines);
	free(engine);
}

/* --- jobs ------------------------------------------------------------------ */

bool job_is_stale(const struct job *job)
{
	return job->epoch != job->flow->epoch;
}

struct report job_report(const struct job *job, enum report_kind kind)
{
	const struct verdict *verdict = &job->verdict;
	bool parks = verdict->kind == VERDICT_PARK;
	const char *class = NULL;

	if (job->attempt > 0 && verdict->kind != VERDICT_DONE)
		class = error_class_name(verdict->class);
	return (struct report){
		.kind = kind,
		.pipeline = job->flow->config,
		.id = job->envelope.id,
		.type = job->envelope.type,
		.attempt = job->attempt,
		.downstream = job->downstream,
		.error = verdict->error,
		.class = class,
		.verdict = verdict->kind,
		.delay = verdict->delay,
		.lane = job->lane,
		.reason = parks ? park_reason_name(verdict->reason) : NULL,
		.body_len = job->message->body.len,
	};
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
	flow->engine->jobs--;
	message_free(job->message);
	free(job);
}

void job_done(struct job *job)
{
	const struct engine_ports *ports = &job->flow->engine->ports;

	if (!job_is_stale(job)) {
		struct report report = job_report(job, REPORT_VERDICT);

		ports->ack(ports->context, job->flow->config->index, job->epoch,
			   job->message->tag);
		ports->report(ports->context, &report);
	}
	job_drop(job);
}

static struct job *new_job(struct flow *flow, uint64_t epoch,
			   struct message *message)
{
	struct job *job = mem_new(sizeof(*job));

	*job = (struct job){
		.flow = flow,
		.epoch = epoch,
		.message = message,
		.next = flow->jobs,
	};
	if (flow->jobs != NULL)
		flow->jobs->previous = job;
	flow->jobs = job;
	flow->engine->jobs++;
	return job;
}

/* --- calls ------------------------------------------------------------------ */

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
	struct http_request request = request_build(&job->envelope, downstream);

	job->phase = PHASE_CALLING;
	job->line->calling++;
	ports->call(ports->context, (uint64_t)(uintptr_t)job, &request);
}

/* Starts the calls that have a place now. One that may not be called yet
   keeps its place in the line, and others pass it by. */
static void pump_line(struct line *line)
{
	struct job **at = &line->first;
	struct job *before = NULL;

	while (*at != NULL && line->calling < line->room) {
		struct job *job = *at;

		if (!may_call(job->flow)) {
			before = job;
			at = &job->behind;
			continue;
		}
		*at = job->behind;
		if (line->last == job)
			line->last = before;
		job->behind = NULL;
		start_call(job);
	}
}

static void pump(struct engine *engine)
{
	if (engine->is_draining)
		return;
	for (size_t i = 0; i < engine->config->downstream_count; i++)
		pump_line(&engine->lines[i]);
}

static void join_line(struct job *job, struct line *line)
{
	job->phase = PHASE_WAITING;
	job->line = line;
	if (line->last != NULL)
		line->last->behind = job;
	else
		line->first = job;
	line->last = job;
}

/* Takes the jobs out of a line that are void, or all of them. */
static void clear_line(struct line *line, bool all)
{
	struct job *job = line->first;

	line->first = NULL;
	line->last = NULL;
	while (job != NULL) {
		struct job *behind = job->behind;

		job->behind = NULL;
		if (all || job_is_stale(job))
			job_drop(job);
		else
			join_line(job, line);
		job = behind;
	}
}

/* --- deliveries -------------------------------------------------------------- */

static void park_unseen(struct job *job, enum park_reason reason,
			const char *error)
{
	job->verdict = (struct verdict){
		.kind = VERDICT_PARK, .reason = reason, .error = error};
	job_plan(job);
	job_copy(job);
}

/* A server's word is kept: what is left of it is waited for on the ladder. */
static void move_on(struct job *job)
{
	job->verdict = (struct verdict){
		.kind = VERDICT_RETRY,
		.delay = job->envelope.rest,
		.by_server = true,
	};
	job_plan(job);
	job_copy(job);
}

/* Its headers did not all come through: a copy would lose some of them. */
static void refuse_unread(struct job *job)
{
	job->envelope.id = job->message->properties.message_id;
	job->envelope.type = job->message->routing_key;
	job->verdict = (struct verdict){.kind = VERDICT_PARK,
					.reason = PARK_UNREADABLE,
					.error = job->message->flaw};
	job->flow->copying++;
	job_refuse(job);
}

void engine_delivered(struct engine *engine, size_t pipeline, uint64_t epoch,
		      struct message *message, millis now)
{
	struct flow *flow = &engine->flows[pipeline];
	const struct downstream_config *downstream =
		flow->config->deliver_to[0];
	char id[UUID_SPELLING_MAX];
	struct step *step;

	(void)now;
	if (epoch != flow->epoch || engine->is_draining) {
		message_free(message);
		return;
	}

	struct job *job = new_job(flow, epoch, message);

	job->downstream = downstream->name;
	if (message->flaw != NULL) {
		refuse_unread(job);
		return;
	}
	if (!envelope_open(&job->envelope, flow->config, message,
			   engine->ports.wall(engine->ports.context),
			   digest_random_uuid(id))) {
		park_unseen(job, PARK_UNREADABLE, job->envelope.flaw);
		return;
	}
	step = envelope_step(&job->envelope, downstream->name);
	if (step == NULL)
		park_unseen(job, PARK_NO_ROUTE, NULL);
	else if (step->state == STEP_DONE)
		job_done(job);
	else if (job->envelope.delivery_count >= ENGINE_SUSPECT_COUNT)
		park_unseen(job, PARK_SUSPECT, NULL);
	else if (job->envelope.rest > 0 && flow->config->ladder_count > 0)
		move_on(job);
	else {
		join_line(job, &engine->lines[downstream->index]);
		pump_line(job->line);
	}
}

/* --- answers ----------------------------------------------------------------- */

static millis age_of(const struct job *job, millis wall)
{
	millis age = wall - job->envelope.first_seen_wall;

	return age < 0 ? 0 : age;
}

/* Writes into the step and the journal what the call came to. A permanent
   error uses up no try. */
static void note_failure(struct job *job, struct step *step,
			 const struct outcome *outcome, millis wall)
{
	const struct verdict *verdict = &job->verdict;
	const struct engine *engine = job->flow->engine;

	step->at_wall = wall;
	step->status = outcome->status;
	step->error = text_of(verdict->error);
	step->state =
		verdict->kind == VERDICT_PARK ? STEP_FAILED : STEP_WAITING;
	if (verdict->class != CLASS_PERMANENT) {
		if (step->attempts < UINT32_MAX)
			step->attempts++;
		step_count_failure(step, text_of(verdict->error));
	}
	envelope_note(&job->envelope,
		      &(struct envelope_attempt){
			      .at_wall = wall,
			      .step = step->name,
			      .error = verdict->error,
			      .class = verdict->class,
			      .status = outcome->status,
			      .duration = outcome->duration,
			      .delay = verdict->kind == VERDICT_RETRY
					       ? verdict->delay
					       : 0,
			      .policy_version = engine->policy_version,
			      .worker = engine->worker,
		      });
}

static void report_call(struct job *job, enum report_kind kind,
			const struct http_answer *answer)
{
	const struct engine_ports *ports = &job->flow->engine->ports;
	struct report report = job_report(job, kind);

	report.outcome = &answer->outcome;
	report.answer = answer;
	ports->report(ports->context, &report);
}

/* Decides, writes down and carries out. */
static void conclude(struct job *job, const struct http_answer *answer)
{
	struct engine *engine = job->flow->engine;
	const struct engine_ports *ports = &engine->ports;
	const struct outcome *outcome = &answer->outcome;
	struct step *step = envelope_step(&job->envelope, job->downstream);
	millis wall = ports->wall(ports->context);
	const struct message_facts facts = {.type = job->envelope.type,
					    .age = age_of(job, wall)};

	job->attempt =
		step->attempts < UINT32_MAX ? step->attempts + 1 : UINT32_MAX;
	job->verdict = policy_decide(job->flow->config->policy, &facts, step,
				     outcome, ports->dice(ports->context));
	if (job->verdict.kind != VERDICT_DONE) {
		note_failure(job, step, outcome, wall);
		job_plan(job);
	}
	report_call(job, REPORT_CALL, answer);
	if (job->verdict.kind == VERDICT_DONE)
		job_done(job);
	else
		job_copy(job);
}

void engine_answered(struct engine *engine, uint64_t job_id,
		     const struct http_answer *answer, millis now)
{
	struct job *job = (struct job *)(uintptr_t)job_id;
	struct line *line = job->line;

	(void)now;
	assert(job->phase == PHASE_CALLING);
	line->calling--;
	if (job_is_stale(job)) {
		report_call(job, REPORT_VOID, answer);
		job_drop(job);
	} else {
		conclude(job, answer);
	}
	if (!engine->is_draining)
		pump_line(line);
}

void engine_copied(struct engine *engine, uint64_t job_id,
		   enum copy_result result, millis now)
{
	struct job *job = (struct job *)(uintptr_t)job_id;

	assert(job->phase == PHASE_COPYING);
	job_copied(job, result, now);
	pump(engine);
}

/* --- the world around --------------------------------------------------------- */

void engine_epoch(struct engine *engine, size_t pipeline, uint64_t epoch)
{
	struct flow *flow = &engine->flows[pipeline];
	struct job *next;

	flow->epoch = epoch;
	for (size_t i = 0; i < engine->config->downstream_count; i++)
		clear_line(&engine->lines[i], false);
	for (struct job *job = flow->jobs; job != NULL; job = next) {
		next = job->next;
		if (!job_is_stale(job))
			continue;
		/* The broker delivers it again: a copy would be one more. */
		atomic_store(&job->copy.is_void, true);
		if (job->phase == PHASE_HOLDING || job->phase == PHASE_STUCK) {
			job_uncount_copy(job, COPY_LOST);
			job_drop(job);
		}
	}
	pump(engine);
}

void engine_can_publish(struct engine *engine, bool can, millis now)
{
	(void)now;
	engine->can_publish = can;
	pump(engine);
}

void engine_frame_max(struct engine *engine, uint32_t frame_max)
{
	engine->frame_max = frame_max;
}

/* What is stuck will not move: it is left to the broker too. */
static void drop_stuck(struct flow *flow)
{
	struct job *next;

	for (struct job *job = flow->jobs; job != NULL; job = next) {
		next = job->next;
		if (job->phase != PHASE_STUCK)
			continue;
		job_uncount_copy(job, COPY_TOO_BIG);
		job_drop(job);
	}
}

void engine_drain(struct engine *engine)
{
	engine->is_draining = true;
	for (size_t i = 0; i < engine->config->downstream_count; i++)
		clear_line(&engine->lines[i], true);
	for (size_t i = 0; i < engine->config->pipeline_count; i++)
		drop_stuck(&engine->flows[i]);
}

/* What is held is bounded by the prefetch, and a tick comes once in a while:
   a walk over all of it will do. */
millis engine_tick(struct engine *engine, millis now)
{
	millis next = -1;

	for (size_t i = 0; i < engine->config->pipeline_count; i++) {
		struct flow *flow = &engine->flows[i];

		if (flow->holding == 0)
			continue;
		for (struct job *job = flow->jobs; job; job = job->next) {
			if (job->phase != PHASE_HOLDING)
				continue;
			if (job->due <= now)
				job_publish(job);
			else if (next < 0 || job->due - now < next)
				next = job->due - now;
		}
	}
	return next;
}

size_t engine_jobs(const struct engine *engine)
{
	return engine->jobs;
}

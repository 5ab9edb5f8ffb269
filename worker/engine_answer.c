/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_answer.c - what is done when a call has ended.
 */
#include <assert.h>

#include "worker/answer.h"
#include "worker/engine_job.h"

static millis age_of(const struct job *job, millis wall)
{
	millis age = wall - job->envelope.first_seen_wall;

	return age < 0 ? 0 : age;
}

/* Writes into the step and the journal what the call came to. */
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
	policy_count(step, verdict);
	envelope_note(&job->envelope,
		      &(struct envelope_attempt){
			      .at_wall = wall,
			      .step = step->name,
			      .error = verdict->error,
			      .class = verdict->class,
			      .status = outcome->status,
			      .duration = outcome->duration,
			      .delay = verdict->kind == VERDICT_PARK
					       ? 0
					       : verdict->delay,
			      .detail = outcome->understood.detail,
			      .policy_version = job->ruling.set->version,
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

static void report_gave_up(struct flow *flow)
{
	const struct engine_ports *ports = &flow->engine->ports;
	const struct report report = {.kind = REPORT_GAVE_UP,
				      .pipeline = flow->config};

	if (!flow->has_given_up)
		ports->report(ports->context, &report);
	flow->has_given_up = true;
}

/* The answer as the policy wants to know it. */
static void read_answer(const struct job *job, const struct http_answer *answer,
			struct outcome *outcome)
{
	const struct ruling *ruling = &job->ruling;

	answer_read(ruling->set->config, ruling->pipeline,
		    ruling->pipeline->deliver_to[0], answer, job->message->body,
		    &job->message->arena, outcome);
	if (outcome->facts.gave_up)
		report_gave_up(job->flow);
}

static struct verdict decide(struct call *call, const struct step *step,
			     const struct outcome *outcome, millis wall,
			     millis now)
{
	struct job *job = call->job;
	const struct engine_ports *ports = &job->flow->engine->ports;
	struct message_facts facts = {
		.type = job->envelope.type,
		.age = age_of(job, wall),
		.has_deadline = job->envelope.has_deadline,
		.to_deadline = job->envelope.deadline_wall - wall,
		.held = job->envelope.held,
	};

	const struct pipeline_config *rules = job->ruling.pipeline;

	call_count_quick(call, now, &facts);
	return policy_decide(rules->policy, &rules->deliver_to[0]->rules,
			     &facts, step, outcome,
			     ports->dice(ports->context));
}

/* Carries out what was decided. */
static void carry_out(struct call *call, millis now)
{
	struct job *job = call->job;

	switch (job->verdict.kind) {
	case VERDICT_DONE:
		job_done(job);
		return;
	case VERDICT_QUICK:
		call_wait_quick(call, now);
		return;
	case VERDICT_RETRY:
	case VERDICT_PARK:
		job_copy(job);
		return;
	}
}

/* Decides, writes down and carries out. */
static void conclude(struct call *call, const struct http_answer *answer,
		     millis now)
{
	struct job *job = call->job;
	const struct engine_ports *ports = &job->flow->engine->ports;
	struct step *step = envelope_step(&job->envelope, job->downstream);
	millis wall = ports->wall(ports->context);
	struct outcome outcome;

	read_answer(job, answer, &outcome);
	job->attempt =
		step->attempts < UINT32_MAX ? step->attempts + 1 : UINT32_MAX;
	job->status = outcome.status;
	job->verdict = decide(call, step, &outcome, wall, now);
	call_tell_health(call, &outcome, &job->verdict, now);
	if (job->verdict.kind != VERDICT_DONE && !job->verdict.is_held)
		note_failure(job, step, &outcome, wall);
	job_plan(job);
	report_call(job, REPORT_CALL, answer);
	carry_out(call, now);
}

/* The connection of the delivery is gone, and no ack can be sent for it. If
   the call succeeded, the next delivery of the message needs none. */
static void conclude_void(struct call *call, const struct http_answer *answer,
			  millis now)
{
	struct job *job = call->job;
	const struct engine_ports *ports = &job->flow->engine->ports;
	const struct step *step =
		envelope_step(&job->envelope, job->downstream);
	struct outcome outcome;
	struct verdict verdict;

	read_answer(job, answer, &outcome);
	verdict =
		decide(call, step, &outcome, ports->wall(ports->context), now);
	call_tell_health(call, &outcome, &verdict, now);
	report_call(job, REPORT_VOID, answer);
	if (verdict.kind == VERDICT_DONE)
		job_void_done(job, DELIVERED_CALLED);
	else
		job_void_failed(job);
	job_drop(job);
}

void engine_answered(struct engine *engine, uint64_t call_id,
		     const struct http_answer *answer, millis now)
{
	struct call *call = (struct call *)(uintptr_t)call_id;
	struct line *line = call->line;
	struct flow *flow = call->job->flow;

	assert(call->phase == CALL_CALLING);
	engine->now = now;
	line->calling--;
	call->phase = CALL_IDLE;
	if (job_is_stale(call->job))
		conclude_void(call, answer, now);
	else
		conclude(call, answer, now);
	if (!engine->is_draining)
		line_pump(line);
	flow_turn(flow);
}

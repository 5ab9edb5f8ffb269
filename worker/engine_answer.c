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
static void note_failure(const struct call *call, struct step *step,
			 const struct outcome *outcome, millis wall)
{
	struct job *job = call->job;
	const struct verdict *verdict = &call->verdict;
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

static void report_call(const struct call *call, enum report_kind kind,
			const struct http_answer *answer)
{
	const struct engine_ports *ports = &call->job->flow->engine->ports;
	struct report report = call_report(call, kind);

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
static void read_answer(const struct call *call,
			const struct http_answer *answer,
			struct outcome *outcome)
{
	const struct job *job = call->job;
	const struct ruling *ruling = &job->ruling;

	answer_read(ruling->set->config, ruling->pipeline, call->rules, answer,
		    job->message->body, &job->message->arena, outcome);
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
	return policy_decide(rules->policy, &call->rules->rules, &facts, step,
			     outcome, ports->dice(ports->context));
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
	struct step *step = call_step(call);
	millis wall = ports->wall(ports->context);
	struct outcome outcome;

	read_answer(call, answer, &outcome);
	call->attempt =
		step->attempts < UINT32_MAX ? step->attempts + 1 : UINT32_MAX;
	call->status = outcome.status;
	call->verdict = decide(call, step, &outcome, wall, now);
	call_tell_health(call, &outcome, &call->verdict, now);
	if (call->verdict.kind != VERDICT_DONE && !call->verdict.is_held)
		note_failure(call, step, &outcome, wall);
	job->about = call;
	job->verdict = call->verdict;
	job_plan(job);
	report_call(call, REPORT_CALL, answer);
	carry_out(call, now);
}

/* The connection of the delivery is gone, and no ack can be sent for it. If
   the call succeeded, the next delivery of the message needs none. */
static void conclude_void(struct call *call, const struct http_answer *answer,
			  millis now)
{
	struct job *job = call->job;
	const struct engine_ports *ports = &job->flow->engine->ports;
	const struct step *step = call_step(call);
	struct outcome outcome;
	struct verdict verdict;

	read_answer(call, answer, &outcome);
	verdict =
		decide(call, step, &outcome, ports->wall(ports->context), now);
	call_tell_health(call, &outcome, &verdict, now);
	report_call(call, REPORT_VOID, answer);
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

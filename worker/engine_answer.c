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
static struct outcome read_answer(const struct job *job,
				  const struct http_answer *answer)
{
	struct flow *flow = job->flow;
	const struct outcome outcome = answer_read(
		flow->engine->config, flow->config, flow->config->deliver_to[0],
		answer, job->message->body, &job->message->arena);

	if (outcome.facts.gave_up)
		report_gave_up(flow);
	return outcome;
}

static struct verdict decide(const struct job *job, const struct step *step,
			     const struct outcome *outcome, millis wall)
{
	const struct engine_ports *ports = &job->flow->engine->ports;
	const struct message_facts facts = {.type = job->envelope.type,
					    .age = age_of(job, wall)};

	return policy_decide(job->flow->config->policy,
			     &job->flow->config->deliver_to[0]->rules, &facts,
			     step, outcome, ports->dice(ports->context));
}

/* Decides, writes down and carries out. */
static void conclude(struct job *job, const struct http_answer *answer)
{
	const struct engine_ports *ports = &job->flow->engine->ports;
	const struct outcome outcome = read_answer(job, answer);
	struct step *step = envelope_step(&job->envelope, job->downstream);
	millis wall = ports->wall(ports->context);

	job->attempt =
		step->attempts < UINT32_MAX ? step->attempts + 1 : UINT32_MAX;
	job->verdict = decide(job, step, &outcome, wall);
	if (job->verdict.kind != VERDICT_DONE) {
		note_failure(job, step, &outcome, wall);
		job_plan(job);
	}
	report_call(job, REPORT_CALL, answer);
	if (job->verdict.kind == VERDICT_DONE)
		job_done(job);
	else
		job_copy(job);
}

/* The connection of the delivery is gone, and no ack can be sent for it. If
   the call succeeded, the next delivery of the message needs none. */
static void conclude_void(struct job *job, const struct http_answer *answer)
{
	const struct engine_ports *ports = &job->flow->engine->ports;
	const struct step *step =
		envelope_step(&job->envelope, job->downstream);
	const struct outcome outcome = read_answer(job, answer);
	struct verdict verdict =
		decide(job, step, &outcome, ports->wall(ports->context));

	report_call(job, REPORT_VOID, answer);
	if (verdict.kind == VERDICT_DONE)
		job_void_done(job, DELIVERED_CALLED);
	else
		job_void_failed(job);
	job_drop(job);
}

void engine_answered(struct engine *engine, uint64_t job_id,
		     const struct http_answer *answer, millis now)
{
	struct job *job = (struct job *)(uintptr_t)job_id;
	struct line *line = job->line;
	struct flow *flow = job->flow;

	(void)now;
	assert(job->phase == PHASE_CALLING);
	line->calling--;
	if (job_is_stale(job)) {
		conclude_void(job, answer);
	} else {
		conclude(job, answer);
	}
	if (!engine->is_draining)
		line_pump(line);
	flow_turn(flow);
}

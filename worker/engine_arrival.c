/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_arrival.c - what is done with a delivery when it comes.
 */
#include "worker/digest.h"
#include "worker/engine_job.h"

static void park_uncalled(struct job *job, enum park_reason reason,
			  const char *error)
{
	job->verdict = (struct verdict){.kind = VERDICT_PARK,
					.class = job->verdict.class,
					.reason = reason,
					.error = error,
					.park_as = job->verdict.park_as};
	job_plan(job);
	job_copy(job);
}

/* What the policy calls parked messages of this type, whatever the error. */
static const char *word_for(const struct call *call)
{
	const struct policy *policy = call->job->ruling.pipeline->policy;
	const struct settled settled = policy_settle(
		policy, &call->rules->rules, NULL, NULL, CLASS_TRANSIENT,
		policy_type(policy, call->job->envelope.type));

	return settled.park_as;
}

bool call_park_late(struct call *call)
{
	struct job *job = call->job;
	const struct engine_ports *ports = &job->flow->engine->ports;
	const struct envelope *e = &job->envelope;
	struct step *step;
	millis wall;

	if (!e->has_deadline)
		return false;
	wall = ports->wall(ports->context);
	if (wall <= e->deadline_wall)
		return false;
	job->about = call;
	job->verdict.park_as = word_for(call);
	step = call_step(call);
	step->state = STEP_FAILED;
	step->at_wall = wall;
	park_uncalled(job, PARK_DEADLINE,
		      step->error.len == 0 ? NULL
					   : arena_string(&job->message->arena,
							  step->error));
	return true;
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

void job_call(struct job *job)
{
	struct call *call = &job->calls[0];

	line_join(call, &job->flow->engine->lines[call->downstream->index]);
}

void job_begin(struct job *job)
{
	if (job->envelope.delivery_count >= ENGINE_SUSPECT_COUNT)
		park_uncalled(job, PARK_SUSPECT, NULL);
	else if (call_park_late(&job->calls[0]))
		return;
	else if (job->envelope.rest > 0 &&
		 job->ruling.pipeline->ladder_count > 0)
		move_on(job);
	else if (job_is_suspect(job))
		job->phase = PHASE_ALONE;
	else
		job_call(job);
}

/* An id for a message that has none: dear, and most have one. */
static const char *fresh_id(const struct message *message,
			    char id[UUID_SPELLING_MAX])
{
	return message->properties.message_id.len > 0 ? ""
						      : digest_random_uuid(id);
}

/* Said once of a message, and without what the header holds. */
static void report_deadline(const struct job *job)
{
	const struct engine_ports *ports = &job->flow->engine->ports;
	const struct report report = job_report(job, REPORT_DEADLINE);

	ports->report(ports->context, &report);
}

/* Reads the message, and begins with it or ends it. */
static void take(struct job *job)
{
	const struct engine *engine = job->flow->engine;
	char id[UUID_SPELLING_MAX];
	struct step *step;
	bool is_read =
		envelope_open(&job->envelope, job->flow->config, job->message,
			      engine->ports.wall(engine->ports.context),
			      fresh_id(job->message, id));

	flow_arrival(job->flow, job);
	if (job->envelope.is_deadline_odd && !job->envelope.is_return)
		report_deadline(job);
	if (!is_read) {
		park_uncalled(job, PARK_UNREADABLE, job->envelope.flaw);
		return;
	}
	step = call_step(&job->calls[0]);
	if (step == NULL)
		park_uncalled(job, PARK_NO_ROUTE, NULL);
	else if (step->state == STEP_DONE)
		job_done(job);
	else if (!job_again(job))
		job_begin(job);
}

void engine_delivered(struct engine *engine, size_t pipeline, uint64_t epoch,
		      struct message *message, millis now)
{
	struct flow *flow = &engine->flows[pipeline];
	struct job *job;

	engine->now = now;
	if (epoch != flow->epoch || engine->is_draining) {
		message_free(message);
		return;
	}
	job = job_new(flow, epoch, message);
	if (message->flaw != NULL) {
		flow_arrival(flow, job);
		refuse_unread(job);
	} else {
		take(job);
	}
	flow_turn(flow);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core_events.c - what intake, outlet and mender say, and what follows.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "worker/core_parts.h"
#include "worker/link.h"

/* How long a start may take that a missing right can end. */
#define START_TIME MILLIS_PER_MINUTE

#define MEND_AT_MOST ((millis)500)

/* Many copies may be returned one after the other: the topology is seen to
   at once, and then at most so often. */
void core_mend(struct core *core)
{
	millis now = loop_now(core->loop);
	struct mender_order order;

	if (core->mend_due > now) {
		loop_timer_set(core->mend_timer, core->mend_due - now);
		return;
	}
	core->mend_due = now + MEND_AT_MOST;
	order = core_reload_order(core);
	(void)mender_ask(core->mender, &order);
}

/* Something on the broker is missing, and declaring it again may help. */
static bool is_missing(const struct broker_problem *problem)
{
	return problem->status == BROKER_MISSING;
}

/* True for what only a person can mend. */
static bool is_final(const struct broker_problem *problem)
{
	return problem->status == BROKER_CREDENTIALS ||
	       problem->status == BROKER_VHOST ||
	       problem->status == BROKER_FORBIDDEN;
}

/* Until all connections have been up, or for a minute: later a worker has
   better things to do than to end. */
static bool is_at_start(const struct core *core)
{
	return !core->has_started &&
	       loop_now(core->loop) - core->begun < START_TIME;
}

static bool are_all_up(const struct core *core)
{
	for (size_t i = 0; i < core->config->pipeline_count; i++)
		if (core->sources[i].intake != NULL &&
		    !core->sources[i].contact.was_up)
			return false;
	return core->outlet_contact.was_up;
}

/* The connection is gone, or could not be made: said once for each kind of
   trouble; at start, what is final ends the program. */
static void went_down(struct core *core, struct contact *contact,
		      const char *part, const char *pipeline,
		      const struct broker_problem *problem)
{
	bool is_news = contact->is_up || contact->trouble != problem->status;

	contact->is_up = false;
	contact->trouble = problem->status;
	if (core->stage == STAGE_STOPPING)
		return;
	if (is_news)
		core_log(core, part, pipeline, "down", problem->text);
	if (is_final(problem) && is_at_start(core))
		core_refuse(core, problem);
	else if (is_missing(problem))
		core_mend(core);
}

static void went_up(struct core *core, struct contact *contact,
		    const char *part, const char *pipeline, const char *node)
{
	char text[200];

	*contact = (struct contact){.is_up = true, .was_up = true};
	snprintf(text, sizeof(text), "Connected to %s.", node);
	core_log(core, part, pipeline, "up", text);
	if (!core->has_started && are_all_up(core)) {
		core->has_started = true;
		core_can_publish(core);
	}
}

/* --- intake ------------------------------------------------------------------ */

static void heed_intake(struct source *source, struct intake_event *event)
{
	struct core *core = source->core;
	const char *name = source->pipeline->name;

	switch (event->kind) {
	case INTAKE_UP:
		engine_epoch(core->engine, event->pipeline, event->epoch);
		went_up(core, &source->contact, "intake", name, event->node);
		return;
	case INTAKE_DOWN:
		engine_epoch(core->engine, event->pipeline, 0);
		went_down(core, &source->contact, "intake", name,
			  event->problem);
		return;
	case INTAKE_DELIVERY:
		engine_delivered(core->engine, event->pipeline, event->epoch,
				 event->message, loop_now(core->loop));
		return;
	case INTAKE_CANCELLED:
		core_log(core, "intake", name, "cancelled",
			 "The broker cancelled the consumer: its queue was "
			 "deleted or has moved. It is verified, and consumed "
			 "again in a second.");
		engine_prefetch(core->engine, event->pipeline, event->epoch, 0);
		core_mend(core);
		return;
	case INTAKE_PREFETCH:
		engine_prefetch(core->engine, event->pipeline, event->epoch,
				event->prefetch);
		return;
	case INTAKE_RESUMED:
		core_log(core, "intake", name, "resumed", NULL);
		return;
	case INTAKE_STOPPED:
		source->has_stopped = true;
		return;
	}
}

static void read_intake(struct source *source)
{
	struct intake_event event;

	while (mailbox_pop(source->events, &event)) {
		heed_intake(source, &event);
		free(event.problem);
	}
}

/* --- outlet ------------------------------------------------------------------ */

static void outlet_up(struct core *core, const struct outlet_event *event)
{
	engine_frame_max(core->engine, event->frame_max);
	went_up(core, &core->outlet_contact, "outlet", NULL, event->node);
	/* A connection that is made during an alarm is blocked before it is
	   up. */
	if (core->is_blocked)
		core_log(core, "outlet", NULL, "blocked", NULL);
	core_can_publish(core);
}

static void outlet_down(struct core *core, const struct outlet_event *event)
{
	went_down(core, &core->outlet_contact, "outlet", NULL, event->problem);
	core->is_blocked = false;
	core_can_publish(core);
}

static void outlet_blocked(struct core *core, const struct outlet_event *event)
{
	char text[800];

	core->is_blocked = event->kind == OUTLET_BLOCKED;
	snprintf(text, sizeof(text),
		 "The broker takes no publishes (%s). Deliveries go on until "
		 "copies that wait fill half the prefetch.",
		 event->problem->text);
	core_log(core, "outlet", NULL,
		 core->is_blocked ? "blocked" : "unblocked",
		 core->is_blocked ? text : NULL);
	core_can_publish(core);
}

static void heed_outlet(struct core *core, const struct outlet_event *event)
{
	switch (event->kind) {
	case OUTLET_CONFIRMED:
		core_copied(core, event->job, COPY_CONFIRMED);
		return;
	case OUTLET_RETURNED:
		core_copied(core, event->job, COPY_RETURNED);
		return;
	case OUTLET_REFUSED:
		core_copied(core, event->job, COPY_REFUSED);
		return;
	case OUTLET_LOST:
		core_copied(core, event->job, COPY_LOST);
		return;
	case OUTLET_TOO_BIG:
		core_copied(core, event->job, COPY_TOO_BIG);
		return;
	case OUTLET_UP:
		outlet_up(core, event);
		return;
	case OUTLET_DOWN:
		outlet_down(core, event);
		return;
	case OUTLET_BLOCKED:
	case OUTLET_UNBLOCKED:
		outlet_blocked(core, event);
		return;
	}
}

static void read_outlet(struct core *core)
{
	struct outlet_event event;

	while (mailbox_pop(core->outlet_events, &event)) {
		heed_outlet(core, &event);
		free(event.problem);
	}
}

/* --- mender ------------------------------------------------------------------ */

static void mend_later(struct core *core)
{
	if (core->mend_failures < UINT32_MAX)
		core->mend_failures++;
	loop_timer_set(core->mend_timer, link_backoff(&core->config->broker,
						      core->mend_failures));
}

/* Not what is wanted, and not by itself better in a while. */
static bool is_refusal(const struct broker_problem *problem)
{
	return is_final(problem) || is_missing(problem) ||
	       problem->status == BROKER_CONFLICT;
}

static void mend_failed(struct core *core, const struct mender_event *event)
{
	const struct broker_problem *problem = event->problem;
	struct contact *contact = &core->mender_contact;

	if (core->stage == STAGE_STARTING && is_refusal(problem)) {
		core_refuse(core, problem);
		return;
	}
	if (contact->trouble != problem->status)
		core_log(core, "topology", NULL, "wrong", problem->text);
	contact->trouble = problem->status;
	mend_later(core);
}

static void mended(struct core *core, const struct mender_event *event)
{
	struct contact *contact = &core->mender_contact;
	bool is_news = !contact->was_up || contact->trouble != BROKER_OK;
	char text[200];

	core->mend_failures = 0;
	*contact = (struct contact){.is_up = true, .was_up = true};
	if (!is_news) {
		;
	} else if (core->config->declare) {
		core_log(core, "topology", NULL, "declared", NULL);
	} else if (event->unknown > 0) {
		snprintf(text, sizeof(text),
			 "%zu objects could not be compared. rebound topology "
			 "verify names them; broker.management shows them.",
			 event->unknown);
		core_log(core, "topology", NULL, "unknown", text);
	} else {
		core_log(core, "topology", NULL, "verified", NULL);
	}
	if (core->stage == STAGE_STARTING)
		core_begin(core);
}

/* What was asked for on behalf of policies that wait. */
static void heed_mender_of_reload(struct core *core,
				  const struct mender_event *event)
{
	if (event->status == BROKER_OK && event->differs == 0) {
		mended(core, event);
		core_reload_take(core);
	} else if (is_refusal(event->problem)) {
		core_reload_refuse(core, event->problem);
	} else {
		core_reload_wait(core, event->problem);
		mend_failed(core, event);
	}
}

static void heed_mender(struct core *core, const struct mender_event *event)
{
	if (core->stage == STAGE_STOPPING)
		return;
	if (event->number != 0 && event->number == core_reload_waiting(core))
		heed_mender_of_reload(core, event);
	else if (event->number != 0)
		; /* others have taken their place */
	else if (event->status == BROKER_OK && event->differs == 0)
		mended(core, event);
	else
		mend_failed(core, event);
	/* What has come to wait while the mender was busy. */
	if (core->stage == STAGE_RUNNING && core_reload_waiting(core) != 0 &&
	    core_reload_waiting(core) != event->number)
		core_mend(core);
}

static void read_mender(struct core *core)
{
	struct mender_event event;

	while (mailbox_pop(core->mender_events, &event)) {
		mender_heard(core->mender);
		heed_mender(core, &event);
		free(event.problem);
	}
}

void core_on_wake(void *context)
{
	struct core *core = context;

	read_mender(core);
	if (core->outlet != NULL)
		read_outlet(core);
	core_heed_unplaced(core);
	for (size_t i = 0; i < core->config->pipeline_count; i++)
		if (core->sources[i].intake != NULL)
			read_intake(&core->sources[i]);
	core_tick(core);
	core_check_end(core);
}

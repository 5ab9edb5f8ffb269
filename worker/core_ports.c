/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core_ports.c - the engine's ports, made of the real things.
 */
#include <stdlib.h>

#include "worker/clock.h"
#include "worker/core_parts.h"
#include "worker/mem.h"

/* A call under way: the engine's number for it comes back with the answer. */
struct call {
	struct core *core;
	struct call *next;
	struct call *previous;
	uint64_t job;
};

static void answered(void *context, const struct http_answer *answer)
{
	struct call *call = context;
	struct core *core = call->core;
	uint64_t job = call->job;

	if (call->next != NULL)
		call->next->previous = call->previous;
	if (call->previous != NULL)
		call->previous->next = call->next;
	else
		core->calls = call->next;
	free(call);
	engine_answered(core->engine, job, answer, loop_now(core->loop));
	core_tick(core);
	core_check_end(core);
}

static void port_call(void *context, uint64_t job,
		      const struct http_request *request)
{
	struct core *core = context;
	struct call *call = mem_new(sizeof(*call));

	call->core = core;
	call->next = core->calls;
	call->job = job;
	if (core->calls != NULL)
		core->calls->previous = call;
	core->calls = call;
	http_call(core->http, request, answered, call);
}

void core_publish(void *context, const struct copy *copy)
{
	struct core *core = context;

	if (outlet_publish(core->outlet, copy))
		return;
	if (core->unplaced_count == core->unplaced_room) {
		core->unplaced_room = 2 * core->unplaced_room + 64;
		core->unplaced = mem_resize(core->unplaced, core->unplaced_room,
					    sizeof(*core->unplaced));
	}
	core->unplaced[core->unplaced_count++] = copy->job;
	loop_wake(core->loop);
}

void core_copied(struct core *core, uint64_t job, enum copy_result result)
{
	if (job == (uint64_t)(uintptr_t)core->trail)
		trail_copied(core->trail, result, loop_now(core->loop));
	else
		engine_copied(core->engine, job, result, loop_now(core->loop));
}

void core_heed_unplaced(struct core *core)
{
	while (core->unplaced_count > 0)
		core_copied(core, core->unplaced[--core->unplaced_count],
			    COPY_LOST);
}

void core_ack(void *context, size_t pipeline, uint64_t epoch, uint64_t tag)
{
	const struct core *core = context;

	intake_ack(core->sources[pipeline].intake, epoch, tag,
		   loop_now(core->loop));
}

static void port_ack(void *context, size_t pipeline, uint64_t epoch,
		     uint64_t tag)
{
	trail_ack(((struct core *)context)->trail, pipeline, epoch, tag);
}

static void port_reject(void *context, size_t pipeline, uint64_t epoch,
			uint64_t tag)
{
	const struct core *core = context;

	intake_reject(core->sources[pipeline].intake, epoch, tag);
}

static void port_consume(void *context, size_t pipeline, uint64_t epoch,
			 uint32_t prefetch)
{
	const struct core *core = context;

	intake_consume(core->sources[pipeline].intake, epoch, prefetch);
}

static void port_repair(void *context, size_t pipeline)
{
	(void)pipeline;
	core_mend(context);
}

static void port_report(void *context, const struct report *report)
{
	struct core *core = context;

	log_report(core->log, report);
	trail_report(core->trail, report, loop_now(core->loop));
}

static void port_health_changed(void *context, size_t downstream)
{
	core_health_changed(context, downstream);
}

static uint32_t port_dice(void *context)
{
	(void)context;
	return dice_throw();
}

millis core_wall(void *context)
{
	(void)context;
	return clock_wall();
}

void core_ports_free(struct core *core)
{
	while (core->calls != NULL) {
		struct call *call = core->calls;

		core->calls = call->next;
		free(call);
	}
	free(core->unplaced);
}

struct engine_ports core_ports(struct core *core)
{
	return (struct engine_ports){
		.context = core,
		.call = port_call,
		.publish = core_publish,
		.ack = port_ack,
		.reject = port_reject,
		.consume = port_consume,
		.repair = port_repair,
		.report = port_report,
		.health_changed = port_health_changed,
		.dice = port_dice,
		.wall = core_wall,
	};
}

void core_flush(void *context)
{
	struct core *core = context;
	bool is_idle = http_active(core->http) == 0;
	bool some_wait = false;

	for (size_t i = 0; i < core->config->pipeline_count; i++)
		if (core->sources[i].intake != NULL &&
		    intake_flush(core->sources[i].intake, is_idle,
				 loop_now(core->loop)))
			some_wait = true;
	core_trail_tick(core);
	if (core->outlet != NULL)
		outlet_flush(core->outlet);
	if (some_wait)
		loop_timer_set(core->flush_timer, GATHER_WAIT);
	else
		loop_timer_clear(core->flush_timer);
}

void core_can_publish(struct core *core)
{
	bool can = core->outlet_contact.is_up && !core->is_blocked;

	engine_can_publish(core->engine, can, loop_now(core->loop));
	/* A right that is missing for the trail does not end a start. */
	trail_can_publish(core->trail, can && core->has_started,
			  loop_now(core->loop));
}

void core_tick(void *context)
{
	struct core *core = context;
	millis wait = engine_tick(core->engine, loop_now(core->loop));

	if (wait < 0)
		loop_timer_clear(core->engine_timer);
	else
		loop_timer_set(core->engine_timer, wait);
}

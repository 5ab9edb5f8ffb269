/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_quick.c - quick retries: a message that waits in hand for its next
 * call, some milliseconds or seconds, instead of in a delay queue.
 *
 * It is a delivery in hand all that time: it counts in the prefetch, and one
 * that is suspected stays alone. When its connection goes or the worker stops
 * it is let go at once, and the broker delivers it again as it came: the
 * attempts made since are then not in its headers.
 */
#include <assert.h>

#include "worker/engine_job.h"

void call_count_quick(struct call *call, millis now,
		      struct message_facts *facts)
{
	const struct job *job = call->job;

	if (!call->has_failed) {
		call->has_failed = true;
		call->failed_at = now;
	}
	facts->may_quick =
		!job_is_stale(job) && !job->flow->engine->is_draining;
	facts->quick_made = call->quick_made;
	facts->quick_spent = now - call->failed_at;
}

void call_wait_quick(struct call *call, millis now)
{
	struct job *job = call->job;

	assert(call->verdict.kind == VERDICT_QUICK);
	call->quick_made++;
	call->due = now + call->verdict.delay;
	call->phase = CALL_QUICK;
	job->flow->quick++;
}

void call_leave_quick(struct call *call)
{
	assert(call->phase == CALL_QUICK);
	call->phase = CALL_IDLE;
	call->job->flow->quick--;
}

/* Makes the quick retry if it is due; returns how long to wait, or -1. */
static millis call_quick(struct call *call, millis now)
{
	if (call->phase != CALL_QUICK)
		return -1;
	if (call->due > now)
		return call->due - now;
	call_leave_quick(call);
	line_join(call, call->line);
	return -1;
}

millis flow_call_quick(struct flow *flow, millis now)
{
	size_t before = flow->quick;
	millis next = -1;

	if (flow->quick == 0)
		return next;
	for (struct job *job = flow->jobs; job != NULL; job = job->next) {
		for (size_t i = 0; i < job->call_count; i++) {
			millis wait = call_quick(&job->calls[i], now);

			if (wait >= 0 && (next < 0 || wait < next))
				next = wait;
		}
	}
	if (flow->quick != before)
		flow_turn(flow);
	return next;
}

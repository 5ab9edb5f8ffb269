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

void job_count_quick(struct job *job, millis now, struct message_facts *facts)
{
	if (!job->has_failed) {
		job->has_failed = true;
		job->failed_at = now;
	}
	facts->may_quick =
		!job_is_stale(job) && !job->flow->engine->is_draining;
	facts->quick_made = job->quick_made;
	facts->quick_spent = now - job->failed_at;
}

void job_wait_quick(struct job *job, millis now)
{
	assert(job->verdict.kind == VERDICT_QUICK);
	job->quick_made++;
	job->due = now + job->verdict.delay;
	job->phase = PHASE_QUICK;
	job->flow->quick++;
}

void job_leave_quick(struct job *job)
{
	assert(job->phase == PHASE_QUICK);
	job->flow->quick--;
}

millis flow_call_quick(struct flow *flow, millis now)
{
	struct line *line = NULL;
	millis next = -1;

	if (flow->quick == 0)
		return next;
	for (struct job *job = flow->jobs; job != NULL; job = job->next) {
		if (job->phase != PHASE_QUICK)
			continue;
		if (job->due > now) {
			if (next < 0 || job->due - now < next)
				next = job->due - now;
			continue;
		}
		job_leave_quick(job);
		line = job->line;
		line_join(job, line);
	}
	if (line != NULL)
		flow_turn(flow);
	return next;
}

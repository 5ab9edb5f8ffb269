/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_line.c - who waits for a place at a downstream, and who has one.
 */
#include "worker/engine_job.h"
#include "worker/request.h"

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
	const struct downstream_config *rules =
		job->ruling.pipeline->deliver_to[0];
	struct http_request request = request_build(&job->envelope, downstream);

	request.wanted = rules->wanted;
	request.wanted_count = rules->wanted_count;
	job->phase = PHASE_CALLING;
	job->line->calling++;
	ports->call(ports->context, (uint64_t)(uintptr_t)job, &request);
}

/* Starts the calls that have a place now. One that may not be called yet
   keeps its place in the line, and others pass it by. */
void line_pump(struct line *line)
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
		if (!job_park_late(job))
			start_call(job);
	}
}

void engine_pump(struct engine *engine)
{
	if (engine->is_draining)
		return;
	for (size_t i = 0; i < engine->config->downstream_count; i++)
		line_pump(&engine->lines[i]);
}

void line_join(struct job *job, struct line *line)
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
void line_clear(struct line *line, bool all)
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
			line_join(job, line);
		job = behind;
	}
}

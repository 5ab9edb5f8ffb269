/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_tap.c - how much a pipeline lets in.
 *
 * A worker that dies takes with it all that it has in hand: the broker counts
 * one more delivery for each. So a message that has come back several times
 * is delivered when nothing else is in hand, and until it has been settled no
 * other is taken; afterwards one at a time, since those that follow may have
 * come back as often.
 *
 *   NARROW --no suspect--> WIDE --suspect--> none --settled--> NARROW
 *      \--suspect: the same, it has the only place there is--/
 *
 * Each connection begins NARROW, because what the last one left unacked comes
 * first: one that kills workers is then met alone, and harms nobody.
 *
 * Bodies are bounded too: while those in hand are over the bound nothing is
 * taken, whatever the width. What the broker has sent by then still comes, at
 * most a prefetch of it.
 */
#include "worker/engine_job.h"

/* How long a pipeline that went alone takes one at a time, if nothing comes
   that would tell. */
#define GO_ON_WAIT MILLIS_PER_SECOND

static void report_flow(const struct flow *flow, enum report_kind kind)
{
	const struct engine_ports *ports = &flow->engine->ports;
	const struct report report = {
		.kind = kind,
		.pipeline = flow->config,
		.reason = kind == REPORT_PAUSED ? "in-flight-bytes" : NULL,
	};

	ports->report(ports->context, &report);
}

bool job_is_suspect(const struct job *job)
{
	return job->envelope.delivery_count >= ENGINE_ALONE_COUNT;
}

bool job_is_aside(const struct job *job)
{
	return job->phase == PHASE_ALONE || job->phase == PHASE_TWIN;
}

/* Something is being done for it now, and it is the broker's still. */
static bool is_busy(const struct job *job)
{
	if (job_is_stale(job))
		return false;
	switch (job->phase) {
	case PHASE_CALLS:
		return true;
	case PHASE_COPYING:
		/* An alarm may last for hours, and nothing is called for it. */
		return job->flow->engine->can_publish;
	case PHASE_TWIN:
		return job->elder->phase == PHASE_CALLS ||
		       job->flow->engine->can_publish;
	case PHASE_ALONE:
	case PHASE_HOLDING:
	case PHASE_STUCK:
		break;
	}
	return false;
}

/* Whether a suspect waits for its turn, or has it. */
static bool has_suspects(const struct flow *flow)
{
	for (const struct job *job = flow->jobs; job; job = job->next)
		if (!job_is_stale(job) && job_is_suspect(job) &&
		    (job->phase == PHASE_ALONE || is_busy(job)))
			return true;
	return false;
}

/* --- the turn of one that is suspected ---------------------------------------- */

/*
 * The next suspect: the one that came back least, for what kills workers comes
 * back each time. Among equals chance decides, so that none waits behind the
 * wrong one every time. NULL while anything else is under way.
 */
static struct job *choose(const struct flow *flow)
{
	const struct engine_ports *ports = &flow->engine->ports;
	struct job *best = NULL;

	for (struct job *job = flow->jobs; job; job = job->next) {
		uint32_t count = job->envelope.delivery_count;

		if (is_busy(job))
			return NULL;
		if (job->phase != PHASE_ALONE || job_is_stale(job))
			continue;
		if (best == NULL || count < best->envelope.delivery_count ||
		    (count == best->envelope.delivery_count &&
		     ports->dice(ports->context) % 2 == 1))
			best = job;
	}
	return best;
}

static void serve_suspect(struct flow *flow)
{
	struct job *job;

	/* More may be on its way, until the intake has said otherwise. */
	if (!flow->is_alone || flow->given > 1 || flow->engine->is_draining)
		return;
	job = choose(flow);
	if (job != NULL)
		job_call(job);
}

/* --- how many bytes ------------------------------------------------------------- */

/* Full above the bound, and until half of it is free: so the consumer comes
   and goes seldom. A body over the bound is taken like any other, and then it
   is alone. */
static void weigh(struct flow *flow)
{
	uint64_t max = flow->config->in_flight_bytes;
	bool is_full = flow->bytes > (flow->is_full ? max / 2 : max);

	if (is_full == flow->is_full || flow->engine->is_draining)
		return;
	flow->is_full = is_full;
	report_flow(flow, is_full ? REPORT_PAUSED : REPORT_RESUMED);
}

/* --- how many at once ------------------------------------------------------------ */

static uint32_t width_of(const struct flow *flow)
{
	uint32_t width = flow_width(flow);

	if (flow->is_full || width == 0)
		return 0;
	if (flow->is_wide)
		return width;
	if (has_suspects(flow) && flow->asked != 1)
		return 0;
	return 1;
}

static void ask(struct flow *flow)
{
	const struct engine_ports *ports = &flow->engine->ports;
	uint32_t width = width_of(flow);

	if (width == flow->asked || flow->epoch == 0 ||
	    flow->engine->is_draining)
		return;
	flow->asked = width;
	ports->consume(ports->context, flow->config->index, flow->epoch, width);
}

static void go_on(struct flow *flow)
{
	flow->is_wide = true;
	flow->go_on = 0;
	if (!flow->is_alone)
		return;
	flow->is_alone = false;
	report_flow(flow, REPORT_TOGETHER);
}

void flow_arrival(struct flow *flow, const struct job *job)
{
	const struct engine_ports *ports = &flow->engine->ports;
	struct report report = job_report(job, REPORT_ALONE);

	if (!job_is_suspect(job)) {
		if (!flow->is_wide && !has_suspects(flow))
			go_on(flow);
		return;
	}
	if (job->envelope.delivery_count >= ENGINE_SUSPECT_COUNT)
		return; /* it is not going to be delivered */
	flow->is_wide = false;
	flow->go_on = 0;
	if (flow->is_alone)
		return;
	flow->is_alone = true;
	ports->report(ports->context, &report);
}

/* Starts the calls that have a place now, to any of its downstreams. */
static void pump(struct flow *flow)
{
	const struct pipeline_config *pipeline = flow->config;

	if (flow->engine->is_draining)
		return;
	for (size_t i = 0; i < pipeline->deliver_to_count; i++)
		line_pump(&flow->engine->lines[pipeline->deliver_to[i]->index]);
}

void flow_turn(struct flow *flow)
{
	weigh(flow);
	serve_suspect(flow);
	ask(flow);
	pump(flow);
}

millis flow_tick(struct flow *flow, millis now)
{
	if (!flow->is_alone || flow->epoch == 0 || has_suspects(flow)) {
		flow->go_on = 0;
		return -1;
	}
	if (flow->go_on == 0)
		flow->go_on = now + GO_ON_WAIT;
	if (flow->go_on > now)
		return flow->go_on - now;
	go_on(flow);
	flow_turn(flow);
	return -1;
}

void flow_begin(struct flow *flow, uint64_t epoch)
{
	flow->epoch = epoch;
	flow->asked = 1;
	flow->given = 1;
	flow->is_wide = false;
	flow->go_on = 0;
}

void engine_prefetch(struct engine *engine, size_t pipeline, uint64_t epoch,
		     uint32_t prefetch)
{
	struct flow *flow = &engine->flows[pipeline];

	if (epoch != flow->epoch)
		return;
	flow->given = prefetch;
	flow_turn(flow);
}

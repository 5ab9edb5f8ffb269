/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_again.c - deliveries that come again though they were seen to.
 *
 * When a connection breaks, the broker delivers again what it has no ack of:
 *
 *   acked, and the ack was on its way     kept in a ring; noted when it breaks
 *   its call, or its copy, under way      the new delivery waits for the end
 *                                         of the old one; noted if none came
 *
 * The acks that did not arrive are the last ones, and no more than the broker
 * had out: so a ring of the last prefetch of messages has them all.
 */
#include <stdlib.h>
#include <string.h>

#include "worker/engine_job.h"
#include "worker/mem.h"

/* Bytes of memory that a pipeline keeps for what it has acked. */
#define ACKED_BYTES_MAX ((size_t)4 << 20)

/* --- what was acked -------------------------------------------------------- */

static struct message *take_oldest(struct flow *flow, enum delivered_how *how)
{
	struct acked *oldest = &flow->acked[flow->acked_first];

	flow->acked_first = (flow->acked_first + 1) % flow->config->prefetch;
	flow->acked_count--;
	flow->acked_bytes -= oldest->message->arena.total;
	*how = oldest->how;
	return oldest->message;
}

void flow_keep(struct flow *flow, struct message *message,
	       enum delivered_how how)
{
	size_t room = flow->config->prefetch;
	size_t size = message->arena.total;
	enum delivered_how old;

	if (message->properties.message_id.len == 0 || size > ACKED_BYTES_MAX) {
		message_free(message);
		return;
	}
	if (flow->acked == NULL)
		flow->acked = mem_array(room, sizeof(*flow->acked));
	while (flow->acked_count == room ||
	       flow->acked_bytes + size > ACKED_BYTES_MAX)
		message_free(take_oldest(flow, &old));
	flow->acked[(flow->acked_first + flow->acked_count) % room] =
		(struct acked){.message = message, .how = how};
	flow->acked_count++;
	flow->acked_bytes += size;
}

static void note(struct flow *flow, const struct message *message,
		 enum delivered_how how)
{
	struct engine *engine = flow->engine;
	struct delivered_key key;

	if (delivered_key(flow->config->name, message, &key))
		delivered_note(engine->delivered, &key, how,
			       engine->ports.wall(engine->ports.context));
}

void flow_broken(struct flow *flow)
{
	while (flow->acked_count > 0) {
		enum delivered_how how;
		struct message *message = take_oldest(flow, &how);

		note(flow, message, how);
		message_free(message);
	}
}

void flow_forget(struct flow *flow)
{
	enum delivered_how how;

	while (flow->acked_count > 0)
		message_free(take_oldest(flow, &how));
	free(flow->acked);
	flow->acked = NULL;
}

/* --- what comes again ------------------------------------------------------ */

/* Seen to before: it is acked, and not called. */
static void finish(struct job *job, enum delivered_how how)
{
	job->verdict = (struct verdict){.kind = VERDICT_DONE};
	job->is_again = true;
	job->how = how;
	job_done(job);
}

/* The delivery of a connection that is gone, of the same message, for which
   something is under way; or NULL. */
static struct job *find_elder(const struct job *job,
			      const struct delivered_key *key)
{
	const struct text id = job->message->properties.message_id;
	const char *pipeline = job->flow->config->name;
	struct delivered_key other;

	for (struct job *old = job->flow->jobs; old != NULL; old = old->next)
		if (job_is_stale(old) && old->twin == NULL &&
		    (old->phase == PHASE_CALLS ||
		     old->phase == PHASE_COPYING) &&
		    text_eq(old->message->properties.message_id, id) &&
		    delivered_key(pipeline, old->message, &other) &&
		    strcmp(other.hash, key->hash) == 0)
			return old;
	return NULL;
}

bool job_again(struct job *job)
{
	struct engine *engine = job->flow->engine;
	struct delivered_key key;
	enum delivered_how how;
	struct job *elder;

	if (!job->message->redelivered ||
	    !delivered_key(job->flow->config->name, job->message, &key))
		return false;
	if (delivered_take(engine->delivered, &key,
			   engine->ports.wall(engine->ports.context), &how)) {
		finish(job, how);
		return true;
	}
	elder = find_elder(job, &key);
	if (elder == NULL)
		return false;
	elder->twin = job;
	job->elder = elder;
	job->phase = PHASE_TWIN;
	return true;
}

void job_part(struct job *job)
{
	if (job->twin != NULL)
		job->twin->elder = NULL;
	if (job->elder != NULL)
		job->elder->twin = NULL;
	job->twin = NULL;
	job->elder = NULL;
}

void job_void_done(struct job *job, enum delivered_how how)
{
	struct job *twin = job->twin;

	job_part(job);
	if (twin != NULL)
		finish(twin, how);
	else
		note(job->flow, job->message, how);
}

void job_void_failed(struct job *job)
{
	struct job *twin = job->twin;

	job_part(job);
	if (twin != NULL)
		job_begin(twin);
}

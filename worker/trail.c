/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/trail.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/mem.h"
#include "worker/trail_parts.h"

#define AGAIN_FIRST MILLIS_PER_SECOND
#define AGAIN_MAX   (30 * MILLIS_PER_SECOND)

/* --- entries ------------------------------------------------------------- */

static void append(struct trail *trail, const struct audit_entry *entry,
		   millis now)
{
	if (trail->pending.len == 0)
		trail->pending_since = now;
	audit_add(&trail->chain, &trail->pending, entry);
}

static millis wall(const struct trail *trail)
{
	return trail->ports.wall(trail->ports.context);
}

static bool is_off(const struct trail *trail)
{
	return trail->config->audit.record == AUDIT_OFF;
}

static bool is_required(const struct trail *trail)
{
	return trail->config->audit.mode == AUDIT_REQUIRED;
}

static bool has_room(const struct trail *trail)
{
	return is_required(trail) || trail->pending.len < TRAIL_PENDING_MAX;
}

static void append_dropped(struct trail *trail, millis now)
{
	struct audit_entry entry = audit_entry_of(AUDIT_DROPPED, wall(trail));

	entry.count = (int64_t)trail->dropped;
	trail->dropped = 0;
	append(trail, &entry, now);
}

void trail_report(struct trail *trail, const struct report *report, millis now)
{
	struct audit_entry entry;
	char sha256[SHA256_HEX_MAX];

	if (is_off(trail) ||
	    !trail_entry_of(report, trail->config->audit.record, wall(trail),
			    &entry, sha256))
		return;
	if (!has_room(trail)) {
		trail->dropped++;
		return;
	}
	if (trail->dropped > 0)
		append_dropped(trail, now);
	append(trail, &entry, now);
}

/* --- acks that wait ------------------------------------------------------ */

static void keep_ack(struct trail *trail, const struct kept_ack *ack)
{
	if (trail->ack_count == trail->ack_room) {
		trail->ack_room = 2 * trail->ack_room + 64;
		trail->acks = mem_resize(trail->acks, trail->ack_room,
					 sizeof(*trail->acks));
	}
	trail->acks[trail->ack_count++] = *ack;
}

void trail_ack(struct trail *trail, size_t pipeline, uint64_t epoch,
	       uint64_t tag)
{
	if (is_off(trail) || !is_required(trail) ||
	    trail_unconfirmed(trail) == 0) {
		trail->ports.ack(trail->ports.context, pipeline, epoch, tag);
		return;
	}
	keep_ack(trail, &(struct kept_ack){.after = trail->chain.seq,
					   .pipeline = pipeline,
					   .epoch = epoch,
					   .tag = tag});
}

/* Those whose entries are confirmed; they are kept in their order. */
static void send_acks(struct trail *trail)
{
	size_t sent = 0;

	while (sent < trail->ack_count &&
	       trail->acks[sent].after <= trail->confirmed) {
		const struct kept_ack *ack = &trail->acks[sent++];

		trail->ports.ack(trail->ports.context, ack->pipeline,
				 ack->epoch, ack->tag);
	}
	if (sent == 0)
		return;
	trail->ack_count -= sent;
	memmove(trail->acks, trail->acks + sent,
		trail->ack_count * sizeof(*trail->acks));
}

/* --- batches ------------------------------------------------------------- */

/* How much of what is pending goes into one message: whole lines, at least
   one. */
static size_t batch_len(const struct log_lines *pending)
{
	const char *end;
	size_t len = pending->len;

	if (len <= TRAIL_BATCH_MAX)
		return len;
	len = TRAIL_BATCH_MAX;
	while (len > 0 && pending->bytes[len - 1] != '\n')
		len--;
	if (len > 0)
		return len;
	end = memchr(pending->bytes, '\n', pending->len);
	assert(end != NULL);
	return (size_t)(end - pending->bytes) + 1;
}

static uint64_t count_lines(const char *bytes, size_t len)
{
	uint64_t count = 0;
	const char *end = bytes + len;

	while ((bytes = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
		count++;
		if (++bytes == end)
			break;
	}
	return count;
}

static void publish(struct trail *trail)
{
	trail->is_under_way = true;
	trail->ports.publish(trail->ports.context, &trail->copy);
}

/* Takes the next batch from what is pending, and publishes it. */
static void publish_next(struct trail *trail)
{
	struct log_lines *pending = &trail->pending;

	trail->batch_len = batch_len(pending);
	free(trail->batch);
	trail->batch = mem_array(trail->batch_len, 1);
	memcpy(trail->batch, pending->bytes, trail->batch_len);
	trail->batch_last =
		trail->taken + count_lines(trail->batch, trail->batch_len);
	trail->taken = trail->batch_last;
	pending->len -= trail->batch_len;
	memmove(pending->bytes, pending->bytes + trail->batch_len,
		pending->len);
	trail->copy = audit_copy(
		trail->config, &trail->chain,
		(struct text){.at = trail->batch, .len = trail->batch_len},
		trail->batch_last, trail->batch_id);
	trail->copy.job = (uint64_t)(uintptr_t)trail;
	publish(trail);
}

static void say(struct trail *trail, const char *state, const char *text)
{
	trail->ports.say(trail->ports.context, state, text);
}

static void confirmed(struct trail *trail)
{
	trail->confirmed = trail->batch_last;
	trail->batch_len = 0;
	trail->refusals = 0;
	if (trail->is_troubled)
		say(trail, "moving", NULL);
	trail->is_troubled = false;
	send_acks(trail);
}

/* It can never be published: it counts as dropped, and acks do not wait for
   what will not come. */
static void give_up_batch(struct trail *trail)
{
	say(trail, "too-big",
	    "The broker takes no message as large as a batch of audit entries, "
	    "which are lost. Raise its max_message_size to at least 1 MiB.");
	trail->dropped += count_lines(trail->batch, trail->batch_len);
	trail->confirmed = trail->batch_last;
	trail->batch_len = 0;
	send_acks(trail);
}

static const char *words_for(enum copy_result result)
{
	if (result == COPY_RETURNED)
		return "No queue takes the entries of the audit trail. They "
		       "are "
		       "published again until one does: run \"rebound topology "
		       "apply\".";
	return "The broker does not take the entries of the audit trail. They "
	       "are published again until it does: see whether their queue "
	       "has a leader, and whether the worker may write to the audit "
	       "exchange (rebound topology print --permissions).";
}

static void refused(struct trail *trail, enum copy_result result, millis now)
{
	millis wait = AGAIN_FIRST;

	for (uint32_t i = 0; i < trail->refusals && wait < AGAIN_MAX; i++)
		wait *= 2;
	trail->again_at = now + (wait < AGAIN_MAX ? wait : AGAIN_MAX);
	if (trail->refusals < UINT32_MAX)
		trail->refusals++;
	if (!trail->is_troubled)
		say(trail, "holding", words_for(result));
	trail->is_troubled = true;
}

void trail_copied(struct trail *trail, enum copy_result result, millis now)
{
	assert(trail->is_under_way);
	trail->is_under_way = false;
	switch (result) {
	case COPY_CONFIRMED:
		confirmed(trail);
		return;
	case COPY_TOO_BIG:
		give_up_batch(trail);
		return;
	case COPY_LOST:
		trail->again_at = now;
		return;
	case COPY_RETURNED:
	case COPY_REFUSED:
		refused(trail, result, now);
		return;
	}
}

void trail_can_publish(struct trail *trail, bool can, millis now)
{
	trail->can_publish = can;
	if (can)
		trail->again_at = now;
}

/* --- what is due --------------------------------------------------------- */

/* When what is pending, or was not taken, is to be published; -1: nothing. */
static millis publish_at(const struct trail *trail)
{
	if (!trail->can_publish || trail->is_under_way)
		return -1;
	if (trail->batch_len > 0)
		return trail->again_at;
	if (trail->pending.len == 0)
		return -1;
	if (is_required(trail) || trail->is_closed ||
	    trail->pending.len >= TRAIL_BATCH_MAX)
		return trail->pending_since;
	return trail->pending_since + TRAIL_GATHER;
}

static void tell_head(struct trail *trail)
{
	char text[200];

	snprintf(text, sizeof(text), "Chain %s, entry %" PRIu64 ", SHA-256 %s.",
		 trail->chain.id, trail->chain.seq, trail->chain.head);
	say(trail, "head", text);
	trail->told = trail->chain.seq;
}

static millis heed_heads(struct trail *trail, millis now)
{
	if (now < trail->head_at)
		return trail->head_at - now;
	if (trail->told != trail->chain.seq)
		tell_head(trail);
	trail->head_at = now + trail->config->audit.heads;
	return trail->config->audit.heads;
}

millis trail_tick(struct trail *trail, millis now)
{
	millis at, wait;

	if (is_off(trail))
		return -1;
	wait = heed_heads(trail, now);
	at = publish_at(trail);
	if (at >= 0 && at <= now) {
		if (trail->batch_len > 0)
			publish(trail);
		else
			publish_next(trail);
		if (trail->pending.len > 0)
			trail->pending_since = now;
	} else if (at >= 0 && at - now < wait) {
		wait = at - now;
	}
	return wait;
}

/* --- its life ------------------------------------------------------------ */

struct trail *trail_new(const struct config *config,
			const struct audit_actor *actor,
			const struct trail_ports *ports)
{
	struct trail *trail = mem_new(sizeof(*trail));
	struct audit_entry entry;

	trail->config = config;
	trail->ports = *ports;
	trail->head_at = -1;
	if (is_off(trail))
		return trail;
	audit_chain_init(&trail->chain, actor);
	entry = audit_entry_of(AUDIT_OPENED, wall(trail));
	append(trail, &entry, 0);
	return trail;
}

void trail_close(struct trail *trail, millis now)
{
	struct audit_entry entry;

	if (is_off(trail) || trail->is_closed)
		return;
	if (trail->dropped > 0)
		append_dropped(trail, now);
	entry = audit_entry_of(AUDIT_CLOSED, wall(trail));
	append(trail, &entry, now);
	trail->is_closed = true;
	tell_head(trail);
}

uint64_t trail_unconfirmed(const struct trail *trail)
{
	return trail->chain.seq - trail->confirmed;
}

bool trail_is_settled(const struct trail *trail)
{
	return trail_unconfirmed(trail) == 0 || trail->is_troubled ||
	       (!trail->can_publish && !trail->is_under_way);
}

void trail_free(struct trail *trail)
{
	if (trail == NULL)
		return;
	log_lines_fini(&trail->pending);
	free(trail->batch);
	free(trail->acks);
	free(trail);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail.h - what a worker writes into the audit trail.
 *
 *   report --entry, line--> pending --batch--> outlet --confirmed--> gone
 *                              ^                  |
 *                              +---- again -------+ returned, refused, lost
 *
 * Of what the engine reports, the turning points of messages become entries of
 * the worker's chain (audit.h; docs/audit.md says which). They wait until a
 * batch of them is published. One batch is under way at a time, so that they
 * stand in the trail in their order; one that was not taken is published again
 * after a while, for as long as it takes. A batch whose connection broke may
 * come twice.
 *
 * best-effort: what does not fit TRAIL_PENDING_MAX is dropped, before it has a
 * number in the chain; how many they were is an entry of its own, as soon as
 * there is room again.
 * required: nothing is dropped, and acks wait (trail_ack) until the entries of
 * before them are confirmed; what is pending is then bounded by what may be
 * unacked.
 *
 * All calls are the core thread's. `now` is on the loop's monotonic clock.
 */
#ifndef WORKER_TRAIL_H
#define WORKER_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "worker/audit.h"
#include "worker/config.h"
#include "worker/engine.h"

#define TRAIL_PENDING_MAX (8 * 1024 * 1024) /* bytes of lines */
#define TRAIL_BATCH_MAX                                                        \
	(256 * 1024) /* of one message; a longer line is
					     alone in its own */
#define TRAIL_GATHER                                                           \
	((millis)100) /* best-effort: how long a batch waits
					     for more */

/* What the trail makes use of. All take `context` first. */
struct trail_ports {
	void *context;
	/* Publishes; trail_copied(result) follows, not from within. The copy is
	   borrowed until then. */
	void (*publish)(void *context, const struct copy *copy);
	/* An ack that trail_ack has kept may be sent now. */
	void (*ack)(void *context, size_t pipeline, uint64_t epoch,
		    uint64_t tag);
	/* For the log: the state of the trail, and words on it or NULL. */
	void (*say)(void *context, const char *state, const char *text);
	millis (*wall)(void *context);
};

struct trail;

/* A new chain, with its first entry. Never NULL; does nothing with record =
   "off". Borrows its arguments; `actor` with what it points to. */
struct trail *trail_new(const struct config *config,
			const struct audit_actor *actor,
			const struct trail_ports *ports);

/* Takes NULL. What was not confirmed is not in the trail; acks that were kept
   are not sent, and the broker delivers those messages again. */
void trail_free(struct trail *trail);

/* Heeds what the engine reports. */
void trail_report(struct trail *trail, const struct report *report, millis now);

/* An ack: sent at once, or once what was reported before it is confirmed. */
void trail_ack(struct trail *trail, size_t pipeline, uint64_t epoch,
	       uint64_t tag);

/* What became of the batch. */
void trail_copied(struct trail *trail, enum copy_result result, millis now);

/* Whether the broker takes copies; false at first. */
void trail_can_publish(struct trail *trail, bool can, millis now);

/* Publishes what is due, logs the head of the chain; returns how long to wait
   until the next, or -1. */
millis trail_tick(struct trail *trail, millis now);

/* The last entry. What is pending is published without waiting for more. */
void trail_close(struct trail *trail, millis now);

/* True if there is nothing that is worth waiting for before the end: all is
   confirmed, or the broker does not take it. */
bool trail_is_settled(const struct trail *trail);

/* Entries that have not been confirmed, dropped ones not among them. */
uint64_t trail_unconfirmed(const struct trail *trail);

#endif

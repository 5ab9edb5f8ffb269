/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unacked.h - the delivery tags of one channel that are not acked yet.
 *
 *   oldest                          newest
 *   [ 3* 4* 7 8* 9 ]      * = ready to be acked
 *
 * An ack with `multiple` covers every tag up to its own, so it may only be
 * sent for the ready ones at the front: up to 4 above, and 8 by itself.
 * (AMQP 0-9-1, section 1.8.3.13, basic.ack.)
 *
 * What is ready behind one that is not (8 behind 7) waits UNACKED_WAIT for that,
 * since most often it is ready a moment later, and then one ack does for all.
 */
#ifndef WORKER_UNACKED_H
#define WORKER_UNACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"

#define UNACKED_WAIT 2

struct unacked_tag {
	uint64_t tag;
	bool is_ready;
};

/* Tags ascend; count <= room. */
struct unacked {
	struct unacked_tag *tags;
	size_t count;
	size_t room;
	size_t ready;    /* how many of them are ready */
	millis since;    /* when the first of them began to wait; -1: none */
	bool is_overdue; /* what is ready goes, wherever it is */
};

void unacked_init(struct unacked *unacked);
void unacked_fini(struct unacked *unacked);
bool unacked_sane(const struct unacked *unacked);

void unacked_clear(struct unacked *unacked); /* a new channel */

/* A delivery has come: its tag is higher than all before. */
void unacked_add(struct unacked *unacked, uint64_t tag);

/* It may be acked. False if the tag is not outstanding. */
bool unacked_ready(struct unacked *unacked, uint64_t tag);

/* It has been settled in another way (rejected). False as above. */
bool unacked_remove(struct unacked *unacked, uint64_t tag);

/*
 * Takes out the next ack to send: *multiple if it covers the ready ones at the
 * front. False when none is ready, or what is waits; so many as `enough` do
 * not wait.
 */
bool unacked_next(struct unacked *unacked, size_t enough, millis now,
		  uint64_t *tag, bool *multiple);

/* How long until what waits has waited enough; -1: nothing waits. */
millis unacked_due(const struct unacked *unacked, millis now);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window.h - the copies that are published and not confirmed yet.
 *
 * The n-th publish on a channel has tag n. Confirms come in any order, each
 * alone or with `multiple` for all up to its tag. A returned copy is confirmed
 * too, after its return, which carries no tag: it is found by what it is, and
 * marked, so that its ack is not taken for success (AMQP 0-9-1, basic.return;
 * RabbitMQ, "Consumer Acknowledgements and Publisher Confirms").
 */
#ifndef WORKER_WINDOW_H
#define WORKER_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "worker/message.h"

#define WINDOW_MAX 128 /* entries, room for probes too */

struct window_entry {
	const struct copy *copy; /* borrowed */
	uint64_t tag;
	millis published;
	bool was_returned;
};

/* Entries in the order of their tags. */
struct window {
	struct window_entry entries[WINDOW_MAX];
	size_t count;
	size_t bytes;  /* of their bodies */
	uint64_t tags; /* given so far on this channel */
};

bool window_sane(const struct window *window);

/* True if a body of that many bytes may be published now: `max_count` and
   `max_bytes` bound what is unconfirmed, and a larger body goes alone. */
bool window_has_room(const struct window *window, size_t body_len,
		     size_t max_count, size_t max_bytes);

/* The copy has been published: it has the next tag. There must be room. */
void window_add(struct window *window, const struct copy *copy, millis now);

/*
 * Marks the oldest copy that is the returned message: same exchange, routing
 * key, body, and the same headers of ours. False if there is none.
 */
bool window_returned(struct window *window, const struct message *message);

/*
 * Takes out one entry that a confirm for `tag` covers. False when none is
 * left: call it until then.
 */
bool window_settle(struct window *window, uint64_t tag, bool multiple,
		   struct window_entry *entry);

/* Takes out the oldest entry; false when empty. */
bool window_take(struct window *window, struct window_entry *entry);

/* A new channel: its tags begin again. The window must be empty. */
void window_restart(struct window *window);

#endif

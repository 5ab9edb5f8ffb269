/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delivered.h - a bounded memory of deliveries that were seen to, though the
 * broker may not know it and deliver them again.
 *
 * Which delivery it was is told by a hash of all that the broker sends again
 * unchanged: pipeline, exchange, routing key, properties, headers (and with
 * them attempts, journal and lane), and the SHA-256 of the body. So neither a
 * corrected result under the same id, nor a copy of the same message that
 * waits or is replayed, is taken for it.
 */
#ifndef WORKER_DELIVERED_H
#define WORKER_DELIVERED_H

#include <stdbool.h>

#include "policy/millis.h"
#include "worker/digest.h"
#include "worker/message.h"

#define DELIVERED_MAX  10000 /* entries; the oldest goes for the newest */
#define DELIVERED_LIFE (10 * MILLIS_PER_MINUTE)

enum delivered_how {
	DELIVERED_CALLED, /* its downstream has accepted it */
	DELIVERED_COPIED, /* the broker has confirmed the copy that carries on */
};

struct delivered_key {
	char hash[SHA256_HEX_MAX];
};

/*
 * The key of a delivery. x-delivery-count and x-acquired-count are left out:
 * the broker raises them. False for one that is never recognized: it has no
 * message-id, or its headers did not all come through.
 */
bool delivered_key(const char *pipeline, const struct message *message,
		   struct delivered_key *key);

struct delivered;

struct delivered *delivered_new(void); /* never NULL */
void delivered_free(struct delivered *delivered);

/* True if there is nothing in it. */
bool delivered_is_empty(const struct delivered *delivered);

/* `wall` in both is the present, in ms since 1970 UTC. */
void delivered_note(struct delivered *delivered,
		    const struct delivered_key *key, enum delivered_how how,
		    millis wall);

/* True, once, for what was noted within DELIVERED_LIFE; *how is as noted. */
bool delivered_take(struct delivered *delivered,
		    const struct delivered_key *key, millis wall,
		    enum delivered_how *how);

/* "delivered-before", "copied-before": for the log. */
const char *delivered_how_name(enum delivered_how how);

#endif

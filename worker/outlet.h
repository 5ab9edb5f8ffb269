/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outlet.h - the thread that owns the publishing connection.
 *
 *   core --copies--> outlet --publish, mandatory--> broker
 *   core <--events-- outlet <--confirms, returns--- broker
 *
 * Each copy is answered by exactly one event. A copy that meets silence is
 * waited for, and never published again on the same connection; when that
 * connection ends it is answered as OUTLET_LOST. At most OUTLET_WINDOW copies
 * and OUTLET_WINDOW_BYTES are unconfirmed, a larger one alone. What is not
 * yet published waits inside the outlet, across connections too: only what
 * was published and not confirmed is lost with a connection.
 */
#ifndef WORKER_OUTLET_H
#define WORKER_OUTLET_H

#include <stdint.h>

#include "worker/broker.h"
#include "worker/config.h"
#include "worker/mailbox.h"
#include "worker/message.h"

#define OUTLET_WINDOW       100
#define OUTLET_WINDOW_BYTES (1024 * 1024)

enum outlet_event_kind {
	OUTLET_CONFIRMED, /* the broker has it, and did not return it */
	OUTLET_RETURNED,  /* no queue took it: code 312 NO_ROUTE */
	OUTLET_REFUSED,   /* basic.nack: a queue would not take it */
	OUTLET_LOST,      /* its connection ended before an answer */
	OUTLET_TOO_BIG,   /* headers over the frame, or body over the broker's
	                     maximum: it cannot be published */
	/* Of the connection; job is 0. */
	OUTLET_UP,
	OUTLET_DOWN,    /* problem says why */
	OUTLET_BLOCKED, /* by a broker alarm; problem->text is its reason */
	OUTLET_UNBLOCKED,
};

struct outlet_event {
	enum outlet_event_kind kind;
	uint64_t job;                   /* of the copy */
	struct broker_problem *problem; /* on the heap, the receiver frees */
};

struct outlet;

/* Starts the thread. `capacity` bounds the copies under way at once: the sum
   of all prefetches. `events` holds at least capacity + 64. */
struct outlet *outlet_start(const struct config *config, size_t capacity,
			    struct mailbox *events);

/*
 * Hands over a copy, which is borrowed until its event. Never blocks.
 */
void outlet_publish(struct outlet *outlet, const struct copy *copy);

/* Breaks the connection, if it is the same since `since`; see core. */
void outlet_cut(struct outlet *outlet);

/* When the oldest unconfirmed copy was published, on the monotonic clock; 0
   when there is none. Any thread. */
millis outlet_oldest(struct outlet *outlet);

/* Ends the thread within `wait`, then cuts; frees the outlet. Copies that
   have no event yet get none. */
void outlet_join(struct outlet *outlet, millis wait);

#endif

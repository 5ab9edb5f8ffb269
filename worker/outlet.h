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
 *
 * A copy that the broker cannot take (a body over its maximum) makes it close
 * the channel with 406, and does not say which copy it was. From then on they
 * are published one at a time, until one of them is alone to blame: that one is
 * answered as OUTLET_TOO_BIG. It is the same with an exchange that is missing
 * (404) or forbidden (403): the copy is answered as OUTLET_REFUSED, and what
 * else goes there too for ten seconds, after which one is tried alone; so
 * that copies for other exchanges are not lost with it over and over.
 *
 * On each new connection the right to write is tried for each pipeline, before
 * the connection counts as up: a message to a delay queue that does not exist
 * must come back as unroutable. It is refused where the right is missing, and
 * does not come back where an alternate exchange would swallow copies.
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
	OUTLET_LOST,      /* its connection ended before an answer, or it is
	                     void and was not published */
	OUTLET_TOO_BIG,   /* headers over the frame, or body over the broker's
	                     maximum: it cannot be published */
	/* Of the connection; job is 0. */
	OUTLET_UP,
	OUTLET_DOWN,    /* or a try to connect failed; problem says why */
	OUTLET_BLOCKED, /* by a broker alarm; problem->text is its reason */
	OUTLET_UNBLOCKED,
};

struct outlet_event {
	enum outlet_event_kind kind;
	uint64_t job;                   /* of the copy */
	uint32_t frame_max;             /* UP: as negotiated */
	char node[128];                 /* UP: "host:port" */
	struct broker_problem *problem; /* on the heap, the receiver frees */
};

/* Room that the mailbox for the outlet's events needs, for `capacity` copies
   under way at once. */
size_t outlet_events_max(size_t capacity);

struct outlet;

/*
 * Starts the thread. `only`, if not NULL, is the one pipeline that will be
 * published for. `capacity` bounds the copies under way at once: the sum of
 * all prefetches, for two epochs. `events` has room for outlet_events_max.
 */
struct outlet *outlet_start(const struct config *config,
			    const struct pipeline_config *only, size_t capacity,
			    struct mailbox *events);

/*
 * Takes a copy, which is borrowed until its event. Never blocks. A copy whose
 * is_void is set before its turn comes is not published. False, and the copy
 * is not taken, when there are more than `capacity`. The thread is told of the
 * copies that were taken by outlet_flush.
 */
bool outlet_publish(struct outlet *outlet, const struct copy *copy);
void outlet_flush(struct outlet *outlet);

/*
 * Breaks the connection if its oldest copy has been unconfirmed for longer
 * than confirm_timeout (the time of an alarm does not count), or if its thread
 * has not turned for so long that the broker must be dead. True if it did.
 * The core's thread.
 */
bool outlet_cut_if_hung(struct outlet *outlet, millis now);

/* Ends the thread as intake_join does. Copies that have no event yet get
   none. */
bool outlet_join(struct outlet *outlet, millis wait);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mender.h - the thread that sees to it that the broker has what is needed.
 *
 * Asked at start, and whenever something turns out to be missing, it connects,
 * declares the topology (or, with declare = false, compares the broker with
 * it), and says what came of it. It has a connection of its own, so that
 * nobody waits for it.
 */
#ifndef WORKER_MENDER_H
#define WORKER_MENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "worker/broker.h"
#include "worker/config.h"
#include "worker/mailbox.h"
#include "worker/rulings.h"

struct mender_event {
	uint64_t number;           /* of what was asked for */
	enum broker_status status; /* BROKER_OK: declared, or compared */
	/* Why not; or, when compared, what differs. On the heap, the receiver
	   frees. */
	struct broker_problem *problem;
	size_t differs; /* compared: what is missing or different */
	size_t unknown; /* compared: what could not be seen */
};

#define MENDER_EVENTS_MAX 4

struct mender;

/* What the broker is to have. */
struct mender_order {
	uint64_t number;                /* comes back with the event */
	const struct rulings *rulings;  /* the delay queues of these */
	const struct rulings *in_force; /* NULL, or those before: what differs
	                                   for both is not counted */
};

/* Starts the thread, idle. `events` has room for MENDER_EVENTS_MAX struct
   mender_event. `only`: that pipeline's, or NULL for all. */
struct mender *mender_start(const struct config *config,
			    const struct pipeline_config *only,
			    struct mailbox *events);

/* Asks for it once; an event follows. Asked again before that, it does
   nothing, and says false. What is in the order is copied. The core's thread. */
bool mender_ask(struct mender *mender, const struct mender_order *order);

/* To be called with each event: another may be asked for. */
void mender_heard(struct mender *mender);

/* Ends the thread as intake_join does. */
bool mender_join(struct mender *mender, millis wait);

#endif

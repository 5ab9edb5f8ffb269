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

#include "worker/broker.h"
#include "worker/config.h"
#include "worker/mailbox.h"

struct mender_event {
	enum broker_status status; /* BROKER_OK: declared, or compared */
	/* Why not; or, when compared, what differs. On the heap, the receiver
	   frees. */
	struct broker_problem *problem;
	size_t differs; /* compared: what is missing or different */
	size_t unknown; /* compared: what could not be seen */
};

#define MENDER_EVENTS_MAX 4

struct mender;

/* Starts the thread, idle. `events` has room for MENDER_EVENTS_MAX struct
   mender_event. `only`: that pipeline's, or NULL for all. */
struct mender *mender_start(const struct config *config,
			    const struct pipeline_config *only,
			    struct mailbox *events);

/* Asks for it once; an event follows. Asked again before that, it does
   nothing. The core's thread. */
void mender_ask(struct mender *mender);

/* To be called with each event: another may be asked for. */
void mender_heard(struct mender *mender);

/* Ends the thread as intake_join does. */
bool mender_join(struct mender *mender, millis wait);

#endif

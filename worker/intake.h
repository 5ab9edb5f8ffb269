/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake.h - the thread that owns a pipeline's consuming connection.
 *
 *   broker --deliveries--> intake --events--> core
 *   broker <----acks------ intake <--orders-- core
 *
 * It connects, consumes, hands deliveries to the core and sends the acks that
 * the core asks for; it reconnects for ever. It decides nothing about a
 * message. Each connection has an epoch, one more than the last: an order of an
 * older epoch is dropped, because its delivery tag means nothing now.
 *
 * A consumer that the broker cancels (its queue was deleted, or moved) is
 * consumed again on the same connection a second later, so that what is in
 * hand keeps its epoch; if that fails, on a new one.
 *
 * What is unacked never exceeds the prefetch, though the broker counts it for
 * each consumer by itself: one that begins while deliveries are in hand is
 * given what is left of it, and renewed when there is more to give.
 *
 * A frame that cannot be decoded cuts the connection (a publisher's headers
 * may fill a frame, and the broker adds one when it delivers again). After
 * that messages are taken one at a time for a while, so that its neighbours
 * are not delivered, and counted, over and over with it.
 *
 * Its thread has a stack of 8 MiB (rabbitmq-c 0.11 decodes nested tables by
 * recursion, and a hostile publisher chooses the depth).
 */
#ifndef WORKER_INTAKE_H
#define WORKER_INTAKE_H

#include <stdint.h>

#include "worker/broker.h"
#include "worker/config.h"
#include "worker/gather.h"
#include "worker/mailbox.h"
#include "worker/message.h"

enum intake_event_kind {
	INTAKE_UP,        /* consuming, in a new epoch */
	INTAKE_DOWN,      /* the connection of `epoch` is gone, or a try to
	                    connect failed (epoch 0); problem says why */
	INTAKE_DELIVERY,  /* message, owned by the receiver */
	INTAKE_PREFETCH,  /* so many deliveries at once from now on, as was
	                    asked for: those sent before have come */
	INTAKE_CANCELLED, /* the broker cancelled the consumer */
	INTAKE_RESUMED,   /* consuming again, in the same epoch */
	INTAKE_STOPPED,   /* by intake_stop: no delivery follows, ever */
};

struct intake_event {
	enum intake_event_kind kind;
	size_t pipeline; /* index in the configuration */
	uint64_t epoch;
	struct message *message;
	struct broker_problem *problem; /* on the heap, the receiver frees */
	uint32_t prefetch;              /* PREFETCH; 0: none */
	char node[128];                 /* UP: "host:port" */
};

/* Room that the mailbox for an intake's events needs. */
size_t intake_events_max(const struct pipeline_config *pipeline);

struct intake;

/*
 * Starts the thread. `events` is where its struct intake_event go, with room
 * for intake_events_max of them. All is borrowed until intake_join.
 */
struct intake *intake_start(const struct config *config,
			    const struct pipeline_config *pipeline,
			    struct mailbox *events);

/* Orders, from the core's thread; they never block. Acks are gathered until
   intake_flush. */
void intake_ack(struct intake *intake, uint64_t epoch, uint64_t tag,
		millis now);
void intake_reject(struct intake *intake, uint64_t epoch, uint64_t tag);
/* So many deliveries at once, up to the pipeline's prefetch; 0: none. Each
   epoch begins with 1. INTAKE_PREFETCH follows, if it changes anything and is
   not overtaken by another number. What is in hand keeps epoch and tags. */
void intake_consume(struct intake *intake, uint64_t epoch, uint32_t prefetch);
void intake_stop(struct intake *intake); /* consume no more; acks go on */

/* Hands over the acks that may wait no longer (gather.h); `is_idle`: there is
   no call under way that could end in another. True if some still wait: then
   to be called again after GATHER_WAIT. */
bool intake_flush(struct intake *intake, bool is_idle, millis now);

/* Breaks a connection whose thread has not turned for a time in which the
   broker must have answered. True if it did. The core's thread. */
bool intake_cut_if_hung(struct intake *intake, millis now);

/*
 * Ends the thread: acks ordered before are sent, the connection is closed.
 * Waits up to `wait` for it, then cuts, and waits for a second. Frees the
 * intake; events that were not taken stay in the mailbox, and are the core's.
 * False if the thread has not ended even so (it is connecting): then nothing
 * is freed, and the process must end.
 */
bool intake_join(struct intake *intake, millis wait);

#endif

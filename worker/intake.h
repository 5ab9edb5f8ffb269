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
 * Its thread has a stack of 8 MiB (rabbitmq-c 0.11 decodes nested tables by
 * recursion, and a hostile publisher chooses the depth).
 */
#ifndef WORKER_INTAKE_H
#define WORKER_INTAKE_H

#include <stdint.h>

#include "worker/broker.h"
#include "worker/config.h"
#include "worker/mailbox.h"
#include "worker/message.h"

enum intake_event_kind {
	INTAKE_UP,        /* consuming, in a new epoch */
	INTAKE_DOWN,      /* the connection of `epoch` is gone, or a try to
	                    connect failed; problem says why */
	INTAKE_DELIVERY,  /* message, owned by the receiver */
	INTAKE_CANCELLED, /* the broker cancelled the consumer; it will be
	                     resumed, in the same epoch if it can be */
	INTAKE_STOPPED, /* by intake_stop: no delivery of this epoch follows */
};

struct intake_event {
	enum intake_event_kind kind;
	size_t pipeline; /* index in the configuration */
	uint64_t epoch;
	struct message *message;
	struct broker_problem *problem; /* on the heap, the receiver frees */
};

struct intake;

/*
 * Starts the thread. `events` is where its struct intake_event go; its
 * capacity is at least 2 * prefetch + 64. The rest is borrowed until
 * intake_join. `repair`, if not NULL, is called by the thread after it
 * connected and before it consumes, whenever the last try met a missing queue
 * (it declares the topology again).
 */
typedef void intake_repair(void *context);
struct intake *intake_start(const struct config *config,
			    const struct pipeline_config *pipeline,
			    struct mailbox *events, intake_repair *repair,
			    void *context);

/* Orders, from the core's thread; they never block. */
void intake_ack(struct intake *intake, uint64_t epoch, uint64_t tag);
void intake_reject(struct intake *intake, uint64_t epoch, uint64_t tag);
void intake_stop(struct intake *intake); /* consume no more; acks go on */
void intake_cut(struct intake *intake);  /* breaks a connection that hangs */

/*
 * Ends the thread: acks ordered before are sent, the connection is closed.
 * Waits up to `wait` for it, then cuts. The intake is freed.
 */
void intake_join(struct intake *intake, millis wait);

#endif

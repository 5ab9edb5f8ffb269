/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_parts.h - the insides of the intake, for intake*.c alone.
 */
#ifndef WORKER_INTAKE_PARTS_H
#define WORKER_INTAKE_PARTS_H

#include <stdatomic.h>

#include "worker/intake.h"
#include "worker/link.h"
#include "worker/thread.h"
#include "worker/unacked.h"

struct intake {
	const struct config *config;
	const struct pipeline_config *pipeline;
	struct mailbox *events;
	struct mailbox *orders;
	struct thread *thread;
	_Atomic bool is_leaving; /* nobody takes events any more */
	_Atomic bool is_asked;   /* an ORDER_CONSUME is under way */
	_Atomic uint64_t asked;  /* what it asks for: epoch, 16 bits prefetch */
	struct gather acks;      /* ordered and not flushed; the core's own */
	struct link link;
	/* The thread's own. */
	uint64_t epoch; /* of the connection; 0: none yet */
	bool is_unread; /* there may be something to read */
	millis read;    /* when the broker was last read */
	struct unacked unacked;
	uint32_t wanted;    /* how many deliveries at once; 0: none */
	uint32_t wary;      /* so many more are taken one at a time */
	uint32_t consuming; /* how many the consumer may have; 0: no consumer */
	uint32_t serving;   /* what was to be had at most when it began */
	bool is_cancelling; /* the broker was asked to cancel it */
	millis resume;      /* when to consume again; 0: the broker has not
	                       cancelled */
	bool is_stopping;
	bool has_stopped; /* has been told */
	bool is_ending;
};

/* intake.c */

/* Tells the core. */
void intake_push(struct intake *intake, struct intake_event event);
/* The connection is no longer of use. */
void intake_lose(struct intake *intake, const struct broker_problem *problem);

/* intake_consumer.c */

/* Consumes on a new connection, one delivery at a time. False, and the
   connection is lost, when the broker refuses. */
bool consumer_begin(struct intake *intake);
/* The connection is gone. */
void consumer_gone(struct intake *intake);
/* Takes the next step towards the number of deliveries that is wanted. */
void consumer_adjust(struct intake *intake);
/* Consumes again what the broker had cancelled. */
void consumer_resume(struct intake *intake);
void consumer_stop(struct intake *intake);
/* The broker says that the consumer is cancelled. */
void consumer_cancelled(struct intake *intake, bool by_broker);

#endif

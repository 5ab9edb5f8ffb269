/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_consumer.c - how many deliveries at once a pipeline's consumer has.
 *
 * The prefetch counts for consumers that start after it is set (RabbitMQ,
 * "Consumer Prefetch": basic.qos with global = false), so that another one
 * takes another consumer: the old one is cancelled, and what it had been sent
 * comes before the broker's cancel-ok. It is the same channel, so tags go on.
 * What the old one has not acked yet does not count against the new one: there
 * may be that much more in hand for a while.
 */
#include <assert.h>

#include "worker/clock.h"
#include "worker/intake_parts.h"

/* How long after the broker cancelled the consumer it is asked for again:
   enough for a missing queue to be declared by then. */
#define RESUME_WAIT MILLIS_PER_SECOND

static bool consume(struct intake *intake, uint32_t prefetch)
{
	struct broker_problem problem = {0};

	assert(prefetch > 0 && intake->consuming == 0);
	if (broker_consume(intake->link.broker, intake->pipeline->queue,
			   (uint16_t)prefetch, &problem) != BROKER_OK) {
		intake_lose(intake, &problem);
		return false;
	}
	intake->consuming = prefetch;
	return true;
}

bool consumer_begin(struct intake *intake)
{
	intake->wanted = 1;
	return consume(intake, intake->wanted);
}

static void tell_stopped(struct intake *intake)
{
	if (intake->has_stopped)
		return;
	intake->has_stopped = true;
	intake_push(intake, (struct intake_event){.kind = INTAKE_STOPPED,
						  .epoch = intake->epoch});
}

static void tell_prefetch(struct intake *intake)
{
	intake_push(intake,
		    (struct intake_event){.kind = INTAKE_PREFETCH,
					  .epoch = intake->epoch,
					  .prefetch = intake->consuming});
}

void consumer_gone(struct intake *intake)
{
	intake->consuming = 0;
	intake->is_cancelling = false;
	intake->resume = 0;
	if (intake->is_stopping)
		tell_stopped(intake);
}

/* False, and the connection is lost, when that could not be sent. */
static bool cancel(struct intake *intake)
{
	struct broker_problem problem = {0};

	if (broker_cancel(intake->link.broker, &problem) != BROKER_OK) {
		intake_lose(intake, &problem);
		return false;
	}
	intake->is_cancelling = true;
	return true;
}

/* All consumers together stay within twice the prefetch, which is what
   mailboxes have room for. */
static bool has_room(const struct intake *intake)
{
	return intake->unacked.count + intake->wanted <=
	       2 * (size_t)intake->pipeline->prefetch;
}

void consumer_adjust(struct intake *intake)
{
	if (intake->link.broker == NULL || intake->is_stopping ||
	    intake->is_cancelling || intake->resume != 0 ||
	    intake->consuming == intake->wanted)
		return;
	if (intake->consuming > 0)
		(void)cancel(intake);
	else if (has_room(intake) && consume(intake, intake->wanted))
		tell_prefetch(intake);
}

void consumer_resume(struct intake *intake)
{
	if (intake->is_cancelling)
		return; /* the answer to that would seem to be for this one */
	intake->resume = 0;
	if (intake->wanted > 0 && !consume(intake, intake->wanted))
		return;
	intake_push(intake, (struct intake_event){.kind = INTAKE_RESUMED,
						  .epoch = intake->epoch});
	tell_prefetch(intake);
}

void consumer_stop(struct intake *intake)
{
	intake->is_stopping = true;
	intake->resume = 0;
	if (intake->consuming == 0)
		tell_stopped(intake);
	else if (!intake->is_cancelling)
		(void)cancel(intake);
}

void consumer_cancelled(struct intake *intake, bool by_broker)
{
	intake->consuming = 0;
	if (intake->is_stopping) {
		tell_stopped(intake);
		return;
	}
	if (by_broker) {
		intake->resume = clock_monotonic() + RESUME_WAIT;
		intake_push(intake,
			    (struct intake_event){.kind = INTAKE_CANCELLED,
						  .epoch = intake->epoch});
		return;
	}
	intake->is_cancelling = false;
	if (intake->wanted == 0)
		tell_prefetch(intake);
	consumer_adjust(intake);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_consumer.c - how many deliveries at once a pipeline's consumer has.
 *
 * The prefetch counts for consumers that start after it is set (RabbitMQ,
 * "Consumer Prefetch": basic.qos with global = false), so that another one
 * takes another consumer: the old one is cancelled, and what it had been sent
 * comes before the broker's cancel-ok. It is the same channel, so tags go on.
 * What the old one has not acked yet does not count against the new one, which
 * therefore begins with what is left, and is renewed when there is more.
 */
#include <assert.h>

#include "worker/clock.h"
#include "worker/intake_parts.h"

/* How long after the broker cancelled the consumer it is asked for again:
   enough for a missing queue to be declared by then. */
#define RESUME_WAIT MILLIS_PER_SECOND

/* How soon it is looked whether such a consumer may be given something. */
#define LOOK_AGAIN 50

/* How many may be in hand. */
static uint32_t most(const struct intake *intake)
{
	return intake->wary > 0 && intake->wanted > 1 ? 1 : intake->wanted;
}

/* What a consumer may be given now: that, less what is in hand. */
static uint32_t allowance(const struct intake *intake)
{
	size_t count = intake->unacked.count;

	return count >= most(intake) ? 0 : most(intake) - (uint32_t)count;
}

static bool consume(struct intake *intake)
{
	struct broker_problem problem = {0};
	uint32_t prefetch = allowance(intake);

	assert(prefetch > 0 && intake->consuming == 0);
	if (broker_consume(intake->link.broker, intake->pipeline->queue,
			   (uint16_t)prefetch, &problem) != BROKER_OK) {
		intake_lose(intake, &problem);
		return false;
	}
	intake->is_unread = true;
	intake->consuming = prefetch;
	intake->serving = most(intake);
	return true;
}

bool consumer_begin(struct intake *intake)
{
	intake->wanted = 1;
	return consume(intake);
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
	intake_push(intake, (struct intake_event){.kind = INTAKE_PREFETCH,
						  .epoch = intake->epoch,
						  .prefetch = intake->wanted});
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
	intake->is_unread = true;
	intake->is_cancelling = true;
	return true;
}

/* The consumer is not what is wanted; or it was given little, and may have
   twice as much, or all: so that this is rare. */
static bool is_outdated(const struct intake *intake)
{
	uint32_t now = allowance(intake);

	if (intake->serving != most(intake))
		return true;
	return now > intake->consuming &&
	       (now >= 2 * intake->consuming || intake->unacked.count == 0);
}

void consumer_adjust(struct intake *intake)
{
	if (intake->link.broker == NULL || intake->is_stopping ||
	    intake->is_cancelling || intake->resume != 0)
		return;
	if (intake->consuming > 0) {
		if (is_outdated(intake))
			(void)cancel(intake);
		return;
	}
	if (allowance(intake) > 0 && consume(intake))
		tell_prefetch(intake);
}

void consumer_resume(struct intake *intake)
{
	if (intake->is_cancelling)
		return; /* the answer to that would seem to be for this one */
	if (intake->wanted > 0 && allowance(intake) == 0) {
		intake->resume = clock_monotonic() + LOOK_AGAIN;
		return;
	}
	intake->resume = 0;
	if (intake->wanted > 0 && !consume(intake))
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

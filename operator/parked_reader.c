/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/parked_reader.h"

#include <poll.h>

#include "worker/clock.h"

#define POLL_WAIT 500 /* ms; heartbeats want a look more often than that */

/* True if that was the last one. */
static bool take(struct parked_reader *r, struct broker_event *event)
{
	bool goes_on = true;

	if (event->kind == BROKER_EVENT_CANCELLED)
		goes_on = false;
	if (event->kind == BROKER_EVENT_DELIVERY) {
		r->read++;
		goes_on = r->take(r->context, event->message) &&
			  r->read < r->depth &&
			  (r->most == 0 || r->read < r->most);
	}
	message_free(event->message);
	return !goes_on;
}

static enum broker_status read_all(struct parked_reader *r,
				   struct broker *broker,
				   struct broker_problem *problem)
{
	struct pollfd fd = {.fd = broker_fd(broker), .events = POLLIN};
	millis heard = clock_monotonic();
	struct broker_event event;
	enum broker_status status;

	while (!r->is_stopped()) {
		status = broker_next(broker, &event, problem);
		if (status == BROKER_OK) {
			if (take(r, &event))
				return BROKER_OK;
			heard = clock_monotonic();
			continue;
		}
		if (status != BROKER_TIMEOUT)
			return status;
		if (clock_monotonic() - heard > PARKED_READER_PATIENCE) {
			r->is_short = true;
			return BROKER_OK;
		}
		(void)poll(&fd, 1, POLL_WAIT);
	}
	return BROKER_OK;
}

enum broker_status parked_read(struct parked_reader *r, struct broker *broker,
			       struct broker_problem *problem)
{
	uint32_t consumers;
	enum broker_status status = broker_queue_exists(
		broker, r->queue, &r->depth, &consumers, problem);

	if (status != BROKER_OK || r->depth == 0)
		return status;
	status = broker_consume(broker, r->queue, r->most, problem);
	return status == BROKER_OK ? read_all(r, broker, problem) : status;
}

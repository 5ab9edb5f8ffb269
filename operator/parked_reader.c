/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/parked_reader.h"

#include <poll.h>

#include "worker/clock.h"

#define POLL_WAIT 100 /* ms */
/* What one consumer gets: the largest prefetch. (Without one, a quorum queue
   gives 2000 and stops.) Another consumer then takes over. */
#define LAP 20000
/* What somebody has just let go is still on its way back, and not in the depth:
   so long is looked for more than that. */
#define LINGER 400 /* ms */

/* True if that was the last one. */
static bool take(struct parked_reader *r, struct broker_event *event)
{
	bool goes_on = true;

	if (event->kind == BROKER_EVENT_CANCELLED && event->by_broker) {
		r->is_short = true;
		goes_on = false;
	}
	if (event->kind == BROKER_EVENT_DELIVERY) {
		r->read++;
		goes_on = r->take(r->context, event->message) &&
			  (r->most == 0 || r->read < r->most);
	}
	message_free(event->message);
	return !goes_on;
}

static enum broker_status consume(struct parked_reader *r,
				  struct broker *broker,
				  struct broker_problem *problem)
{
	return broker_consume(broker, r->queue, r->most == 0 ? LAP : r->most,
			      problem);
}

/* One consumer hands over to the next when it has had all that it gets. */
static enum broker_status go_on(struct parked_reader *r, struct broker *broker,
				enum broker_event_kind last,
				struct broker_problem *problem)
{
	if (last == BROKER_EVENT_CANCELLED)
		return consume(r, broker, problem);
	if (last == BROKER_EVENT_DELIVERY && r->read % LAP == 0)
		return broker_cancel(broker, problem);
	return BROKER_OK;
}

/* True if nothing more is to be waited for. */
static bool is_over(struct parked_reader *r, millis heard, millis *reached)
{
	millis now = clock_monotonic();

	if (r->read < r->depth) {
		r->is_short = now - heard > PARKED_READER_PATIENCE;
		return r->is_short;
	}
	if (*reached == 0)
		*reached = now;
	return now - *reached > LINGER;
}

static enum broker_status read_all(struct parked_reader *r,
				   struct broker *broker,
				   struct broker_problem *problem)
{
	struct pollfd fd = {.fd = broker_fd(broker), .events = POLLIN};
	millis heard = clock_monotonic();
	millis reached = 0;
	struct broker_event event;
	enum broker_status status = BROKER_OK;

	while (!r->is_stopped() && !is_over(r, heard, &reached)) {
		status = broker_next(broker, &event, problem);
		if (status == BROKER_TIMEOUT) {
			(void)poll(&fd, 1, POLL_WAIT);
			continue;
		}
		if (status != BROKER_OK || take(r, &event))
			return status;
		status = go_on(r, broker, event.kind, problem);
		if (status != BROKER_OK)
			return status;
		heard = clock_monotonic();
	}
	return BROKER_OK;
}

enum broker_status parked_read(struct parked_reader *r, struct broker *broker,
			       struct broker_problem *problem)
{
	uint32_t consumers;
	enum broker_status status = broker_queue_exists(
		broker, r->queue, &r->depth, &consumers, problem);

	if (status != BROKER_OK)
		return status;
	status = consume(r, broker, problem);
	return status == BROKER_OK ? read_all(r, broker, problem) : status;
}

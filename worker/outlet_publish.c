/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outlet_publish.c - copies that wait, and copies that go out.
 */
#include <poll.h>

#include "worker/clock.h"
#include "worker/outlet_parts.h"

/* Answers for what waits and is no longer wanted. */
static void drop_void(struct outlet *outlet)
{
	size_t count = outlet->count;

	outlet->count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct copy *copy =
			outlet->waiting[(outlet->first + i) % outlet->room];

		if (atomic_load(&copy->is_void))
			outlet_answer(outlet, copy, OUTLET_LOST);
		else
			outlet->waiting[(outlet->first + outlet->count++) %
					outlet->room] = copy;
	}
}

void outlet_take_orders(struct outlet *outlet)
{
	const struct copy *copy;

	if (outlet->link.broker == NULL)
		drop_void(outlet);
	while (outlet->count < outlet->room &&
	       mailbox_pop(outlet->orders, &copy)) {
		if (copy == NULL)
			outlet->is_ending = true;
		else
			outlet->waiting[(outlet->first + outlet->count++) %
					outlet->room] = copy;
	}
}

/* The copy to publish next: a probe, or the first that waits and is still
   wanted; NULL: none. */
const struct copy *outlet_next(struct outlet *outlet)
{
	if (outlet->probed < outlet->probe_count)
		return &outlet->probes[outlet->probed];
	if (outlet->returned < outlet->probe_count)
		return NULL;
	while (outlet->count > 0) {
		const struct copy *copy = outlet->waiting[outlet->first];

		if (!atomic_load(&copy->is_void))
			return copy;
		outlet->first = (outlet->first + 1) % outlet->room;
		outlet->count--;
		outlet_answer(outlet, copy, OUTLET_LOST);
	}
	return NULL;
}

static void took_next(struct outlet *outlet)
{
	if (outlet->probed < outlet->probe_count) {
		outlet->probed++;
		return;
	}
	outlet->first = (outlet->first + 1) % outlet->room;
	outlet->count--;
}

static bool is_writable(struct outlet *outlet)
{
	struct pollfd fd = {.fd = broker_fd(outlet->link.broker),
			    .events = POLLOUT};

	return poll(&fd, 1, 0) == 1 && (fd.revents & POLLOUT) != 0;
}

bool outlet_may_publish(const struct outlet *outlet, const struct copy *copy,
			millis now)
{
	size_t max = outlet->careful_until > now ? 1 : OUTLET_WINDOW;

	return window_has_room(&outlet->window, copy->body.len, max,
			       OUTLET_WINDOW_BYTES);
}

/* False when the connection is lost. */
static bool publish(struct outlet *outlet, const struct copy *copy, millis now)
{
	struct broker_problem problem = {0};
	enum broker_status status =
		broker_publish(outlet->link.broker, copy, &problem);

	took_next(outlet);
	if (status == BROKER_TOO_BIG) {
		outlet_answer(outlet, copy, OUTLET_TOO_BIG);
		return true;
	}
	/* Some of it may have been sent: it counts as published. */
	window_add(&outlet->window, copy, now);
	if (status == BROKER_OK)
		return true;
	outlet_lose(outlet, &problem);
	return false;
}

/* Publishes what may be published. The broker is read before each one:
   rabbitmq-c 0.11 can block for ever in a publish on a connection that has
   things to read (fixed in 0.14, #780). */
void outlet_publish_all(struct outlet *outlet)
{
	const struct copy *copy;
	millis now = clock_monotonic();

	outlet_read(outlet);
	while (outlet->link.broker != NULL && !outlet->is_blocked &&
	       (copy = outlet_next(outlet)) != NULL &&
	       outlet_may_publish(outlet, copy, now) && is_writable(outlet)) {
		if (!publish(outlet, copy, now))
			return;
		outlet_read(outlet);
		now = clock_monotonic();
		link_turn(&outlet->link, now);
	}
}

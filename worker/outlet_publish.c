/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outlet_publish.c - copies that wait, and copies that go out.
 */
#include <poll.h>

#include "worker/clock.h"
#include "worker/outlet_parts.h"

/* A link that is slower than that counts as dead: 64 KiB/s. */
#define SLOWEST_BYTES_PER_MS 64

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

	if (outlet->link.broker == NULL || outlet->is_blocked ||
	    outlet->count == outlet->room)
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

static void drop_first(struct outlet *outlet)
{
	outlet->first = (outlet->first + 1) % outlet->room;
	outlet->count--;
}

static bool is_shut(const struct outlet *outlet, const struct copy *copy)
{
	return outlet->shut.count > 0 &&
	       shut_list_state(&outlet->shut, copy->exchange,
			       clock_monotonic()) == SHUT_SHUT;
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
		bool is_void = atomic_load(&copy->is_void);

		if (!is_void && !is_shut(outlet, copy))
			return copy;
		drop_first(outlet);
		outlet_answer(outlet, copy,
			      is_void ? OUTLET_LOST : OUTLET_REFUSED);
	}
	return NULL;
}

static void took_next(struct outlet *outlet)
{
	if (outlet->probed < outlet->probe_count)
		outlet->probed++;
	else
		drop_first(outlet);
}

static bool is_writable(struct outlet *outlet)
{
	struct pollfd fd = {.fd = broker_fd(outlet->link.broker),
			    .events = POLLOUT};

	return poll(&fd, 1, 0) == 1 && (fd.revents & POLLOUT) != 0;
}

/* The first copy for an exchange that took nothing the last time: with
   nothing beside it, nothing else is lost if it still takes nothing. */
static bool is_tried_alone(const struct outlet *outlet, const struct copy *copy,
			   millis now)
{
	return shut_list_state(&outlet->shut, copy->exchange, now) ==
	       SHUT_TRY_ALONE;
}

bool outlet_may_publish(const struct outlet *outlet, const struct copy *copy,
			millis now)
{
	size_t max = outlet->careful_until > now || outlet->is_trying ||
				     is_tried_alone(outlet, copy, now)
			     ? 1
			     : OUTLET_WINDOW;

	return window_has_room(&outlet->window, copy->body.len, max,
			       OUTLET_WINDOW_BYTES);
}

/* False when the connection is lost. */
static bool publish(struct outlet *outlet, const struct copy *copy, millis now)
{
	struct broker_problem problem = {0};
	enum broker_status status;

	/* A large body may take its time, and is no sign of a broker that
	   hangs; one that is dead fails by TCP_USER_TIMEOUT. */
	link_turn(&outlet->link,
		  now + (millis)copy->body.len / SLOWEST_BYTES_PER_MS);
	status = broker_publish(outlet->link.broker, copy, &problem);
	took_next(outlet);
	if (status == BROKER_TOO_BIG) {
		outlet_answer(outlet, copy, OUTLET_TOO_BIG);
		return true;
	}
	/* Some of it may have been sent: it counts as published. */
	window_add(&outlet->window, copy, now);
	outlet->is_trying = is_tried_alone(outlet, copy, now);
	if (status == BROKER_OK)
		return true;
	outlet_lose(outlet, &problem);
	return false;
}

/* Publishes what may be published. The broker is read before each one:
   rabbitmq-c 0.11 can block for ever in a publish on a connection that has
   things to read (fixed in 0.14, #780). What it says is handed on now and
   then, so that many copies do not hold it up. */
void outlet_publish_all(struct outlet *outlet)
{
	const struct copy *copy;
	millis now = clock_monotonic();
	uint32_t n = 0;

	outlet_read(outlet);
	while (outlet->link.broker != NULL && !outlet->is_blocked &&
	       (copy = outlet_next(outlet)) != NULL &&
	       outlet_may_publish(outlet, copy, now) && is_writable(outlet)) {
		if (!publish(outlet, copy, now))
			return;
		outlet_read(outlet);
		if (++n % 16 == 0)
			mailbox_raise(outlet->events);
		now = clock_monotonic();
		link_turn(&outlet->link, now);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outlet_read.c - confirms, returns, and the state of the connection.
 */
#include <stdio.h>
#include <string.h>

#include "worker/clock.h"
#include "worker/outlet_parts.h"

/* False, and the connection is given up, if it did not come back. */
static bool settle_probe(struct outlet *outlet, const struct copy *probe,
			 bool was_returned)
{
	struct broker_problem problem = {.status = BROKER_FAILED};

	if (was_returned) {
		outlet->returned++;
		if (outlet->returned == outlet->probe_count)
			outlet_tell_up(outlet);
		return true;
	}
	snprintf(
		problem.text, sizeof(problem.text),
		"The exchange %.*s takes a message for a delay queue that does "
		"not exist: it has an alternate exchange, or a binding that "
		"matches everything, by which copies would go astray. Remove "
		"that; nothing is published until then.",
		(int)probe->exchange.len, probe->exchange.at);
	outlet_lose(outlet, &problem);
	return false;
}

static enum outlet_event_kind kind_of(const struct window_entry *entry,
				      bool is_ack)
{
	if (!is_ack)
		return OUTLET_REFUSED;
	return entry->was_returned ? OUTLET_RETURNED : OUTLET_CONFIRMED;
}

static void settle(struct outlet *outlet, const struct broker_event *event)
{
	bool is_ack = event->kind == BROKER_EVENT_ACK;
	struct window_entry entry;

	while (window_settle(&outlet->window, event->tag, event->multiple,
			     &entry)) {
		outlet->is_trying = false;
		shut_list_remove(&outlet->shut, entry.copy->exchange);
		if (!outlet_is_probe(entry.copy))
			outlet_answer(outlet, entry.copy,
				      kind_of(&entry, is_ack));
		else if (!settle_probe(outlet, entry.copy, entry.was_returned))
			return;
	}
}

/* A return that fits none of the copies must not let one of them pass for
   confirmed: the connection is given up with all of them. */
static void returned(struct outlet *outlet, struct message *message)
{
	const struct broker_problem problem = {
		.status = BROKER_FAILED,
		.text = "The broker returned a message that was not published "
			"here. The connection is given up, and what was not "
			"confirmed on it is published again.",
	};
	bool is_known = window_returned(&outlet->window, message);

	message_free(message);
	if (!is_known)
		outlet_lose(outlet, &problem);
}

static void blocked(struct outlet *outlet, const struct broker_event *event)
{
	struct broker_problem problem = {.status = BROKER_OK};

	outlet->is_blocked = event->kind == BROKER_EVENT_BLOCKED;
	if (!outlet->is_blocked)
		outlet->unblocked = clock_monotonic();
	memcpy(problem.text, event->text, sizeof(event->text));
	outlet_tell(outlet,
		    outlet->is_blocked ? OUTLET_BLOCKED : OUTLET_UNBLOCKED,
		    &problem);
}

static void heed(struct outlet *outlet, const struct broker_event *event)
{
	switch (event->kind) {
	case BROKER_EVENT_ACK:
	case BROKER_EVENT_NACK:
		settle(outlet, event);
		return;
	case BROKER_EVENT_RETURN:
		returned(outlet, event->message);
		return;
	case BROKER_EVENT_BLOCKED:
	case BROKER_EVENT_UNBLOCKED:
		blocked(outlet, event);
		return;
	case BROKER_EVENT_DELIVERY:
		message_free(event->message);
		return; /* nothing is consumed here */
	case BROKER_EVENT_CANCELLED:
		return;
	}
}

/* Reads until nothing is left; see intake.c. */
void outlet_read(struct outlet *outlet)
{
	struct broker_problem problem = {0};
	struct broker_event event;

	while (outlet->link.broker != NULL) {
		enum broker_status status =
			broker_next(outlet->link.broker, &event, &problem);

		if (status == BROKER_TIMEOUT)
			return;
		if (status == BROKER_OK)
			heed(outlet, &event);
		else
			outlet_lose(outlet, &problem);
	}
}

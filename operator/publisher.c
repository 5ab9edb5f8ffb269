/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/publisher.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "worker/clock.h"
#include "worker/window.h"

#define WINDOW_COUNT 100
#define WINDOW_BYTES ((size_t)1024 * 1024)
#define POLL_WAIT    500 /* ms; heartbeats want a look more often than that */

struct publisher {
	struct broker *broker;
	const struct publisher_config *config;
	struct publish_item *items;
	size_t count;
	size_t next;    /* the first item that was not tried */
	size_t settled; /* items that have a result */
	bool is_blocked;
	bool is_stopping;
	millis heard; /* when the last confirm came */
	struct window window;
};

static void settle(struct publisher *p, size_t item, enum publish_result result)
{
	p->items[item].result = result;
	item_unload(&p->items[item]);
	p->settled++;
	p->config->progress(p->config->context, p->settled, NULL);
}

/* The job of a copy is the index of its item. */
static void settle_confirmed(struct publisher *p,
			     const struct broker_event *event)
{
	struct window_entry entry;

	p->heard = clock_monotonic();
	while (window_settle(&p->window, event->tag, event->multiple, &entry)) {
		enum publish_result result =
			event->kind == BROKER_EVENT_NACK ? PUBLISH_REFUSED
			: entry.was_returned             ? PUBLISH_RETURNED
							 : PUBLISH_CONFIRMED;

		settle(p, entry.copy->job, result);
	}
}

static void mark_returned(struct publisher *p, const struct message *message)
{
	struct text id = message->properties.message_id;

	for (size_t i = 0; i < p->window.count; i++) {
		struct window_entry *entry = &p->window.entries[i];

		if (text_eq(entry->copy->properties.message_id, id))
			entry->was_returned = true;
	}
}

static void take_event(struct publisher *p, struct broker_event *event)
{
	switch (event->kind) {
	case BROKER_EVENT_ACK:
	case BROKER_EVENT_NACK:
		settle_confirmed(p, event);
		break;
	case BROKER_EVENT_RETURN:
		mark_returned(p, event->message);
		break;
	case BROKER_EVENT_BLOCKED:
	case BROKER_EVENT_UNBLOCKED:
		p->is_blocked = event->kind == BROKER_EVENT_BLOCKED;
		p->heard = clock_monotonic();
		p->config->progress(p->config->context, p->settled,
				    p->is_blocked ? event->text : "");
		break;
	case BROKER_EVENT_DELIVERY:
	case BROKER_EVENT_CANCELLED:
		break; /* nothing is consumed */
	}
	message_free(event->message);
}

static enum broker_status take_events(struct publisher *p,
				      struct broker_problem *problem)
{
	struct broker_event event;
	enum broker_status status;

	for (;;) {
		status = broker_next(p->broker, &event, problem);
		if (status != BROKER_OK)
			return status;
		take_event(p, &event);
	}
}

static bool is_writable(const struct publisher *p)
{
	struct pollfd fd = {.fd = broker_fd(p->broker), .events = POLLOUT};

	return poll(&fd, 1, 0) == 1 && (fd.revents & POLLOUT) != 0;
}

/* Loads the next item. An item that cannot be read is settled. */
static bool load_next(struct publisher *p)
{
	struct publish_item *item = &p->items[p->next];

	if (item->bytes != NULL || item_load(item))
		return true;
	if (errno == EINTR && p->config->is_stopped())
		return false;
	fprintf(stderr, "rebound publish: %s: %s.\n", item->file,
		strerror(errno));
	settle(p, p->next++, PUBLISH_UNREAD);
	return false;
}

/* Publishes one item, if it may go now. BROKER_TIMEOUT: not now. */
static enum broker_status publish_next(struct publisher *p,
				       struct broker_problem *problem)
{
	struct publish_item *item = &p->items[p->next];
	enum broker_status status;

	if (!load_next(p))
		return BROKER_OK;
	if (!window_has_room(&p->window, item->copy.body.len, WINDOW_COUNT,
			     WINDOW_BYTES) ||
	    !is_writable(p))
		return BROKER_TIMEOUT;
	item->copy.job = p->next;
	status = broker_publish(p->broker, &item->copy, problem);
	if (status == BROKER_TOO_BIG) {
		settle(p, p->next++, PUBLISH_TOO_BIG);
		return BROKER_OK;
	}
	if (status != BROKER_OK)
		return status;
	window_add(&p->window, &item->copy, clock_monotonic());
	item->result = PUBLISH_WAITING;
	p->next++;
	return BROKER_OK;
}

static enum broker_status publish_some(struct publisher *p,
				       struct broker_problem *problem)
{
	enum broker_status status = BROKER_OK;

	while (status == BROKER_OK && p->next < p->count && !p->is_blocked &&
	       !p->config->is_stopped())
		status = publish_next(p, problem);
	return status == BROKER_TIMEOUT ? BROKER_OK : status;
}

static void sleep_a_little(const struct publisher *p)
{
	struct pollfd fd = {.fd = broker_fd(p->broker), .events = POLLIN};
	size_t body = p->next < p->count ? p->items[p->next].copy.body.len : 0;

	/* Only a full socket is waited for: a full window is not. */
	if (p->next < p->count && !p->is_blocked && !p->is_stopping &&
	    window_has_room(&p->window, body, WINDOW_COUNT, WINDOW_BYTES))
		fd.events |= POLLOUT;
	(void)poll(&fd, 1, POLL_WAIT);
}

static enum broker_status out_of_patience(const struct publisher *p,
					  struct broker_problem *problem)
{
	problem->status = BROKER_LOST;
	problem->code = 0;
	snprintf(problem->text, sizeof(problem->text),
		 "The broker %s has confirmed nothing for %lld s. The queue "
		 "may have too few nodes up.",
		 broker_node(p->broker),
		 (long long)(p->config->patience / MILLIS_PER_SECOND));
	return BROKER_LOST;
}

/* From the first time on that it is told to stop, patience is short. */
static void heed_stop(struct publisher *p)
{
	if (p->is_stopping || !p->config->is_stopped())
		return;
	p->is_stopping = true;
	p->heard = clock_monotonic();
}

/* True when nothing more will come. */
static bool is_over(const struct publisher *p)
{
	if (!p->is_stopping)
		return p->settled == p->count;
	return p->window.count == 0 ||
	       clock_monotonic() - p->heard > PUBLISHER_STOP_PATIENCE;
}

static bool is_out_of_patience(const struct publisher *p)
{
	return !p->is_blocked && !p->is_stopping &&
	       clock_monotonic() - p->heard > p->config->patience;
}

enum broker_status publisher_run(struct broker *broker,
				 const struct publisher_config *config,
				 struct publish_item *items, size_t count,
				 struct broker_problem *problem)
{
	struct publisher p = {
		.broker = broker,
		.config = config,
		.items = items,
		.count = count,
		.heard = clock_monotonic(),
	};
	enum broker_status status = broker_confirm_select(broker, problem);

	while (status == BROKER_OK) {
		status = take_events(&p, problem);
		if (status != BROKER_TIMEOUT)
			break;
		status = publish_some(&p, problem);
		heed_stop(&p);
		if (status != BROKER_OK || is_over(&p))
			break;
		if (is_out_of_patience(&p))
			return out_of_patience(&p, problem);
		sleep_a_little(&p);
	}
	/* A broker under an alarm would not read that we close either. */
	if (p.is_stopping && p.window.count > 0)
		(void)shutdown(broker_fd(broker), SHUT_RDWR);
	return status;
}

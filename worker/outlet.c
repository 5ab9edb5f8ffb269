/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/outlet.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/clock.h"
#include "worker/link.h"
#include "worker/mem.h"
#include "worker/thread.h"
#include "worker/window.h"

/* The longest sleep: heartbeats are served at least so often. */
#define TURN_MAX 500

/* How long copies go one at a time after the broker closed the channel over
   one of them, unless it is found sooner. */
#define CAREFUL_TIME MILLIS_PER_MINUTE

#define PROBE_LANE "v1.probe"

struct outlet {
	const struct config *config;
	struct mailbox *events;
	struct mailbox *orders; /* const struct copy *; NULL: end */
	struct thread *thread;
	_Atomic bool is_leaving; /* nobody takes events any more */
	struct link link;
	struct copy *probes; /* one a pipeline */
	size_t probe_count;
	/* Since when the oldest copy waits for its confirm, an alarm not
	   counted; 0: none does. */
	_Atomic millis oldest;
	/* The thread's own. */
	struct arena arena;          /* of the probes */
	const struct copy **waiting; /* ring of `room`, not yet published */
	size_t first;
	size_t count;
	size_t room;
	struct window window;
	size_t probed;        /* probes sent on this connection */
	size_t returned;      /* probes that came back, as they must */
	bool is_blocked;      /* by an alarm */
	millis unblocked;     /* when the last alarm ended */
	millis careful_until; /* one copy at a time; 0: not careful */
	bool is_ending;
};

size_t outlet_events_max(size_t capacity)
{
	return capacity + 64;
}

/* --- what the core is told ---------------------------------------------------- */

static void push(struct outlet *outlet, const struct outlet_event *event)
{
	while (!mailbox_push(outlet->events, event)) {
		if (atomic_load(&outlet->is_leaving)) {
			free(event->problem);
			return;
		}
		link_turn(&outlet->link, clock_monotonic());
		(void)poll(NULL, 0, 1);
	}
}

/* A probe is a copy of nobody's. */
static bool is_probe(const struct copy *copy)
{
	return copy->job == 0;
}

static void answer(struct outlet *outlet, const struct copy *copy,
		   enum outlet_event_kind kind)
{
	const struct outlet_event event = {.kind = kind, .job = copy->job};

	if (!is_probe(copy))
		push(outlet, &event);
}

static void tell(struct outlet *outlet, enum outlet_event_kind kind,
		 const struct broker_problem *problem)
{
	struct outlet_event event = {.kind = kind};

	event.problem = mem_new(sizeof(*event.problem));
	*event.problem = *problem;
	push(outlet, &event);
}

/* --- the connection ----------------------------------------------------------- */

/* True if the broker closed the channel over something that was published.
   AMQP does not say what: "message size 99 is larger than configured max
   size 42" names no message. */
static bool is_over_a_copy(const struct broker_problem *problem)
{
	return problem->status == BROKER_TOO_BIG ||
	       problem->status == BROKER_CONFLICT;
}

/*
 * The connection is gone, with what was published on it. Where the broker
 * closed it over a copy that it cannot take, the one that was alone is it.
 */
static void lose(struct outlet *outlet, const struct broker_problem *problem)
{
	bool over_a_copy = is_over_a_copy(problem);
	bool is_found = over_a_copy && outlet->window.count == 1;
	struct window_entry entry;

	link_close(&outlet->link);
	while (window_take(&outlet->window, &entry))
		answer(outlet, entry.copy,
		       is_found ? OUTLET_TOO_BIG : OUTLET_LOST);
	if (is_found)
		outlet->careful_until = 0;
	else if (over_a_copy)
		outlet->careful_until = clock_monotonic() + CAREFUL_TIME;
	atomic_store(&outlet->oldest, 0);
	outlet->is_blocked = false;
	tell(outlet, OUTLET_DOWN, problem);
}

static void tell_up(struct outlet *outlet)
{
	struct outlet_event up = {
		.kind = OUTLET_UP,
		.frame_max = broker_frame_max(outlet->link.broker),
	};

	strncpy(up.node, broker_node(outlet->link.broker), sizeof(up.node) - 1);
	push(outlet, &up);
}

static void connect_again(struct outlet *outlet)
{
	struct broker_problem problem;

	if (link_open(&outlet->link, &problem) != BROKER_OK) {
		tell(outlet, OUTLET_DOWN, &problem);
		return;
	}
	window_restart(&outlet->window);
	outlet->probed = 0;
	outlet->returned = 0;
	if (broker_confirm_select(outlet->link.broker, &problem) != BROKER_OK)
		lose(outlet, &problem);
}

/* --- what the broker says ------------------------------------------------------- */

/* False, and the connection is given up, if it did not come back. */
static bool settle_probe(struct outlet *outlet, const struct copy *probe,
			 bool was_returned)
{
	struct broker_problem problem = {.status = BROKER_FAILED};

	if (was_returned) {
		outlet->returned++;
		if (outlet->returned == outlet->probe_count)
			tell_up(outlet);
		return true;
	}
	snprintf(
		problem.text, sizeof(problem.text),
		"The exchange %.*s takes a message for a delay queue that does "
		"not exist: it has an alternate exchange, or a binding that "
		"matches everything, by which copies would go astray. Remove "
		"that; nothing is published until then.",
		(int)probe->exchange.len, probe->exchange.at);
	lose(outlet, &problem);
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
		if (!is_probe(entry.copy))
			answer(outlet, entry.copy, kind_of(&entry, is_ack));
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
		lose(outlet, &problem);
}

static void blocked(struct outlet *outlet, const struct broker_event *event)
{
	struct broker_problem problem = {.status = BROKER_OK};

	outlet->is_blocked = event->kind == BROKER_EVENT_BLOCKED;
	if (!outlet->is_blocked)
		outlet->unblocked = clock_monotonic();
	memcpy(problem.text, event->text, sizeof(event->text));
	tell(outlet, outlet->is_blocked ? OUTLET_BLOCKED : OUTLET_UNBLOCKED,
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
static void read_broker(struct outlet *outlet)
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
			lose(outlet, &problem);
	}
}

/* --- publishing ------------------------------------------------------------------- */

/* Answers for what waits and is no longer wanted. */
static void drop_void(struct outlet *outlet)
{
	size_t count = outlet->count;

	outlet->count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct copy *copy =
			outlet->waiting[(outlet->first + i) % outlet->room];

		if (atomic_load(&copy->is_void))
			answer(outlet, copy, OUTLET_LOST);
		else
			outlet->waiting[(outlet->first + outlet->count++) %
					outlet->room] = copy;
	}
}

static void take_orders(struct outlet *outlet)
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
static const struct copy *next_copy(struct outlet *outlet)
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
		answer(outlet, copy, OUTLET_LOST);
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

static bool may_publish(const struct outlet *outlet, const struct copy *copy,
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
		answer(outlet, copy, OUTLET_TOO_BIG);
		return true;
	}
	/* Some of it may have been sent: it counts as published. */
	window_add(&outlet->window, copy, now);
	if (status == BROKER_OK)
		return true;
	lose(outlet, &problem);
	return false;
}

/* Publishes what may be published. The broker is read before each one:
   rabbitmq-c 0.11 can block for ever in a publish on a connection that has
   things to read (fixed in 0.14, #780). */
static void publish_all(struct outlet *outlet)
{
	const struct copy *copy;
	millis now = clock_monotonic();

	read_broker(outlet);
	while (outlet->link.broker != NULL && !outlet->is_blocked &&
	       (copy = next_copy(outlet)) != NULL &&
	       may_publish(outlet, copy, now) && is_writable(outlet)) {
		if (!publish(outlet, copy, now))
			return;
		read_broker(outlet);
		now = clock_monotonic();
		link_turn(&outlet->link, now);
	}
}

/* --- the thread -------------------------------------------------------------------- */

static void note_oldest(struct outlet *outlet)
{
	millis oldest = 0;

	if (outlet->window.count > 0 && !outlet->is_blocked) {
		oldest = outlet->window.entries[0].published;
		if (oldest < outlet->unblocked)
			oldest = outlet->unblocked;
	}
	atomic_store(&outlet->oldest, oldest);
}

static void sleep_a_turn(struct outlet *outlet)
{
	millis now = clock_monotonic();
	millis wait = TURN_MAX;
	bool is_up = outlet->link.broker != NULL;
	const struct copy *copy = is_up ? next_copy(outlet) : NULL;
	bool wants_out = copy != NULL && !outlet->is_blocked &&
			 may_publish(outlet, copy, now);
	struct pollfd fds[2] = {
		{.fd = mailbox_fd(outlet->orders), .events = POLLIN},
		{.fd = is_up ? broker_fd(outlet->link.broker) : -1,
		 .events = (short)(POLLIN | (wants_out ? POLLOUT : 0))},
	};

	if (is_up)
		link_turn(&outlet->link, now);
	else
		wait = link_wait(&outlet->link, now);
	note_oldest(outlet);
	(void)poll(fds, 2, (int)wait);
}

static void run(void *context)
{
	struct outlet *outlet = context;

	for (;;) {
		take_orders(outlet);
		if (outlet->is_ending || atomic_load(&outlet->is_leaving))
			break;
		if (outlet->link.broker == NULL &&
		    link_wait(&outlet->link, clock_monotonic()) == 0)
			connect_again(outlet);
		publish_all(outlet);
		sleep_a_turn(outlet);
	}
	link_fini(&outlet->link);
}

/* A message for a delay queue that never exists: it comes back if we may
   write, and is refused if not. */
static struct copy make_probe(struct outlet *outlet,
			      const struct pipeline_config *pipeline)
{
	struct copy probe = {.exchange = text_of(pipeline->delay_exchange)};

	table_add_text(&probe.headers, &outlet->arena, "rebound-lane",
		       TEXT(PROBE_LANE));
	probe.properties.has_headers = true;
	probe.body.at = "";
	return probe;
}

static void make_probes(struct outlet *outlet,
			const struct pipeline_config *only)
{
	const struct config *config = outlet->config;

	outlet->probes =
		mem_array(config->pipeline_count, sizeof(*outlet->probes));
	for (size_t i = 0; i < config->pipeline_count; i++)
		if (only == NULL || only == &config->pipelines[i])
			outlet->probes[outlet->probe_count++] =
				make_probe(outlet, &config->pipelines[i]);
}

struct outlet *outlet_start(const struct config *config,
			    const struct pipeline_config *only, size_t capacity,
			    struct mailbox *events)
{
	struct outlet *outlet = mem_new(sizeof(*outlet));

	outlet->config = config;
	outlet->events = events;
	outlet->orders = mailbox_new(sizeof(const struct copy *), capacity + 1,
				     NULL, NULL);
	outlet->room = capacity + 1;
	outlet->waiting = mem_array(outlet->room, sizeof(*outlet->waiting));
	arena_init(&outlet->arena);
	make_probes(outlet, only);
	link_init(&outlet->link, config,
		  (struct broker_role){.pipeline = only ? only->name : NULL,
				       .role = "outlet",
				       .login = &config->broker.worker});
	outlet->thread = thread_start(run, outlet);
	return outlet;
}

bool outlet_publish(struct outlet *outlet, const struct copy *copy)
{
	return mailbox_push(outlet->orders, &copy);
}

bool outlet_cut_if_hung(struct outlet *outlet, millis now)
{
	const struct broker_config *broker = &outlet->config->broker;
	millis limit = 2 * broker->heartbeat + broker->rpc_timeout;
	millis oldest = atomic_load(&outlet->oldest);

	if (!link_hangs(&outlet->link, now, limit) &&
	    (oldest == 0 || now - oldest <= outlet->config->confirm_timeout))
		return false;
	/* Once is enough for what the thread has not looked at since. */
	atomic_store(&outlet->oldest, 0);
	link_cut(&outlet->link);
	return true;
}

bool outlet_join(struct outlet *outlet, millis wait)
{
	const struct copy *end = NULL;

	atomic_store(&outlet->is_leaving, true);
	(void)mailbox_push(outlet->orders, &end);
	if (!thread_join(outlet->thread, wait)) {
		link_cut(&outlet->link);
		if (!thread_join(outlet->thread, MILLIS_PER_SECOND))
			return false;
	}
	mailbox_free(outlet->orders);
	arena_fini(&outlet->arena);
	free(outlet->waiting);
	free(outlet->probes);
	free(outlet);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/outlet.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "worker/clock.h"
#include "worker/mem.h"
#include "worker/outlet_parts.h"

/* The longest sleep: heartbeats are served at least so often. */
#define TURN_MAX 500

/* How long copies go one at a time after the broker closed the channel over
   one of them, unless it is found sooner. */
#define CAREFUL_TIME MILLIS_PER_MINUTE

/* How long nothing is published to an exchange that is missing or forbidden. */
#define SHUT_TIME (10 * MILLIS_PER_SECOND)

#define PROBE_LANE "v1.probe"

size_t outlet_events_max(size_t capacity)
{
	return capacity + 64;
}

/* --- what the core is told ---------------------------------------------------- */

/* What is said of a copy is posted: the core is woken once it has been said of
   all that the broker has settled. */
static void push(struct outlet *outlet, const struct outlet_event *event)
{
	while (event->job != 0 ? !mailbox_post(outlet->events, event)
			       : !mailbox_push(outlet->events, event)) {
		mailbox_raise(outlet->events);
		if (atomic_load(&outlet->is_leaving)) {
			free(event->problem);
			return;
		}
		link_turn(&outlet->link, clock_monotonic());
		(void)poll(NULL, 0, 1);
	}
}

/* A probe is a copy of nobody's. */
bool outlet_is_probe(const struct copy *copy)
{
	return copy->job == 0;
}

void outlet_answer(struct outlet *outlet, const struct copy *copy,
		   enum outlet_event_kind kind)
{
	const struct outlet_event event = {.kind = kind, .job = copy->job};

	if (!outlet_is_probe(copy))
		push(outlet, &event);
}

void outlet_tell(struct outlet *outlet, enum outlet_event_kind kind,
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
	       problem->status == BROKER_CONFLICT ||
	       problem->status == BROKER_FORBIDDEN ||
	       problem->status == BROKER_MISSING;
}

/* Whether it is the copy that cannot be taken, or where it goes. */
static bool is_of_the_exchange(const struct broker_problem *problem)
{
	return problem->status == BROKER_FORBIDDEN ||
	       problem->status == BROKER_MISSING;
}

/* Answers for the copy that was alone when the broker closed the channel. */
static void blame(struct outlet *outlet, const struct copy *copy,
		  const struct broker_problem *problem)
{
	outlet->careful_until = 0;
	if (!is_of_the_exchange(problem)) {
		outlet_answer(outlet, copy, OUTLET_TOO_BIG);
		return;
	}
	if (!outlet_is_probe(copy))
		shut_list_add(&outlet->shut, copy->exchange,
			      clock_monotonic() + SHUT_TIME);
	outlet_answer(outlet, copy, OUTLET_REFUSED);
}

/*
 * The connection is gone, with what was published on it. Where the broker
 * closed it over a copy that it cannot take, the one that was alone is it.
 */
void outlet_lose(struct outlet *outlet, const struct broker_problem *problem)
{
	struct window_entry entry;

	link_close(&outlet->link);
	if (is_over_a_copy(problem) && outlet->window.count == 1) {
		(void)window_take(&outlet->window, &entry);
		blame(outlet, entry.copy, problem);
	} else if (is_over_a_copy(problem)) {
		outlet->careful_until = clock_monotonic() + CAREFUL_TIME;
	}
	while (window_take(&outlet->window, &entry))
		outlet_answer(outlet, entry.copy, OUTLET_LOST);
	outlet->is_trying = false;
	atomic_store(&outlet->oldest, 0);
	outlet->is_blocked = false;
	outlet_tell(outlet, OUTLET_DOWN, problem);
}

void outlet_tell_up(struct outlet *outlet)
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
		outlet_tell(outlet, OUTLET_DOWN, &problem);
		return;
	}
	window_restart(&outlet->window);
	outlet->probed = 0;
	outlet->returned = 0;
	if (broker_confirm_select(outlet->link.broker, &problem) != BROKER_OK)
		outlet_lose(outlet, &problem);
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
	const struct copy *copy = is_up ? outlet_next(outlet) : NULL;
	bool wants_out = copy != NULL && !outlet->is_blocked &&
			 outlet_may_publish(outlet, copy, now);
	struct pollfd fds[2] = {
		{.fd = outlet->count < outlet->room ? mailbox_fd(outlet->orders)
						    : -1,
		 .events = POLLIN},
		{.fd = is_up ? broker_fd(outlet->link.broker) : -1,
		 .events = (short)(POLLIN | (wants_out ? POLLOUT : 0))},
	};

	if (is_up)
		link_turn(&outlet->link, now);
	else
		wait = link_wait(&outlet->link, now);
	note_oldest(outlet);
	mailbox_raise(outlet->events);
	(void)poll(fds, 2, (int)wait);
}

static void run(void *context)
{
	struct outlet *outlet = context;

	for (;;) {
		outlet_take_orders(outlet);
		if (outlet->is_ending || atomic_load(&outlet->is_leaving))
			break;
		if (outlet->link.broker == NULL &&
		    link_wait(&outlet->link, clock_monotonic()) == 0)
			connect_again(outlet);
		outlet_publish_all(outlet);
		sleep_a_turn(outlet);
	}
	/* Under an alarm the broker would not answer a polite goodbye. */
	if (outlet->is_blocked)
		link_cut(&outlet->link);
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
	shut_list_init(&outlet->shut, 2 * config->pipeline_count);
	link_init(&outlet->link, config,
		  (struct broker_role){.pipeline = only ? only->name : NULL,
				       .role = "outlet",
				       .login = &config->broker.worker});
	outlet->thread = thread_start(run, outlet);
	return outlet;
}

bool outlet_publish(struct outlet *outlet, const struct copy *copy)
{
	outlet->is_to_flush = true;
	return mailbox_post(outlet->orders, &copy);
}

void outlet_flush(struct outlet *outlet)
{
	if (outlet->is_to_flush)
		mailbox_raise(outlet->orders);
	outlet->is_to_flush = false;
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
	shut_list_fini(&outlet->shut);
	free(outlet);
	return true;
}

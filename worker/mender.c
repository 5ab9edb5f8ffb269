/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/mender.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/arena.h"
#include "worker/clock.h"
#include "worker/mem.h"
#include "worker/thread.h"
#include "worker/topology.h"

enum order {
	ORDER_MEND,
	ORDER_END,
};

struct mender {
	const struct config *config;
	const struct pipeline_config *only;
	struct mailbox *events;
	struct mailbox *orders;
	struct thread *thread;
	bool is_asked; /* the core's */
};

/* "object: sentence" for what differs, as far as there is room. */
static void tell_differences(const struct findings *findings,
			     struct broker_problem *problem)
{
	size_t used = 0;

	problem->status = BROKER_CONFLICT;
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->list[i];
		size_t room = sizeof(problem->text) - used;
		int len;

		if (f->kind != FINDING_DIFFERS)
			continue;
		len = snprintf(problem->text + used, room, "%s%s: %s",
			       used > 0 ? " " : "", f->object, f->text);
		if (len < 0 || (size_t)len >= room)
			return;
		used += (size_t)len;
	}
}

static void verify(const struct mender *mender, struct broker *broker,
		   const struct topology *topology, struct arena *arena,
		   struct mender_event *event)
{
	struct findings findings = {0};

	event->status = topology_verify(mender->config, broker, topology, arena,
					&findings, event->problem);
	event->differs = findings.differs;
	event->unknown = findings.unknown;
	if (event->status == BROKER_OK && findings.differs > 0)
		tell_differences(&findings, event->problem);
}

/* Waits for what the broker says, which ends the connection. */
static enum broker_status await_refusal(const struct mender *mender,
					struct broker *broker,
					struct broker_problem *problem)
{
	millis due = clock_monotonic() + mender->config->broker.rpc_timeout;
	struct pollfd fd = {.fd = broker_fd(broker), .events = POLLIN};

	while (clock_monotonic() < due) {
		struct broker_event event;
		enum broker_status status =
			broker_next(broker, &event, problem);

		if (status == BROKER_OK)
			message_free(event.message);
		else if (status != BROKER_TIMEOUT)
			return status;
		else
			(void)poll(&fd, 1, 100);
	}
	return BROKER_TIMEOUT;
}

/*
 * The worker may write to parking, or it must not start: a message that can
 * go nowhere else would hold up all others. A publish with an expiration that
 * is none is forbidden (403) without the right, and malformed (406) with it:
 * it never reaches a queue. False, and why, if the right or the exchange is
 * missing.
 */
static bool may_park(const struct mender *mender,
		     const struct pipeline_config *pipeline,
		     struct broker_problem *problem)
{
	const struct broker_role role = {
		.pipeline = pipeline->name,
		.role = "topology",
		.login = &mender->config->broker.worker};
	const struct copy probe = {
		.exchange = text_of(pipeline->parking),
		.properties = {.expiration = TEXT("none")},
		.body = TEXT(""),
	};
	struct broker_problem said = {0};
	struct broker *broker =
		broker_open(&mender->config->broker, &role, problem);
	enum broker_status status;

	if (broker == NULL)
		return false;
	status = broker_publish(broker, &probe, &said);
	if (status == BROKER_OK)
		status = await_refusal(mender, broker, &said);
	broker_close(broker);
	if (status != BROKER_FORBIDDEN && status != BROKER_MISSING)
		return true;
	*problem = said;
	return false;
}

static void prove_rights(const struct mender *mender,
			 struct mender_event *event)
{
	const struct config *config = mender->config;

	for (size_t i = 0; i < config->pipeline_count; i++) {
		const struct pipeline_config *p = &config->pipelines[i];

		if (mender->only != NULL && mender->only != p)
			continue;
		if (!may_park(mender, p, event->problem)) {
			event->status = event->problem->status;
			return;
		}
	}
}

static struct mender_event mend(const struct mender *mender)
{
	const struct config *config = mender->config;
	const struct login_config *admin = &config->broker.admin;
	struct broker_role role = {.role = "topology",
				   .login = &config->broker.worker};
	struct mender_event event = {.problem =
					     mem_new(sizeof(*event.problem))};
	struct arena arena;
	struct topology topology;
	struct broker *broker;

	if (config->declare && admin->user != NULL)
		role.login = admin;
	arena_init(&arena);
	topology = topology_plan(config, mender->only, &arena);
	broker = broker_open(&config->broker, &role, event.problem);
	if (broker == NULL)
		event.status = event.problem->status;
	else if (config->declare)
		event.status = topology_apply(broker, &topology, event.problem);
	else
		verify(mender, broker, &topology, &arena, &event);
	broker_close(broker);
	arena_fini(&arena);
	if (event.status == BROKER_OK && event.differs == 0)
		prove_rights(mender, &event);
	return event;
}

static void run(void *context)
{
	struct mender *mender = context;
	struct pollfd fd = {.fd = mailbox_fd(mender->orders), .events = POLLIN};

	for (;;) {
		enum order order;
		struct mender_event event;

		if (!mailbox_pop(mender->orders, &order)) {
			(void)poll(&fd, 1, -1);
			continue;
		}
		if (order == ORDER_END)
			return;
		event = mend(mender);
		if (!mailbox_push(mender->events, &event))
			free(event.problem);
	}
}

struct mender *mender_start(const struct config *config,
			    const struct pipeline_config *only,
			    struct mailbox *events)
{
	struct mender *mender = mem_new(sizeof(*mender));

	mender->config = config;
	mender->only = only;
	mender->events = events;
	mender->orders =
		mailbox_new(sizeof(enum order), MENDER_EVENTS_MAX, NULL, NULL);
	mender->thread = thread_start(run, mender);
	return mender;
}

void mender_ask(struct mender *mender)
{
	const enum order order = ORDER_MEND;

	if (!mender->is_asked)
		mender->is_asked = mailbox_push(mender->orders, &order);
}

void mender_heard(struct mender *mender)
{
	mender->is_asked = false;
}

bool mender_join(struct mender *mender, millis wait)
{
	const enum order order = ORDER_END;

	/* There is room: at most one other order is in it. */
	(void)mailbox_push(mender->orders, &order);
	if (!thread_join(mender->thread, wait))
		return false;
	mailbox_free(mender->orders);
	free(mender);
	return true;
}

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

/* What is asked of the thread, which frees it; NULL: its end. */
struct task {
	uint64_t number;
	struct arena arena;
	const struct config *needs;
	const struct config *in_force;      /* NULL: nothing was before */
	const struct pipeline_config *only; /* of needs, or NULL */
};

struct mender {
	const struct config *config;
	const struct pipeline_config *only;
	struct mailbox *events;
	struct mailbox *tasks; /* struct task * */
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

/* True if a finding of that kind is on the object as well. */
static bool has(const struct findings *findings, const struct finding *other)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->list[i].kind == other->kind &&
		    strcmp(findings->list[i].object, other->object) == 0)
			return true;
	return false;
}

/* Takes out what differed before, and would not be better without the change. */
static void forgive(struct findings *findings, const struct findings *before)
{
	size_t kept = 0;

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->list[i];

		if (f->kind == FINDING_DIFFERS && has(before, f))
			findings->differs--;
		else
			findings->list[kept++] = *f;
	}
	findings->count = kept;
}

static enum broker_status compare(struct task *task, const struct config *needs,
				  struct broker *broker,
				  struct findings *findings,
				  struct broker_problem *problem)
{
	struct arena *arena = &task->arena;
	const struct pipeline_config *only =
		task->only == NULL ? NULL
				   : &needs->pipelines[task->only->index];
	const struct topology topology = topology_plan(needs, only, arena);

	return topology_verify(needs, broker, &topology, arena, findings,
			       problem);
}

static void verify(struct task *task, struct broker *broker,
		   struct mender_event *event)
{
	struct findings findings = {0};
	struct findings before = {0};

	event->status =
		compare(task, task->needs, broker, &findings, event->problem);
	if (event->status == BROKER_OK && findings.differs > 0 &&
	    task->in_force != NULL) {
		event->status = compare(task, task->in_force, broker, &before,
					event->problem);
		forgive(&findings, &before);
	}
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

static struct mender_event mend(const struct mender *mender, struct task *task)
{
	const struct config *config = mender->config;
	const struct login_config *admin = &config->broker.admin;
	struct broker_role role = {.role = "topology",
				   .login = &config->broker.worker};
	struct mender_event event = {.number = task->number,
				     .problem =
					     mem_new(sizeof(*event.problem))};
	struct topology topology;
	struct broker *broker;

	if (config->declare && admin->user != NULL)
		role.login = admin;
	topology = topology_plan(task->needs, task->only, &task->arena);
	broker = broker_open(&config->broker, &role, event.problem);
	if (broker == NULL)
		event.status = event.problem->status;
	else if (config->declare)
		event.status = topology_apply(broker, &topology, event.problem);
	else
		verify(task, broker, &event);
	broker_close(broker);
	if (event.status == BROKER_OK && event.differs == 0)
		prove_rights(mender, &event);
	return event;
}

static void free_task(struct task *task)
{
	arena_fini(&task->arena);
	free(task);
}

static void run(void *context)
{
	struct mender *mender = context;
	struct pollfd fd = {.fd = mailbox_fd(mender->tasks), .events = POLLIN};

	for (;;) {
		struct task *task;
		struct mender_event event;

		if (!mailbox_pop(mender->tasks, &task)) {
			(void)poll(&fd, 1, -1);
			continue;
		}
		if (task == NULL)
			return;
		event = mend(mender, task);
		free_task(task);
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
	mender->tasks = mailbox_new(sizeof(struct task *), MENDER_EVENTS_MAX,
				    NULL, NULL);
	mender->thread = thread_start(run, mender);
	return mender;
}

static struct task *new_task(const struct mender *mender,
			     const struct mender_order *order)
{
	struct task *task = mem_new(sizeof(*task));

	arena_init(&task->arena);
	task->number = order->number;
	task->needs = rulings_needs(order->rulings, &task->arena);
	if (order->in_force != NULL)
		task->in_force = rulings_needs(order->in_force, &task->arena);
	if (mender->only != NULL)
		task->only = &task->needs->pipelines[mender->only->index];
	return task;
}

bool mender_ask(struct mender *mender, const struct mender_order *order)
{
	struct task *task;

	if (mender->is_asked)
		return false;
	task = new_task(mender, order);
	mender->is_asked = mailbox_push(mender->tasks, &task);
	if (!mender->is_asked)
		free_task(task);
	return mender->is_asked;
}

void mender_heard(struct mender *mender)
{
	mender->is_asked = false;
}

bool mender_join(struct mender *mender, millis wait)
{
	struct task *end = NULL;

	/* There is room: at most one task is in it. */
	(void)mailbox_push(mender->tasks, &end);
	if (!thread_join(mender->thread, wait))
		return false;
	mailbox_free(mender->tasks);
	free(mender);
	return true;
}

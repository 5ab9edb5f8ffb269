/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/intake.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "worker/clock.h"
#include "worker/link.h"
#include "worker/mem.h"
#include "worker/thread.h"
#include "worker/unacked.h"

/* How long after the broker cancelled the consumer it is asked for again:
   enough for a missing queue to be declared by then. */
#define RESUME_WAIT MILLIS_PER_SECOND

/* How soon it is looked whether a consumer may be given something. */
#define LOOK_AGAIN 50

/* The longest sleep: heartbeats are served at least so often. */
#define TURN_MAX (500)

enum order_kind {
	ORDER_ACK,
	ORDER_REJECT,
	ORDER_STOP,
	ORDER_END,
};

struct order {
	enum order_kind kind;
	uint64_t epoch;
	uint64_t tag;
};

struct intake {
	const struct config *config;
	const struct pipeline_config *pipeline;
	struct mailbox *events;
	struct mailbox *orders;
	struct thread *thread;
	_Atomic bool is_leaving; /* nobody takes events any more */
	struct link link;
	/* The thread's own. */
	uint64_t epoch; /* of the connection; 0: none yet */
	struct unacked unacked;
	bool is_consuming;
	uint32_t asked;   /* prefetch of the consumer */
	bool is_renewing; /* cancelled by us, to consume with another one */
	uint32_t wary;    /* so many more are taken one at a time */
	millis resume;    /* when to consume again; 0: not cancelled */
	bool is_stopping;
	bool has_stopped; /* has been told */
	bool is_ending;
};

size_t intake_events_max(const struct pipeline_config *pipeline)
{
	/* The deliveries of two epochs, and what happens to connections. */
	return 2 * (size_t)pipeline->prefetch + 64;
}

/* --- what the core is told --------------------------------------------------- */

/* The mailbox is sized so that there is room; where the core is that far
   behind, waiting for it is right. */
static void push(struct intake *intake, struct intake_event event)
{
	event.pipeline = intake->pipeline->index;
	while (!mailbox_push(intake->events, &event)) {
		if (atomic_load(&intake->is_leaving)) {
			message_free(event.message);
			free(event.problem);
			return;
		}
		link_turn(&intake->link, clock_monotonic());
		(void)poll(NULL, 0, 1);
	}
}

static void push_down(struct intake *intake,
		      const struct broker_problem *problem, uint64_t epoch)
{
	struct broker_problem *copy = mem_new(sizeof(*copy));

	*copy = *problem;
	push(intake, (struct intake_event){.kind = INTAKE_DOWN,
					   .epoch = epoch,
					   .problem = copy});
}

static void tell_stopped(struct intake *intake)
{
	if (intake->has_stopped)
		return;
	intake->has_stopped = true;
	push(intake, (struct intake_event){.kind = INTAKE_STOPPED,
					   .epoch = intake->epoch});
}

/* --- the connection ---------------------------------------------------------- */

static void lose(struct intake *intake, const struct broker_problem *problem)
{
	link_close(&intake->link);
	unacked_clear(&intake->unacked);
	intake->is_consuming = false;
	intake->is_renewing = false;
	intake->resume = 0;
	if (problem->status == BROKER_BAD_DATA)
		intake->wary = intake->pipeline->prefetch;
	push_down(intake, problem, intake->epoch);
	if (intake->is_stopping)
		tell_stopped(intake);
}

/* What a consumer may be given now: the prefetch, less what is in hand. */
static uint32_t allowance(const struct intake *intake)
{
	uint32_t most = intake->wary > 0 ? 1 : intake->pipeline->prefetch;
	size_t count = intake->unacked.count;

	return count >= most ? 0 : most - (uint32_t)count;
}

/* False, and the connection is lost, when the broker refuses. */
static bool consume(struct intake *intake)
{
	struct broker_problem problem = {0};

	intake->asked = allowance(intake);
	assert(intake->asked > 0);
	if (broker_consume(intake->link.broker, intake->pipeline->queue,
			   (uint16_t)intake->asked, &problem) != BROKER_OK) {
		lose(intake, &problem);
		return false;
	}
	intake->is_consuming = true;
	return true;
}

static void connect_again(struct intake *intake)
{
	struct broker_problem problem;
	struct intake_event up = {.kind = INTAKE_UP};

	if (link_open(&intake->link, &problem) != BROKER_OK) {
		push_down(intake, &problem, 0);
		return;
	}
	intake->epoch++;
	if (!consume(intake))
		return;
	up.epoch = intake->epoch;
	strncpy(up.node, broker_node(intake->link.broker), sizeof(up.node) - 1);
	push(intake, up);
}

/* As soon as something may be taken. */
static void resume(struct intake *intake)
{
	bool is_renewal = intake->is_renewing;

	if (allowance(intake) == 0) {
		intake->resume = clock_monotonic() + LOOK_AGAIN;
		return;
	}
	intake->resume = 0;
	intake->is_renewing = false;
	if (consume(intake) && !is_renewal)
		push(intake, (struct intake_event){.kind = INTAKE_RESUMED,
						   .epoch = intake->epoch});
}

/* A consumer that was given little is renewed when it may have twice as much,
   or all, so that this is rare. */
static void renew(struct intake *intake)
{
	struct broker_problem problem = {0};
	uint32_t now = allowance(intake);

	if (!intake->is_consuming || intake->is_renewing ||
	    intake->is_stopping || now <= intake->asked ||
	    (now < 2 * intake->asked && intake->unacked.count > 0))
		return;
	intake->is_renewing = true;
	if (broker_cancel(intake->link.broker, &problem) != BROKER_OK)
		lose(intake, &problem);
}

static void stop(struct intake *intake)
{
	struct broker_problem problem = {0};

	intake->is_stopping = true;
	intake->resume = 0;
	if (!intake->is_consuming)
		tell_stopped(intake);
	else if (!intake->is_renewing &&
		 broker_cancel(intake->link.broker, &problem) != BROKER_OK)
		lose(intake, &problem);
}

/* --- orders ------------------------------------------------------------------ */

static void reject(struct intake *intake, uint64_t tag)
{
	struct broker_problem problem = {0};

	if (!unacked_remove(&intake->unacked, tag))
		return;
	if (intake->wary > 0)
		intake->wary--;
	if (broker_reject(intake->link.broker, tag, &problem) != BROKER_OK)
		lose(intake, &problem);
}

static void obey(struct intake *intake, const struct order *order)
{
	bool is_current =
		intake->link.broker != NULL && order->epoch == intake->epoch;

	switch (order->kind) {
	case ORDER_ACK:
		if (is_current && unacked_ready(&intake->unacked, order->tag) &&
		    intake->wary > 0)
			intake->wary--;
		return;
	case ORDER_REJECT:
		if (is_current)
			reject(intake, order->tag);
		return;
	case ORDER_STOP:
		if (!intake->is_stopping)
			stop(intake);
		return;
	case ORDER_END:
		intake->is_ending = true;
		return;
	}
}

/* Sends all acks that were ordered since the last turn in as few frames as is
   correct. */
static void send_acks(struct intake *intake)
{
	struct broker_problem problem = {0};
	uint64_t tag;
	bool multiple;

	while (intake->link.broker != NULL &&
	       unacked_next(&intake->unacked, &tag, &multiple))
		if (broker_ack(intake->link.broker, tag, multiple, &problem) !=
		    BROKER_OK)
			lose(intake, &problem);
}

static void take_orders(struct intake *intake)
{
	struct order order;

	while (mailbox_pop(intake->orders, &order))
		obey(intake, &order);
	send_acks(intake);
}

/* --- what the broker says ------------------------------------------------------ */

static void cancelled(struct intake *intake, bool by_broker)
{
	intake->is_consuming = false;
	if (intake->is_stopping) {
		tell_stopped(intake);
		return;
	}
	if (!by_broker) {
		if (intake->is_renewing)
			intake->resume = clock_monotonic();
		return;
	}
	intake->is_renewing = false;
	intake->resume = clock_monotonic() + RESUME_WAIT;
	push(intake, (struct intake_event){.kind = INTAKE_CANCELLED,
					   .epoch = intake->epoch});
}

static void heed(struct intake *intake, const struct broker_event *event)
{
	switch (event->kind) {
	case BROKER_EVENT_DELIVERY:
		unacked_add(&intake->unacked, event->message->tag);
		push(intake, (struct intake_event){.kind = INTAKE_DELIVERY,
						   .epoch = intake->epoch,
						   .message = event->message});
		return;
	case BROKER_EVENT_CANCELLED:
		cancelled(intake, event->by_broker);
		return;
	case BROKER_EVENT_RETURN:
		message_free(event->message);
		return;
	case BROKER_EVENT_ACK:
	case BROKER_EVENT_NACK:
	case BROKER_EVENT_BLOCKED:
	case BROKER_EVENT_UNBLOCKED:
		return; /* nothing is published here */
	}
}

/* Reads until nothing is left: rabbitmq-c may hold frames that the socket
   does not announce. Acks are sent on the way, so that many deliveries do not
   hold them up. */
static void read_broker(struct intake *intake)
{
	struct broker_problem problem = {0};
	struct broker_event event;
	uint32_t n = 0;

	while (intake->link.broker != NULL) {
		enum broker_status status =
			broker_next(intake->link.broker, &event, &problem);

		if (status == BROKER_TIMEOUT)
			return;
		if (status != BROKER_OK) {
			lose(intake, &problem);
			return;
		}
		heed(intake, &event);
		if (++n % 32 == 0)
			take_orders(intake);
	}
}

/* --- the thread ------------------------------------------------------------------ */

static millis until(millis due, millis now)
{
	return due > now ? due - now : 0;
}

static void sleep_a_turn(struct intake *intake)
{
	millis now = clock_monotonic();
	millis wait = TURN_MAX;
	bool is_up = intake->link.broker != NULL;
	struct pollfd fds[2] = {
		{.fd = mailbox_fd(intake->orders), .events = POLLIN},
		{.fd = is_up ? broker_fd(intake->link.broker) : -1,
		 .events = POLLIN},
	};

	if (!is_up && !intake->is_stopping)
		wait = link_wait(&intake->link, now);
	if (intake->resume != 0 && until(intake->resume, now) < wait)
		wait = until(intake->resume, now);
	if (is_up)
		link_turn(&intake->link, now);
	(void)poll(fds, 2, (int)wait);
}

static void turn(struct intake *intake)
{
	millis now = clock_monotonic();

	take_orders(intake);
	if (intake->is_ending)
		return;
	if (intake->link.broker == NULL) {
		if (!intake->is_stopping && link_wait(&intake->link, now) == 0)
			connect_again(intake);
	} else if (intake->resume != 0 && intake->resume <= now) {
		resume(intake);
	}
	read_broker(intake);
	take_orders(intake);
	if (intake->link.broker != NULL)
		renew(intake);
}

static void run(void *context)
{
	struct intake *intake = context;

	while (!intake->is_ending) {
		turn(intake);
		if (!intake->is_ending)
			sleep_a_turn(intake);
	}
	link_fini(&intake->link);
}

struct intake *intake_start(const struct config *config,
			    const struct pipeline_config *pipeline,
			    struct mailbox *events)
{
	struct intake *intake = mem_new(sizeof(*intake));

	intake->config = config;
	intake->pipeline = pipeline;
	intake->events = events;
	/* One order for each delivery of two epochs, and to stop and end. */
	intake->orders =
		mailbox_new(sizeof(struct order),
			    2 * (size_t)pipeline->prefetch + 64, NULL, NULL);
	unacked_init(&intake->unacked);
	link_init(&intake->link, config,
		  (struct broker_role){.pipeline = pipeline->name,
				       .role = "intake",
				       .login = &config->broker.worker});
	intake->thread = thread_start(run, intake);
	return intake;
}

static void give_order(struct intake *intake, struct order order)
{
	bool has_room = mailbox_push(intake->orders, &order);

	assert(has_room);
}

void intake_ack(struct intake *intake, uint64_t epoch, uint64_t tag)
{
	give_order(intake, (struct order){ORDER_ACK, epoch, tag});
}

void intake_reject(struct intake *intake, uint64_t epoch, uint64_t tag)
{
	give_order(intake, (struct order){ORDER_REJECT, epoch, tag});
}

void intake_stop(struct intake *intake)
{
	give_order(intake, (struct order){.kind = ORDER_STOP});
}

bool intake_cut_if_hung(struct intake *intake, millis now)
{
	const struct broker_config *broker = &intake->config->broker;
	millis limit = 2 * broker->heartbeat + broker->rpc_timeout;

	if (!link_hangs(&intake->link, now, limit))
		return false;
	link_cut(&intake->link);
	return true;
}

bool intake_join(struct intake *intake, millis wait)
{
	atomic_store(&intake->is_leaving, true);
	give_order(intake, (struct order){.kind = ORDER_END});
	if (!thread_join(intake->thread, wait)) {
		link_cut(&intake->link);
		if (!thread_join(intake->thread, MILLIS_PER_SECOND))
			return false;
	}
	mailbox_free(intake->orders);
	unacked_fini(&intake->unacked);
	free(intake);
	return true;
}

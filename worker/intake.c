/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/intake.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "worker/clock.h"
#include "worker/intake_parts.h"
#include "worker/mem.h"

/* The longest sleep: heartbeats are served at least so often. */
#define TURN_MAX (500)

enum order_kind {
	ORDER_ACK,
	ORDER_REJECT,
	ORDER_CONSUME,
	ORDER_STOP,
	ORDER_END,
};

struct order {
	enum order_kind kind;
	uint64_t epoch;
	uint64_t tag;
};

size_t intake_events_max(const struct pipeline_config *pipeline)
{
	/* The deliveries of two epochs, and what happens to connections. */
	return 2 * (size_t)pipeline->prefetch + 64;
}

/* --- what the core is told --------------------------------------------------- */

/* The mailbox is sized so that there is room; where the core is that far
   behind, waiting for it is right. Deliveries come many at a time. */
void intake_push(struct intake *intake, struct intake_event event)
{
	bool is_one_of_many = event.kind == INTAKE_DELIVERY;

	event.pipeline = intake->pipeline->index;
	while (is_one_of_many ? !mailbox_post(intake->events, &event)
			      : !mailbox_push(intake->events, &event)) {
		mailbox_raise(intake->events);
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
	intake_push(intake, (struct intake_event){.kind = INTAKE_DOWN,
						  .epoch = epoch,
						  .problem = copy});
}

/* --- the connection ---------------------------------------------------------- */

void intake_lose(struct intake *intake, const struct broker_problem *problem)
{
	link_close(&intake->link);
	unacked_clear(&intake->unacked);
	if (problem->status == BROKER_BAD_DATA)
		intake->wary = intake->pipeline->prefetch;
	push_down(intake, problem, intake->epoch);
	consumer_gone(intake);
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
	intake->is_unread = true;
	if (!consumer_begin(intake))
		return;
	up.epoch = intake->epoch;
	strncpy(up.node, broker_node(intake->link.broker), sizeof(up.node) - 1);
	intake_push(intake, up);
}

/* --- orders ------------------------------------------------------------------ */

static void reject(struct intake *intake, uint64_t tag)
{
	struct broker_problem problem = {0};

	if (unacked_remove(&intake->unacked, tag) &&
	    broker_reject(intake->link.broker, tag, &problem) != BROKER_OK)
		intake_lose(intake, &problem);
}

/* What is asked for is kept outside of the order, and the last word counts: so
   one order at a time will do, however often it changes. */
static void consume(struct intake *intake)
{
	uint64_t asked;

	atomic_store(&intake->is_asked, false);
	asked = atomic_load(&intake->asked);
	if (asked >> 16 == intake->epoch)
		intake->wanted = (uint32_t)(asked & 0xffff);
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
	case ORDER_CONSUME:
		consume(intake);
		return;
	case ORDER_STOP:
		if (!intake->is_stopping)
			consumer_stop(intake);
		return;
	case ORDER_END:
		intake->is_ending = true;
		return;
	}
}

/* Sends the acks that were ordered, in as few frames as is correct, but for
   those that wait for one before them. */
static void send_acks(struct intake *intake)
{
	struct broker_problem problem = {0};
	millis now = clock_monotonic();
	uint32_t enough = intake->is_ending
				  ? 0
				  : gather_enough(intake->pipeline->prefetch);
	uint64_t tag;
	bool multiple;

	while (intake->link.broker != NULL &&
	       unacked_next(&intake->unacked, enough, now, &tag, &multiple))
		if (broker_ack(intake->link.broker, tag, multiple, &problem) !=
		    BROKER_OK)
			intake_lose(intake, &problem);
}

static void take_orders(struct intake *intake)
{
	struct order order;

	while (mailbox_pop(intake->orders, &order))
		obey(intake, &order);
	send_acks(intake);
	consumer_adjust(intake);
}

/* --- what the broker says ------------------------------------------------------ */

static void heed(struct intake *intake, const struct broker_event *event)
{
	switch (event->kind) {
	case BROKER_EVENT_DELIVERY:
		unacked_add(&intake->unacked, event->message->tag);
		intake_push(intake,
			    (struct intake_event){.kind = INTAKE_DELIVERY,
						  .epoch = intake->epoch,
						  .message = event->message});
		return;
	case BROKER_EVENT_CANCELLED:
		consumer_cancelled(intake, event->by_broker);
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
   does not announce. The core is told and acks are sent on the way, so that
   many deliveries do not hold them up. */
static void read_broker(struct intake *intake, millis now)
{
	struct broker_problem problem = {0};
	struct broker_event event;
	uint32_t n = 0;

	intake->is_unread = false;
	intake->read = now;
	while (intake->link.broker != NULL) {
		enum broker_status status =
			broker_next(intake->link.broker, &event, &problem);

		if (status == BROKER_TIMEOUT)
			break;
		if (status != BROKER_OK) {
			intake_lose(intake, &problem);
			break;
		}
		heed(intake, &event);
		if (++n % 32 != 0)
			continue;
		mailbox_raise(intake->events);
		take_orders(intake);
	}
	mailbox_raise(intake->events);
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
	if (is_up && unacked_due(&intake->unacked, now) >= 0)
		wait = unacked_due(&intake->unacked, now);
	(void)poll(fds, 2, (int)wait);
	if (fds[1].revents != 0)
		intake->is_unread = true;
}

/* When an order was all that came, there is nothing to read; but heartbeats
   are sent and checked by reading. */
static bool is_to_read(const struct intake *intake, millis now)
{
	return intake->is_unread || now - intake->read >= TURN_MAX;
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
		consumer_resume(intake);
	}
	if (is_to_read(intake, now)) {
		read_broker(intake, now);
		take_orders(intake);
	}
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
	/* One order for each delivery of two epochs, and a few others. */
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

void intake_ack(struct intake *intake, uint64_t epoch, uint64_t tag, millis now)
{
	const struct order order = {ORDER_ACK, epoch, tag};
	bool has_room = mailbox_post(intake->orders, &order);

	assert(has_room);
	gather_add(&intake->acks, now);
}

bool intake_flush(struct intake *intake, bool is_idle, millis now)
{
	if (intake->acks.count == 0)
		return false;
	if (!gather_take(&intake->acks, intake->pipeline->prefetch, is_idle,
			 now))
		return true;
	mailbox_raise(intake->orders);
	return false;
}

void intake_reject(struct intake *intake, uint64_t epoch, uint64_t tag)
{
	give_order(intake, (struct order){ORDER_REJECT, epoch, tag});
}

void intake_consume(struct intake *intake, uint64_t epoch, uint32_t prefetch)
{
	assert(prefetch <= UINT16_MAX);
	atomic_store(&intake->asked, epoch << 16 | prefetch);
	if (!atomic_exchange(&intake->is_asked, true))
		give_order(intake, (struct order){.kind = ORDER_CONSUME});
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

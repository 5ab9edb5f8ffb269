/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_engine.c - whole lives of messages, through ports that pretend: a
 * broker with delay queues and parking, a downstream with a script, a clock.
 */
#include "worker/engine.h"

#include <stdlib.h>
#include <string.h>

#include "policy/lanes.h"
#include "tests/worker_suites.h"
#include "worker/envelope.h"
#include "worker/topology.h"

#define S    MILLIS_PER_SECOND
#define WALL ((millis)1700000000000)
#define MAX  64

/* What the world has seen, and what it will say. */
struct world {
	struct engine *engine;
	struct config config;
	struct pipeline_config pipeline;
	struct downstream_config downstream;
	struct downstream_config *deliver_to[1];
	struct policy policy;
	millis lanes[LANES_MAX];
	millis rungs[LADDER_RUNGS_MAX];
	millis now;
	uint64_t calls[MAX]; /* under way */
	size_t call_count;
	size_t called; /* in all */
	char keys[MAX][64];
	const struct copy *copies[MAX]; /* handed to the outlet */
	size_t copy_count;
	size_t acks;
	uint64_t acked_tag;
	size_t rejects;
	size_t repairs;
	size_t reports[REPORT_STUCK + 1];
	uint32_t attempt; /* as last reported */
	millis delay;
};

static void on_call(void *context, uint64_t job,
		    const struct http_request *request)
{
	struct world *w = context;

	for (size_t i = 0; i < request->header_count; i++)
		if (strcmp(request->headers[i].name, "Idempotency-Key") == 0)
			memcpy(w->keys[w->called % MAX],
			       request->headers[i].value.at,
			       request->headers[i].value.len + 1);
	w->calls[w->call_count++] = job;
	w->called++;
}

static void on_publish(void *context, const struct copy *copy)
{
	struct world *w = context;

	w->copies[w->copy_count++] = copy;
}

static void on_ack(void *context, size_t pipeline, uint64_t epoch, uint64_t tag)
{
	struct world *w = context;

	ck_assert_uint_eq(pipeline, 0);
	ck_assert_uint_ge(epoch, 1);
	w->acked_tag = tag;
	w->acks++;
}

static void on_reject(void *context, size_t pipeline, uint64_t epoch,
		      uint64_t tag)
{
	(void)pipeline;
	(void)epoch;
	(void)tag;
	((struct world *)context)->rejects++;
}

static void on_repair(void *context, size_t pipeline)
{
	(void)pipeline;
	((struct world *)context)->repairs++;
}

static void on_report(void *context, const struct report *report)
{
	struct world *w = context;

	w->reports[report->kind]++;
	w->attempt = report->attempt;
	w->delay = report->delay;
}

static uint32_t on_dice(void *context)
{
	(void)context;
	return 0;
}

static millis on_wall(void *context)
{
	return WALL + ((struct world *)context)->now;
}

static void start(struct world *w)
{
	const struct engine_ports ports = {
		.context = w,
		.call = on_call,
		.publish = on_publish,
		.ack = on_ack,
		.reject = on_reject,
		.repair = on_repair,
		.report = on_report,
		.dice = on_dice,
		.wall = on_wall,
	};

	*w = (struct world){0};
	policy_init(&w->policy, "p");
	w->downstream = (struct downstream_config){
		.name = "ehr", .url = "http://ehr/", .concurrency = 2};
	w->deliver_to[0] = &w->downstream;
	w->pipeline = (struct pipeline_config){
		.name = "lab",
		.exchange = "rebound.lab",
		.queue = "rebound.lab",
		.queue_is_ours = true,
		.delay_exchange = "rebound.lab.delay",
		.parking = "rebound.lab.parking",
		.deliver_to = w->deliver_to,
		.deliver_to_count = 1,
		.policy = &w->policy,
		.prefetch = 4,
		.lanes = w->lanes,
		.lane_count = lanes_of_policy(&w->policy, w->lanes, LANES_MAX),
		.ladder = w->rungs,
		.ladder_count =
			ladder_rungs(w->policy.retry_after_ceiling, w->rungs),
	};
	w->config = (struct config){
		.downstreams = &w->downstream,
		.downstream_count = 1,
		.pipelines = &w->pipeline,
		.pipeline_count = 1,
	};
	w->engine = engine_new(&w->config, "v", "w", &ports);
	engine_can_publish(w->engine, true, 0);
	engine_epoch(w->engine, 0, 1);
}

static struct message *fresh(uint64_t tag)
{
	struct message *m = message_new();

	m->exchange = TEXT("clinical-events");
	m->routing_key = TEXT("lab.result");
	m->properties.message_id = TEXT("msg-1");
	m->body = TEXT("x");
	m->tag = tag;
	return m;
}

static void answer(struct world *w, int status, enum transport transport,
		   millis retry_after)
{
	const struct http_answer a = {
		.outcome = {.transport = transport,
			    .status = status,
			    .retry_after = retry_after,
			    .duration = 5},
	};

	ck_assert_uint_ge(w->call_count, 1);
	uint64_t job = w->calls[0];

	memmove(w->calls, w->calls + 1, --w->call_count * sizeof(*w->calls));
	engine_answered(w->engine, job, &a, w->now);
}

static const struct copy *take_copy(struct world *w)
{
	ck_assert_uint_ge(w->copy_count, 1);
	const struct copy *copy = w->copies[0];

	memmove(w->copies, w->copies + 1,
		--w->copy_count * sizeof(struct copy *));
	return copy;
}

static struct text header(const struct copy *copy, const char *name)
{
	const struct field *field = table_find(&copy->headers, name);
	struct text text = {0};

	if (field != NULL)
		ck_assert(field_text(field, &text));
	return text;
}

static struct table deep_copy(const struct table *from, struct arena *arena)
{
	struct table to = {0};

	for (size_t i = 0; i < from->count; i++) {
		const struct field *f = &from->fields[i];
		struct field *t = table_add(
			&to, arena, arena_text(arena, f->name), f->kind);

		t->as = f->as;
		if (f->kind == FIELD_STRING)
			t->as.text = arena_text(arena, f->as.text);
		if (f->kind == FIELD_TABLE || f->kind == FIELD_ARRAY) {
			struct table inner = deep_copy(&f->as.table, arena);

			t = &to.fields[to.count - 1];
			t->as.table = inner;
		}
	}
	return to;
}

/* The delivery that a copy in a delay queue becomes, once its time is over. */
static struct message *comes_back(const struct copy *copy, uint64_t tag)
{
	struct message *m = message_new();

	m->exchange = TEXT("rebound.lab");
	m->routing_key = arena_text(&m->arena, copy->routing_key);
	m->properties.message_id =
		arena_text(&m->arena, copy->properties.message_id);
	m->headers = deep_copy(&copy->headers, &m->arena);
	m->body = TEXT("x");
	m->tag = tag;
	return m;
}

/* A copy that the broker has confirmed, and the delivery it becomes. */
static struct message *confirm(struct world *w, uint64_t tag)
{
	const struct copy *copy = take_copy(w);
	struct message *back = comes_back(copy, tag);

	engine_copied(w->engine, copy->job, COPY_CONFIRMED, w->now);
	return back;
}

START_TEST(a_success_is_acked_and_leaves_nothing_behind)
{
	struct world w;

	start(&w);
	engine_delivered(w.engine, 0, 1, fresh(7), w.now);
	ck_assert_uint_eq(w.acks, 0);
	answer(&w, 201, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.acks, 1);
	ck_assert_uint_eq(w.acked_tag, 7);
	ck_assert_uint_eq(w.copy_count, 0);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	ck_assert_uint_eq(w.reports[REPORT_CALL], 1);
	ck_assert_uint_eq(w.reports[REPORT_VERDICT], 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_retry_is_acked_only_when_its_copy_is_confirmed)
{
	struct world w;

	start(&w);
	engine_delivered(w.engine, 0, 1, fresh(1), w.now);
	answer(&w, 503, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.acks, 0);
	ck_assert(text_is(header(w.copies[0], "rebound-lane"), "v1.ehr.2s"));
	struct message *back = confirm(&w, 2);

	ck_assert_uint_eq(w.acks, 1);
	engine_delivered(w.engine, 0, 1, back, w.now);
	answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.attempt, 2);
	ck_assert_uint_eq(w.acks, 2);
	ck_assert_str_eq(w.keys[0], w.keys[1]);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_message_that_never_succeeds_is_parked_with_its_history)
{
	struct world w;
	struct message *m = fresh(1);

	start(&w);
	for (uint32_t attempt = 1; attempt <= 8; attempt++) {
		engine_delivered(w.engine, 0, 1, m, w.now);
		answer(&w, 503, TRANSPORT_COMPLETE, -1);
		ck_assert_uint_eq(w.attempt, attempt);
		ck_assert_uint_eq(w.copy_count, 1);
		if (attempt == 8)
			break;
		ck_assert(text_is(w.copies[0]->exchange, "rebound.lab.delay"));
		w.now += w.delay;
		m = confirm(&w, attempt + 1);
	}
	ck_assert(text_is(w.copies[0]->exchange, "rebound.lab.parking"));
	ck_assert(text_is(header(w.copies[0], "rebound-parked-reason"),
			  "attempts"));
	ck_assert_uint_eq(table_find(&w.copies[0]->headers, "rebound-journal")
				  ->as.table.count,
			  8);
	message_free(confirm(&w, 99));
	ck_assert_uint_eq(w.acks, 8);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_permanent_error_is_parked_at_once_and_uses_up_no_try)
{
	struct world w;
	int64_t attempts = -1;

	start(&w);
	engine_delivered(w.engine, 0, 1, fresh(1), w.now);
	answer(&w, 422, TRANSPORT_COMPLETE, -1);
	const struct copy *copy = w.copies[0];
	const struct field *steps = table_find(&copy->headers, "rebound-steps");

	ck_assert(text_is(header(copy, "rebound-parked-reason"), "permanent"));
	ck_assert(text_is(header(copy, "rebound-parked-error"), "rejected"));
	ck_assert(field_integer(
		table_find(&steps->as.table.fields[0].as.table, "attempts"),
		&attempts));
	ck_assert_int_eq(attempts, 0);
	message_free(confirm(&w, 2));
	ck_assert_uint_eq(w.acks, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(what_a_server_asks_is_waited_for_in_trips_without_a_call)
{
	struct world w;
	millis waited = 0;

	start(&w);
	engine_delivered(w.engine, 0, 1, fresh(1), w.now);
	answer(&w, 503, TRANSPORT_COMPLETE, 47 * S);
	ck_assert(text_is(header(w.copies[0], "rebound-lane"), "v1._.32s"));
	waited += 32 * S;
	/* It returns early with some left: it goes on, uncounted, uncalled. */
	engine_delivered(w.engine, 0, 1, confirm(&w, 2), w.now);
	ck_assert_uint_eq(w.called, 1);
	ck_assert(text_is(header(w.copies[0], "rebound-lane"), "v1._.16s"));
	waited += 16 * S;
	ck_assert_ptr_null(
		table_find(&w.copies[0]->headers, "rebound-rest-ms"));
	engine_delivered(w.engine, 0, 1, confirm(&w, 3), w.now);
	ck_assert_uint_eq(w.called, 2);
	answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.attempt, 2);
	ck_assert_int_eq(waited, 48 * S);
	engine_free(w.engine);
}
END_TEST

static const enum copy_result misfortunes[] = {COPY_RETURNED, COPY_REFUSED,
					       COPY_LOST};

START_TEST(a_copy_that_is_not_taken_is_held_unacked_and_tried_with_backoff)
{
	struct world w;
	const millis waits[] = {1 * S,  2 * S,  4 * S, 8 * S,
				16 * S, 30 * S, 30 * S};

	start(&w);
	engine_delivered(w.engine, 0, 1, fresh(1), w.now);
	answer(&w, 503, TRANSPORT_COMPLETE, -1);
	for (size_t i = 0; i < COUNT(waits); i++) {
		engine_copied(w.engine, take_copy(&w)->job, misfortunes[_i],
			      w.now);
		ck_assert_uint_eq(w.copy_count, 0);
		ck_assert_int_eq(engine_tick(w.engine, w.now), waits[i]);
		w.now += waits[i] - 1;
		ck_assert_int_eq(engine_tick(w.engine, w.now), 1);
		w.now++;
		ck_assert_int_eq(engine_tick(w.engine, w.now), -1);
		ck_assert_uint_eq(w.copy_count, 1);
	}
	ck_assert_uint_eq(w.acks, 0);
	ck_assert_uint_eq(w.reports[REPORT_HOLDING], 1);
	ck_assert_uint_eq(w.reports[REPORT_MOVING], 0);
	ck_assert_uint_eq(w.repairs,
			  misfortunes[_i] == COPY_RETURNED ? COUNT(waits) : 0);
	message_free(confirm(&w, 2));
	ck_assert_uint_eq(w.acks, 1);
	ck_assert_uint_eq(w.reports[REPORT_MOVING], 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_worker_that_dies_between_confirm_and_ack_loses_nothing)
{
	struct world w;
	struct world next;

	/* The copy is in the delay queue, the ack was never sent: the broker
	   delivers the message again, and its copy as well. */
	start(&w);
	engine_delivered(w.engine, 0, 1, fresh(1), w.now);
	answer(&w, 503, TRANSPORT_COMPLETE, -1);
	struct message *copy = comes_back(take_copy(&w), 2);

	engine_free(w.engine);
	start(&next);
	struct message *again = fresh(1);

	again->redelivered = true;
	engine_delivered(next.engine, 0, 1, again, next.now);
	answer(&next, 200, TRANSPORT_COMPLETE, -1);
	engine_delivered(next.engine, 0, 1, copy, next.now);
	answer(&next, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(next.acks, 2);
	/* A duplicate, and the downstream can tell. */
	ck_assert_str_eq(next.keys[0], next.keys[1]);
	ck_assert_str_eq(next.keys[0], w.keys[0]);
	engine_free(next.engine);
}
END_TEST

START_TEST(a_delivery_of_a_connection_that_is_gone_has_no_effect)
{
	struct world w;

	start(&w);
	engine_delivered(w.engine, 0, 1, fresh(1), w.now);
	engine_delivered(w.engine, 0, 1, fresh(2), w.now);
	engine_delivered(w.engine, 0, 1, fresh(3), w.now); /* waits in line */
	answer(&w, 503, TRANSPORT_COMPLETE, -1);           /* copying */
	ck_assert_uint_eq(w.call_count, 2);
	engine_epoch(w.engine, 0, 2);
	engine_delivered(w.engine, 0, 1, fresh(4), w.now);
	answer(&w, 200, TRANSPORT_COMPLETE, -1);
	answer(&w, 503, TRANSPORT_COMPLETE, -1);
	message_free(confirm(&w, 9));
	ck_assert_uint_eq(w.acks, 0);
	ck_assert_uint_eq(w.copy_count, 0);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(held_copies_of_a_connection_that_is_gone_are_let_go)
{
	struct world w;

	start(&w);
	engine_delivered(w.engine, 0, 1, fresh(1), w.now);
	answer(&w, 503, TRANSPORT_COMPLETE, -1);
	engine_copied(w.engine, take_copy(&w)->job, COPY_LOST, w.now);
	engine_epoch(w.engine, 0, 2);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	ck_assert_int_eq(engine_tick(w.engine, w.now + 99 * S), -1);
	ck_assert_uint_eq(w.reports[REPORT_MOVING], 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(no_more_calls_at_once_than_the_downstream_has_room_for)
{
	struct world w;

	start(&w);
	for (uint64_t tag = 1; tag <= 4; tag++)
		engine_delivered(w.engine, 0, 1, fresh(tag), w.now);
	ck_assert_uint_eq(w.call_count, 2);
	answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.call_count, 2);
	ck_assert_uint_eq(w.called, 3);
	engine_free(w.engine);
}
END_TEST

START_TEST(calls_go_on_without_the_outlet_until_half_the_prefetch_is_stuck)
{
	struct world w;

	start(&w);
	engine_can_publish(w.engine, false, w.now);
	for (uint64_t tag = 1; tag <= 4; tag++)
		engine_delivered(w.engine, 0, 1, fresh(tag), w.now);
	answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.acks, 1);
	answer(&w, 503, TRANSPORT_COMPLETE, -1);
	answer(&w, 503, TRANSPORT_COMPLETE, -1);
	/* Two of a prefetch of four are stuck: the last is not called. */
	ck_assert_uint_eq(w.called, 4 - 0);
	engine_delivered(w.engine, 0, 1, fresh(5), w.now);
	answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.called, 4);
	engine_can_publish(w.engine, true, w.now);
	ck_assert_uint_eq(w.called, 5);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_message_that_cannot_be_read_is_parked_and_not_called)
{
	struct world w;
	struct message *m = fresh(1);

	start(&w);
	m->exchange = TEXT("rebound.lab");
	table_add_text(&m->headers, &m->arena, "rebound-pipeline", TEXT("lab"));
	table_add_text(&m->headers, &m->arena, "rebound-v", TEXT("one"));
	engine_delivered(w.engine, 0, 1, m, w.now);
	ck_assert_uint_eq(w.called, 0);
	ck_assert(text_is(header(w.copies[0], "rebound-parked-reason"),
			  "unreadable"));
	message_free(confirm(&w, 2));
	ck_assert_uint_eq(w.acks, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_message_that_came_back_ten_times_is_parked_as_suspect)
{
	for (int count = 9; count <= 10; count++) {
		struct world w;
		struct message *m = fresh(1);

		start(&w);
		table_add_i64(&m->headers, &m->arena, "x-delivery-count",
			      count);
		m->redelivered = true;
		engine_delivered(w.engine, 0, 1, m, w.now);
		ck_assert_uint_eq(w.called, count == 9);
		ck_assert_uint_eq(w.copy_count, count == 10);
		engine_free(w.engine);
	}
}
END_TEST

START_TEST(a_delivery_count_that_a_publisher_sent_makes_nobody_suspect)
{
	struct world w;
	struct message *m = fresh(1);

	start(&w);
	table_add_i64(&m->headers, &m->arena, "x-delivery-count", 12);
	engine_delivered(w.engine, 0, 1, m, w.now);
	ck_assert_uint_eq(w.called, 1);
	ck_assert_uint_eq(w.copy_count, 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(what_is_stuck_does_not_hold_up_a_stop)
{
	struct world w;
	struct message *m = fresh(1);

	start(&w);
	w.pipeline.queue_is_ours = false;
	m->flaw = "its headers are nested too deeply";
	engine_delivered(w.engine, 0, 1, m, w.now);
	ck_assert_uint_eq(engine_jobs(w.engine), 1);
	engine_drain(w.engine);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	ck_assert_uint_eq(w.acks, 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_copy_too_big_is_slimmed_then_rejected_if_the_queue_is_ours)
{
	struct world w;

	start(&w);
	w.pipeline.queue_is_ours = _i == 0;
	engine_delivered(w.engine, 0, 1, fresh(1), w.now);
	answer(&w, 503, TRANSPORT_COMPLETE, -1);
	engine_copied(w.engine, take_copy(&w)->job, COPY_TOO_BIG, w.now);
	ck_assert_uint_eq(w.copy_count, 1);
	engine_copied(w.engine, take_copy(&w)->job, COPY_TOO_BIG, w.now);
	ck_assert_uint_eq(w.acks, 0);
	ck_assert_uint_eq(w.rejects, _i == 0 ? 1 : 0);
	ck_assert_uint_eq(w.reports[_i == 0 ? REPORT_REJECTED : REPORT_STUCK],
			  1);
	ck_assert_uint_eq(engine_jobs(w.engine), _i == 0 ? 0 : 1);
	ck_assert_int_eq(engine_tick(w.engine, w.now + 99 * S), -1);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_message_whose_headers_did_not_come_through_is_never_copied)
{
	struct world w;
	struct message *m = fresh(1);

	start(&w);
	w.pipeline.queue_is_ours = _i == 0;
	m->flaw = "its headers are nested too deeply";
	engine_delivered(w.engine, 0, 1, m, w.now);
	ck_assert_uint_eq(w.called, 0);
	ck_assert_uint_eq(w.copy_count, 0);
	ck_assert_uint_eq(w.acks, 0);
	ck_assert_uint_eq(w.rejects, _i == 0 ? 1 : 0);
	ck_assert_uint_eq(engine_jobs(w.engine), _i == 0 ? 0 : 1);
	engine_epoch(w.engine, 0, 2);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_copy_of_a_lost_connection_is_void_until_it_is_answered_for)
{
	struct world w;
	const struct copy *copy;

	start(&w);
	engine_delivered(w.engine, 0, 1, fresh(1), w.now);
	answer(&w, 503, TRANSPORT_COMPLETE, -1);
	copy = take_copy(&w);
	ck_assert(!copy->is_void);
	engine_epoch(w.engine, 0, 2);
	ck_assert(copy->is_void);
	ck_assert_uint_eq(engine_jobs(w.engine), 1);
	engine_copied(w.engine, copy->job, COPY_LOST, w.now);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	ck_assert_uint_eq(w.acks, 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_call_that_ends_after_its_connection_is_told_as_void)
{
	struct world w;

	start(&w);
	engine_delivered(w.engine, 0, 1, fresh(1), w.now);
	engine_epoch(w.engine, 0, 0);
	answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.reports[REPORT_VOID], 1);
	ck_assert_uint_eq(w.reports[REPORT_CALL], 0);
	ck_assert_uint_eq(w.acks, 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(draining_finishes_calls_and_leaves_the_rest_to_the_broker)
{
	struct world w;

	start(&w);
	for (uint64_t tag = 1; tag <= 3; tag++)
		engine_delivered(w.engine, 0, 1, fresh(tag), w.now);
	engine_drain(w.engine);
	ck_assert_uint_eq(engine_jobs(w.engine), 2);
	engine_delivered(w.engine, 0, 1, fresh(4), w.now);
	answer(&w, 200, TRANSPORT_COMPLETE, -1);
	answer(&w, 503, TRANSPORT_COMPLETE, -1);
	message_free(confirm(&w, 2));
	ck_assert_uint_eq(w.called, 2);
	ck_assert_uint_eq(w.acks, 2);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	engine_free(w.engine);
}
END_TEST

Suite *engine_suite(void)
{
	Suite *suite = suite_create("engine");
	TCase *t = tcase_create("lives");

	tcase_add_test(t, a_success_is_acked_and_leaves_nothing_behind);
	tcase_add_test(t, a_retry_is_acked_only_when_its_copy_is_confirmed);
	tcase_add_test(
		t, a_message_that_never_succeeds_is_parked_with_its_history);
	tcase_add_test(t,
		       a_permanent_error_is_parked_at_once_and_uses_up_no_try);
	tcase_add_test(
		t, what_a_server_asks_is_waited_for_in_trips_without_a_call);
	tcase_add_loop_test(
		t,
		a_copy_that_is_not_taken_is_held_unacked_and_tried_with_backoff,
		0, COUNT(misfortunes));
	tcase_add_test(
		t, a_worker_that_dies_between_confirm_and_ack_loses_nothing);
	tcase_add_test(t,
		       a_delivery_of_a_connection_that_is_gone_has_no_effect);
	tcase_add_test(t, held_copies_of_a_connection_that_is_gone_are_let_go);
	tcase_add_test(t,
		       no_more_calls_at_once_than_the_downstream_has_room_for);
	tcase_add_test(
		t,
		calls_go_on_without_the_outlet_until_half_the_prefetch_is_stuck);
	tcase_add_test(t,
		       a_message_that_cannot_be_read_is_parked_and_not_called);
	tcase_add_test(t,
		       a_message_that_came_back_ten_times_is_parked_as_suspect);
	tcase_add_test(
		t, a_delivery_count_that_a_publisher_sent_makes_nobody_suspect);
	tcase_add_test(t, what_is_stuck_does_not_hold_up_a_stop);
	tcase_add_loop_test(
		t, a_copy_too_big_is_slimmed_then_rejected_if_the_queue_is_ours,
		0, 2);
	tcase_add_loop_test(
		t, a_message_whose_headers_did_not_come_through_is_never_copied,
		0, 2);
	tcase_add_test(
		t,
		a_copy_of_a_lost_connection_is_void_until_it_is_answered_for);
	tcase_add_test(t,
		       a_call_that_ends_after_its_connection_is_told_as_void);
	tcase_add_test(
		t, draining_finishes_calls_and_leaves_the_rest_to_the_broker);
	suite_add_tcase(suite, t);
	return suite;
}

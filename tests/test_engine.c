/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_engine.c - whole lives of messages.
 */
#include "worker/engine.h"

#include "tests/engine_world.h"
#include "tests/worker_suites.h"

START_TEST(a_success_is_acked_and_leaves_nothing_behind)
{
	struct world w;

	world_start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(7), w.now);
	ck_assert_uint_eq(w.acks, 0);
	world_answer(&w, 201, TRANSPORT_COMPLETE, -1);
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

	world_start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.acks, 0);
	ck_assert(text_is(world_header(w.copies[0], "rebound-lane"),
			  "v1.ehr.2s"));
	struct message *back = world_confirm(&w, 2);

	ck_assert_uint_eq(w.acks, 1);
	engine_delivered(w.engine, 0, 1, back, w.now);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.attempt, 2);
	ck_assert_uint_eq(w.acks, 2);
	ck_assert_str_eq(w.keys[0], w.keys[1]);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_message_that_never_succeeds_is_parked_with_its_history)
{
	struct world w;
	struct message *m = world_fresh(1);

	world_start(&w);
	for (uint32_t attempt = 1; attempt <= 8; attempt++) {
		engine_delivered(w.engine, 0, 1, m, w.now);
		world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
		ck_assert_uint_eq(w.attempt, attempt);
		ck_assert_uint_eq(w.copy_count, 1);
		if (attempt == 8)
			break;
		ck_assert(text_is(w.copies[0]->exchange, "rebound.lab.delay"));
		w.now += w.delay;
		m = world_confirm(&w, attempt + 1);
	}
	ck_assert(text_is(w.copies[0]->exchange, "rebound.lab.parking"));
	ck_assert(text_is(world_header(w.copies[0], "rebound-parked-reason"),
			  "attempts"));
	ck_assert_uint_eq(table_find(&w.copies[0]->headers, "rebound-journal")
				  ->as.table.count,
			  8);
	message_free(world_confirm(&w, 99));
	ck_assert_uint_eq(w.acks, 8);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_permanent_error_is_parked_at_once_and_uses_up_no_try)
{
	struct world w;
	int64_t attempts = -1;

	world_start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 422, TRANSPORT_COMPLETE, -1);
	const struct copy *copy = w.copies[0];
	const struct field *steps = table_find(&copy->headers, "rebound-steps");

	ck_assert(text_is(world_header(copy, "rebound-parked-reason"),
			  "permanent"));
	ck_assert(text_is(world_header(copy, "rebound-parked-error"),
			  "rejected"));
	ck_assert(field_integer(
		table_find(&steps->as.table.fields[0].as.table, "attempts"),
		&attempts));
	ck_assert_int_eq(attempts, 0);
	message_free(world_confirm(&w, 2));
	ck_assert_uint_eq(w.acks, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(what_a_server_asks_is_waited_for_in_trips_without_a_call)
{
	struct world w;
	millis waited = 0;

	world_start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, 47 * S);
	ck_assert(
		text_is(world_header(w.copies[0], "rebound-lane"), "v1._.32s"));
	waited += 32 * S;
	/* It returns early with some left: it goes on, uncounted, uncalled. */
	engine_delivered(w.engine, 0, 1, world_confirm(&w, 2), w.now);
	ck_assert_uint_eq(w.called, 1);
	ck_assert(
		text_is(world_header(w.copies[0], "rebound-lane"), "v1._.16s"));
	waited += 16 * S;
	ck_assert_ptr_null(
		table_find(&w.copies[0]->headers, "rebound-rest-ms"));
	engine_delivered(w.engine, 0, 1, world_confirm(&w, 3), w.now);
	ck_assert_uint_eq(w.called, 2);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
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

	world_start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	for (size_t i = 0; i < COUNT(waits); i++) {
		engine_copied(w.engine, world_take_copy(&w)->job,
			      misfortunes[_i], w.now);
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
	message_free(world_confirm(&w, 2));
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
	world_start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	struct message *copy = world_comes_back(world_take_copy(&w), 2);

	engine_free(w.engine);
	world_start(&next);
	struct message *again = world_fresh(1);

	again->redelivered = true;
	engine_delivered(next.engine, 0, 1, again, next.now);
	world_answer(&next, 200, TRANSPORT_COMPLETE, -1);
	engine_delivered(next.engine, 0, 1, copy, next.now);
	world_answer(&next, 200, TRANSPORT_COMPLETE, -1);
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

	world_start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	engine_delivered(w.engine, 0, 1, world_fresh(2), w.now);
	engine_delivered(w.engine, 0, 1, world_fresh(3),
			 w.now);                       /* waits in line */
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1); /* copying */
	ck_assert_uint_eq(w.call_count, 2);
	engine_epoch(w.engine, 0, 2);
	engine_delivered(w.engine, 0, 1, world_fresh(4), w.now);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	message_free(world_confirm(&w, 9));
	ck_assert_uint_eq(w.acks, 0);
	ck_assert_uint_eq(w.copy_count, 0);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(held_copies_of_a_connection_that_is_gone_are_let_go)
{
	struct world w;

	world_start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	engine_copied(w.engine, world_take_copy(&w)->job, COPY_LOST, w.now);
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

	world_start(&w);
	for (uint64_t tag = 1; tag <= 4; tag++)
		engine_delivered(w.engine, 0, 1, world_fresh(tag), w.now);
	ck_assert_uint_eq(w.call_count, 2);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.call_count, 2);
	ck_assert_uint_eq(w.called, 3);
	engine_free(w.engine);
}
END_TEST

START_TEST(calls_go_on_without_the_outlet_until_half_the_prefetch_is_stuck)
{
	struct world w;

	world_start(&w);
	engine_can_publish(w.engine, false, w.now);
	for (uint64_t tag = 1; tag <= 4; tag++)
		engine_delivered(w.engine, 0, 1, world_fresh(tag), w.now);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.acks, 1);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	/* Two of a prefetch of four are stuck: the last is not called. */
	ck_assert_uint_eq(w.called, 4 - 0);
	engine_delivered(w.engine, 0, 1, world_fresh(5), w.now);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.called, 4);
	engine_can_publish(w.engine, true, w.now);
	ck_assert_uint_eq(w.called, 5);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_message_that_cannot_be_read_is_parked_and_not_called)
{
	struct world w;
	struct message *m = world_fresh(1);

	world_start(&w);
	m->exchange = TEXT("rebound.lab");
	table_add_text(&m->headers, &m->arena, "rebound-pipeline", TEXT("lab"));
	table_add_text(&m->headers, &m->arena, "rebound-v", TEXT("one"));
	engine_delivered(w.engine, 0, 1, m, w.now);
	ck_assert_uint_eq(w.called, 0);
	ck_assert(text_is(world_header(w.copies[0], "rebound-parked-reason"),
			  "unreadable"));
	message_free(world_confirm(&w, 2));
	ck_assert_uint_eq(w.acks, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_message_that_came_back_ten_times_is_parked_as_suspect)
{
	for (int count = 9; count <= 10; count++) {
		struct world w;
		struct message *m = world_fresh(1);

		world_start(&w);
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
	struct message *m = world_fresh(1);

	world_start(&w);
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
	struct message *m = world_fresh(1);

	world_start(&w);
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

	world_start(&w);
	w.pipeline.queue_is_ours = _i == 0;
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	engine_copied(w.engine, world_take_copy(&w)->job, COPY_TOO_BIG, w.now);
	ck_assert_uint_eq(w.copy_count, 1);
	engine_copied(w.engine, world_take_copy(&w)->job, COPY_TOO_BIG, w.now);
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
	struct message *m = world_fresh(1);

	world_start(&w);
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

	world_start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	copy = world_take_copy(&w);
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

	world_start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	engine_epoch(w.engine, 0, 0);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.reports[REPORT_VOID], 1);
	ck_assert_uint_eq(w.reports[REPORT_CALL], 0);
	ck_assert_uint_eq(w.acks, 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(draining_finishes_calls_and_leaves_the_rest_to_the_broker)
{
	struct world w;

	world_start(&w);
	for (uint64_t tag = 1; tag <= 3; tag++)
		engine_delivered(w.engine, 0, 1, world_fresh(tag), w.now);
	engine_drain(w.engine);
	ck_assert_uint_eq(engine_jobs(w.engine), 2);
	engine_delivered(w.engine, 0, 1, world_fresh(4), w.now);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	message_free(world_confirm(&w, 2));
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

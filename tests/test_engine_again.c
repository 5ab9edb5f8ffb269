/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_engine_again.c - deliveries that come again though they were seen to.
 */
#include "tests/engine_world.h"
#include "tests/worker_suites.h"

static void succeed(struct world *w)
{
	world_answer(w, 200, TRANSPORT_COMPLETE, -1);
}

/* The broker delivers the same message once more, on the connection `epoch`. */
static void deliver_again(struct world *w, uint64_t epoch, uint64_t tag)
{
	struct message *m = world_fresh(tag);

	m->redelivered = true;
	table_add_i64(&m->headers, &m->arena, "x-delivery-count", 1);
	engine_delivered(w->engine, 0, epoch, m, w->now);
}

/* A world in which a first delivery was acked, and its connection broke. */
static void start_acked(struct world *w)
{
	world_start(w);
	engine_delivered(w->engine, 0, 1, world_fresh(1), w->now);
	succeed(w);
	ck_assert_uint_eq(w->acks, 1);
	engine_epoch(w->engine, 0, 0);
	engine_epoch(w->engine, 0, 2);
}

START_TEST(an_ack_that_was_lost_is_sent_again_without_a_call)
{
	struct world w;

	start_acked(&w);
	deliver_again(&w, 2, 5);
	ck_assert_uint_eq(w.called, 1);
	ck_assert_uint_eq(w.acks, 2);
	ck_assert_uint_eq(w.acked_tag, 5);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	ck_assert_str_eq(w.reason, "delivered-before");
	engine_free(w.engine);
}
END_TEST

START_TEST(the_memory_of_it_serves_once)
{
	struct world w;

	start_acked(&w);
	deliver_again(&w, 2, 5);
	deliver_again(&w, 2, 6);
	ck_assert_uint_eq(w.acks, 2);
	ck_assert_uint_eq(w.called, 2);
	engine_free(w.engine);
}
END_TEST

START_TEST(an_ack_that_is_lost_twice_is_sent_a_third_time)
{
	struct world w;

	start_acked(&w);
	deliver_again(&w, 2, 5);
	engine_epoch(w.engine, 0, 3);
	deliver_again(&w, 3, 1);
	ck_assert_uint_eq(w.called, 1);
	ck_assert_uint_eq(w.acks, 3);
	engine_free(w.engine);
}
END_TEST

START_TEST(only_a_delivery_that_the_broker_calls_a_second_one_matches)
{
	struct world w;

	start_acked(&w);
	engine_delivered(w.engine, 0, 2, world_fresh(5), w.now);
	ck_assert_uint_eq(w.called, 2);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_corrected_body_under_the_same_id_is_called)
{
	struct world w;
	struct message *m = world_fresh(5);

	start_acked(&w);
	m->redelivered = true;
	m->body = TEXT("y");
	engine_delivered(w.engine, 0, 2, m, w.now);
	ck_assert_uint_eq(w.called, 2);
	ck_assert_uint_eq(w.acks, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(on_a_connection_that_lives_nothing_is_remembered)
{
	struct world w;

	world_start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	succeed(&w);
	deliver_again(&w, 1, 2);
	ck_assert_uint_eq(w.called, 2);
	engine_free(w.engine);
}
END_TEST

START_TEST(only_the_last_acks_may_have_been_lost)
{
	struct world w;

	world_start(&w);
	for (uint64_t tag = 1; tag <= 5; tag++) {
		struct message *m = world_fresh(tag);

		m->body = (struct text){.at = &"12345"[tag - 1], .len = 1};
		engine_delivered(w.engine, 0, 1, m, w.now);
		succeed(&w);
	}
	engine_epoch(w.engine, 0, 2);
	/* The prefetch is 4: the first of five has been acked for good. */
	for (uint64_t tag = 1; tag <= 5; tag++) {
		struct message *m = world_fresh(tag);

		m->body = (struct text){.at = &"12345"[tag - 1], .len = 1};
		m->redelivered = true;
		engine_delivered(w.engine, 0, 2, m, w.now);
		ck_assert_uint_eq(w.called, 6);
	}
	engine_free(w.engine);
}
END_TEST

/* A world in which a call is under way, and its connection broke. */
static void start_calling(struct world *w)
{
	world_start(w);
	engine_delivered(w->engine, 0, 1, world_fresh(1), w->now);
	engine_epoch(w->engine, 0, 0);
	engine_epoch(w->engine, 0, 2);
}

START_TEST(a_call_that_succeeds_before_the_message_comes_again_counts)
{
	struct world w;

	start_calling(&w);
	succeed(&w);
	ck_assert_uint_eq(w.acks, 0);
	deliver_again(&w, 2, 1);
	ck_assert_uint_eq(w.called, 1);
	ck_assert_uint_eq(w.acks, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(the_next_delivery_waits_for_a_call_that_is_under_way)
{
	struct world w;

	start_calling(&w);
	deliver_again(&w, 2, 3);
	ck_assert_uint_eq(w.called, 1);
	succeed(&w);
	ck_assert_uint_eq(w.called, 1);
	ck_assert_uint_eq(w.acks, 1);
	ck_assert_uint_eq(w.acked_tag, 3);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	/* It has served: another one is called. */
	deliver_again(&w, 2, 4);
	ck_assert_uint_eq(w.called, 2);
	engine_free(w.engine);
}
END_TEST

START_TEST(it_is_called_when_that_call_fails)
{
	struct world w;

	start_calling(&w);
	deliver_again(&w, 2, 3);
	world_answer(&w, _i == 0 ? 503 : 422, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.called, 2);
	ck_assert_uint_eq(w.acks, 0);
	ck_assert_uint_eq(w.copy_count, 0);
	succeed(&w);
	ck_assert_uint_eq(w.acks, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(one_delivery_waits_and_a_second_is_called)
{
	struct world w;

	start_calling(&w);
	deliver_again(&w, 2, 3);
	deliver_again(&w, 2, 4);
	ck_assert_uint_eq(w.called, 2);
	engine_free(w.engine);
}
END_TEST

START_TEST(another_body_under_its_id_does_not_wait)
{
	struct world w;
	struct message *m = world_fresh(5);

	start_calling(&w);
	m->redelivered = true;
	m->body = TEXT("y");
	engine_delivered(w.engine, 0, 2, m, w.now);
	ck_assert_uint_eq(w.called, 2);
	engine_free(w.engine);
}
END_TEST

START_TEST(one_that_waits_goes_with_its_connection_and_the_next_waits)
{
	struct world w;

	start_calling(&w);
	deliver_again(&w, 2, 3);
	engine_epoch(w.engine, 0, 3);
	ck_assert_uint_eq(engine_jobs(w.engine), 1);
	deliver_again(&w, 3, 1);
	succeed(&w);
	ck_assert_uint_eq(w.called, 1);
	ck_assert_uint_eq(w.acks, 1);
	ck_assert_uint_eq(w.acked_tag, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(one_that_waits_is_left_when_draining)
{
	struct world w;

	start_calling(&w);
	deliver_again(&w, 2, 3);
	engine_drain(w.engine);
	succeed(&w);
	ck_assert_uint_eq(w.acks, 0);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(one_that_waits_is_freed_with_the_engine)
{
	struct world w;

	start_calling(&w);
	deliver_again(&w, 2, 3);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_confirmed_copy_is_remembered_whether_its_ack_was_lost_or_void)
{
	struct world w;
	bool is_acked_first = _i == 0;

	world_start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	if (is_acked_first)
		message_free(world_confirm(&w, 9));
	engine_epoch(w.engine, 0, 2);
	if (!is_acked_first)
		message_free(world_confirm(&w, 9));
	deliver_again(&w, 2, 1);
	ck_assert_uint_eq(w.called, 1);
	ck_assert_uint_eq(w.copy_count, 0);
	ck_assert_uint_eq(w.acks, is_acked_first ? 2 : 1);
	ck_assert_str_eq(w.reason, "copied-before");
	engine_free(w.engine);
}
END_TEST

START_TEST(the_copy_itself_is_not_taken_for_what_it_is_a_copy_of)
{
	struct world w;
	struct message *back;

	world_start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	back = world_confirm(&w, 9);
	engine_epoch(w.engine, 0, 2);
	back->redelivered = true;
	engine_delivered(w.engine, 0, 2, back, w.now);
	ck_assert_uint_eq(w.called, 2);
	ck_assert_uint_eq(w.acks, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_copy_that_got_lost_leaves_the_message_to_be_called)
{
	struct world w;

	world_start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	engine_epoch(w.engine, 0, 2);
	deliver_again(&w, 2, 1);
	ck_assert_uint_eq(w.called, 1);
	engine_copied(w.engine, world_take_copy(&w)->job, COPY_LOST, w.now);
	ck_assert_uint_eq(w.called, 2);
	ck_assert_uint_eq(w.acks, 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_message_without_an_id_never_matches)
{
	struct world w;

	world_start(&w);
	for (uint64_t epoch = 1; epoch <= 2; epoch++) {
		struct message *m = world_fresh(1);

		m->properties.message_id = (struct text){0};
		m->redelivered = epoch == 2;
		engine_epoch(w.engine, 0, epoch);
		engine_delivered(w.engine, 0, epoch, m, w.now);
		ck_assert_uint_eq(w.called, epoch);
		succeed(&w);
	}
	engine_free(w.engine);
}
END_TEST

Suite *engine_again_suite(void)
{
	Suite *suite = suite_create("engine_again");
	TCase *t = tcase_create("acked");

	tcase_add_test(t, an_ack_that_was_lost_is_sent_again_without_a_call);
	tcase_add_test(t, the_memory_of_it_serves_once);
	tcase_add_test(t, an_ack_that_is_lost_twice_is_sent_a_third_time);
	tcase_add_test(
		t, only_a_delivery_that_the_broker_calls_a_second_one_matches);
	tcase_add_test(t, a_corrected_body_under_the_same_id_is_called);
	tcase_add_test(t, on_a_connection_that_lives_nothing_is_remembered);
	tcase_add_test(t, only_the_last_acks_may_have_been_lost);
	tcase_add_test(t, a_message_without_an_id_never_matches);
	suite_add_tcase(suite, t);
	t = tcase_create("under way");
	tcase_add_test(
		t, a_call_that_succeeds_before_the_message_comes_again_counts);
	tcase_add_test(t, the_next_delivery_waits_for_a_call_that_is_under_way);
	tcase_add_loop_test(t, it_is_called_when_that_call_fails, 0, 2);
	tcase_add_test(t, one_delivery_waits_and_a_second_is_called);
	tcase_add_test(t, another_body_under_its_id_does_not_wait);
	tcase_add_test(
		t, one_that_waits_goes_with_its_connection_and_the_next_waits);
	tcase_add_test(t, one_that_waits_is_left_when_draining);
	tcase_add_test(t, one_that_waits_is_freed_with_the_engine);
	suite_add_tcase(suite, t);
	t = tcase_create("copies");
	tcase_add_loop_test(
		t,
		a_confirmed_copy_is_remembered_whether_its_ack_was_lost_or_void,
		0, 2);
	tcase_add_test(t,
		       the_copy_itself_is_not_taken_for_what_it_is_a_copy_of);
	tcase_add_test(t, a_copy_that_got_lost_leaves_the_message_to_be_called);
	suite_add_tcase(suite, t);
	return suite;
}

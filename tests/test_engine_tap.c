/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_engine_tap.c - how much a pipeline lets in.
 */
#include "tests/engine_world.h"
#include "tests/worker_suites.h"

/* A delivery that came back so often. */
static struct message *returned(uint64_t tag, int count)
{
	struct message *m = world_fresh(tag);

	m->redelivered = true;
	m->body = TEXT("of its own");
	table_add_i64(&m->headers, &m->arena, "x-delivery-count", count);
	return m;
}

/* The intake does what was asked for last. */
static void obey(struct world *w)
{
	engine_prefetch(w->engine, 0, 1, w->prefetch);
}

/* A worker that has had a first delivery, and takes many at once. */
static void start_wide(struct world *w)
{
	world_start(w);
	engine_delivered(w->engine, 0, 1, world_fresh(1), w->now);
	ck_assert_uint_eq(w->prefetch, 4);
	obey(w);
}

static void succeed(struct world *w)
{
	world_answer(w, 200, TRANSPORT_COMPLETE, -1);
}

START_TEST(a_connection_takes_one_until_a_message_comes_that_is_not_suspected)
{
	struct world w;

	world_start(&w);
	engine_delivered(w.engine, 0, 1, returned(1, 3), w.now);
	ck_assert_uint_eq(w.consumes, 0);
	succeed(&w);
	engine_delivered(w.engine, 0, 1, returned(2, 2), w.now);
	ck_assert_uint_eq(w.consumes, 1);
	ck_assert_uint_eq(w.prefetch, 4);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_message_that_came_back_three_times_waits_for_all_else_in_hand)
{
	struct world w;

	start_wide(&w);
	engine_delivered(w.engine, 0, 1, returned(2, 3), w.now);
	ck_assert_uint_eq(w.prefetch, 0);
	ck_assert_uint_eq(w.called, 1);
	/* What had been sent before is delivered first. */
	engine_delivered(w.engine, 0, 1, world_fresh(3), w.now);
	obey(&w);
	ck_assert_uint_eq(w.called, 2);
	succeed(&w);
	ck_assert_uint_eq(w.called, 2);
	succeed(&w);
	ck_assert_uint_eq(w.called, 3);
	succeed(&w);
	ck_assert_uint_eq(w.acked_tag, 2);
	engine_free(w.engine);
}
END_TEST

START_TEST(it_is_not_called_while_more_may_be_on_its_way)
{
	struct world w;

	start_wide(&w);
	succeed(&w);
	engine_delivered(w.engine, 0, 1, returned(2, 3), w.now);
	ck_assert_uint_eq(w.called, 1);
	obey(&w);
	ck_assert_uint_eq(w.called, 2);
	engine_free(w.engine);
}
END_TEST

START_TEST(one_that_came_back_twice_is_delivered_like_any_other)
{
	struct world w;

	start_wide(&w);
	engine_delivered(w.engine, 0, 1, returned(2, 2), w.now);
	ck_assert_uint_eq(w.called, 2);
	ck_assert_uint_eq(w.prefetch, 4);
	ck_assert_uint_eq(w.reports[REPORT_ALONE], 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(of_several_the_one_that_came_back_least_goes_first)
{
	struct world w;

	start_wide(&w);
	engine_delivered(w.engine, 0, 1, returned(2, 9), w.now);
	engine_delivered(w.engine, 0, 1, returned(3, 5), w.now);
	engine_delivered(w.engine, 0, 1, returned(4, 7), w.now);
	obey(&w);
	for (uint64_t n = 0; n < 4; n++) {
		const uint64_t order[] = {1, 3, 4, 2};

		ck_assert_uint_eq(w.call_count, 1);
		succeed(&w);
		ck_assert_uint_eq(w.acked_tag, order[n]);
	}
	engine_free(w.engine);
}
END_TEST

START_TEST(after_it_one_is_taken_at_a_time_until_another_kind_comes)
{
	struct world w;

	start_wide(&w);
	succeed(&w);
	engine_delivered(w.engine, 0, 1, returned(2, 3), w.now);
	obey(&w);
	succeed(&w);
	ck_assert_uint_eq(w.prefetch, 1);
	obey(&w);
	engine_delivered(w.engine, 0, 1, returned(3, 4), w.now);
	ck_assert_uint_eq(w.call_count, 1);
	ck_assert_uint_eq(w.prefetch, 1);
	succeed(&w);
	ck_assert_uint_eq(w.reports[REPORT_TOGETHER], 0);
	engine_delivered(w.engine, 0, 1, world_fresh(4), w.now);
	ck_assert_uint_eq(w.prefetch, 4);
	ck_assert_uint_eq(w.reports[REPORT_ALONE], 1);
	ck_assert_uint_eq(w.reports[REPORT_TOGETHER], 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_second_later_many_are_taken_even_if_none_has_come)
{
	struct world w;

	start_wide(&w);
	succeed(&w);
	engine_delivered(w.engine, 0, 1, returned(2, 3), w.now);
	obey(&w);
	ck_assert_int_eq(engine_tick(w.engine, w.now), -1);
	succeed(&w);
	ck_assert_int_eq(engine_tick(w.engine, w.now), 1 * S);
	ck_assert_int_eq(engine_tick(w.engine, w.now + 1 * S - 1), 1);
	ck_assert_uint_eq(w.prefetch, 1);
	ck_assert_int_eq(engine_tick(w.engine, w.now + 1 * S), -1);
	ck_assert_uint_eq(w.prefetch, 4);
	ck_assert_uint_eq(w.reports[REPORT_TOGETHER], 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_copy_that_is_held_keeps_no_suspect_waiting)
{
	struct world w;

	start_wide(&w);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	engine_delivered(w.engine, 0, 1, returned(2, 3), w.now);
	obey(&w);
	ck_assert_uint_eq(w.called, 1);
	engine_copied(w.engine, world_take_copy(&w)->job, COPY_RETURNED, w.now);
	ck_assert_uint_eq(w.called, 2);
	engine_free(w.engine);
}
END_TEST

START_TEST(an_alarm_that_holds_copies_up_keeps_no_suspect_waiting)
{
	struct world w;

	start_wide(&w);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	engine_delivered(w.engine, 0, 1, returned(2, 3), w.now);
	obey(&w);
	ck_assert_uint_eq(w.called, 1);
	engine_can_publish(w.engine, false, w.now);
	ck_assert_uint_eq(w.called, 2);
	engine_free(w.engine);
}
END_TEST

START_TEST(one_that_is_parked_unseen_makes_nobody_wait)
{
	struct world w;

	start_wide(&w);
	engine_delivered(w.engine, 0, 1, returned(2, ENGINE_SUSPECT_COUNT),
			 w.now);
	ck_assert_uint_eq(w.copy_count, 1);
	ck_assert_uint_eq(w.prefetch, 4);
	ck_assert_uint_eq(w.reports[REPORT_ALONE], 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(those_that_wait_for_their_turn_go_with_their_connection)
{
	struct world w;

	start_wide(&w);
	engine_delivered(w.engine, 0, 1, returned(2, 3), w.now);
	engine_epoch(w.engine, 0, 2);
	ck_assert_uint_eq(engine_jobs(w.engine), 1);
	succeed(&w);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	/* The next one begins with one at a time, unasked. */
	ck_assert_uint_eq(w.epoch_asked, 1);
	engine_prefetch(w.engine, 0, 1, 4);
	engine_delivered(w.engine, 0, 2, returned(1, 4), w.now);
	ck_assert_uint_eq(w.call_count, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(those_that_wait_for_their_turn_are_left_when_draining)
{
	struct world w;

	start_wide(&w);
	engine_delivered(w.engine, 0, 1, returned(2, 3), w.now);
	engine_drain(w.engine);
	ck_assert_uint_eq(engine_jobs(w.engine), 1);
	succeed(&w);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	ck_assert_uint_eq(w.acks, 1);
	engine_free(w.engine);
}
END_TEST

/* A delivery with a body of so many bytes, up to 200. */
static struct message *sized(uint64_t tag, size_t len)
{
	static const char bytes[200];
	struct message *m = world_fresh(tag);

	m->body = (struct text){.at = bytes, .len = len};
	return m;
}

START_TEST(over_the_bound_of_bytes_nothing_is_taken_until_half_is_done)
{
	struct world w;

	world_start(&w);
	engine_delivered(w.engine, 0, 1, sized(1, 60), w.now);
	engine_delivered(w.engine, 0, 1, sized(2, 40), w.now);
	ck_assert_uint_eq(w.prefetch, 4);
	engine_delivered(w.engine, 0, 1, sized(3, 1), w.now);
	ck_assert_uint_eq(w.prefetch, 0);
	ck_assert_uint_eq(w.reports[REPORT_PAUSED], 1);
	/* Two calls at once: 41 bytes are left after the first. */
	succeed(&w);
	ck_assert_uint_eq(w.prefetch, 4);
	ck_assert_uint_eq(w.reports[REPORT_RESUMED], 1);
	ck_assert_uint_eq(w.consumes, 3);
	engine_free(w.engine);
}
END_TEST

START_TEST(it_stays_paused_above_half_of_the_bound)
{
	struct world w;

	world_start(&w);
	engine_delivered(w.engine, 0, 1, sized(1, 50), w.now);
	engine_delivered(w.engine, 0, 1, sized(2, 51), w.now);
	succeed(&w);
	ck_assert_uint_eq(w.prefetch, 0);
	succeed(&w);
	ck_assert_uint_eq(w.prefetch, 4);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_body_over_the_bound_is_delivered_alone)
{
	struct world w;

	world_start(&w);
	engine_delivered(w.engine, 0, 1, sized(1, 200), w.now);
	ck_assert_uint_eq(w.called, 1);
	ck_assert_uint_eq(w.prefetch, 0);
	ck_assert_uint_eq(w.consumes, 1);
	succeed(&w);
	ck_assert_uint_eq(w.acks, 1);
	ck_assert_uint_eq(w.prefetch, 4);
	engine_free(w.engine);
}
END_TEST

START_TEST(what_is_void_counts_as_long_as_it_is_in_memory)
{
	struct world w;

	world_start(&w);
	engine_delivered(w.engine, 0, 1, sized(1, 101), w.now);
	engine_epoch(w.engine, 0, 2);
	ck_assert_uint_eq(w.epoch_asked, 2);
	ck_assert_uint_eq(w.prefetch, 0);
	succeed(&w);
	ck_assert_uint_eq(w.prefetch, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_suspect_has_its_turn_while_bytes_are_over_the_bound)
{
	struct world w;
	struct message *m = sized(2, 101);

	start_wide(&w);
	succeed(&w);
	m->redelivered = true;
	table_add_i64(&m->headers, &m->arena, "x-delivery-count", 3);
	engine_delivered(w.engine, 0, 1, m, w.now);
	obey(&w);
	ck_assert_uint_eq(w.called, 2);
	succeed(&w);
	ck_assert_uint_eq(w.prefetch, 1);
	engine_free(w.engine);
}
END_TEST

Suite *engine_tap_suite(void)
{
	Suite *suite = suite_create("engine_tap");
	TCase *t = tcase_create("suspects");

	tcase_add_test(
		t,
		a_connection_takes_one_until_a_message_comes_that_is_not_suspected);
	tcase_add_test(
		t,
		a_message_that_came_back_three_times_waits_for_all_else_in_hand);
	tcase_add_test(t, it_is_not_called_while_more_may_be_on_its_way);
	tcase_add_test(t, one_that_came_back_twice_is_delivered_like_any_other);
	tcase_add_test(t, of_several_the_one_that_came_back_least_goes_first);
	tcase_add_test(
		t, after_it_one_is_taken_at_a_time_until_another_kind_comes);
	tcase_add_test(t, a_second_later_many_are_taken_even_if_none_has_come);
	tcase_add_test(t, a_copy_that_is_held_keeps_no_suspect_waiting);
	tcase_add_test(t,
		       an_alarm_that_holds_copies_up_keeps_no_suspect_waiting);
	tcase_add_test(t, one_that_is_parked_unseen_makes_nobody_wait);
	tcase_add_test(t,
		       those_that_wait_for_their_turn_go_with_their_connection);
	tcase_add_test(t,
		       those_that_wait_for_their_turn_are_left_when_draining);
	suite_add_tcase(suite, t);
	t = tcase_create("bytes");
	tcase_add_test(
		t, over_the_bound_of_bytes_nothing_is_taken_until_half_is_done);
	tcase_add_test(t, it_stays_paused_above_half_of_the_bound);
	tcase_add_test(t, a_body_over_the_bound_is_delivered_alone);
	tcase_add_test(t, what_is_void_counts_as_long_as_it_is_in_memory);
	tcase_add_test(t,
		       a_suspect_has_its_turn_while_bytes_are_over_the_bound);
	suite_add_tcase(suite, t);
	return suite;
}

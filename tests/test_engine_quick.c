/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_engine_quick.c - quick retries: calls made again while the message is
 * in hand.
 */
#include "tests/engine_world.h"
#include "tests/worker_suites.h"

/* Three tries within 7 s wait 1 s, 2 s and 4 s. */
static void start_quick(struct world *w)
{
	world_start(w);
	w->policy.own.quick = (struct quick){.tries = 3, .within = 7 * S};
}

static void be_busy(struct world *w)
{
	world_answer(w, 503, TRANSPORT_COMPLETE, -1);
}

/* Time goes on to the next thing that is due, which is so far away. */
static void pass(struct world *w, millis wait)
{
	ck_assert_int_eq(engine_tick(w->engine, w->now), wait);
	w->now += wait - 1;
	size_t called = w->called;

	(void)engine_tick(w->engine, w->now);
	ck_assert_uint_eq(w->called, called);
	w->now++;
	(void)engine_tick(w->engine, w->now);
}

static int64_t number_in_step(const struct copy *copy, const char *name)
{
	const struct field *steps = table_find(&copy->headers, "rebound-steps");
	int64_t number = -1;

	ck_assert(field_integer(
		table_find(&steps->as.table.fields[0].as.table, name),
		&number));
	return number;
}

START_TEST(a_quick_retry_is_a_call_with_no_copy_and_no_ack_between)
{
	struct world w;

	start_quick(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(7), w.now);
	be_busy(&w);
	ck_assert_uint_eq(w.copy_count, 0);
	ck_assert_uint_eq(w.acks, 0);
	ck_assert_int_eq(w.delay, 1 * S);
	pass(&w, 1 * S);
	ck_assert_uint_eq(w.called, 2);
	ck_assert_str_eq(w.keys[0], w.keys[1]);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.acks, 1);
	ck_assert_uint_eq(w.copy_count, 0);
	ck_assert_uint_eq(w.attempt, 2);
	ck_assert_uint_eq(w.reports[REPORT_CALL], 2);
	ck_assert_uint_eq(w.reports[REPORT_VERDICT], 1);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	ck_assert_int_eq(engine_tick(w.engine, w.now), -1);
	engine_free(w.engine);
}
END_TEST

START_TEST(after_its_quick_retries_it_waits_by_the_schedule_from_its_start)
{
	struct world w;
	const struct copy *copy;
	int64_t failures = 0;

	start_quick(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	for (millis wait = 1 * S; wait <= 4 * S; wait *= 2) {
		be_busy(&w);
		pass(&w, wait);
	}
	be_busy(&w);
	ck_assert_uint_eq(w.called, 4);
	copy = w.copies[0];
	ck_assert(text_is(world_header(copy, "rebound-lane"), "v1.ehr.2s"));
	ck_assert_int_eq(number_in_step(copy, "attempts"), 4);
	ck_assert(field_integer(
		&table_find(&table_find(&copy->headers, "rebound-steps")
				     ->as.table.fields[0]
				     .as.table,
			    "failures")
			 ->as.table.fields[0],
		&failures));
	ck_assert_int_eq(failures, 1);
	ck_assert_uint_eq(
		table_find(&copy->headers, "rebound-journal")->as.table.count,
		4);
	engine_free(w.engine);
}
END_TEST

START_TEST(each_time_it_is_taken_from_its_queue_quick_retries_begin_anew)
{
	struct world w;
	struct message *m = world_fresh(1);

	start_quick(&w);
	w.policy.own.max_attempts = 7;
	for (int taken = 0; taken < 2; taken++) {
		engine_delivered(w.engine, 0, 1, m, w.now);
		for (millis wait = 1 * S; wait <= 4 * S && w.called < 7;
		     wait *= 2) {
			be_busy(&w);
			pass(&w, wait);
		}
		be_busy(&w);
		if (taken == 0)
			m = world_confirm(&w, 2);
	}
	ck_assert_uint_eq(w.called, 7);
	ck_assert(text_is(world_header(w.copies[0], "rebound-parked-reason"),
			  "attempts"));
	ck_assert_int_eq(number_in_step(w.copies[0], "attempts"), 7);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_wait_that_was_asked_for_goes_before_a_quick_retry)
{
	struct world w;

	start_quick(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, 30 * S);
	ck_assert_uint_eq(w.copy_count, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_permanent_error_has_no_quick_retry)
{
	struct world w;

	start_quick(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 422, TRANSPORT_COMPLETE, -1);
	ck_assert(text_is(world_header(w.copies[0], "rebound-parked-reason"),
			  "permanent"));
	engine_free(w.engine);
}
END_TEST

START_TEST(the_time_for_them_counts_from_the_first_failure_on)
{
	struct world w;

	start_quick(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	w.now +=
		60 * S; /* the first call is slow, and no quick retry is lost */
	be_busy(&w);
	pass(&w, 1 * S);
	w.now += 6 * S; /* the second is slow, and too late for another */
	be_busy(&w);
	ck_assert_uint_eq(w.copy_count, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(what_calls_take_shortens_the_wait_that_would_end_too_late)
{
	struct world w;

	start_quick(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	be_busy(&w);
	pass(&w, 1 * S);
	w.now += 10;
	be_busy(&w);
	pass(&w, 2 * S);
	w.now += 10;
	be_busy(&w);
	pass(&w, 4 * S - 20);
	ck_assert_uint_eq(w.called, 4);
	w.now += 10;
	be_busy(&w);
	ck_assert_uint_eq(w.copy_count, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_quick_retry_joins_the_line_of_its_downstream)
{
	struct world w;

	start_quick(&w);
	for (uint64_t tag = 1; tag <= 3; tag++)
		engine_delivered(w.engine, 0, 1, world_fresh(tag), w.now);
	ck_assert_uint_eq(w.call_count, 2);
	be_busy(&w);
	/* Its place went to the third, and it waits for the next. */
	ck_assert_uint_eq(w.call_count, 2);
	pass(&w, 1 * S);
	ck_assert_uint_eq(w.call_count, 2);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.called, 4);
	engine_free(w.engine);
}
END_TEST

START_TEST(what_waits_for_a_quick_retry_is_left_to_the_broker_by_a_drain)
{
	struct world w;

	start_quick(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	engine_delivered(w.engine, 0, 1, world_fresh(2), w.now);
	be_busy(&w);
	engine_drain(w.engine);
	ck_assert_uint_eq(engine_jobs(w.engine), 1);
	/* One under way has none any more. */
	be_busy(&w);
	ck_assert_uint_eq(w.copy_count, 1);
	message_free(world_confirm(&w, 3));
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	ck_assert_int_eq(engine_tick(w.engine, w.now + 99 * S), -1);
	ck_assert_uint_eq(w.called, 2);
	engine_free(w.engine);
}
END_TEST

START_TEST(what_waits_for_a_quick_retry_is_dropped_with_its_connection)
{
	struct world w;

	start_quick(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	be_busy(&w);
	engine_epoch(w.engine, 0, 2);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	ck_assert_int_eq(engine_tick(w.engine, w.now), -1);
	ck_assert_uint_eq(w.called, 1);
	/* It comes again as it came at first, and so do its quick retries. */
	engine_delivered(w.engine, 0, 2, world_fresh(1), w.now);
	be_busy(&w);
	ck_assert_int_eq(w.delay, 1 * S);
	ck_assert_uint_eq(w.attempt, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_call_whose_connection_is_gone_has_no_quick_retry)
{
	struct world w;

	start_quick(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	engine_epoch(w.engine, 0, 2);
	be_busy(&w);
	ck_assert_uint_eq(w.reports[REPORT_VOID], 1);
	ck_assert_uint_eq(engine_jobs(w.engine), 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(one_that_is_suspected_stays_alone_between_its_calls)
{
	struct world w;
	struct message *suspect = world_fresh(2);

	start_quick(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	engine_prefetch(w.engine, 0, 1, w.prefetch);
	suspect->redelivered = true;
	table_add_i64(&suspect->headers, &suspect->arena, "x-delivery-count",
		      ENGINE_ALONE_COUNT);
	suspect->body = TEXT("of its own");
	engine_delivered(w.engine, 0, 1, suspect, w.now);
	engine_prefetch(w.engine, 0, 1, w.prefetch);
	ck_assert_uint_eq(w.called, 2);
	be_busy(&w);
	ck_assert_uint_eq(w.prefetch, 0);
	ck_assert_uint_eq(w.reports[REPORT_TOGETHER], 0);
	pass(&w, 1 * S);
	ck_assert_uint_eq(w.called, 3);
	ck_assert_uint_eq(w.prefetch, 0);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.prefetch, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_message_that_waits_in_hand_counts_in_what_is_in_hand)
{
	struct world w;
	struct message *heavy = world_fresh(1);
	static const char body[101];

	start_quick(&w);
	heavy->body = (struct text){.at = body, .len = sizeof(body)};
	engine_delivered(w.engine, 0, 1, heavy, w.now);
	be_busy(&w);
	ck_assert_uint_eq(w.prefetch, 0);
	pass(&w, 1 * S);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_gt(w.prefetch, 0);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_word_of_the_operator_goes_with_what_is_parked)
{
	struct world w;

	world_start(&w);
	w.policy.own.park_as = "lab-desk";
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 422, TRANSPORT_COMPLETE, -1);
	ck_assert(text_is(world_header(w.copies[0], "rebound-parked-as"),
			  "lab-desk"));
	ck_assert(text_is(world_header(w.copies[0], "rebound-parked-reason"),
			  "permanent"));
	engine_free(w.engine);
}
END_TEST

START_TEST(what_an_answer_says_for_people_goes_into_the_journal)
{
	struct world w;
	const struct field *journal;
	struct text detail;

	world_start(&w);
	w.downstream.understand.as = UNDERSTAND_FHIR;
	w.body = TEXT("{\"resourceType\":\"OperationOutcome\",\"issue\":[{"
		      "\"severity\":\"error\",\"code\":\"structure\","
		      "\"diagnostics\":\"No such unit\"}]}");
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 500, TRANSPORT_COMPLETE, -1);
	ck_assert(text_is(world_header(w.copies[0], "rebound-parked-error"),
			  "fhir-structure"));
	journal = table_find(&w.copies[0]->headers, "rebound-journal");
	ck_assert(field_text(
		table_find(&journal->as.table.fields[0].as.table, "detail"),
		&detail));
	ck_assert(text_is(detail, "No such unit"));
	engine_free(w.engine);
}
END_TEST

Suite *engine_quick_suite(void)
{
	Suite *suite = suite_create("engine_quick");
	TCase *t = tcase_create("quick");
	TCase *words = tcase_create("words");

	suite_add_tcase(suite, t);
	suite_add_tcase(suite, words);
	tcase_add_test(t,
		       a_quick_retry_is_a_call_with_no_copy_and_no_ack_between);
	tcase_add_test(
		t,
		after_its_quick_retries_it_waits_by_the_schedule_from_its_start);
	tcase_add_test(
		t,
		each_time_it_is_taken_from_its_queue_quick_retries_begin_anew);
	tcase_add_test(t, a_wait_that_was_asked_for_goes_before_a_quick_retry);
	tcase_add_test(t, a_permanent_error_has_no_quick_retry);
	tcase_add_test(t, the_time_for_them_counts_from_the_first_failure_on);
	tcase_add_test(
		t, what_calls_take_shortens_the_wait_that_would_end_too_late);
	tcase_add_test(t, a_quick_retry_joins_the_line_of_its_downstream);
	tcase_add_test(
		t,
		what_waits_for_a_quick_retry_is_left_to_the_broker_by_a_drain);
	tcase_add_test(
		t, what_waits_for_a_quick_retry_is_dropped_with_its_connection);
	tcase_add_test(t, a_call_whose_connection_is_gone_has_no_quick_retry);
	tcase_add_test(t, one_that_is_suspected_stays_alone_between_its_calls);
	tcase_add_test(t,
		       a_message_that_waits_in_hand_counts_in_what_is_in_hand);
	tcase_add_test(words, a_word_of_the_operator_goes_with_what_is_parked);
	tcase_add_test(words,
		       what_an_answer_says_for_people_goes_into_the_journal);
	return suite;
}

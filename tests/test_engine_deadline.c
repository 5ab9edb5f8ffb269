/* SPDX-License-Identifier: Apache-2.0 */
/* test_engine_deadline.c - messages with a deadline of their own. */
#include "tests/engine_world.h"
#include "tests/worker_suites.h"

static void start(struct world *w)
{
	world_start(w);
	w->pipeline.deadline_header = "valid-until";
}

/* A delivery that is worth something until so long after the start. */
static struct message *valid_until(uint64_t tag, millis time)
{
	struct message *m = world_fresh(tag);

	table_add_i64(&m->headers, &m->arena, "valid-until", WALL + time);
	return m;
}

static void check_parked(struct world *w, const char *error, const char *class)
{
	ck_assert_uint_eq(w->copy_count, 1);
	const struct copy *copy = w->copies[0];

	ck_assert(text_is(world_header(copy, "rebound-parked-reason"),
			  "deadline"));
	ck_assert(text_is(world_header(copy, "rebound-parked-error"), error));
	ck_assert(text_is(world_header(copy, "rebound-parked-class"), class));
	ck_assert_ptr_nonnull(table_find(&copy->headers, "valid-until"));
	message_free(world_confirm(w, 99));
	ck_assert_uint_eq(engine_jobs(w->engine), 0);
}

START_TEST(one_that_comes_after_its_deadline_is_parked_without_a_call)
{
	struct world w;

	start(&w);
	w.now = 10 * S + 1;
	engine_delivered(w.engine, 0, 1, valid_until(1, 10 * S), w.now);
	ck_assert_uint_eq(w.called, 0);
	check_parked(&w, "", "");
	ck_assert_uint_eq(w.acks, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(the_word_of_the_policy_for_its_type_is_on_it)
{
	struct world w;
	const struct type_rule late = {.match = "lab.#",
				       .own = {.park_as = "too-late"}};

	start(&w);
	w.policy.types = &late;
	w.policy.type_count = 1;
	w.now = 11 * S;
	engine_delivered(w.engine, 0, 1, valid_until(1, 10 * S), w.now);
	ck_assert(text_is(world_header(w.copies[0], "rebound-parked-as"),
			  "too-late"));
	engine_free(w.engine);
}
END_TEST

START_TEST(one_that_comes_at_its_deadline_is_called)
{
	struct world w;

	start(&w);
	w.now = 10 * S;
	engine_delivered(w.engine, 0, 1, valid_until(1, 10 * S), w.now);
	ck_assert_uint_eq(w.called, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(one_that_waits_in_line_beyond_its_deadline_is_parked)
{
	struct world w;

	start(&w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	engine_delivered(w.engine, 0, 1, world_fresh(2), w.now);
	engine_delivered(w.engine, 0, 1, valid_until(3, 10 * S), w.now);
	w.now = 11 * S;
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.called, 2);
	check_parked(&w, "", "");
	engine_free(w.engine);
}
END_TEST

START_TEST(a_retry_that_would_come_after_the_deadline_is_none)
{
	struct world w;

	start(&w);
	engine_delivered(w.engine, 0, 1, valid_until(1, 2 * S - 1), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	check_parked(&w, "unavailable", "transient");
	engine_free(w.engine);
}
END_TEST

START_TEST(one_that_comes_back_too_late_is_parked_with_its_last_error)
{
	struct world w;
	struct message *back;

	start(&w);
	engine_delivered(w.engine, 0, 1, valid_until(1, 3 * S), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	back = world_confirm(&w, 2);
	w.now = 4 * S; /* the broker was late */
	engine_delivered(w.engine, 0, 1, back, w.now);
	ck_assert_uint_eq(w.called, 1);
	check_parked(&w, "unavailable", "");
	engine_free(w.engine);
}
END_TEST

START_TEST(one_with_some_left_to_wait_does_not_wait_for_it_beyond_its_deadline)
{
	struct world w;
	struct message *back;

	start(&w);
	engine_delivered(w.engine, 0, 1, valid_until(1, 60 * S), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, 47 * S);
	back = world_confirm(&w, 2);
	w.now = 61 * S;
	engine_delivered(w.engine, 0, 1, back, w.now);
	check_parked(&w, "unavailable", "");
	engine_free(w.engine);
}
END_TEST

START_TEST(a_quick_retry_that_finds_no_place_in_time_is_none)
{
	struct world w;

	start(&w);
	w.policy.own.quick = (struct quick){.tries = 1, .within = 2 * S};
	engine_delivered(w.engine, 0, 1, valid_until(1, 3 * S), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	engine_delivered(w.engine, 0, 1, world_fresh(2), w.now);
	engine_delivered(w.engine, 0, 1, world_fresh(3), w.now);
	w.now = 2 * S;
	(void)engine_tick(w.engine, w.now);
	w.now = 4 * S;
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(w.called, 3);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	check_parked(&w, "unavailable", "transient");
	engine_free(w.engine);
}
END_TEST

START_TEST(a_deadline_that_cannot_be_read_is_said_once_and_ignored)
{
	struct world w;
	struct message *m = world_fresh(1);

	start(&w);
	table_add_text(&m->headers, &m->arena, "valid-until", TEXT("soon"));
	engine_delivered(w.engine, 0, 1, m, w.now);
	ck_assert_uint_eq(w.reports[REPORT_DEADLINE], 1);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	engine_delivered(w.engine, 0, 1, world_confirm(&w, 2), w.now);
	ck_assert_uint_eq(w.reports[REPORT_DEADLINE], 1);
	ck_assert_uint_eq(w.called, 2);
	engine_free(w.engine);
}
END_TEST

START_TEST(without_the_setting_no_header_is_a_deadline)
{
	struct world w;

	world_start(&w);
	w.now = 11 * S;
	engine_delivered(w.engine, 0, 1, valid_until(1, 10 * S), w.now);
	ck_assert_uint_eq(w.called, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(policies_see_the_type_that_the_pipeline_finds)
{
	struct world w;
	struct message *m = world_fresh(1);
	const struct type_rule urgent = {.match = "vital.#",
					 .own = {.max_attempts = 1}};

	world_start(&w);
	w.policy.types = &urgent;
	w.policy.type_count = 1;
	w.pipeline.type_from =
		(struct type_source){TYPE_FROM_BODY, "/kind", "body:/kind"};
	m->body = TEXT("{\"kind\":\"vital.sign\"}");
	engine_delivered(w.engine, 0, 1, m, w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	ck_assert(text_is(world_header(w.copies[0], "rebound-parked-reason"),
			  "attempts"));
	engine_free(w.engine);
}
END_TEST

Suite *engine_deadline_suite(void)
{
	Suite *suite = suite_create("engine_deadline");
	TCase *t = tcase_create("deadline");

	suite_add_tcase(suite, t);
	tcase_add_test(
		t, one_that_comes_after_its_deadline_is_parked_without_a_call);
	tcase_add_test(t, the_word_of_the_policy_for_its_type_is_on_it);
	tcase_add_test(t, one_that_comes_at_its_deadline_is_called);
	tcase_add_test(t, one_that_waits_in_line_beyond_its_deadline_is_parked);
	tcase_add_test(t, a_retry_that_would_come_after_the_deadline_is_none);
	tcase_add_test(
		t, one_that_comes_back_too_late_is_parked_with_its_last_error);
	tcase_add_test(
		t,
		one_with_some_left_to_wait_does_not_wait_for_it_beyond_its_deadline);
	tcase_add_test(t, a_quick_retry_that_finds_no_place_in_time_is_none);
	tcase_add_test(t,
		       a_deadline_that_cannot_be_read_is_said_once_and_ignored);
	tcase_add_test(t, without_the_setting_no_header_is_a_deadline);
	tcase_add_test(t, policies_see_the_type_that_the_pipeline_finds);
	return suite;
}

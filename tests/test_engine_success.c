/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_engine_success.c - answers that mean something else than their status.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/engine_world.h"
#include "tests/worker_suites.h"
#include "worker/matcher.h"
#include "worker/mem.h"

static struct arena arena;
static struct matcher matcher;
static const uint16_t first[] = {0};
static struct success_rule rule;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_fini(&arena);
}

/* A world whose downstream means that by a body in which a pattern is found. */
static void start(struct world *w, const char *pattern,
		  enum success_meaning meaning)
{
	const char *flaw;

	world_start(w);
	matcher = (struct matcher){
		.kind = MATCHER_TEXT,
		.test = TEST_REGEX,
		.pattern = pattern,
		.regex = regex_new(text_of(pattern), &arena, &flaw)};
	rule = (struct success_rule){
		.when = {.matchers = first, .matcher_count = 1},
		.meaning = meaning,
	};
	w->config.matchers = &matcher;
	w->config.matcher_count = 1;
	w->pipeline.matchers = first;
	w->pipeline.matcher_count = 1;
	w->downstream.rules.success = &rule;
	w->downstream.rules.success_count = 1;
	engine_delivered(w->engine, 0, 1, world_fresh(1), w->now);
}

static void answer(struct world *w, int status, struct text body)
{
	const struct http_answer a = {
		.outcome = {.transport = TRANSPORT_COMPLETE,
			    .sent = SENT_ALL,
			    .status = status,
			    .retry_after = -1},
		.body = body,
	};

	ck_assert_uint_ge(w->call_count, 1);
	uint64_t job = w->calls[0];

	memmove(w->calls, w->calls + 1, --w->call_count * sizeof(*w->calls));
	engine_answered(w->engine, job, &a, w->now);
}

START_TEST(what_had_been_done_before_is_acked_and_told_apart)
{
	struct world w;

	start(&w, "exists", SUCCESS_ALREADY);
	answer(&w, 409, TEXT("it exists"));
	ck_assert_uint_eq(w.acks, 1);
	ck_assert_uint_eq(w.copy_count, 0);
	ck_assert_str_eq(w.reason, "already-done");
	engine_delivered(w.engine, 0, 1, world_fresh(2), w.now);
	answer(&w, 201, TEXT("made"));
	ck_assert_uint_eq(w.acks, 2);
	ck_assert_ptr_null(w.reason);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_failure_inside_a_success_is_tried_again)
{
	struct world w;

	start(&w, "\"error\"", SUCCESS_FAILED);
	answer(&w, 200, TEXT("{\"status\": \"error\"}"));
	ck_assert_uint_eq(w.acks, 0);
	const struct copy *copy = world_take_copy(&w);

	ck_assert_ptr_nonnull(copy);
	ck_assert_int_gt(w.delay, 0);
	engine_copied(w.engine, copy->job, COPY_CONFIRMED, w.now);
	ck_assert_uint_eq(w.acks, 1);
	engine_free(w.engine);
}
END_TEST

START_TEST(a_search_that_was_given_up_is_said_once)
{
	size_t len = 1 << 20;
	char *body = mem_array(len, 1);
	struct world w;

	memset(body, ' ', len);
	start(&w, "(\\s+)+[xy]", SUCCESS_FAILED);
	answer(&w, 200, (struct text){body, len});
	engine_delivered(w.engine, 0, 1, world_fresh(2), w.now);
	answer(&w, 200, (struct text){body, len});
	ck_assert_uint_eq(w.acks, 0);
	ck_assert_uint_eq(w.copy_count, 2);
	ck_assert_uint_eq(w.reports[REPORT_GAVE_UP], 1);
	/* Policies that are read anew may have other patterns. */
	struct ruling again = {.set = ruleset_new(&w.config),
			       .pipeline = &w.pipeline};

	engine_rule(w.engine, 0, &again);
	engine_delivered(w.engine, 0, 1, world_fresh(3), w.now);
	answer(&w, 200, (struct text){body, len});
	ck_assert_uint_eq(w.reports[REPORT_GAVE_UP], 2);
	engine_free(w.engine);
	ruleset_drop(again.set);
	free(body);
}
END_TEST

Suite *engine_success_suite(void)
{
	Suite *suite = suite_create("engine success");
	TCase *tcase = tcase_create("answers");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase,
		       what_had_been_done_before_is_acked_and_told_apart);
	tcase_add_test(tcase, a_failure_inside_a_success_is_tried_again);
	tcase_add_test(tcase, a_search_that_was_given_up_is_said_once);
	suite_add_tcase(suite, tcase);
	return suite;
}

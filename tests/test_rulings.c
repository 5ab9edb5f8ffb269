/* SPDX-License-Identifier: Apache-2.0 */
/* test_rulings.c - what pipelines go by, and the delay queues of it. */
#include "worker/rulings.h"

#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

#define LAB              "lab = { deliver_to = \"http://h/\"; policy = \"p\"; }; "
#define RAD              "rad = { deliver_to = \"http://h/\"; policy = \"p\"; }; "
#define PIPELINES(these) "pipelines = { " these "};\n"
#define DELAYS(these)                                                          \
	"policies = { p = { retry_after_ceiling = \"2s\"; schedule = { "       \
	"kind = \"custom\"; delays = [ " these " ]; }; }; };\n"

static struct config *running;
static struct ruleset *first;
static struct rulings old;
static struct ruleset *second;
static struct rulings new;
static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
	folder_enter();
	running = folder_load(PIPELINES(LAB RAD) DELAYS("\"1s\", \"5s\""));
	ck_assert_ptr_nonnull(running);
	first = ruleset_new(running);
	old = rulings_begin(running, first);
}

static void teardown(void)
{
	rulings_free(&new);
	rulings_free(&old);
	ruleset_drop(second);
	ruleset_drop(first);
	second = NULL;
	config_free(running);
	folder_leave();
	arena_fini(&arena);
}

/* Reads another configuration, and goes by it. */
static void renew(const char *text)
{
	struct config *config = folder_load(text);

	ck_assert_ptr_nonnull(config);
	second = ruleset_own(config);
	new = rulings_renew(&old, second);
}

START_TEST(each_pipeline_goes_by_what_the_new_set_says)
{
	renew(PIPELINES(RAD LAB) DELAYS("\"1s\""));
	ck_assert_ptr_eq(new.list[0].set, second);
	ck_assert_str_eq(new.list[0].pipeline->name, "lab");
	ck_assert_str_eq(new.list[1].pipeline->name, "rad");
	ck_assert_uint_eq(second->users, 3);
	ck_assert_uint_eq(first->users, 3);
}
END_TEST

START_TEST(a_pipeline_that_the_set_does_not_know_goes_on_as_it_did)
{
	renew(PIPELINES(RAD) DELAYS("\"1s\""));
	ck_assert_ptr_eq(new.list[0].set, first);
	ck_assert_ptr_eq(new.list[0].pipeline, &running->pipelines[0]);
	ck_assert_ptr_eq(new.list[1].set, second);
	ck_assert_uint_eq(first->users, 4);
	ck_assert_uint_eq(second->users, 2);
}
END_TEST

START_TEST(new_delays_are_counted_for_each_pipeline)
{
	renew(PIPELINES(LAB RAD) DELAYS("\"1s\", \"3s\", \"7s\""));
	ck_assert_uint_eq(rulings_new_lanes(&new, &old, NULL), 4);
	ck_assert_uint_eq(rulings_new_lanes(&new, &old, &running->pipelines[1]),
			  2);
}
END_TEST

START_TEST(new_rungs_of_the_ladder_are_counted)
{
	renew(PIPELINES(
		LAB RAD) "policies = { p = { retry_after_ceiling = \"9s\"; "
			 "schedule = { "
			 "kind = \"custom\"; delays = [ \"1s\" ]; }; }; };\n");
	/* 4 s and 8 s. */
	ck_assert_uint_eq(rulings_new_lanes(&new, &old, NULL), 4);
}
END_TEST

START_TEST(fewer_delays_are_none_that_are_new)
{
	renew(PIPELINES(LAB RAD) DELAYS("\"5s\""));
	ck_assert_uint_eq(rulings_new_lanes(&new, &old, NULL), 0);
}
END_TEST

START_TEST(what_is_needed_is_the_running_one_with_the_new_delays)
{
	const struct config *needs;

	renew("prefix = \"other.\";\n" PIPELINES(LAB RAD) DELAYS("\"7s\""));
	needs = rulings_needs(&new, &arena);
	rulings_free(&new);
	ruleset_drop(second);
	second = NULL;
	ck_assert_uint_eq(needs->pipeline_count, 2);
	ck_assert_str_eq(needs->pipelines[1].delay_exchange,
			 "rebound.rad.delay");
	ck_assert_uint_eq(needs->pipelines[1].lane_count, 1);
	ck_assert_int_eq(needs->pipelines[1].lanes[0], 7 * MILLIS_PER_SECOND);
	ck_assert_uint_eq(needs->pipelines[1].ladder_count, 2);
}
END_TEST

Suite *rulings_suite(void)
{
	Suite *suite = suite_create("rulings");
	TCase *tc = tcase_create("rulings");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_pipeline_goes_by_what_the_new_set_says);
	tcase_add_test(tc,
		       a_pipeline_that_the_set_does_not_know_goes_on_as_it_did);
	tcase_add_test(tc, new_delays_are_counted_for_each_pipeline);
	tcase_add_test(tc, new_rungs_of_the_ladder_are_counted);
	tcase_add_test(tc, fewer_delays_are_none_that_are_new);
	tcase_add_test(tc,
		       what_is_needed_is_the_running_one_with_the_new_delays);
	suite_add_tcase(suite, tc);
	return suite;
}

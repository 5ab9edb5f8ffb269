/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_engine_rules.c - policies that change while messages are in flight.
 */
#include <string.h>

#include "tests/engine_world.h"
#include "tests/worker_suites.h"
#include "worker/engine.h"

/* A reading in which the pipeline has another policy. */
struct reading_of {
	struct policy policy;
	struct schedule schedule;
	struct pipeline_config pipeline;
	struct config config;
	struct ruling ruling;
};

/* The new policy waits 5 s, and gives up after two attempts; one user, which is
   the test. */
static void read_anew(struct reading_of *r, const struct world *w)
{
	*r = (struct reading_of){.pipeline = w->pipeline, .config = w->config};
	policy_init(&r->policy, "anew");
	r->schedule = (struct schedule){.kind = SCHEDULE_FIXED, .first = 5 * S};
	r->policy.own.schedule = &r->schedule;
	r->policy.own.max_attempts = 2;
	r->pipeline.policy = &r->policy;
	r->config.pipelines = &r->pipeline;
	r->ruling = (struct ruling){.set = ruleset_new(&r->config),
				    .pipeline = &r->pipeline};
}

/* The version in the newest entry of the copy's journal. */
static struct text journal_version(const struct copy *copy)
{
	const struct field *journal =
		table_find(&copy->headers, "rebound-journal");
	const struct table *entries = &journal->as.table;
	const struct table *entry =
		&entries->fields[entries->count - 1].as.table;
	struct text version = {0};

	ck_assert(field_text(table_find(entry, "policy"), &version));
	return version;
}

START_TEST(what_is_in_flight_ends_under_the_policy_it_began_with)
{
	struct world w;
	struct reading_of r;
	char before[16];

	world_start(&w);
	strcpy(before, w.rules->version);
	read_anew(&r, &w);
	ck_assert_str_ne(before, r.ruling.set->version);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	engine_rule(w.engine, 0, &r.ruling);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	ck_assert(text_is(world_header(w.copies[0], "rebound-lane"),
			  "v1.ehr.2s"));
	ck_assert(text_is(world_header(w.copies[0], "rebound-policy"), before));
	ck_assert(text_is(journal_version(w.copies[0]), before));
	message_free(world_confirm(&w, 2));
	engine_free(w.engine);
	ruleset_drop(r.ruling.set);
}
END_TEST

START_TEST(a_copy_under_an_older_policy_is_handled_by_the_new_one)
{
	struct world w;
	struct reading_of r;

	world_start(&w);
	read_anew(&r, &w);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	struct message *back = world_confirm(&w, 2);

	engine_rule(w.engine, 0, &r.ruling);
	engine_delivered(w.engine, 0, 1, back, w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	ck_assert(text_is(w.copies[0]->exchange, "rebound.lab.parking"));
	ck_assert(text_is(world_header(w.copies[0], "rebound-parked-reason"),
			  "attempts"));
	ck_assert(text_is(world_header(w.copies[0], "rebound-policy"),
			  r.ruling.set->version));
	message_free(world_confirm(&w, 3));
	engine_free(w.engine);
	ruleset_drop(r.ruling.set);
}
END_TEST

START_TEST(a_new_delivery_goes_by_the_new_policy)
{
	struct world w;
	struct reading_of r;

	world_start(&w);
	read_anew(&r, &w);
	engine_rule(w.engine, 0, &r.ruling);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	world_answer(&w, 503, TRANSPORT_COMPLETE, -1);
	ck_assert(text_is(world_header(w.copies[0], "rebound-lane"),
			  "v1.ehr.5s"));
	ck_assert(text_is(journal_version(w.copies[0]), r.ruling.set->version));
	message_free(world_confirm(&w, 2));
	engine_free(w.engine);
	ruleset_drop(r.ruling.set);
}
END_TEST

START_TEST(a_set_has_one_user_for_each_that_goes_by_it)
{
	struct world w;
	struct reading_of first;
	struct reading_of second;

	world_start(&w);
	read_anew(&first, &w);
	read_anew(&second, &w);
	engine_rule(w.engine, 0, &first.ruling);
	ck_assert_uint_eq(first.ruling.set->users, 2);
	engine_delivered(w.engine, 0, 1, world_fresh(1), w.now);
	engine_delivered(w.engine, 0, 1, world_fresh(2), w.now);
	ck_assert_uint_eq(first.ruling.set->users, 4);
	engine_rule(w.engine, 0, &second.ruling);
	ck_assert_uint_eq(first.ruling.set->users, 3);
	world_answer(&w, 200, TRANSPORT_COMPLETE, -1);
	ck_assert_uint_eq(first.ruling.set->users, 2);
	engine_free(w.engine);
	ck_assert_uint_eq(first.ruling.set->users, 1);
	ck_assert_uint_eq(second.ruling.set->users, 1);
	ruleset_drop(first.ruling.set);
	ruleset_drop(second.ruling.set);
}
END_TEST

START_TEST(the_same_reading_has_the_same_version)
{
	struct world w;
	struct reading_of a;
	struct reading_of b;

	world_start(&w);
	read_anew(&a, &w);
	read_anew(&b, &w);
	ck_assert_str_eq(a.ruling.set->version, b.ruling.set->version);
	ck_assert_uint_eq(strlen(a.ruling.set->version), 12);
	engine_free(w.engine);
	ruleset_drop(a.ruling.set);
	ruleset_drop(b.ruling.set);
}
END_TEST

START_TEST(a_pipeline_is_found_by_its_name_and_downstream)
{
	struct world w;
	struct reading_of r;
	struct downstream_config other = {.name = "notify"};
	struct downstream_config *to_other[1] = {&other};

	world_start(&w);
	read_anew(&r, &w);
	ck_assert_ptr_eq(ruleset_pipeline(r.ruling.set, &w.pipeline),
			 &r.pipeline);
	r.pipeline.deliver_to = to_other;
	ck_assert_ptr_null(ruleset_pipeline(r.ruling.set, &w.pipeline));
	r.pipeline.deliver_to = w.deliver_to;
	r.pipeline.name = "rad";
	ck_assert_ptr_null(ruleset_pipeline(r.ruling.set, &w.pipeline));
	engine_free(w.engine);
	ruleset_drop(r.ruling.set);
}
END_TEST

Suite *engine_rules_suite(void)
{
	Suite *suite = suite_create("engine-rules");
	TCase *tc = tcase_create("policies that change");

	tcase_add_test(tc,
		       what_is_in_flight_ends_under_the_policy_it_began_with);
	tcase_add_test(tc,
		       a_copy_under_an_older_policy_is_handled_by_the_new_one);
	tcase_add_test(tc, a_new_delivery_goes_by_the_new_policy);
	tcase_add_test(tc, a_set_has_one_user_for_each_that_goes_by_it);
	tcase_add_test(tc, the_same_reading_has_the_same_version);
	tcase_add_test(tc, a_pipeline_is_found_by_its_name_and_downstream);
	suite_add_tcase(suite, tc);
	return suite;
}

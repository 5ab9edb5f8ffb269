/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_derive.c - what follows from urls, sources and policies. */
#include <stdlib.h>
#include <string.h>

#include "policy/lanes.h"
#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

#define SMALL "pipelines = { a = { deliver_to = \"http://h/\"; }; };\n"

static struct config *config;

static void teardown(void)
{
	config_free(config);
	config = NULL;
	folder_leave();
}

static void load(const char *text)
{
	config = folder_load(text);
	ck_assert_str_eq(folder_said(), "");
	ck_assert_ptr_nonnull(config);
}

/* Urls of a node, and what they come to. */
static const struct {
	const char *url;
	const char *host;
	int port;
	bool tls;
	const char *vhost;
	const char *user;
} nodes[] = {
	{"amqp://h", "h", 5672, false, "/", "guest"},
	{"amqps://h", "h", 5671, true, "/", "guest"},
	{"amqp://h:1/", "h", 1, false, "/", "guest"}, /* not the empty vhost */
	{"amqp://u:p%40@h/%2f", "h", 5672, false, "/", "u"},
	{"amqp://u:p@[::1]:5673/prod", "::1", 5673, false, "prod", "u"},
};

START_TEST(urls_of_nodes_are_taken_apart)
{
	char text[300];

	snprintf(text, sizeof(text), "broker = { nodes = \"%s\"; };\n%s",
		 nodes[_i].url, SMALL);
	load(text);
	ck_assert_str_eq(config->broker.nodes[0].host, nodes[_i].host);
	ck_assert_int_eq(config->broker.nodes[0].port, nodes[_i].port);
	ck_assert_int_eq(config->broker.nodes[0].tls, nodes[_i].tls);
	ck_assert_str_eq(config->broker.vhost, nodes[_i].vhost);
	ck_assert_str_eq(config->broker.worker.user, nodes[_i].user);
}
END_TEST

START_TEST(a_url_may_repeat_what_is_said_beside_it)
{
	load("broker = { nodes = [ \"amqp://u:p@a/v\", \"amqp://u:p@b/v\" ]; "
	     "user = \"u\"; password = \"p\"; vhost = \"v\"; };\n" SMALL);
	ck_assert_str_eq(config->broker.worker.password, "p");
}
END_TEST

/* Sources, and what the pipeline takes from the broker. */
static const struct {
	const char *source;
	const char *exchange;
	const char *queue;
	size_t keys;
} sources[] = {
	{"", "x.a.in", "x.a", 1},
	{"exchange = \"e\";", "e", "x.a", 1},
	{"exchange = \"e\"; keys = [ \"k\", \"l\" ];", "e", "x.a", 2},
	{"queue = \"q\";", NULL, "q", 0},
	{"queue = \"q\"; exchange = \"e\";", "e", "q", 1},
};

START_TEST(sources_are_ours_or_somebody_elses)
{
	char text[300];
	const struct pipeline_config *p;

	snprintf(text, sizeof(text),
		 "prefix = \"x.\"; pipelines = { a = { deliver_to = "
		 "\"http://h/\"; source = { %s }; }; };",
		 sources[_i].source);
	load(text);
	p = &config->pipelines[0];
	ck_assert_pstr_eq(p->business_exchange, sources[_i].exchange);
	ck_assert_str_eq(p->queue, sources[_i].queue);
	ck_assert_int_eq(p->queue_is_ours, strcmp(p->queue, "x.a") == 0);
	ck_assert_uint_eq(p->key_count, sources[_i].keys);

	char *once = folder_print(config);
	config_free(config);
	load(once);
	char *twice = folder_print(config);
	ck_assert_str_eq(once, twice);
	ck_assert_pstr_eq(config->pipelines[0].business_exchange,
			  sources[_i].exchange);
	free(once);
	free(twice);
}
END_TEST

START_TEST(lanes_and_ladder_follow_from_the_policy)
{
	millis lanes[128];
	millis rungs[LADDER_RUNGS_MAX];

	load(SMALL);
	const struct pipeline_config *p = &config->pipelines[0];

	ck_assert_uint_eq(p->lane_count,
			  lanes_of_policy(p->policy, &p->deliver_to[0]->rules,
					  lanes, 128));
	ck_assert_mem_eq(p->lanes, lanes, p->lane_count * sizeof(lanes[0]));
	ck_assert_uint_eq(p->ladder_count,
			  ladder_rungs(MILLIS_PER_HOUR, rungs));
	ck_assert_mem_eq(p->ladder, rungs, p->ladder_count * sizeof(rungs[0]));
}
END_TEST

START_TEST(who_ignores_retry_after_needs_no_ladder)
{
	load("policies = { p = { honour_retry_after = false; }; };\n"
	     "pipelines = { a = { deliver_to = \"http://h/\"; "
	     "policy = \"p\"; }; };\n");
	ck_assert_uint_eq(config->pipelines[0].ladder_count, 0);
}
END_TEST

START_TEST(prefetch_is_twice_the_concurrency_within_bounds)
{
	load("downstreams = { d = { url = \"http://h/\"; concurrency = 10000; "
	     "}; };\npipelines = { a = { deliver_to = \"d\"; }; "
	     "b = { deliver_to = \"d\"; prefetch = 7; }; };\n");
	ck_assert_uint_eq(config->pipelines[0].prefetch, 20000);
	ck_assert_uint_eq(config->pipelines[1].prefetch, 7);
}
END_TEST

Suite *config_derive_suite(void)
{
	Suite *suite = suite_create("config_derive");
	TCase *derived = tcase_create("derived");

	tcase_add_checked_fixture(derived, folder_enter, teardown);
	tcase_add_loop_test(derived, urls_of_nodes_are_taken_apart, 0,
			    COUNT(nodes));
	tcase_add_test(derived, a_url_may_repeat_what_is_said_beside_it);
	tcase_add_loop_test(derived, sources_are_ours_or_somebody_elses, 0,
			    COUNT(sources));
	tcase_add_test(derived, lanes_and_ladder_follow_from_the_policy);
	tcase_add_test(derived, who_ignores_retry_after_needs_no_ladder);
	tcase_add_test(derived,
		       prefetch_is_twice_the_concurrency_within_bounds);
	suite_add_tcase(suite, derived);
	return suite;
}

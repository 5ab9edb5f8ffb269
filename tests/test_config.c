/* SPDX-License-Identifier: Apache-2.0 */
/* test_config.c - the promises of worker/config.h for files that are right. */
#include "worker/config.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

#define SMALL                                                                  \
	"pipelines = { lab-results = { deliver_to = [ "                        \
	"\"http://localhost:8081/\" ]; }; };\n"

/* The example of the documents, with lists, arrays and single values. */
#define EXAMPLE                                                                \
	"broker = { nodes = \"amqp://localhost:5672\"; vhost = \"/\";\n"       \
	"  user = \"rebound\"; password = \"sesam\"; };\n"                     \
	"downstreams = {\n"                                                    \
	"  ehr = { url = \"http://localhost:8081/fhir\"; timeout = \"5s\";\n"  \
	"    concurrency = \"16\"; headers = { X-Site = \"north\";\n"          \
	"      X-Api-Key = \"k1\"; };\n"                                       \
	"    map_headers = { X-Reply = \"property:reply-to\";\n"               \
	"      X-Patient = \"header:patient\"; }; }; };\n"                     \
	"pipelines = { lab-results = {\n"                                      \
	"  source = { exchange = \"clinical-events\"; keys = [ \"lab.#\" ]; "  \
	"};\n"                                                                 \
	"  deliver_to = \"ehr\"; policy = \"careful\"; }; };\n"                \
	"policies = { careful = {\n"                                           \
	"  max_attempts = 8; give_up_after = \"never\"; ambiguous = \"park\";" \
	"\n"                                                                   \
	"  schedule = { kind = \"exponential\"; first = \"2s\"; factor = 3;\n" \
	"    max = \"30m\"; jitter = \"20%\"; };\n"                            \
	"  errors = (\n"                                                       \
	"    { name = \"throttled\"; status = ( 429, \"504-599\", "            \
	"\"400-403\" "                                                         \
	");\n"                                                                 \
	"      schedule = { kind = \"linear\"; first = \"5s\"; max = "         \
	"\"30s\"; }"                                                           \
	"; },\n"                                                               \
	"    { name = \"maintenance\"; status = 503; honour_retry_after = "    \
	"false;\n"                                                             \
	"      max_attempts = 3; schedule = { kind = \"custom\";\n"            \
	"        delays = ( \"1m\", \"5m\" ); then = \"park\"; }; },\n"        \
	"    { name = \"no-answer\"; class = \"ambiguous\";\n"                 \
	"      transport = [ \"timeout-after-send\", \"reset-after-send\" ]; " \
	"}\n"                                                                  \
	"  );\n"                                                               \
	"  types = ( { match = \"lab.result.critical\"; max_attempts = 20; "   \
	"},\n"                                                                 \
	"    { match = \"lab.admin.#\"; give_up_after = \"1h\"; } );\n"        \
	"}; };\n"

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

START_TEST(the_smallest_file_has_all_the_rest)
{
	load(SMALL);
	const struct pipeline_config *p =
		config_pipeline(config, "lab-results");

	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_null(config_pipeline(config, "lab"));
	ck_assert_str_eq(p->exchange, "rebound.lab-results");
	ck_assert_str_eq(p->queue, "rebound.lab-results");
	ck_assert_str_eq(p->delay_exchange, "rebound.lab-results.delay");
	ck_assert_str_eq(p->parking, "rebound.lab-results.parking");
	ck_assert_str_eq(p->business_exchange, "rebound.lab-results.in");
	ck_assert(p->business_is_ours);
	ck_assert(p->queue_is_ours);
	ck_assert_uint_eq(p->key_count, 1);
	ck_assert_str_eq(p->keys[0], "#");
	ck_assert_uint_eq(p->deliver_to_count, 1);
	ck_assert_ptr_eq(p->deliver_to[0], &config->downstreams[0]);
	ck_assert_str_eq(p->deliver_to[0]->name, "lab-results");
	ck_assert_str_eq(p->deliver_to[0]->url, "http://localhost:8081/");
	ck_assert_ptr_eq(p->policy, config->built_in);
	ck_assert_uint_eq(p->prefetch, 64);
	ck_assert_uint_eq(p->in_flight_bytes, 256 << 20);
}
END_TEST

START_TEST(defaults_are_those_of_the_table)
{
	load(SMALL);
	const struct broker_config *b = &config->broker;
	const struct downstream_config *d = &config->downstreams[0];

	ck_assert_str_eq(config->prefix, "rebound.");
	ck_assert(config->declare);
	ck_assert_int_eq(config->shutdown_grace, 30000);
	ck_assert_int_eq(config->confirm_timeout, 120000);
	ck_assert_int_eq(config->log_format, LOG_AUTO);
	ck_assert_uint_eq(b->node_count, 1);
	ck_assert_str_eq(b->nodes[0].host, "localhost");
	ck_assert_int_eq(b->nodes[0].port, 5672);
	ck_assert(!b->nodes[0].tls);
	ck_assert_str_eq(b->vhost, "/");
	ck_assert_str_eq(b->worker.user, "guest");
	ck_assert_str_eq(b->worker.password, "guest");
	ck_assert_ptr_null(b->admin.user);
	ck_assert_ptr_null(b->operator.user);
	ck_assert_ptr_null(b->management);
	ck_assert_int_eq(b->heartbeat, 15000);
	ck_assert_int_eq(d->timeout, 30000);
	ck_assert_int_eq(d->connect_timeout, 5000);
	ck_assert_uint_eq(d->concurrency, 32);
	ck_assert_uint_eq(d->response_limit, 65536);
	ck_assert(!d->follow_redirects);
	ck_assert_str_eq(d->method, "POST");
}
END_TEST

START_TEST(a_policy_that_says_nothing_is_the_built_in_one)
{
	load("policies = { p = { schedule = { }; }; };\n"
	     "pipelines = { a = { deliver_to = \"http://h/\"; "
	     "policy = \"p\"; }; };\n");
	const struct policy *p = &config->policies[0];
	const struct downstream_rules *to = &config->downstreams[0].rules;
	struct settled s =
		policy_settle(p, to, NULL, NULL, CLASS_TRANSIENT, NULL);
	const struct tuning *b = tuning_built_in();

	ck_assert_uint_eq(s.max_attempts, b->max_attempts);
	ck_assert_int_eq(s.give_up_after, b->give_up_after);
	ck_assert_int_eq(s.ambiguous, b->ambiguous);
	ck_assert(s.honours_retry_after);
	ck_assert_int_eq(s.retry_after_floor, b->retry_after_floor);
	ck_assert_int_eq(s.retry_after_ceiling, b->retry_after_ceiling);
	ck_assert_int_eq(s.schedule->kind, b->schedule->kind);
	ck_assert_int_eq(s.schedule->first, b->schedule->first);
	ck_assert_uint_eq(s.schedule->factor, b->schedule->factor);
	ck_assert_int_eq(s.schedule->max, b->schedule->max);
	ck_assert_uint_eq(s.schedule->jitter_pct, b->schedule->jitter_pct);
}
END_TEST

/* Replaces `what`, which is there once, by `by`, which is no longer. */
static void replace(char *text, const char *what, const char *by)
{
	char *at = strstr(text, what);

	ck_assert_ptr_nonnull(at);
	memset(at, ' ', strlen(what));
	memcpy(at, by, strlen(by));
}

START_TEST(the_example_reads_but_for_what_comes_later)
{
	char *text = folder_source("tests/configs/example.cfg");

	folder_write("broker.password", "sesam\n");
	ck_assert_ptr_null(folder_load(text));
	ck_assert_str_eq(
		folder_said(),
		"c.cfg:11: pipelines.lab-results.deliver_to names 2 "
		"downstreams, and a pipeline delivers to exactly one "
		"downstream in this version. Make a pipeline for each.\n");
	replace(text, ", \"notify\" ]", "]");
	config = folder_load(text);
	ck_assert_ptr_nonnull(config);
	ck_assert_str_eq(folder_said(), "c.cfg:5: warning: No pipeline "
					"delivers to the downstream "
					"\"notify\".\n");
	ck_assert_uint_eq(config->pipelines[0].policy->error_count, 4);
	ck_assert_uint_eq(config->pipelines[0].policy->types[0].own.quick.tries,
			  3);
	free(text);
}
END_TEST

START_TEST(a_policy_is_read_whole)
{
	load(EXAMPLE);
	const struct policy *p = config->pipelines[0].policy;

	ck_assert_ptr_eq(p, &config->policies[0]);
	ck_assert_int_eq(p->own.give_up_after, POLICY_UNLIMITED_TIME);
	ck_assert_int_eq(p->own.ambiguous, AMBIGUOUS_PARK);
	ck_assert_uint_eq(p->own.schedule->jitter_pct, 20);
	ck_assert_uint_eq(p->error_count, 3);
	ck_assert_uint_eq(p->errors[0].when.status_count, 3);
	ck_assert_int_eq(p->errors[0].when.statuses[0].first, 429);
	ck_assert_int_eq(p->errors[0].when.statuses[1].last, 599);
	ck_assert_int_eq(p->errors[0].when.statuses[2].first, 400);
	ck_assert_int_eq(p->errors[0].when.statuses[2].last, 403);
	/* The step of a linear schedule is as long as its first wait. */
	ck_assert_int_eq(p->errors[0].own.schedule->step, 5000);
	ck_assert(p->errors[0].own.honour != HONOUR_NO);
	ck_assert_int_eq(p->errors[1].own.honour, HONOUR_NO);
	ck_assert_uint_eq(p->errors[1].own.max_attempts, 3);
	ck_assert_uint_eq(p->errors[1].own.schedule->delay_count, 2);
	ck_assert(p->errors[1].own.schedule->then_park);
	ck_assert_int_eq(p->errors[2].class, CLASS_AMBIGUOUS);
	ck_assert_uint_eq(p->errors[2].when.transports,
			  1U << TRANSPORT_TIMEOUT_AFTER_SEND |
				  1U << TRANSPORT_RESET_AFTER_SEND);
	ck_assert_ptr_null(p->errors[2].own.schedule);
	ck_assert_uint_eq(p->type_count, 2);
	ck_assert_uint_eq(p->types[0].own.max_attempts, 20);
	ck_assert_int_eq(p->types[0].own.give_up_after, 0);
	ck_assert_int_eq(p->types[1].own.give_up_after, 3600000);
}
END_TEST

START_TEST(headers_are_fixed_or_mapped)
{
	load(EXAMPLE);
	const struct downstream_config *d = &config->downstreams[0];

	ck_assert_uint_eq(d->header_count, 4);
	ck_assert_str_eq(d->headers[0].name, "X-Site");
	ck_assert_int_eq(d->headers[0].source, HEADER_FIXED);
	ck_assert_str_eq(d->headers[0].value, "north");
	ck_assert(!d->headers[0].is_secret);
	ck_assert(d->headers[1].is_secret);
	ck_assert_int_eq(d->headers[2].source, HEADER_PROPERTY);
	ck_assert_str_eq(d->headers[2].value, "reply-to");
	ck_assert_int_eq(d->headers[3].source, HEADER_HEADER);
	ck_assert_str_eq(d->headers[3].value, "patient");
}
END_TEST

START_TEST(what_is_printed_reads_as_the_same)
{
	load(EXAMPLE);
	char *once = folder_print(config);
	config_free(config);
	load(once);
	char *twice = folder_print(config);

	ck_assert_str_eq(once, twice);
	ck_assert_uint_eq(config->policies[0].error_count, 3);
	ck_assert_str_eq(config->downstreams[0].headers[3].value, "patient");
	ck_assert_int_eq(config->policies[0].own.give_up_after,
			 POLICY_UNLIMITED_TIME);
	free(once);
	free(twice);
}
END_TEST

START_TEST(secrets_are_never_printed)
{
	load(EXAMPLE);
	char *text = folder_print(config);

	ck_assert_str_eq(config->broker.worker.password, "sesam");
	ck_assert_ptr_null(strstr(text, "sesam"));
	ck_assert_ptr_null(strstr(text, "k1"));
	ck_assert_ptr_nonnull(strstr(text, "password = \"********\""));
	ck_assert_ptr_nonnull(strstr(text, "X-Api-Key = \"********\""));
	ck_assert_ptr_nonnull(strstr(text, "X-Site = \"north\""));
	free(text);
}
END_TEST

START_TEST(odd_texts_are_printed_so_that_they_read_again)
{
	load("broker = { vhost = \"a\\\"b\\\\c\\x01\"; };\n" SMALL);
	char *text = folder_print(config);

	config_free(config);
	load(text);
	ck_assert_str_eq(config->broker.vhost, "a\"b\\c\x01");
	free(text);
}
END_TEST

/* Right, and yet worth a word. */
static const struct {
	const char *text;
	const char *said;
} warnings[] = {
	{"downstreams = { d = { url = \"http://h/\"; }; };\n" SMALL,
	 "c.cfg:1: warning: No pipeline delivers to the downstream \"d\".\n"},
	{"policies = { p = { }; };\n" SMALL,
	 "c.cfg:1: warning: No pipeline has the policy \"p\".\n"},
	{"policies = { p = { give_up_after = \"1s\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; policy = \"p\"; }; "
	 "};\n",
	 "c.cfg:1: warning: policies.p never tries again by its schedule: "
	 "give_up_after (1s) is shorter than the first wait (2s). Raise the "
	 "one, or shorten the other.\n"},
};

START_TEST(contradictions_are_warnings)
{
	config = folder_load(warnings[_i].text);
	ck_assert_str_eq(folder_said(), warnings[_i].said);
	ck_assert_ptr_nonnull(config);
}
END_TEST

START_TEST(at_most_200_errors_are_listed_and_the_rest_counted)
{
	char text[12000] = "";
	size_t lines = 0;

	for (int i = 0; i < 300; i++)
		snprintf(text + strlen(text), 40, "wrong-%d = %d;\n", i, i);
	config = folder_load(text);
	ck_assert_ptr_null(config);
	for (const char *c = folder_said(); *c != '\0'; c++)
		lines += *c == '\n';
	ck_assert_uint_eq(lines, PROGRAM_ERRORS_MAX + 1);
	/* One more: pipelines is missing. */
	ck_assert_ptr_nonnull(strstr(folder_said(), "and 101 more errors\n"));
}
END_TEST

Suite *config_suite(void)
{
	Suite *suite = suite_create("config");
	TCase *good = tcase_create("good");

	tcase_add_checked_fixture(good, folder_enter, teardown);
	tcase_add_test(good, the_smallest_file_has_all_the_rest);
	tcase_add_test(good, defaults_are_those_of_the_table);
	tcase_add_test(good, a_policy_that_says_nothing_is_the_built_in_one);
	tcase_add_test(good, the_example_reads_but_for_what_comes_later);
	tcase_add_test(good, a_policy_is_read_whole);
	tcase_add_test(good, headers_are_fixed_or_mapped);
	tcase_add_test(good, what_is_printed_reads_as_the_same);
	tcase_add_test(good, secrets_are_never_printed);
	tcase_add_test(good, odd_texts_are_printed_so_that_they_read_again);
	tcase_add_loop_test(good, contradictions_are_warnings, 0,
			    COUNT(warnings));
	tcase_add_test(good,
		       at_most_200_errors_are_listed_and_the_rest_counted);
	suite_add_tcase(suite, good);
	return suite;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_topology_compare.c - what differs between a plan and what the
 * management API shows is found.
 */
#include <string.h>

#include "tests/topology_sample.h"
#include "tests/worker_suites.h"
#include "worker/topology_compare.h"
#include "worker/topology_json.h"

static struct arena arena;
static struct config *config;
static struct topology topology;

static void setup(void)
{
	arena_init(&arena);
	config = sample_config(&arena, "r.");
	topology = topology_plan(config, NULL, &arena);
}

static void teardown(void)
{
	arena_fini(&arena);
}

static const struct topology_queue *queue(const char *name)
{
	for (size_t i = 0; i < topology.queue_count; i++)
		if (strcmp(topology.queues[i].name, name) == 0)
			return &topology.queues[i];
	ck_abort_msg("no queue %s is planned", name);
}

static struct topology_seen seen;
static struct findings findings;

/* What the management API would show, were all as planned: the definitions
   have the same members. */
static struct json *definitions;

static void see(void)
{
	definitions = topology_definitions(&topology, "/", NULL);
	seen = (struct topology_seen){
		.exchanges = json_get(definitions, "exchanges"),
		.queues = json_get(definitions, "queues"),
		.bindings = json_get(definitions, "bindings"),
	};
	/* Beside what they define, the API shows what broker policies make. */
	for (size_t i = 0; i < json_count(seen.queues); i++)
		json_put(json_at(seen.queues, i), "effective_policy_definition",
			 json_new_object());
	json_append(seen.exchanges,
		    json_parse(TEXT("{\"name\":\"r.shared\"}")));
	json_append(seen.queues, json_parse(TEXT("{\"name\":\"r.foreign\"}")));
	findings = (struct findings){0};
}

static void compare(void)
{
	topology_compare(&topology, &seen, &arena, &findings);
	json_free(definitions);
}

static const struct finding *difference(void)
{
	ck_assert_uint_eq(findings.differs + findings.unused, 1);
	for (size_t i = 0; i < findings.count; i++)
		if (findings.list[i].kind == FINDING_DIFFERS ||
		    findings.list[i].kind == FINDING_UNUSED)
			return &findings.list[i];
	ck_abort();
}

static void ck_assert_has(const char *text, const char *wanted)
{
	ck_assert_msg(strstr(text, wanted) != NULL, "\"%s\" is not in: %s",
		      wanted, text);
}

START_TEST(what_is_as_planned_is_ok)
{
	see();
	/* As RabbitMQ lists them: every queue, bound to the default exchange. */
	json_append(seen.bindings,
		    json_parse(TEXT("{\"source\":\"\",\"destination\":\"r.a\","
				    "\"destination_type\":\"queue\","
				    "\"routing_key\":\"r.a\","
				    "\"arguments\":{}}")));
	compare();
	ck_assert_uint_eq(findings.differs, 0);
	ck_assert_uint_eq(findings.unknown, 0);
	ck_assert_uint_eq(findings.count, topology.exchange_count +
						  topology.queue_count +
						  topology.binding_count);
}
END_TEST

START_TEST(all_that_is_missing_is_found)
{
	see();
	seen = (struct topology_seen){0};
	compare();
	ck_assert_uint_eq(findings.differs, findings.count);
	ck_assert_uint_eq(findings.count, topology.exchange_count +
						  topology.queue_count +
						  topology.binding_count);
}
END_TEST

/* An object that is added to what is seen makes this difference. */
static const struct stray {
	const char *list;
	const char *json;
	const char *object;
	const char *text;
} strays[] = {
	{"bindings",
	 "{\"source\":\"r.shared\",\"destination\":\"r.a\","
	 "\"destination_type\":\"exchange\",\"routing_key\":\"old.key\","
	 "\"arguments\":{}}",
	 "binding r.shared -> r.a, key old.key", "No setting makes"},
	{"bindings",
	 "{\"source\":\"r.a\",\"destination\":\"spy\","
	 "\"destination_type\":\"queue\",\"routing_key\":\"\","
	 "\"arguments\":{}}",
	 "binding r.a -> spy", "No setting makes"},
	{"bindings",
	 "{\"source\":\"amq.topic\",\"destination\":\"r.a.parking\","
	 "\"destination_type\":\"queue\",\"routing_key\":\"\","
	 "\"arguments\":{}}",
	 "binding amq.topic -> r.a.parking", "No setting makes"},
	{"queues",
	 "{\"name\":\"r.a.delay.v1.ehr.7s\",\"messages\":3,"
	 "\"arguments\":{}}",
	 "queue r.a.delay.v1.ehr.7s",
	 "it holds 3 messages, which still come back"},
	{"queues",
	 "{\"name\":\"r.a.delay.v1.ehr.7s\",\"messages\":1,"
	 "\"arguments\":{}}",
	 "queue r.a.delay.v1.ehr.7s",
	 "it holds 1 message, which still comes back"},
	{"queues",
	 "{\"name\":\"r.a.delay.v1.ehr.7s\",\"messages\":0,"
	 "\"arguments\":{}}",
	 "queue r.a.delay.v1.ehr.7s", "it is empty"},
	{"queues",
	 "{\"name\":\"r.a.delay.v1.ehr.7s\","
	 "\"arguments\":{}}",
	 "queue r.a.delay.v1.ehr.7s", "it holds is not known yet"},
};

START_TEST(what_no_setting_makes_is_found)
{
	const struct stray *s = &strays[_i];

	see();
	json_append(json_get(definitions, s->list),
		    json_parse(text_of(s->json)));
	compare();
	ck_assert_str_eq(difference()->object, s->object);
	ck_assert_has(difference()->text, s->text);
}
END_TEST

START_TEST(a_stray_lane_is_one_finding_with_its_binding)
{
	see();
	json_append(seen.queues,
		    json_parse(TEXT("{\"name\":\"r.a.delay.v1.ehr.7s\"}")));
	json_append(seen.bindings,
		    json_parse(TEXT("{\"source\":\"r.a.delay\","
				    "\"destination\":\"r.a.delay.v1.ehr.7s\","
				    "\"destination_type\":\"queue\","
				    "\"routing_key\":\"\",\"arguments\":{}}")));
	compare();
	ck_assert_uint_eq(findings.differs, 0);
	ck_assert_uint_eq(findings.unused, 1);
	for (size_t i = 0; i < findings.count; i++)
		if (findings.list[i].kind == FINDING_UNUSED)
			ck_assert_has(findings.list[i].object, "queue");
}
END_TEST

START_TEST(bindings_of_others_are_their_own_affair)
{
	see();
	json_append(
		seen.bindings,
		json_parse(TEXT("{\"source\":\"r.shared\","
				"\"destination\":\"billing\","
				"\"destination_type\":\"queue\","
				"\"routing_key\":\"#\",\"arguments\":{}}")));
	json_append(
		seen.bindings,
		json_parse(TEXT("{\"source\":\"r.b.in\","
				"\"destination\":\"billing\","
				"\"destination_type\":\"queue\","
				"\"routing_key\":\"#\",\"arguments\":{}}")));
	json_append(
		seen.bindings,
		json_parse(TEXT("{\"source\":\"old\","
				"\"destination\":\"r.foreign\","
				"\"destination_type\":\"queue\","
				"\"routing_key\":\"#\",\"arguments\":{}}")));
	compare();
	ck_assert_uint_eq(findings.differs, 0);
}
END_TEST

/* Queue r.a as it is seen, with these members; NULL: no difference. */
static const struct wrong {
	const char *member;
	const char *json;
	const char *text;
} wrongs[] = {
	{"arguments", "{}", "x-queue-type is none"},
	{"durable", "false", "not durable"},
	{"auto_delete", "true", "deletes itself"},
	{"effective_policy_definition", "{\"overflow\":\"drop-head\"}",
	 "overflow = drop-head"},
	{"effective_policy_definition", "{\"message-ttl\":60000}",
	 "message-ttl = 60000"},
	{"effective_policy_definition", "{\"expires\":60000}", "expires"},
	/* Bounded, but x-overflow of the queue still rejects. */
	{"effective_policy_definition", "{\"max-length\":9}", NULL},
	{"effective_policy_definition", "{\"delivery-limit\":9}", NULL},
	/* As RabbitMQ writes an empty one. */
	{"effective_policy_definition", "[]", NULL},
};

/* A queue as it is seen, but for one member. */
static struct json *queue_with(const struct topology_queue *q,
			       const char *member, const char *json)
{
	struct json *object = json_parse(text_of(arena_printf(
		&arena, "{\"name\":\"%s\",\"%s\":%s}", q->name, member, json)));
	struct json *arguments = json_new_object();

	for (size_t i = 0; i < q->arguments.count; i++)
		json_put(arguments, q->arguments.fields[i].name.at,
			 topology_argument(&q->arguments.fields[i]));
	if (strcmp(member, "arguments") != 0)
		json_put(object, "arguments", arguments);
	else
		json_free(arguments);
	if (strcmp(member, "effective_policy_definition") != 0)
		json_put(object, "effective_policy_definition",
			 json_new_object());
	return object;
}

/* Compares, with one queue seen so. */
static void compare_with(const char *name, const char *member, const char *json)
{
	struct json *queues = json_new_array();

	see();
	json_append(queues, queue_with(queue(name), member, json));
	for (size_t i = 0; i < topology.queue_count; i++)
		if (strcmp(topology.queues[i].name, name) != 0)
			json_append(queues, queue_with(&topology.queues[i],
						       "durable", "true"));
	seen.queues = queues;
	compare();
	json_free(queues);
}

START_TEST(a_queue_that_would_lose_messages_is_found)
{
	const struct wrong *w = &wrongs[_i];

	compare_with("r.a", w->member, w->json);
	ck_assert_uint_eq(findings.differs, w->text != NULL ? 1 : 0);
	if (w->text != NULL)
		ck_assert_has(difference()->text, w->text);
}
END_TEST

START_TEST(policies_that_are_not_shown_are_unknown)
{
	compare_with("r.a", "effective_policy_definition", "null");
	ck_assert_uint_eq(findings.differs, 0);
	ck_assert_uint_eq(findings.unknown, 1);
	for (size_t i = 0; i < findings.count; i++) {
		const struct finding *f = &findings.list[i];

		ck_assert_int_eq(f->reason != NULL, f->kind == FINDING_UNKNOWN);
		if (f->reason != NULL)
			ck_assert_has(f->reason, "policies are not shown");
	}
}
END_TEST

START_TEST(a_bound_on_parking_that_drops_is_found)
{
	compare_with("r.a.parking", "effective_policy_definition",
		     "{\"max-length\":9}");
	ck_assert_has(difference()->text, "the oldest messages are dropped");
}
END_TEST

START_TEST(a_lane_with_another_delay_is_found)
{
	see();
	/* The lane of a minute, seen in the place of the one of 5 s. */
	for (size_t i = 0; i < topology.queue_count; i++)
		if (strcmp(topology.queues[i].name, "r.a.delay.v1.ehr.5s") == 0)
			topology.queues[i].arguments =
				queue("r.a.delay.v1.ehr.1m")->arguments;
	compare();
	ck_assert_has(difference()->text,
		      "x-message-ttl is 5000, and 60000 is wanted");
}
END_TEST

Suite *topology_compare_suite(void)
{
	Suite *suite = suite_create("topology compare");
	TCase *compared = tcase_create("compared");

	tcase_add_checked_fixture(compared, setup, teardown);
	tcase_add_test(compared, what_is_as_planned_is_ok);
	tcase_add_test(compared, all_that_is_missing_is_found);
	tcase_add_loop_test(compared, what_no_setting_makes_is_found, 0,
			    COUNT(strays));
	tcase_add_test(compared, a_stray_lane_is_one_finding_with_its_binding);
	tcase_add_test(compared, bindings_of_others_are_their_own_affair);
	tcase_add_loop_test(compared, a_queue_that_would_lose_messages_is_found,
			    0, COUNT(wrongs));
	tcase_add_test(compared, policies_that_are_not_shown_are_unknown);
	tcase_add_test(compared, a_bound_on_parking_that_drops_is_found);
	tcase_add_test(compared, a_lane_with_another_delay_is_found);
	suite_add_tcase(suite, compared);
	return suite;
}

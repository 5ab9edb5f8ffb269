/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_topology.c - plans are declared on a real broker, and what stands in
 * the way is explained.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/broker_suites.h"
#include "tests/topology_sample.h"
#include "worker/topology_json.h"

static struct arena arena;
static struct broker *broker;
static struct broker_problem problem;
static struct config *config;
static struct topology topology;

/* A connection that lasts while rabbitmqctl runs a few times, which takes long on
   a busy machine: nobody shows life on it meanwhile. */
static struct broker *open_patient(void)
{
	struct broker_config *c = rig_config();
	struct broker_role role = {"test", "topology", &c->worker};
	struct broker *b;

	c->heartbeat = MILLIS_PER_MINUTE;
	b = broker_open(c, &role, &problem);
	ck_assert_msg(b != NULL, "%s", problem.text);
	return b;
}

static void setup(void)
{
	arena_init(&arena);
	broker = open_patient();
	config = sample_config(&arena, rig_name(&arena, "t."));
	topology = topology_plan(config, NULL, &arena);
}

static void remove_all(void)
{
	for (size_t i = 0; i < topology.queue_count; i++)
		rig_delete("queue", topology.queues[i].name);
	for (size_t i = 0; i < topology.exchange_count; i++)
		rig_delete("exchange", topology.exchanges[i].name);
}

static void teardown(void)
{
	broker_close(broker);
	remove_all();
	arena_fini(&arena);
}

#define ck_assert_says(wanted)                                                 \
	ck_assert_msg(strstr(problem.text, wanted) != NULL,                    \
		      "\"%s\" is not in: %s", wanted, problem.text)

/* Those of others, which the plan wants to be there. */
static void declare_foreign(void)
{
	struct table none = {0};

	ck_assert_int_eq(
		broker_declare_exchange(
			broker,
			arena_printf(&arena, "%sshared", config->prefix),
			"topic", &none, &problem),
		BROKER_OK);
	ck_assert_int_eq(broker_declare_queue(broker,
					      arena_printf(&arena, "%sforeign",
							   config->prefix),
					      &none, &problem),
			 BROKER_OK);
}

static void apply(void)
{
	ck_assert_msg(topology_apply(broker, &topology, &problem) == BROKER_OK,
		      "%s", problem.text);
}

START_TEST(a_plan_is_declared_and_can_be_again)
{
	uint32_t messages, consumers;

	declare_foreign();
	apply();
	apply();
	for (size_t i = 0; i < topology.queue_count; i++)
		ck_assert_int_eq(
			broker_queue_exists(broker, topology.queues[i].name,
					    &messages, &consumers, &problem),
			BROKER_OK);
}
END_TEST

START_TEST(a_missing_business_exchange_is_said_and_not_declared)
{
	const char *name = arena_printf(&arena, "%sshared", config->prefix);

	ck_assert_int_eq(topology_apply(broker, &topology, &problem),
			 BROKER_MISSING);
	ck_assert_says("business exchange of pipeline a");
	ck_assert_says("never declares it");
	ck_assert_says("source.exchange");
	ck_assert_int_eq(broker_exchange_exists(broker, name, &problem),
			 BROKER_MISSING);
}
END_TEST

START_TEST(a_missing_foreign_queue_is_said_and_not_declared)
{
	declare_foreign();
	rig_delete("queue", arena_printf(&arena, "%sforeign", config->prefix));
	ck_assert_int_eq(topology_apply(broker, &topology, &problem),
			 BROKER_MISSING);
	ck_assert_says("source queue of pipeline b");
	ck_assert_says("source.queue");
}
END_TEST

START_TEST(a_queue_with_other_arguments_is_explained)
{
	struct table other = {0};
	const char *lane =
		arena_printf(&arena, "%sa.delay.v1.ehr.5s", config->prefix);

	declare_foreign();
	apply();
	rig_delete("queue", lane);
	for (size_t i = 0; i < topology.queue_count; i++)
		if (strcmp(topology.queues[i].name, lane) == 0)
			other = topology.queues[i].arguments;
	((struct field *)table_find(&other, "x-message-ttl"))->as.i64 = 7000;
	ck_assert_int_eq(broker_declare_queue(broker, lane, &other, &problem),
			 BROKER_OK);
	((struct field *)table_find(&other, "x-message-ttl"))->as.i64 = 5000;
	ck_assert_int_eq(topology_apply(broker, &topology, &problem),
			 BROKER_CONFLICT);
	ck_assert_says("delay queue (lane) for 5s of pipeline a");
	ck_assert_says(lane);
	ck_assert_says("x-message-ttl: it has 7000, and 5000 is wanted");
}
END_TEST

/* Arrival at the business exchange to delivery, lane and parking. */
START_TEST(messages_take_the_ways_of_the_plan)
{
	struct broker_event event;
	struct copy copy = {
		.exchange = text_of(
			arena_printf(&arena, "%sshared", config->prefix)),
		.routing_key = TEXT("lab.result"),
		.properties = {.has_headers = true,
			       .has_delivery_mode = true,
			       .delivery_mode = 2},
		.body = TEXT("x"),
	};
	const char *queue = arena_printf(&arena, "%sa", config->prefix);

	declare_foreign();
	apply();
	ck_assert_int_eq(broker_publish(broker, &copy, &problem), BROKER_OK);
	ck_assert_int_eq(broker_consume(broker, queue, 1, &problem), BROKER_OK);
	event = rig_event(broker);
	ck_assert(text_eq(event.message->exchange, copy.exchange));
	ck_assert_int_eq(broker_ack(broker, event.tag, false, &problem),
			 BROKER_OK);
	message_free(event.message);

	/* Through the ladder's second, with its routing key. */
	copy.exchange =
		text_of(arena_printf(&arena, "%sa.delay", config->prefix));
	table_add_text(&copy.headers, &arena, "rebound-lane", TEXT("v1._.1s"));
	ck_assert_int_eq(broker_publish(broker, &copy, &problem), BROKER_OK);
	event = rig_event(broker);
	ck_assert(text_is(event.message->exchange, queue));
	ck_assert(text_is(event.message->routing_key, "lab.result"));
	/* And by rejection to parking. */
	ck_assert_int_eq(broker_reject(broker, event.tag, &problem), BROKER_OK);
	message_free(event.message);
	broker_close(broker);
	broker = rig_open("topology");
	ck_assert_int_eq(broker_consume(broker,
					arena_printf(&arena, "%sa.parking",
						     config->prefix),
					1, &problem),
			 BROKER_OK);
	event = rig_event(broker);
	ck_assert_int_eq(event.kind, BROKER_EVENT_DELIVERY);
	message_free(event.message);
}
END_TEST

START_TEST(existence_is_all_that_amqp_shows)
{
	struct findings findings = {0};

	declare_foreign();
	ck_assert_int_eq(topology_verify(config, broker, &topology, &arena,
					 &findings, &problem),
			 BROKER_OK);
	ck_assert_uint_gt(findings.differs, 0);
	apply();
	findings = (struct findings){0};
	ck_assert_int_eq(topology_verify(config, broker, &topology, &arena,
					 &findings, &problem),
			 BROKER_OK);
	ck_assert_uint_eq(findings.differs, 0);
	for (size_t i = 0; i < findings.count; i++)
		if (findings.list[i].kind == FINDING_UNKNOWN)
			ck_assert_ptr_nonnull(strstr(findings.list[i].reason,
						     "broker.management"));
	/* All but the two of others, and the bindings as one. */
	ck_assert_uint_eq(findings.unknown, topology.exchange_count +
						    topology.queue_count - 2 +
						    1);
}
END_TEST

/* --- with rabbitmqctl ---------------------------------------------------- */

static void add_user(const struct topology_permission *p)
{
	rig_ctl(&arena,
		arena_printf(&arena, "delete_user %s 2>/dev/null", p->user));
	ck_assert_ptr_nonnull(rig_ctl(
		&arena,
		arena_printf(&arena, "add_user %s pw >/dev/null", p->user)));
	ck_assert_ptr_nonnull(rig_ctl(
		&arena,
		arena_printf(&arena, "set_permissions %s '%s' '%s' '%s'",
			     p->user, p->configure, p->write, p->read)));
}

static struct broker *open_as(const char *user)
{
	struct broker_config *c = rig_config();
	struct broker_role role = {"test", "topology", NULL};
	struct broker *b;

	c->worker = (struct login_config){user, "pw"};
	b = broker_open(c, &role, &problem);
	ck_assert_msg(b != NULL, "%s", problem.text);
	return b;
}

START_TEST(the_declarer_may_apply_and_the_worker_may_not)
{
	struct topology_permissions all;
	struct broker *declarer;
	struct broker *worker;

	config->declare = false;
	all = topology_permissions(config, NULL, &arena);
	add_user(&all.list[0]);
	add_user(&all.list[1]);
	declare_foreign();

	worker = open_as("worker");
	ck_assert_int_eq(topology_apply(worker, &topology, &problem),
			 BROKER_FORBIDDEN);
	ck_assert_says("User \"worker\"");
	declarer = open_as("rebound-declarer");
	ck_assert_msg(topology_apply(declarer, &topology, &problem) ==
			      BROKER_OK,
		      "%s", problem.text);
	/* And no more than that: nothing of others, no default exchange. */
	struct table none = {0};
	ck_assert_int_eq(broker_declare_queue(declarer, "x", &none, &problem),
			 BROKER_FORBIDDEN);
	ck_assert_int_eq(
		broker_declare_exchange(
			declarer,
			arena_printf(&arena, "%sshared2", config->prefix),
			"topic", &none, &problem),
		BROKER_FORBIDDEN);
	broker_close(declarer);
	broker_close(worker);
	rig_ctl(&arena, "delete_user worker");
	rig_ctl(&arena, "delete_user rebound-declarer");
}
END_TEST

/* What each role must be able to do, or must not: by broker.h, as its user. */
static enum broker_status consumes(struct broker *b, const char *name)
{
	return broker_consume(
		b, arena_printf(&arena, "%s%s", config->prefix, name), 1,
		&problem);
}

/* What came of a publish with the confirm mode on. */
static enum broker_status publishes(struct broker *b, const char *exchange)
{
	struct copy copy = {.exchange = text_of(arena_printf(
				    &arena, "%s%s", config->prefix, exchange))};
	struct broker_event event = {0};
	enum broker_status status;

	ck_assert_int_eq(broker_confirm_select(b, &problem), BROKER_OK);
	ck_assert_int_eq(broker_publish(b, &copy, &problem), BROKER_OK);
	do {
		status = broker_next(b, &event, &problem);
		message_free(event.message);
	} while (status == BROKER_TIMEOUT ||
		 (status == BROKER_OK && event.kind != BROKER_EVENT_ACK));
	return status;
}

static const struct right {
	const char *user;
	const char *verb;
	const char *name;
	enum broker_status status;
} rights[] = {
	{"worker", "consume", "a", BROKER_OK},
	{"worker", "consume", "foreign", BROKER_OK},
	{"worker", "consume", "a.parking", BROKER_FORBIDDEN},
	{"worker", "consume", "a.delay.v1.ehr.5s", BROKER_FORBIDDEN},
	{"worker", "publish", "a.delay", BROKER_OK},
	{"worker", "publish", "b.parking", BROKER_OK},
	{"worker", "publish", "a", BROKER_FORBIDDEN},
	{"worker", "publish", "shared", BROKER_FORBIDDEN},
	{"rebound-operator", "consume", "a.parking", BROKER_OK},
	{"rebound-operator", "consume", "b.delay.v1.ehr.250ms", BROKER_OK},
	{"rebound-operator", "consume", "a", BROKER_FORBIDDEN},
	{"rebound-operator", "publish", "a", BROKER_OK},
	{"rebound-operator", "publish", "a.parking", BROKER_FORBIDDEN},
	{"rebound-auditor", "consume", "b.parking", BROKER_OK},
	{"rebound-auditor", "publish", "b", BROKER_FORBIDDEN},
	{"rebound-publisher", "publish", "shared", BROKER_OK},
	{"rebound-publisher", "publish", "b.in", BROKER_OK},
	{"rebound-publisher", "publish", "b", BROKER_FORBIDDEN},
	{"rebound-publisher", "consume", "a", BROKER_FORBIDDEN},
};

START_TEST(each_role_may_do_its_part_and_no_more)
{
	struct topology_permissions all;

	config->declare = false;
	all = topology_permissions(config, NULL, &arena);
	declare_foreign();
	apply();
	for (size_t i = 0; i < all.count; i++)
		add_user(&all.list[i]);
	for (size_t i = 0; i < COUNT(rights); i++) {
		const struct right *r = &rights[i];
		struct broker *b = open_as(r->user);
		enum broker_status status = strcmp(r->verb, "consume") == 0
						    ? consumes(b, r->name)
						    : publishes(b, r->name);

		ck_assert_msg(status == r->status, "%s %s %s: %s, not %s",
			      r->user, r->verb, r->name,
			      broker_status_name(status),
			      broker_status_name(r->status));
		broker_close(b);
	}
	for (size_t i = 0; i < all.count; i++)
		rig_ctl(&arena, arena_printf(&arena, "delete_user %s",
					     all.list[i].user));
}
END_TEST

/* Waits for a queue, for ten seconds. */
static bool comes_up(const char *queue)
{
	uint32_t messages, consumers;

	for (int i = 0; i < 100; i++) {
		if (broker_queue_exists(broker, queue, &messages, &consumers,
					&problem) == BROKER_OK)
			return true;
		usleep(100000);
	}
	return false;
}

START_TEST(the_definitions_file_is_imported_as_it_is)
{
	char path[] = "/tmp/rebound-definitions-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	struct topology_permissions all;
	struct json *json;

	ck_assert_ptr_nonnull(file);
	config->declare = false;
	all = topology_permissions(config, NULL, &arena);
	add_user(&all.list[1]);
	json = topology_definitions(&topology, "/", &all);
	json_print_pretty(json, file);
	json_free(json);
	fclose(file);
	declare_foreign();
	ck_assert_ptr_nonnull(rig_ctl(
		&arena, arena_printf(&arena, "import_definitions %s", path)));
	remove(path);
	rig_ctl(&arena, "delete_user worker");
	/* The import goes on by itself. */
	for (size_t i = 0; i < topology.queue_count; i++)
		ck_assert_msg(comes_up(topology.queues[i].name), "%s",
			      topology.queues[i].name);
	/* What was imported is what would be declared: nothing conflicts. */
	apply();
}
END_TEST

Suite *topology_suite(void)
{
	Suite *suite = suite_create("topology");
	TCase *real = tcase_create("real broker");

	tcase_set_timeout(real, 120);
	tcase_add_checked_fixture(real, setup, teardown);
	tcase_add_test(real, a_plan_is_declared_and_can_be_again);
	tcase_add_test(real,
		       a_missing_business_exchange_is_said_and_not_declared);
	tcase_add_test(real, a_missing_foreign_queue_is_said_and_not_declared);
	tcase_add_test(real, a_queue_with_other_arguments_is_explained);
	tcase_add_test(real, messages_take_the_ways_of_the_plan);
	tcase_add_test(real, existence_is_all_that_amqp_shows);
	if (rig_has_ctl()) {
		tcase_add_test(real,
			       the_declarer_may_apply_and_the_worker_may_not);
		tcase_add_test(real, each_role_may_do_its_part_and_no_more);
		tcase_add_test(real, the_definitions_file_is_imported_as_it_is);
	}
	suite_add_tcase(suite, real);
	return suite;
}

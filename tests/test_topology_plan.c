/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_topology_plan.c - plans and permissions, without a broker.
 */
#include <string.h>

#include "tests/topology_sample.h"
#include "tests/worker_suites.h"
#include "worker/topology_permissions.h"

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

static bool argument_is(const struct topology_queue *q, const char *name,
			const char *value)
{
	const struct field *field = table_find(&q->arguments, name);

	return field != NULL && text_is(field->as.text, value);
}

START_TEST(lanes_dead_letter_to_the_source_at_least_once)
{
	const struct topology_queue *q = queue("r.a.delay.v1.ehr.5s");
	int64_t ttl = 0;

	ck_assert(argument_is(q, "x-queue-type", "quorum"));
	ck_assert(argument_is(q, "x-dead-letter-exchange", "r.a"));
	ck_assert(argument_is(q, "x-dead-letter-strategy", "at-least-once"));
	ck_assert(argument_is(q, "x-overflow", "reject-publish"));
	ck_assert(field_integer(table_find(&q->arguments, "x-message-ttl"),
				&ttl));
	ck_assert_int_eq(ttl, 5000);
	/* The routing key of a message is never changed. */
	ck_assert_ptr_null(
		table_find(&q->arguments, "x-dead-letter-routing-key"));
	ck_assert(queue("r.a.delay.v1._.1s")->ours);
}
END_TEST

START_TEST(what_belongs_to_others_is_planned_and_not_ours)
{
	bool seen = false;

	ck_assert(!queue("r.foreign")->ours);
	ck_assert_uint_eq(queue("r.foreign")->arguments.count, 0);
	for (size_t i = 0; i < topology.exchange_count; i++)
		if (strcmp(topology.exchanges[i].name, "r.shared") == 0) {
			seen = true;
			ck_assert(!topology.exchanges[i].ours);
		}
	ck_assert(seen);
}
END_TEST

static int64_t argument(const struct topology_queue *q, const char *name)
{
	int64_t value = -1;
	const struct field *field = table_find(&q->arguments, name);

	if (field != NULL)
		(void)field_integer(field, &value);
	return value;
}

START_TEST(the_audit_trail_is_a_stream_that_keeps_so_long_and_so_much)
{
	const struct topology_queue *q = queue("r.audit");

	ck_assert(argument_is(q, "x-queue-type", "stream"));
	ck_assert(argument_is(q, "x-max-age", "7776000s"));
	ck_assert_int_eq(argument(q, "x-max-length-bytes"), 64 << 20);
	/* It is dropped by whole segments, which are many. */
	ck_assert_int_eq(argument(q, "x-stream-max-segment-size-bytes"),
			 2 << 20);
	ck_assert(q->ours);
}
END_TEST

START_TEST(the_audit_trail_is_a_quorum_queue_where_streams_are_off)
{
	config->audit.queue = AUDIT_QUORUM;
	topology = topology_plan(config, NULL, &arena);
	const struct topology_queue *q = queue("r.audit");

	ck_assert(argument_is(q, "x-queue-type", "quorum"));
	ck_assert_int_eq(argument(q, "x-message-ttl"), 90 * MILLIS_PER_DAY);
	/* The one queue of which dropping the oldest is wanted. */
	ck_assert(argument_is(q, "x-overflow", "drop-head"));
	ck_assert_int_eq(argument(q, "x-delivery-limit"), 1000000);
}
END_TEST

START_TEST(what_is_not_recorded_needs_nothing_on_the_broker)
{
	struct topology_permissions all;

	config->audit.record = AUDIT_OFF;
	topology = topology_plan(config, NULL, &arena);
	for (size_t i = 0; i < topology.queue_count; i++)
		ck_assert_str_ne(topology.queues[i].name, "r.audit");
	all = topology_permissions(config, NULL, &arena);
	for (size_t i = 0; i < all.count; i++)
		ck_assert_ptr_null(strstr(all.list[i].write, "audit"));
}
END_TEST

START_TEST(business_bindings_come_after_all_else)
{
	struct topology a =
		topology_plan(config, &config->pipelines[0], &arena);
	const struct topology_binding *last = &a.bindings[a.binding_count - 1];

	ck_assert_str_eq(last->source, "r.shared");
	ck_assert_str_eq(last->key, "x+ray.*");
	ck_assert(last->to_exchange);
	ck_assert_uint_eq(a.queue_count, 2 + 3 + 1);
}
END_TEST

/* --- permissions --------------------------------------------------------- */

static const struct topology_permission *
permission(const struct topology_permissions *all, const char *user)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->list[i].user, user) == 0)
			return &all->list[i];
	ck_abort_msg("no permission of user %s", user);
}

START_TEST(workers_that_declare_nothing_have_no_configure_right)
{
	config->broker.admin.user = "chief";
	struct topology_permissions all =
		topology_permissions(config, NULL, &arena);
	const struct topology_permission *p = permission(&all, "worker");

	ck_assert_str_eq(p->roles, "worker");
	ck_assert_str_eq(p->configure, "^$");
	ck_assert_str_eq(p->write, "^(r\\.a\\.delay|r\\.a\\.parking|"
				   "r\\.b\\.delay|r\\.b\\.parking|"
				   "r\\.audit)$");
	ck_assert_str_eq(p->read, "^(r\\.a|r\\.foreign)$");
}
END_TEST

START_TEST(a_worker_that_declares_has_the_rights_of_both)
{
	struct topology_permissions all =
		topology_permissions(config, NULL, &arena);
	const struct topology_permission *p = permission(&all, "worker");

	ck_assert_str_eq(p->roles, "declarer, worker");
	ck_assert(p->is_configured);
	ck_assert_ptr_nonnull(strstr(p->configure, "r\\.a\\.delay\\.v1\\..*"));
	ck_assert_ptr_nonnull(strstr(p->configure, "r\\.b\\.in"));
	/* Of others it configures nothing. */
	ck_assert_ptr_null(strstr(p->configure, "shared"));
	ck_assert_ptr_null(strstr(p->configure, "foreign"));
	ck_assert_ptr_nonnull(strstr(p->read, "r\\.shared"));
	ck_assert_ptr_nonnull(strstr(p->write, "r\\.foreign"));
}
END_TEST

START_TEST(roles_without_a_login_get_a_name)
{
	config->broker.operator.user = "desk";
	struct topology_permissions all =
		topology_permissions(config, &config->pipelines[0], &arena);
	const struct topology_permission *p =
		permission(&all, "rebound-auditor");

	ck_assert(!p->is_configured);
	ck_assert_str_eq(p->configure, "^$");
	ck_assert_str_eq(p->write, "^$");
	ck_assert_str_eq(p->read, "^(r\\.a\\.parking|r\\.audit)$");
	p = permission(&all, "desk");
	ck_assert(p->is_configured);
	ck_assert_str_eq(p->write, "^(r\\.a|r\\.audit)$");
	ck_assert_str_eq(p->read, "^(r\\.a\\.parking|r\\.a\\.delay\\.v1\\..*|"
				  "r\\.audit)$");
}
END_TEST

START_TEST(guest_keeps_the_rights_it_has)
{
	config->broker.worker.user = "guest";
	struct topology_permissions all =
		topology_permissions(config, NULL, &arena);

	for (size_t i = 0; i < all.count; i++)
		ck_assert_str_ne(all.list[i].user, "guest");
	ck_assert(!permission(&all, "rebound-worker")->is_configured);
	ck_assert_str_eq(permission(&all, "rebound-worker")->configure, "^$");
}
END_TEST

START_TEST(names_are_matched_as_they_are)
{
	config->pipelines[1].queue = "old(queue)|.*+[x]";
	struct topology_permissions all =
		topology_permissions(config, &config->pipelines[1], &arena);

	ck_assert_ptr_nonnull(strstr(permission(&all, "worker")->read,
				     "old\\(queue\\)\\|\\.\\*\\+\\[x\\]"));
}
END_TEST

Suite *topology_plan_suite(void)
{
	Suite *suite = suite_create("topology plan");
	TCase *plan = tcase_create("plan");

	tcase_add_checked_fixture(plan, setup, teardown);
	tcase_add_test(plan, lanes_dead_letter_to_the_source_at_least_once);
	tcase_add_test(plan, what_belongs_to_others_is_planned_and_not_ours);
	tcase_add_test(plan, business_bindings_come_after_all_else);
	tcase_add_test(
		plan,
		the_audit_trail_is_a_stream_that_keeps_so_long_and_so_much);
	tcase_add_test(plan,
		       the_audit_trail_is_a_quorum_queue_where_streams_are_off);
	tcase_add_test(plan, what_is_not_recorded_needs_nothing_on_the_broker);
	tcase_add_test(plan,
		       workers_that_declare_nothing_have_no_configure_right);
	tcase_add_test(plan, a_worker_that_declares_has_the_rights_of_both);
	tcase_add_test(plan, roles_without_a_login_get_a_name);
	tcase_add_test(plan, guest_keeps_the_rights_it_has);
	tcase_add_test(plan, names_are_matched_as_they_are);
	suite_add_tcase(suite, plan);
	return suite;
}

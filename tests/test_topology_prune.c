/* SPDX-License-Identifier: Apache-2.0 */
/* test_topology_prune.c - when a delay queue that nothing uses may go. */
#include "worker/topology_prune.h"

#include <string.h>

#include "tests/topology_sample.h"
#include "tests/worker_suites.h"

#define S      MILLIS_PER_SECOND
#define DELAY  (60 * S)
#define SETTLE (180 * S)

static struct prune_lane lane;
static struct stray_lane seen;

/* Unbound at 1000 s. */
static void setup(void)
{
	seen = (struct stray_lane){.name = "q", .delay = DELAY};
	lane = (struct prune_lane){.lane = seen};
	prune_unbound(&lane, 1000 * S);
}

static enum prune_state look(millis at, int64_t messages)
{
	seen.messages = messages;
	prune_look(&lane, &seen, SETTLE, at * S);
	return lane.state;
}

START_TEST(one_that_stays_empty_goes_after_its_delay_and_the_settling)
{
	ck_assert_int_eq(look(1005, 0), PRUNE_DRAINING);
	ck_assert_int_eq(look(1060, 0), PRUNE_DRAINING);
	ck_assert_int_eq(look(1239, 0), PRUNE_DRAINING);
	ck_assert_int_eq(look(1240, 0), PRUNE_READY);
}
END_TEST

START_TEST(looks_before_its_delay_is_over_count_for_nothing)
{
	ck_assert_int_eq(look(1000, 0), PRUNE_DRAINING);
	ck_assert_int_eq(look(1059, 0), PRUNE_DRAINING);
	ck_assert_int_eq(look(1239, 0), PRUNE_DRAINING);
	ck_assert_int_eq(look(1418, 0), PRUNE_DRAINING);
	ck_assert_int_eq(look(1419, 0), PRUNE_READY);
}
END_TEST

START_TEST(one_look_is_never_enough)
{
	ck_assert_int_eq(look(9000, 0), PRUNE_DRAINING);
	ck_assert_int_eq(look(9180, 0), PRUNE_READY);
}
END_TEST

START_TEST(a_message_begins_the_settling_anew)
{
	look(1060, 0);
	ck_assert_int_eq(look(1230, 1), PRUNE_DRAINING);
	ck_assert_int_eq(look(1240, 0), PRUNE_DRAINING);
	ck_assert_int_eq(look(1419, 0), PRUNE_DRAINING);
	ck_assert_int_eq(look(1420, 0), PRUNE_READY);
}
END_TEST

START_TEST(a_count_that_is_not_known_is_no_zero)
{
	look(1060, -1);
	ck_assert_int_eq(look(1240, -1), PRUNE_DRAINING);
	ck_assert_int_eq(look(1241, 0), PRUNE_DRAINING);
}
END_TEST

START_TEST(one_that_is_consumed_stays)
{
	look(1060, 0);
	seen.consumers = 1;
	ck_assert_int_eq(look(1240, 0), PRUNE_DRAINING);
	ck_assert_int_eq(lane.empty_since, -1);
}
END_TEST

START_TEST(one_that_is_bound_again_is_kept_for_good)
{
	seen.is_bound = true;
	ck_assert_int_eq(look(1005, 0), PRUNE_KEPT);
	seen.is_bound = false;
	ck_assert_int_eq(look(1500, 0), PRUNE_KEPT);
}
END_TEST

START_TEST(one_that_others_have_removed_is_removed)
{
	prune_look(&lane, NULL, SETTLE, 1005 * S);
	ck_assert_int_eq(lane.state, PRUNE_REMOVED);
}
END_TEST

START_TEST(what_is_left_is_never_said_longer_than_it_takes)
{
	ck_assert_int_eq(prune_left(&lane, SETTLE, 1000 * S), DELAY + SETTLE);
	ck_assert_int_eq(prune_left(&lane, SETTLE, 1050 * S), 190 * S);
	ck_assert_int_eq(prune_left(&lane, SETTLE, 1100 * S), SETTLE);
	look(1100, 0);
	ck_assert_int_eq(prune_left(&lane, SETTLE, 1200 * S), 80 * S);
	look(1280, 0);
	ck_assert_int_eq(lane.state, PRUNE_READY);
	ck_assert_int_eq(prune_left(&lane, SETTLE, 1280 * S), 0);
}
END_TEST

START_TEST(states_have_names)
{
	for (int s = PRUNE_BOUND; s <= PRUNE_KEPT; s++)
		ck_assert_str_ne(prune_state_name((enum prune_state)s), "?");
}
END_TEST

/* --- what is found --------------------------------------------------------- */

static struct arena arena;
static struct topology_seen broker;
static struct topology_strays strays;

static void begin(void)
{
	arena_init(&arena);
	broker = (struct topology_seen){.exchanges = json_new_array(),
					.queues = json_new_array(),
					.bindings = json_new_array()};
}

static void find(void)
{
	const struct config *config = sample_config(&arena, "r.");
	const struct topology plan = topology_plan(config, NULL, &arena);

	strays = topology_strays(&plan, &broker, &arena);
}

static void done(void)
{
	json_free(broker.exchanges);
	json_free(broker.queues);
	json_free(broker.bindings);
	arena_fini(&arena);
}

static void have_queue(const char *json)
{
	json_append(broker.queues, json_parse(text_of(json)));
}

static void have_binding(const char *json)
{
	json_append(broker.bindings, json_parse(text_of(json)));
}

START_TEST(a_lane_of_former_settings_is_found_with_all_that_is_known)
{
	have_queue("{\"name\":\"r.a.delay.v1.ehr.7s\",\"messages\":3,"
		   "\"consumers\":1,\"arguments\":{\"x-message-ttl\":7000}}");
	have_binding(
		"{\"source\":\"r.a.delay\",\"destination\":"
		"\"r.a.delay.v1.ehr.7s\",\"destination_type\":\"queue\","
		"\"routing_key\":\"\",\"arguments\":{\"x-match\":\"all\"}}");
	find();
	ck_assert_uint_eq(strays.lane_count, 1);
	const struct stray_lane *found = &strays.lanes[0];

	ck_assert_str_eq(found->name, "r.a.delay.v1.ehr.7s");
	ck_assert_str_eq(found->exchange, "r.a.delay");
	ck_assert_str_eq(found->lane, "v1.ehr.7s");
	ck_assert_int_eq(found->delay, 7000);
	ck_assert_int_eq(found->messages, 3);
	ck_assert_int_eq(found->consumers, 1);
	ck_assert(found->is_bound);
	ck_assert_uint_eq(strays.binding_count, 0);
}
END_TEST

START_TEST(the_default_exchange_is_no_binding_and_no_count_is_not_zero)
{
	have_queue("{\"name\":\"r.a.delay.v1._.8s\",\"arguments\":{}}");
	have_binding("{\"source\":\"\",\"destination\":\"r.a.delay.v1._.8s\","
		     "\"destination_type\":\"queue\",\"routing_key\":\"x\","
		     "\"arguments\":{}}");
	find();
	ck_assert_uint_eq(strays.lane_count, 1);
	ck_assert(!strays.lanes[0].is_bound);
	ck_assert_int_eq(strays.lanes[0].messages, -1);
	ck_assert_int_eq(strays.lanes[0].delay, 0);
}
END_TEST

START_TEST(lanes_in_use_and_queues_of_others_are_none)
{
	have_queue("{\"name\":\"r.a.delay.v1.ehr.5s\",\"messages\":3}");
	have_queue("{\"name\":\"r.c.delay.v1.ehr.5s\",\"messages\":3}");
	have_queue("{\"name\":\"r.a.delay.v2.ehr.5s\",\"messages\":3}");
	have_queue("{\"name\":\"r.a.parking\",\"messages\":3}");
	have_queue("{\"name\":\"billing\",\"messages\":3}");
	find();
	ck_assert_uint_eq(strays.lane_count, 0);
}
END_TEST

START_TEST(a_binding_of_former_keys_is_told_from_others)
{
	static const char form[] =
		"{\"source\":\"r.shared\",\"destination\":\"%s\","
		"\"destination_type\":\"%s\",\"routing_key\":\"old.#\","
		"\"arguments\":%s}";

	have_binding(arena_printf(&arena, form, "r.a", "exchange", "{}"));
	have_binding(
		arena_printf(&arena, form, "r.a", "exchange", "{\"x\":\"y\"}"));
	have_binding(
		arena_printf(&arena, form, "r.a.parking", "exchange", "{}"));
	find();
	ck_assert_uint_eq(strays.binding_count, 3);
	ck_assert(strays.bindings[0].is_of_keys);
	ck_assert_str_eq(strays.bindings[0].key, "old.#");
	ck_assert(!strays.bindings[1].is_of_keys);
	ck_assert(!strays.bindings[2].is_of_keys);
}
END_TEST

Suite *topology_prune_suite(void)
{
	Suite *suite = suite_create("topology-prune");
	TCase *tc = tcase_create("when it may go");
	TCase *found = tcase_create("what is found");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(
		tc, one_that_stays_empty_goes_after_its_delay_and_the_settling);
	tcase_add_test(tc, looks_before_its_delay_is_over_count_for_nothing);
	tcase_add_test(tc, one_look_is_never_enough);
	tcase_add_test(tc, a_message_begins_the_settling_anew);
	tcase_add_test(tc, a_count_that_is_not_known_is_no_zero);
	tcase_add_test(tc, one_that_is_consumed_stays);
	tcase_add_test(tc, one_that_is_bound_again_is_kept_for_good);
	tcase_add_test(tc, one_that_others_have_removed_is_removed);
	tcase_add_test(tc, what_is_left_is_never_said_longer_than_it_takes);
	tcase_add_test(tc, states_have_names);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(found, begin, done);
	tcase_add_test(
		found,
		a_lane_of_former_settings_is_found_with_all_that_is_known);
	tcase_add_test(
		found,
		the_default_exchange_is_no_binding_and_no_count_is_not_zero);
	tcase_add_test(found, lanes_in_use_and_queues_of_others_are_none);
	tcase_add_test(found, a_binding_of_former_keys_is_told_from_others);
	suite_add_tcase(suite, found);
	return suite;
}

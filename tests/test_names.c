/* SPDX-License-Identifier: Apache-2.0 */
/* test_names.c - what enums are called in headers, logs and configuration. */
#include <string.h>

#include "policy/policy.h"
#include "policy/route.h"
#include "tests/policy_suites.h"

/* Each function that names the values of an enum, as one of numbers. */
#define NAMES_OF(function, type)                                               \
	static const char *of_##function(int value)                            \
	{                                                                      \
		return function((enum type)value);                             \
	}
NAMES_OF(error_class_name, error_class)
NAMES_OF(verdict_kind_name, verdict_kind)
NAMES_OF(park_reason_name, park_reason)
NAMES_OF(success_meaning_name, success_meaning)
NAMES_OF(judged_by_name, judged_by)
NAMES_OF(transport_name, transport)
NAMES_OF(sent_name, sent)
NAMES_OF(step_state_name, step_state)
NAMES_OF(level_name, level)
NAMES_OF(ambiguous_rule_name, ambiguous_rule)
NAMES_OF(schedule_kind_name, schedule_kind)
NAMES_OF(route_state_name, route_state)
NAMES_OF(route_order_name, route_order)
NAMES_OF(route_failure_name, route_failure)

/* A function, and the names of 0, 1, ... */
static const struct {
	const char *(*name)(int value);
	const char *names[TRANSPORT_COUNT + 1];
} rows[] = {
	{of_error_class_name, {"transient", "permanent", "ambiguous"}},
	{of_verdict_kind_name, {"done", "retry", "park", "quick"}},
	{of_park_reason_name,
	 {"permanent", "ambiguous", "attempts", "age", "deadline", "unreadable",
	  "no-route", "suspect", "too-large"}},
	{of_success_meaning_name, {"done", "already-done", "failed"}},
	{of_judged_by_name,
	 {"status", "success rule", "body", "error rule", "built-in rule"}},
	{of_transport_name,
	 {"complete", "dns", "connect", "tls", "timeout-before-send",
	  "timeout-after-send", "reset-before-send", "reset-after-send",
	  "protocol", "cut-response", "header", "template"}},
	{of_sent_name, {"none", "some", "all"}},
	{of_step_state_name, {"waiting", "done", "failed", "undone"}},
	{of_level_name,
	 {"message type with error", "error", "ambiguous answers",
	  "message type", "downstream", "policy", "built in"}},
	{of_ambiguous_rule_name, {"", "retry", "park"}},
	{of_schedule_kind_name, {"exponential", "linear", "fixed", "custom"}},
	{of_route_state_name, {"delivering", "compensating"}},
	{of_route_order_name, {"parallel", "sequential"}},
	{of_route_failure_name, {"park", "compensate"}},
};

START_TEST(every_value_has_the_name_that_is_documented)
{
	int value = 0;

	for (; rows[_i].names[value] != NULL; value++)
		ck_assert_str_eq(rows[_i].name(value), rows[_i].names[value]);
	/* And there is no value more. */
	ck_assert_str_eq(rows[_i].name(value), "?");
	ck_assert_str_eq(rows[_i].name(-1), "?");
}
END_TEST

Suite *names_suite(void)
{
	Suite *suite = suite_create("names");
	TCase *tests = tcase_create("of enums");

	tcase_add_loop_test(tests, every_value_has_the_name_that_is_documented,
			    0, COUNT(rows));
	suite_add_tcase(suite, tests);
	return suite;
}

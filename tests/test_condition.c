/* SPDX-License-Identifier: Apache-2.0 */
/* test_condition.c - the promises of policy/condition.h, and of the facts in
   policy/outcome.h. */
#include "policy/condition.h"

#include "tests/policy_suites.h"

#define ON(transport) (UINT32_C(1) << (transport))

static const char *const ehr_and_lab[] = {"ehr", "lab"};
static const char *const busy[] = {"fhir-throttled", "busy"};
static const uint16_t three_and_last[] = {3, MATCHERS_MAX - 1};

/* A condition, and an answer of the downstream "ehr" unless it says. */
static const struct {
	const char *what;
	struct condition when;
	struct outcome outcome;
	const char *downstream;
	const char *understood;
	int facts[2]; /* matchers that match; 0: none */
	bool holds;
} rows[] = {
	{"nothing asked, a success",
	 {.status_count = 0},
	 {.status = 204},
	 "ehr",
	 0,
	 {0},
	 true},
	{"nothing asked, no answer",
	 {.status_count = 0},
	 {.transport = TRANSPORT_DNS},
	 "ehr",
	 0,
	 {0},
	 true},
	/* Status and transport are one part. */
	{"the first of a range",
	 {.statuses = {{500, 503}}, .status_count = 1},
	 {.status = 500},
	 "ehr",
	 0,
	 {0},
	 true},
	{"the last of a range",
	 {.statuses = {{500, 503}}, .status_count = 1},
	 {.status = 503},
	 "ehr",
	 0,
	 {0},
	 true},
	{"below a range",
	 {.statuses = {{500, 503}}, .status_count = 1},
	 {.status = 499},
	 "ehr",
	 0,
	 {0},
	 false},
	{"above a range",
	 {.statuses = {{500, 503}}, .status_count = 1},
	 {.status = 504},
	 "ehr",
	 0,
	 {0},
	 false},
	{"the second of two ranges",
	 {.statuses = {{400, 400}, {409, 409}}, .status_count = 2},
	 {.status = 409},
	 "ehr",
	 0,
	 {0},
	 true},
	{"a status that came with a cut response",
	 {.statuses = {{503, 503}}, .status_count = 1},
	 {.transport = TRANSPORT_CUT_RESPONSE, .status = 503},
	 "ehr",
	 0,
	 {0},
	 false},
	{"a transport",
	 {.transports = ON(TRANSPORT_TLS) | ON(TRANSPORT_DNS)},
	 {.transport = TRANSPORT_DNS},
	 "ehr",
	 0,
	 {0},
	 true},
	{"another transport",
	 {.transports = ON(TRANSPORT_TLS) | ON(TRANSPORT_DNS)},
	 {.transport = TRANSPORT_CONNECT},
	 "ehr",
	 0,
	 {0},
	 false},
	{"a transport asked, and an answer",
	 {.transports = ON(TRANSPORT_DNS)},
	 {.status = 503},
	 "ehr",
	 0,
	 {0},
	 false},
	{"a status or a transport, and the transport",
	 {.statuses = {{503, 503}},
	  .status_count = 1,
	  .transports = ON(TRANSPORT_HEADER)},
	 {.transport = TRANSPORT_HEADER},
	 "ehr",
	 0,
	 {0},
	 true},
	/* All other parts must hold beside it. */
	{"the second of two downstreams",
	 {.downstreams = ehr_and_lab, .downstream_count = 2},
	 {.status = 503},
	 "lab",
	 0,
	 {0},
	 true},
	{"another downstream",
	 {.downstreams = ehr_and_lab, .downstream_count = 2},
	 {.status = 503},
	 "labs",
	 0,
	 {0},
	 false},
	{"a downstream without a name",
	 {.downstreams = ehr_and_lab, .downstream_count = 2},
	 {.status = 503},
	 0,
	 0,
	 {0},
	 false},
	{"what was understood",
	 {.understood = busy, .understood_count = 2},
	 {.status = 503},
	 "ehr",
	 "busy",
	 {0},
	 true},
	{"nothing understood",
	 {.understood = busy, .understood_count = 2},
	 {.status = 503},
	 "ehr",
	 0,
	 {0},
	 false},
	{"both matchers",
	 {.matchers = three_and_last, .matcher_count = 2},
	 {.status = 503},
	 "ehr",
	 0,
	 {3, MATCHERS_MAX - 1},
	 true},
	{"one of two matchers",
	 {.matchers = three_and_last, .matcher_count = 2},
	 {.status = 503},
	 "ehr",
	 0,
	 {3, MATCHERS_MAX - 2},
	 false},
	{"the other of two matchers",
	 {.matchers = three_and_last, .matcher_count = 2},
	 {.status = 503},
	 "ehr",
	 0,
	 {67, MATCHERS_MAX - 1},
	 false},
	{"a status that holds and a downstream that does not",
	 {.statuses = {{503, 503}},
	  .status_count = 1,
	  .downstreams = ehr_and_lab,
	  .downstream_count = 1},
	 {.status = 503},
	 "lab",
	 0,
	 {0},
	 false},
	{"a downstream that holds and a status that does not",
	 {.statuses = {{503, 503}},
	  .status_count = 1,
	  .downstreams = ehr_and_lab,
	  .downstream_count = 1},
	 {.status = 502},
	 "ehr",
	 0,
	 {0},
	 false},
};

START_TEST(every_part_that_is_given_must_hold)
{
	struct outcome outcome = rows[_i].outcome;

	for (size_t i = 0; i < COUNT(rows[_i].facts); i++)
		if (rows[_i].facts[i] != 0)
			facts_add(&outcome.facts, (size_t)rows[_i].facts[i]);
	ck_assert_msg(condition_holds(&rows[_i].when, rows[_i].downstream,
				      rows[_i].understood,
				      &outcome) == rows[_i].holds,
		      "%s", rows[_i].what);
}
END_TEST

START_TEST(a_condition_is_empty_if_no_part_is_given)
{
	const struct condition parts[] = {
		{.status_count = 1},     {.transports = 2},
		{.downstream_count = 1}, {.understood_count = 1},
		{.matcher_count = 1},
	};

	ck_assert(condition_is_empty(&(struct condition){0}));
	for (size_t i = 0; i < COUNT(parts); i++)
		ck_assert(!condition_is_empty(&parts[i]));
}
END_TEST

START_TEST(each_matcher_is_a_fact_of_its_own)
{
	for (size_t added = 0; added < MATCHERS_MAX; added += 37) {
		struct facts facts = {0};
		struct facts left = {0};

		facts_add(&facts, added);
		facts_leave_open(&left, added);
		for (size_t asked = 0; asked < MATCHERS_MAX; asked++) {
			ck_assert(facts_has(&facts, asked) == (asked == added));
			ck_assert(!facts_has(&left, asked));
			ck_assert(facts_is_open(&left, asked) ==
				  (asked == added));
			ck_assert(!facts_is_open(&facts, asked));
		}
	}
}
END_TEST

START_TEST(what_could_not_be_told_may_hold_and_all_else_must)
{
	const struct condition when = {.statuses = {{200, 200}},
				       .status_count = 1,
				       .matchers = three_and_last,
				       .matcher_count = 2};
	struct outcome o = {.status = 200};

	facts_add(&o.facts, three_and_last[0]);
	ck_assert(!condition_may_hold(&when, "ehr", NULL, &o));
	facts_leave_open(&o.facts, three_and_last[1]);
	ck_assert(condition_may_hold(&when, "ehr", NULL, &o));
	ck_assert(!condition_holds(&when, "ehr", NULL, &o));
	o.status = 201;
	ck_assert(!condition_may_hold(&when, "ehr", NULL, &o));
}
END_TEST

Suite *condition_suite(void)
{
	Suite *suite = suite_create("condition");
	TCase *tests = tcase_create("conditions");

	tcase_add_loop_test(tests, every_part_that_is_given_must_hold, 0,
			    COUNT(rows));
	tcase_add_test(tests, a_condition_is_empty_if_no_part_is_given);
	tcase_add_test(tests, each_matcher_is_a_fact_of_its_own);
	tcase_add_test(tests,
		       what_could_not_be_told_may_hold_and_all_else_must);
	suite_add_tcase(suite, tests);
	return suite;
}

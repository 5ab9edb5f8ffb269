/* SPDX-License-Identifier: Apache-2.0 */
/* test_when.c - the promises of worker/when.h, and of worker/message_view.h. */
#include "worker/when.h"

#include <string.h>

#include "tests/worker_suites.h"

static struct message *message;
static struct message_view view;

static void begin(struct text body)
{
	message_view_end(&view);
	message->body = body;
	message_view_init(&view, message, TEXT("id"), TEXT("lab.result.final"));
}

static void setup(void)
{
	message = message_new();
	table_add_text(&message->headers, &message->arena, "priority",
		       TEXT("urgent"));
	table_add_i64(&message->headers, &message->arena, "count", 3);
	table_add_bool(&message->headers, &message->arena, "flag", false);
	table_add(&message->headers, &message->arena, TEXT("at"),
		  FIELD_TIMESTAMP)
		->as.u64 = 1700000000;
	(void)table_add(&message->headers, &message->arena, TEXT("table"),
			FIELD_TABLE);
	begin(TEXT("{\"status\": \"final\", \"n\": 3, \"z\": null}"));
}

static void teardown(void)
{
	message_view_end(&view);
	message_free(message);
}

static const struct matcher_value urgent[] = {
	{.kind = VALUE_TEXT, .text = {"routine", 7}},
	{.kind = VALUE_TEXT, .text = {"urgent", 6}},
};
static const struct matcher_value three[] = {
	{.kind = VALUE_TEXT, .text = {"3", 1}}};
static const struct matcher_value no[] = {
	{.kind = VALUE_TEXT, .text = {"false", 5}}};
static const struct matcher_value moment[] = {
	{.kind = VALUE_TEXT, .text = {"1700000000", 10}}};
static const struct matcher_value empty[] = {
	{.kind = VALUE_TEXT, .text = {"", 0}}};
static const struct matcher_value final[] = {
	{.kind = VALUE_TEXT, .text = {"final", 5}}};
static const struct matcher_value whole_three[] = {
	{.kind = VALUE_INTEGER, .integer = 3}};

#define IN(list)                                                               \
	.test = TEST_IN, .values = (list),                                     \
	.value_count = sizeof(list) / sizeof((list)[0])
#define HEADER(name)  .kind = MATCHER_HEADER, .place = (name)
#define POINTER(name) .kind = MATCHER_POINTER, .place = (name)

static const struct {
	struct matcher matcher;
	bool holds;
} tests[] = {
	{{HEADER("priority"), IN(urgent)}, true},
	/* Names of message headers are told apart by case. */
	{{HEADER("Priority"), IN(urgent)}, false},
	{{HEADER("count"), IN(three)}, true},
	{{HEADER("count"), IN(urgent)}, false},
	{{HEADER("flag"), IN(no)}, true},
	{{HEADER("at"), IN(moment)}, true},
	{{HEADER("count"), .test = TEST_EXISTS}, true},
	{{HEADER("gone"), .test = TEST_EXISTS}, false},
	{{HEADER("gone"), .test = TEST_ABSENT}, true},
	/* It is there, and has no text, not even an empty one. */
	{{HEADER("table"), .test = TEST_EXISTS}, true},
	{{HEADER("table"), .test = TEST_ABSENT}, false},
	{{HEADER("table"), IN(empty)}, false},
	{{POINTER("/status"), IN(final)}, true},
	{{POINTER("/status"), IN(urgent)}, false},
	{{POINTER("/n"), IN(whole_three)}, true},
	{{POINTER("/n"), IN(three)}, false},
	{{POINTER("/z"), .test = TEST_NULL}, true},
	{{POINTER("/z"), .test = TEST_NOT_NULL}, false},
	{{POINTER("/gone"), .test = TEST_ABSENT}, true},
};

START_TEST(a_test_is_made_of_a_header_or_of_a_place_in_the_body)
{
	const struct when when = {.matchers = &tests[_i].matcher,
				  .matcher_count = 1};

	ck_assert(when_holds(&when, &view) == tests[_i].holds);
	ck_assert(!when_is_open(&when, &view));
}
END_TEST

START_TEST(a_regular_expression_is_searched_in_a_header)
{
	const char *flaw;
	struct matcher m = {
		HEADER("priority"), .test = TEST_REGEX,
		.regex = regex_new(TEXT("^urg"), &message->arena, &flaw)};
	const struct when when = {.matchers = &m, .matcher_count = 1};

	ck_assert(when_holds(&when, &view));
	m.place = "count";
	ck_assert(!when_holds(&when, &view));
	m.place = "table";
	ck_assert(!when_holds(&when, &view));
}
END_TEST

START_TEST(one_of_the_patterns_has_to_match_the_type)
{
	const char *const types[] = {"adt.#", "lab.*.final"};
	struct when when = {.types = types, .type_count = 2};

	ck_assert(when_holds(&when, &view));
	when.type_count = 1;
	ck_assert(!when_holds(&when, &view));
	ck_assert(when_holds(NULL, &view));
}
END_TEST

START_TEST(all_parts_have_to_hold)
{
	const char *const types[] = {"lab.#", "adt.#"};
	struct matcher two[] = {{HEADER("priority"), IN(urgent)},
				{POINTER("/status"), IN(final)}};
	struct when when = {.types = types,
			    .type_count = 1,
			    .matchers = two,
			    .matcher_count = 2};

	ck_assert(when_holds(&when, &view));
	two[1].test = TEST_ABSENT;
	ck_assert(!when_holds(&when, &view));
	two[1].test = TEST_EXISTS;
	ck_assert(when_holds(&when, &view));
	two[0].test = TEST_ABSENT;
	ck_assert(!when_holds(&when, &view));
	when.matcher_count = 0;
	when.types = types + 1;
	ck_assert(!when_holds(&when, &view));
}
END_TEST

static const struct {
	struct text body;
	bool is_open;
	bool absent_holds; /* a test that there is no such place */
} bodies[] = {
	{{"{\"a\": ", 6}, true, true},
	{{"  [", 3}, true, true},
	{{"\xef\xbb\xbf{", 4}, true, true},
	{{"MSH|^~\\&|", 9}, false, true},
	{{"", 0}, false, true},
	{{"\xef\xbb\xbf{\"status\": \"final\"}", 22}, false, false},
};

/* No call is left out in silence. */
START_TEST(what_cannot_be_told_counts_as_if_it_held)
{
	const struct matcher m = {POINTER("/status"), .test = TEST_ABSENT};
	const struct when when = {.matchers = &m, .matcher_count = 1};

	begin(bodies[_i].body);
	ck_assert(when_holds(&when, &view) == bodies[_i].absent_holds);
	ck_assert(when_is_open(&when, &view) == bodies[_i].is_open);
	ck_assert(message_view_is_broken(&view) == bodies[_i].is_open);
}
END_TEST

START_TEST(what_fails_anyhow_is_not_open)
{
	const struct matcher two[] = {{POINTER("/a"), .test = TEST_EXISTS},
				      {HEADER("gone"), .test = TEST_EXISTS}};
	const struct when when = {.matchers = two, .matcher_count = 2};

	begin(TEXT("{\"a\": "));
	ck_assert(!when_holds(&when, &view));
	ck_assert(!when_is_open(&when, &view));
	ck_assert(!when_is_open(NULL, &view));
}
END_TEST

START_TEST(the_body_is_parsed_once)
{
	struct json *json = message_view_json(&view);

	ck_assert_ptr_nonnull(json);
	ck_assert_ptr_eq(message_view_json(&view), json);
}
END_TEST

START_TEST(two_are_the_same_if_all_of_them_is)
{
	const char *const lab[] = {"lab.#"};
	const char *const adt[] = {"adt.#"};
	const struct matcher m = {HEADER("a"), .test = TEST_EXISTS};
	const struct matcher n = {HEADER("b"), .test = TEST_EXISTS};
	const struct when a = {lab, 1, &m, 1};
	const struct when others[] = {{adt, 1, &m, 1},
				      {lab, 0, &m, 1},
				      {lab, 1, &n, 1},
				      {lab, 1, &m, 0}};

	ck_assert(when_same(&a, &(struct when){lab, 1, &m, 1}));
	ck_assert(when_same(NULL, NULL));
	ck_assert(!when_same(&a, NULL));
	ck_assert(!when_same(NULL, &a));
	for (size_t i = 0; i < COUNT(others); i++)
		ck_assert(!when_same(&a, &others[i]));
}
END_TEST

START_TEST(properties_are_found_by_their_names)
{
	struct properties *p = &message->properties;

	ck_assert_uint_eq(message_property(message, "timestamp").len, 0);
	p->reply_to = TEXT("me");
	p->has_timestamp = true;
	p->timestamp = 7;
	p->has_priority = true;
	p->priority = 9;
	ck_assert(text_is(message_property(message, "reply-to"), "me"));
	ck_assert(text_is(message_property(message, "timestamp"), "7"));
	ck_assert(text_is(message_property(message, "priority"), "9"));
	ck_assert_uint_eq(message_property(message, "reply_to").len, 0);
}
END_TEST

Suite *when_suite(void)
{
	Suite *suite = suite_create("when");
	TCase *tcase = tcase_create("messages");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(
		tcase, a_test_is_made_of_a_header_or_of_a_place_in_the_body, 0,
		COUNT(tests));
	tcase_add_test(tcase, a_regular_expression_is_searched_in_a_header);
	tcase_add_test(tcase, one_of_the_patterns_has_to_match_the_type);
	tcase_add_test(tcase, all_parts_have_to_hold);
	tcase_add_loop_test(tcase, what_cannot_be_told_counts_as_if_it_held, 0,
			    COUNT(bodies));
	tcase_add_test(tcase, what_fails_anyhow_is_not_open);
	tcase_add_test(tcase, the_body_is_parsed_once);
	tcase_add_test(tcase, two_are_the_same_if_all_of_them_is);
	tcase_add_test(tcase, properties_are_found_by_their_names);
	suite_add_tcase(suite, tcase);
	return suite;
}

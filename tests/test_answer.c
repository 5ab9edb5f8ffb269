/* SPDX-License-Identifier: Apache-2.0 */
/* test_answer.c - the promises of worker/answer.h and worker/matcher.h, from
   the words of a configuration to what an answer is. */
#include "worker/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"
#include "worker/matcher.h"
#include "worker/mem.h"

/* A text as a table may hold it; it may have NULs. */
#define BYTES(literal)                                                         \
	{                                                                      \
		.at = (literal), .len = sizeof(literal) - 1                    \
	}

static struct config *config;
static struct arena arena;

static void setup(void)
{
	folder_enter();
	arena_init(&arena);
}

static void teardown(void)
{
	config_free(config);
	config = NULL;
	arena_fini(&arena);
	folder_leave();
}

/* A configuration with these success rules and these errors. */
static void load(const char *success, const char *errors)
{
	char text[4000];

	snprintf(text, sizeof(text),
		 "downstreams = { d = { url = \"http://h/\";\n"
		 "  success = ( %s ); }; };\n"
		 "policies = { p = { errors = ( %s ); }; };\n"
		 "pipelines = { a = { deliver_to = \"d\"; policy = \"p\"; }; "
		 "};\n",
		 success, errors);
	config = folder_load(text);
	ck_assert_str_eq(folder_said(), "");
	ck_assert_ptr_nonnull(config);
}

/* What a complete answer with these fields comes to. */
static struct outcome read_answer(int status, const struct http_header *fields,
				  size_t count, struct text body)
{
	const struct http_answer answer = {
		.outcome = {.transport = TRANSPORT_COMPLETE,
			    .sent = SENT_ALL,
			    .status = status,
			    .retry_after = -1},
		.body = body,
		.fields = fields,
		.field_count = count,
	};

	struct outcome outcome;

	answer_read(config, &config->pipelines[0], &config->downstreams[0],
		    &answer, TEXT("{}"), &arena, &outcome);
	return outcome;
}

static struct judgement judge(const struct outcome *outcome)
{
	return policy_judge(config->pipelines[0].policy,
			    &config->downstreams[0].rules, outcome);
}

/* --- one rule, one body ------------------------------------------------------- */

#define JSON                                                                   \
	"{\"status\": \"error\", \"count\": 5, \"ratio\": 1.50, \"big\": "     \
	"123456789012345678901234567890, \"ok\": false, \"none\": null, "      \
	"\"empty\": \"\", \"list\": [1, {\"code\": \"E7\"}], \"a/b\": 1, "     \
	"\"nul\": \"a\\u0000b\"}"

static const struct {
	const char *rule;
	struct text body;
	bool holds;
} bodies[] = {
	{"pointer = { at = \"/status\"; equals = \"error\"; };", BYTES(JSON),
	 true},
	{"pointer = { at = \"/status\"; equals = \"Error\"; };", BYTES(JSON),
	 false},
	{"pointer = { at = \"/status\"; in = [ \"x\", \"error\" ]; };",
	 BYTES(JSON), true},
	{"pointer = { at = \"/status\"; in = [ \"x\", \"y\" ]; };", BYTES(JSON),
	 false},
	{"pointer = { at = \"/status\"; regex = \"^err\"; };", BYTES(JSON),
	 true},
	{"pointer = { at = \"/status\"; regex = \"^rr\"; };", BYTES(JSON),
	 false},
	/* Numbers are numbers, however they are written; and no texts. */
	{"pointer = { at = \"/count\"; equals = 5; };", BYTES(JSON), true},
	{"pointer = { at = \"/count\"; equals = 5.0; };", BYTES(JSON), true},
	{"pointer = { at = \"/count\"; equals = 6; };", BYTES(JSON), false},
	{"pointer = { at = \"/count\"; equals = \"5\"; };", BYTES(JSON), false},
	{"pointer = { at = \"/status\"; equals = 5; };", BYTES(JSON), false},
	{"pointer = { at = \"/ratio\"; equals = 1.5; };", BYTES(JSON), true},
	{"pointer = { at = \"/ratio\"; equals = 1; };", BYTES(JSON), false},
	{"pointer = { at = \"/ratio\"; regex = \"^1\\\\.50$\"; };", BYTES(JSON),
	 true},
	{"pointer = { at = \"/big\"; equals = 5; };", BYTES(JSON), false},
	{"pointer = { at = \"/count\"; in = ( \"x\", 4, 5 ); };", BYTES(JSON),
	 true},
	/* Truth and null. */
	{"pointer = { at = \"/ok\"; equals = false; };", BYTES(JSON), true},
	{"pointer = { at = \"/ok\"; equals = true; };", BYTES(JSON), false},
	{"pointer = { at = \"/count\"; equals = true; };", BYTES(JSON), false},
	{"pointer = { at = \"/ok\"; regex = \"false\"; };", BYTES(JSON), false},
	{"pointer = { at = \"/none\"; is_null = true; };", BYTES(JSON), true},
	{"pointer = { at = \"/none\"; is_null = false; };", BYTES(JSON), false},
	{"pointer = { at = \"/none\"; exists = true; };", BYTES(JSON), true},
	{"pointer = { at = \"/none\"; equals = \"null\"; };", BYTES(JSON),
	 false},
	{"pointer = { at = \"/ok\"; is_null = true; };", BYTES(JSON), false},
	{"pointer = { at = \"/ok\"; is_null = false; };", BYTES(JSON), true},
	{"pointer = { at = \"/gone\"; is_null = true; };", BYTES(JSON), false},
	{"pointer = { at = \"/gone\"; is_null = false; };", BYTES(JSON), false},
	{"pointer = { at = \"/empty\"; equals = \"\"; };", BYTES(JSON), true},
	{"pointer = { at = \"/nul\"; equals = \"a\"; };", BYTES(JSON), false},
	{"pointer = { at = \"/nul\"; regex = \"b$\"; };", BYTES(JSON), true},
	/* Places. */
	{"pointer = { at = \"/list/1/code\"; equals = \"E7\"; };", BYTES(JSON),
	 true},
	{"pointer = { at = \"/list/2\"; exists = false; };", BYTES(JSON), true},
	{"pointer = { at = \"/list\"; equals = 1; };", BYTES(JSON), false},
	{"pointer = { at = \"/list\"; regex = \"E7\"; };", BYTES(JSON), false},
	{"pointer = { at = \"/a~1b\"; exists = true; };", BYTES(JSON), true},
	/* Two groups must both hold. */
	{"pointer = ( { at = \"/count\"; equals = 5; }, "
	 "{ at = \"/ok\"; equals = false; } );",
	 BYTES(JSON), true},
	{"pointer = ( { at = \"/count\"; equals = 5; }, "
	 "{ at = \"/ok\"; equals = true; } );",
	 BYTES(JSON), false},
	/* What is no JSON has no places. */
	{"pointer = { at = \"/a\"; exists = true; };", BYTES("<html>"), false},
	{"pointer = { at = \"/a\"; exists = false; };", BYTES("<html>"), true},
	{"pointer = { at = \"/a\"; exists = true; };", BYTES("\"a\": 1"),
	 false},
	{"pointer = { at = \"/a\"; exists = true; };", BYTES(""), false},
	{"pointer = { at = \"/a\"; equals = 1; };",
	 BYTES("\xef\xbb\xbf{\"a\": 1}\r\n"), true},
	{"pointer = { at = \"/a\"; equals = \"\xff\"; };",
	 BYTES("{\"a\": \"\xff\"}"), true},
	/* Text. */
	{"text = \"out of memory\";", BYTES("<b>out of memory</b>"), true},
	{"text = \"^MSA\\\\|AE\";", BYTES("MSH|x\rMSA|AE"), false},
	{"text = \"(?m)^MSA\\\\|AE\";", BYTES("MSH|x\rMSA|AE"), true},
	{"text = \"x\";", BYTES(""), false},
	{"text = \"x\"; pointer = { at = \"/x\"; equals = 1; };",
	 BYTES("{\"x\": 1}"), true},
	{"text = \"y\"; pointer = { at = \"/x\"; equals = 1; };",
	 BYTES("{\"x\": 1}"), false},
};

START_TEST(a_body_is_matched_as_a_rule_says)
{
	char rule[600];

	snprintf(rule, sizeof(rule), "{ means = \"failed\"; %s }",
		 bodies[_i].rule);
	load(rule, "");
	const struct outcome outcome =
		read_answer(200, NULL, 0, bodies[_i].body);

	ck_assert_msg(judge(&outcome).is_done == !bodies[_i].holds, "%s",
		      bodies[_i].rule);
	ck_assert(!outcome.facts.gave_up);
}
END_TEST

/* --- one rule, some fields ------------------------------------------------------ */

static const struct {
	const char *rule;
	const char *name;
	const char *value; /* NULL: no field */
	bool holds;
} fields[] = {
	{"header = { name = \"x-status\"; equals = \"failed\"; };", "X-Status",
	 "failed", true},
	{"header = { name = \"X-Status\"; equals = \"failed\"; };", "X-Status",
	 "Failed", false},
	{"header = { name = \"X-Status\"; equals = \"failed\"; };", "X-Other",
	 "failed", false},
	{"header = { name = \"X-Status\"; equals = 7; };", "X-Status", "7",
	 true},
	{"header = { name = \"X-Status\"; in = [ \"a\", \"b\" ]; };",
	 "X-Status", "b", true},
	{"header = { name = \"X-Status\"; in = [ \"a\", \"b\" ]; };",
	 "X-Status", "c", false},
	{"header = { name = \"X-Status\"; exists = true; };", "X-Status", "",
	 true},
	{"header = { name = \"X-Status\"; exists = true; };", "X-Other", "",
	 false},
	{"header = { name = \"X-Status\"; exists = false; };", "X-Other", "",
	 true},
	{"header = { name = \"X-Status\"; exists = false; };", "X-Status", "",
	 false},
	{"header = { name = \"X-Status\"; regex = \"\\\\bfail\"; };",
	 "X-Status", "ok, failed", true},
	{"header = { name = \"X-Status\"; regex = \"fail\"; };", "X-Other",
	 "fail", false},
	{"content_type = \"application/json\";", "Content-Type",
	 "Application/JSON; charset=utf-8", true},
	{"content_type = \"application/json\";", "Content-Type",
	 "application/json ;a=b", true},
	{"content_type = \"application/json\";", "Content-Type",
	 "application/jsonx", false},
	{"content_type = \"application/json\";", "Content-Type",
	 "application/jso", false},
	{"content_type = \"application/json\";", "X-Other", "application/json",
	 false},
	{"content_type = \"text/*\";", "Content-Type", "TEXT/html", true},
	{"content_type = \"text/*\";", "Content-Type", "textual/html", false},
	{"content_type = \"text/*\";", "Content-Type", "text", true},
	{"content_type = [ \"text/*\", \"application/json\" ];", "Content-Type",
	 "application/json", true},
};

START_TEST(a_field_is_matched_as_a_rule_says)
{
	const struct http_header field = {.name = fields[_i].name,
					  .value = text_of(fields[_i].value)};
	char rule[600];

	snprintf(rule, sizeof(rule), "{ means = \"failed\"; %s }",
		 fields[_i].rule);
	load(rule, "");
	const struct outcome outcome = read_answer(200, &field, 1, TEXT("x"));

	ck_assert_msg(judge(&outcome).is_done == !fields[_i].holds, "%s: %s",
		      fields[_i].rule, fields[_i].value);
}
END_TEST

/* --- rules together --------------------------------------------------------------- */

#define SUCCESS                                                                \
	"{ means = \"already-done\"; status = \"409\"; "                       \
	"pointer = { at = \"/code\"; equals = \"duplicate\"; }; }, "           \
	"{ means = \"failed\"; error = \"not-stored\"; class = "               \
	"\"permanent\"; "                                                      \
	"status = \"2xx\"; pointer = { at = \"/status\"; equals = \"error\"; " \
	"}; }, "                                                               \
	"{ means = \"done\"; status = \"500\"; text = \"stored\"; }"
#define ERRORS                                                                 \
	"{ name = \"storage\"; understood = \"not-stored\"; "                  \
	"pointer = { at = \"/retry\"; equals = true; }; }, "                   \
	"{ name = \"elsewhere\"; status = \"503\"; downstream = \"d\"; "       \
	"header = { name = \"X-Busy\"; exists = true; }; }"

static const struct {
	int status;
	const char *body;
	const char *field; /* the value of X-Busy; NULL: none */
	const char *error; /* NULL: done */
	bool is_already;
	enum error_class class;
	enum judged_by by;
} answers[] = {
	{200, "{\"status\": \"fine\"}", NULL, NULL, false, 0, JUDGED_BY_STATUS},
	{200, "{\"status\": \"error\"}", NULL, "not-stored", false,
	 CLASS_PERMANENT, JUDGED_BY_SUCCESS_RULE},
	{200, "{\"status\": \"error\", \"retry\": true}", NULL, "storage",
	 false, CLASS_TRANSIENT, JUDGED_BY_RULE},
	{409, "{\"code\": \"duplicate\"}", NULL, NULL, true, 0,
	 JUDGED_BY_SUCCESS_RULE},
	{409, "{\"code\": \"conflict\"}", NULL, "rejected", false,
	 CLASS_PERMANENT, JUDGED_BY_BUILT_IN},
	{500, "was stored", NULL, NULL, false, 0, JUDGED_BY_SUCCESS_RULE},
	{500, "was not", NULL, "server-error", false, CLASS_TRANSIENT,
	 JUDGED_BY_BUILT_IN},
	{503, "", "1", "elsewhere", false, CLASS_TRANSIENT, JUDGED_BY_RULE},
	{503, "", NULL, "unavailable", false, CLASS_TRANSIENT,
	 JUDGED_BY_BUILT_IN},
};

START_TEST(success_rules_come_first_and_error_rules_know_their_names)
{
	struct http_header field = {.name = "X-Busy"};

	load(SUCCESS, ERRORS);
	if (answers[_i].field != NULL)
		field.value = text_of(answers[_i].field);
	const struct outcome outcome = read_answer(
		answers[_i].status, &field, answers[_i].field != NULL ? 1 : 0,
		text_of(answers[_i].body));
	const struct judgement j = judge(&outcome);

	ck_assert_int_eq(j.is_done, answers[_i].error == NULL);
	ck_assert_int_eq(j.is_already, answers[_i].is_already);
	ck_assert_int_eq(j.by, answers[_i].by);
	if (j.is_done)
		return;
	ck_assert_str_eq(j.error, answers[_i].error);
	ck_assert_int_eq(j.class, answers[_i].class);
}
END_TEST

START_TEST(only_a_complete_answer_has_facts)
{
	const struct http_answer answer = {
		.outcome = {.transport = TRANSPORT_CUT_RESPONSE,
			    .status = 200,
			    .retry_after = -1},
		.body = TEXT("{\"status\": \"error\"}"),
	};

	load(SUCCESS, ERRORS);
	struct outcome outcome;
	answer_read(config, &config->pipelines[0], &config->downstreams[0],
		    &answer, TEXT(""), &arena, &outcome);
	ck_assert_str_eq(judge(&outcome).error, "cut-response");
	for (size_t i = 0; i < MATCHERS_MAX; i++)
		ck_assert(!facts_has(&outcome.facts, i));
}
END_TEST

/* The body is deep, cut, or full of what is no text: no rule finds anything,
   and nothing breaks. */
START_TEST(hostile_bodies_have_no_places)
{
	size_t len = 1 << 20;
	char *body = mem_array(len, 1);
	static const char bytes[] = {'"', '\0', '\xff', '\\', '9', '[', '{'};

	load(SUCCESS, ERRORS);
	memset(body, bytes[_i], len);
	const struct outcome outcome =
		read_answer(200, NULL, 0, (struct text){body, len});
	ck_assert_int_eq(judge(&outcome).is_done, _i < 5);
	free(body);
}
END_TEST

/* It may hold what the rule looks for, behind its end or too deep in it. */
static const struct {
	const char *rule;
	struct text body;
	bool is_done;
} unread[] = {
	{"pointer = { at = \"/e\"; exists = true; };", BYTES("{\"e\": \"cu"),
	 false},
	{"pointer = { at = \"/e\"; exists = false; };", BYTES("{\"e\": \"cu"),
	 false},
	{"pointer = { at = \"/e\"; equals = 1; };", BYTES("\xef\xbb\xbf\n[1, "),
	 false},
	{"status = 201; pointer = { at = \"/e\"; exists = true; };",
	 BYTES("{\"e\": \"cu"), true},
	{"pointer = { at = \"/e\"; exists = true; };", BYTES("<html>"), true},
	{"pointer = { at = \"/e\"; exists = true; };", BYTES(""), true},
};

START_TEST(json_that_cannot_be_read_is_no_success_where_a_rule_looks_into_it)
{
	char rule[200];

	snprintf(rule, sizeof(rule), "{ means = \"failed\"; %s }",
		 unread[_i].rule);
	load(rule, "");
	const struct outcome outcome =
		read_answer(200, NULL, 0, unread[_i].body);
	const struct judgement j = judge(&outcome);

	ck_assert(j.is_done == unread[_i].is_done);
	if (!j.is_done)
		ck_assert_str_eq(j.error, "unread");
	ck_assert(!outcome.facts.gave_up);
}
END_TEST

START_TEST(a_search_that_is_given_up_is_told_and_is_no_success)
{
	size_t len = 1 << 20;
	char *body = mem_array(len, 1);

	memset(body, ' ', len);
	load("{ means = \"failed\"; text = \"(\\\\s+)+[a-z]\"; }", "");
	const struct outcome outcome =
		read_answer(200, NULL, 0, (struct text){body, len});
	ck_assert(!judge(&outcome).is_done);
	ck_assert_int_eq(judge(&outcome).class, CLASS_AMBIGUOUS);
	ck_assert(outcome.facts.gave_up);
	free(body);
}
END_TEST

Suite *answer_suite(void)
{
	Suite *suite = suite_create("answer");
	TCase *tcase = tcase_create("answers");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, a_body_is_matched_as_a_rule_says, 0,
			    (int)COUNT(bodies));
	tcase_add_loop_test(tcase, a_field_is_matched_as_a_rule_says, 0,
			    (int)COUNT(fields));
	tcase_add_loop_test(
		tcase,
		success_rules_come_first_and_error_rules_know_their_names, 0,
		(int)COUNT(answers));
	tcase_add_test(tcase, only_a_complete_answer_has_facts);
	tcase_add_loop_test(tcase, hostile_bodies_have_no_places, 0, 7);
	tcase_add_test(tcase,
		       a_search_that_is_given_up_is_told_and_is_no_success);
	tcase_add_loop_test(
		tcase,
		json_that_cannot_be_read_is_no_success_where_a_rule_looks_into_it,
		0, (int)COUNT(unread));
	suite_add_tcase(suite, tcase);
	return suite;
}

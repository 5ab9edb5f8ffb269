/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_rules.c - what rules ask of answers: read, refused, printed. */
#include "worker/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"
#include "worker/matcher.h"
#include "worker/mem.h"

#define PIPELINES                                                              \
	"pipelines = { a = { deliver_to = \"ehr\"; policy = \"p\"; }; };\n"

/* The success rules are on line 2, the errors on line 3. */
static char *with(const char *success, const char *errors)
{
	size_t len = strlen(success) + strlen(errors) + 400;
	char *text = mem_array(len, 1);

	snprintf(text, len,
		 "downstreams = { ehr = { url = \"http://h/\"; "
		 "understand = \"fhir\"; success = (\n"
		 "%s ); }; };\n"
		 "policies = { p = { errors = ( %s ); }; };\n" PIPELINES,
		 success, errors);
	return text;
}

static struct config *load(const char *success, const char *errors)
{
	char *text = with(success, errors);
	struct config *config = folder_load(text);

	free(text);
	return config;
}

static const struct {
	const char *success;
	const char *errors;
	const char *said;
} refused[] = {
	{"{ status = 200; }", "",
	 "c.cfg:2: downstreams.ehr.success[0].means is missing: it must be "
	 "\"done\", \"already-done\" or \"failed\".\n"},
	{"{ means = \"success\"; status = 200; }", "",
	 "c.cfg:2: downstreams.ehr.success[0].means must be \"done\", "
	 "\"already-done\" or \"failed\", not the text \"success\".\n"},
	{"{ means = \"failed\"; }", "",
	 "c.cfg:2: downstreams.ehr.success[0] asks for nothing: give it "
	 "status, "
	 "header, pointer, text or content_type.\n"},
	{"{ means = \"done\"; status = 500; class = \"permanent\"; }", "",
	 "c.cfg:2: downstreams.ehr.success[0].class means nothing for "
	 "\"done\": "
	 "only what failed is an error.\n"},
	{"{ means = \"already-done\"; status = 409; error = \"twice\"; }", "",
	 "c.cfg:2: downstreams.ehr.success[0].error means nothing for "
	 "\"already-done\": only what failed is an error.\n"},
	{"{ means = \"failed\"; status = 200; error = \"Oh no\"; }", "",
	 "c.cfg:2: downstreams.ehr.success[0].error: \"Oh no\" is no name: "
	 "names "
	 "are small letters, digits, \"-\" and \"_\", and begin with a "
	 "letter.\n"},
	{"\"2xx\"", "",
	 "c.cfg:2: downstreams.ehr.success[0] must be a group, { ... }, not "
	 "the "
	 "text \"2xx\".\n"},
	{"{ means = \"failed\"; transport = \"dns\"; }", "",
	 "c.cfg:2: There is no setting "
	 "downstreams.ehr.success[0].transport.\n"},
	/* Regular expressions. */
	{"{ means = \"failed\"; text = \"(ab\"; }", "",
	 "c.cfg:2: downstreams.ehr.success[0].text is no regular expression "
	 "that "
	 "can be used: \"(ab\" is wrong at byte 3: missing closing "
	 "parenthesis. A backslash is written twice in a configuration.\n"},
	{"{ means = \"failed\"; text = [ \"a\", \"b\" ]; }", "",
	 "c.cfg:2: downstreams.ehr.success[0].text must be a regular "
	 "expression, "
	 "such as \"(?i)out of memory\", not a list.\n"},
	{"{ means = \"failed\"; header = { name = \"X\"; regex = \"a{2,1}\"; "
	 "}; }",
	 "",
	 "c.cfg:2: downstreams.ehr.success[0].header.regex is no regular "
	 "expression that can be used: \"a{2,1}\" is wrong at byte 5: numbers "
	 "out of order in {} quantifier. A backslash is written twice in a "
	 "configuration.\n"},
	/* Places. */
	{"{ means = \"failed\"; pointer = { at = \"status\"; equals = 1; }; }",
	 "",
	 "c.cfg:2: downstreams.ehr.success[0].pointer: \"status\" must begin "
	 "with \"/\".\n"},
	{"{ means = \"failed\"; pointer = { at = \"/a~b\"; equals = 1; }; }",
	 "",
	 "c.cfg:2: downstreams.ehr.success[0].pointer: \"/a~b\" has a \"~\" "
	 "that "
	 "is neither \"~0\" (for \"~\") nor \"~1\" (for \"/\").\n"},
	{"{ means = \"failed\"; header = { name = \"X Y\"; exists = true; }; }",
	 "",
	 "c.cfg:2: downstreams.ehr.success[0].header: \"X Y\" is no name of a "
	 "header field (RFC 9110, section 5.1).\n"},
	{"{ means = \"failed\"; pointer = \"/a\"; }", "",
	 "c.cfg:2: downstreams.ehr.success[0].pointer must be a group, { ... "
	 "}, "
	 "not the text \"/a\".\n"},
	{"{ means = \"failed\"; pointer = { equals = 1; }; }", "",
	 "c.cfg:2: downstreams.ehr.success[0].pointer.at is missing: it must "
	 "be "
	 "a text in double quotes.\n"},
	/* Tests. */
	{"{ means = \"failed\"; pointer = { at = \"/a\"; }; }", "",
	 "c.cfg:2: downstreams.ehr.success[0].pointer tests nothing: give it "
	 "equals, in, exists or regex.\n"},
	{"{ means = \"failed\"; pointer = { at = \"/a\"; equals = 1; "
	 "exists = true; }; }",
	 "",
	 "c.cfg:2: downstreams.ehr.success[0].pointer.exists stands beside "
	 "equals, and a group makes one test. Write a list of two groups, "
	 "which must both hold.\n"},
	{"{ means = \"failed\"; pointer = { at = \"/a\"; equals = [ 1, 2 ]; }; "
	 "}",
	 "",
	 "c.cfg:2: downstreams.ehr.success[0].pointer.equals must be one "
	 "value; "
	 "for several there is \"in\", not a list.\n"},
	{"{ means = \"failed\"; pointer = { at = \"/a\"; in = \"a\"; }; }", "",
	 "c.cfg:2: downstreams.ehr.success[0].pointer.in must be a list, such "
	 "as "
	 "[ \"a\", \"b\" ], not the text \"a\".\n"},
	{"{ means = \"failed\"; pointer = { at = \"/a\"; in = ( ); }; }", "",
	 "c.cfg:2: downstreams.ehr.success[0].pointer.in must be a list, such "
	 "as "
	 "[ \"a\", \"b\" ], not an empty list.\n"},
	{"{ means = \"failed\"; pointer = { at = \"/a\"; equals = { }; }; }",
	 "",
	 "c.cfg:2: downstreams.ehr.success[0].pointer.equals must be a text, a "
	 "number, true or false, not a group.\n"},
	{"{ means = \"failed\"; header = { name = \"X\"; equals = true; }; }",
	 "",
	 "c.cfg:2: downstreams.ehr.success[0].header.equals must be a text, "
	 "not "
	 "true.\n"},
	{"{ means = \"failed\"; header = { name = \"X\"; is_null = true; }; }",
	 "",
	 "c.cfg:2: There is no setting "
	 "downstreams.ehr.success[0].header.is_null.\n"},
	/* Content types. */
	{"{ means = \"failed\"; content_type = \"json\"; }", "",
	 "c.cfg:2: downstreams.ehr.success[0].content_type must be one or more "
	 "content types without parameters, such as \"application/json\" or "
	 "\"text/*\", not the text \"json\".\n"},
	{"{ means = \"failed\"; content_type = \"text/html; charset=x\"; }", "",
	 "c.cfg:2: downstreams.ehr.success[0].content_type must be one or more "
	 "content types without parameters, such as \"application/json\" or "
	 "\"text/*\", not the text \"text/html; charset=x\".\n"},
	/* Errors. */
	{"", "{ name = \"x\"; downstream = \"her\"; }",
	 "c.cfg:3: policies.p.errors[0].downstream: there is no downstream "
	 "\"her\". The nearest is \"ehr\".\n"},
	{"", "{ name = \"x\"; downstream = 7; }",
	 "c.cfg:3: policies.p.errors[0].downstream must be a name, or a list "
	 "of names, not the number 7.\n"},
	{"", "{ name = \"x\"; }",
	 "c.cfg:3: policies.p.errors[0] matches nothing: give it status, "
	 "transport, understood, header, pointer, text or content_type.\n"},
	{"", "{ name = \"x\"; status = 200; }",
	 "c.cfg:3: policies.p.errors[0].status is a success by itself. A rule "
	 "in the downstream's \"success\" can say what makes it a failure, and "
	 "give it a name.\n"},
};

START_TEST(a_wrong_rule_is_refused_with_place_and_mend)
{
	struct config *config = load(refused[_i].success, refused[_i].errors);

	ck_assert_str_eq(folder_said(), refused[_i].said);
	ck_assert_ptr_null(config);
}
END_TEST

START_TEST(a_name_that_nothing_gives_is_warned_of)
{
	struct config *config =
		load("{ means = \"failed\"; error = \"lost\"; status = 200; }",
		     "{ name = \"x\"; understood = [ \"lost\", \"lots\" ]; }");

	ck_assert_ptr_nonnull(config);
	ck_assert_str_eq(
		folder_said(),
		"c.cfg:3: warning: policies.p.errors[0].understood: nothing "
		"names an error \"lots\", so that it never holds. A success "
		"rule of a downstream can (its \"error\"), or what its "
		"\"understand\" makes of a body.\n");
	config_free(config);
}
END_TEST

static const struct {
	const char *success;
	const char *said;
} never[] = {
	{"{ means = \"done\"; status = \"2xx\"; }, "
	 "{ means = \"failed\"; status = 200; text = \"x\"; }",
	 "c.cfg:2: warning: downstreams.ehr.success[1] never holds: the rules "
	 "up to downstreams.ehr.success[0] (line 2) take all that it stands "
	 "for. Put it before them, or take it away.\n"},
	{"{ means = \"failed\"; status = 200; text = \"x\"; }, "
	 "{ means = \"done\"; status = \"2xx\"; }",
	 ""},
	{"{ means = \"failed\"; status = 200; text = \"x\"; }, "
	 "{ means = \"done\"; status = 200; text = \"y\"; }",
	 ""},
	{"{ means = \"done\"; understood = [ \"fhir-duplicate\", "
	 "\"hl7v2-206\" ]; }",
	 "c.cfg:2: warning: downstreams.ehr.success[0].understood: no body is "
	 "understood as \"hl7v2-206\", so that it never holds. The "
	 "\"understand\" of this downstream says which names there are.\n"},
};

START_TEST(a_success_rule_that_never_holds_is_warned_of)
{
	struct config *config = load(never[_i].success, "");

	ck_assert_ptr_nonnull(config);
	ck_assert_str_eq(folder_said(), never[_i].said);
	config_free(config);
}
END_TEST

/* Everything there is, to be read back as it is printed. */
#define ALL                                                                    \
	"{ means = \"failed\"; error = \"e\"; class = \"ambiguous\"; "         \
	"status = ( 200, \"202-204\" ); "                                      \
	"header = ( { name = \"X-A\"; equals = \"a\\\"b\\\\\"; }, "            \
	"{ name = \"X-B\"; in = [ \"\", \"c\" ]; }, "                          \
	"{ name = \"X-C\"; exists = true; }, "                                 \
	"{ name = \"X-D\"; exists = false; }, "                                \
	"{ name = \"X-E\"; regex = \"\\\\d+\\n\"; } ); "                       \
	"pointer = ( { at = \"/a\"; equals = \"x\"; }, "                       \
	"{ at = \"/b\"; equals = -7; }, { at = \"/b\"; equals = "              \
	"9223372036854775807; }, "                                             \
	"{ at = \"/c\"; equals = 0.1; }, { at = \"/c\"; equals = 1e300; }, "   \
	"{ at = \"/c\"; equals = 5.0; }, "                                     \
	"{ at = \"/d\"; in = ( \"x\", 1, 2.5, true, false ); }, "              \
	"{ at = \"/e\"; is_null = true; }, { at = \"/f\"; is_null = false; "   \
	"}, "                                                                  \
	"{ at = \"/g\"; exists = true; }, { at = \"/h\"; regex = \"^a$\"; } "  \
	"); text = \"a\\\\.b\"; "                                              \
	"content_type = [ \"text/*\", \"application/json\" ]; }, "             \
	"{ means = \"already-done\"; understood = \"fhir-x\"; }, "             \
	"{ means = \"done\"; status = 500; }"

START_TEST(rules_are_printed_as_they_are_read)
{
	struct config *config =
		load(ALL, "{ name = \"n\"; downstream = [ \"ehr\" ]; "
			  "understood = \"e\"; text = \"a\"; }");
	char *printed = folder_print(config);

	ck_assert_str_eq(folder_said(), "");
	ck_assert_uint_eq(config->downstreams[0].rules.success_count, 3);
	ck_assert_uint_eq(
		config->downstreams[0].rules.success[0].when.matcher_count, 18);
	struct config *again = folder_load(printed);
	ck_assert_str_eq(folder_said(), "");
	char *reprinted = folder_print(again);

	ck_assert_str_eq(printed, reprinted);
	ck_assert_uint_eq(config->matcher_count, again->matcher_count);
	for (size_t i = 0; i < config->matcher_count; i++)
		ck_assert(matcher_same(&config->matchers[i],
				       &again->matchers[i]));
	free(printed);
	free(reprinted);
	config_free(config);
	config_free(again);
}
END_TEST

START_TEST(the_same_matcher_has_one_number_everywhere)
{
	struct config *config = load(
		"{ means = \"failed\"; text = \"a\"; }, "
		"{ means = \"done\"; text = \"b\"; header = { name = \"X\"; "
		"exists = true; }; }",
		"{ name = \"x\"; text = \"b\"; }, "
		"{ name = \"y\"; pointer = { at = \"/a\"; equals = 1; }; }, "
		"{ name = \"z\"; pointer = { at = \"/a\"; equals = 1.0; }; }");
	const struct pipeline_config *p = &config->pipelines[0];

	ck_assert_str_eq(folder_said(), "");
	ck_assert_uint_eq(config->matcher_count, 5);
	ck_assert_uint_eq(p->matcher_count, 5);
	ck_assert_uint_eq(p->policy->errors[0].when.matchers[0],
			  p->deliver_to[0]->rules.success[1].when.matchers[1]);
	ck_assert_uint_eq(p->deliver_to[0]->wanted_count, 1);
	ck_assert_str_eq(p->deliver_to[0]->wanted[0], "X");
	config_free(config);
}
END_TEST

/* What other pipelines ask for is not looked for. */
START_TEST(an_answer_is_tried_against_what_its_own_rules_ask_for)
{
	struct config *config = folder_load(
		"downstreams = { ehr = { url = \"http://h/\"; }; e = { url = "
		"\"http://i/\"; success = ( { means = \"done\"; header = "
		"( { name = \"X-E\"; equals = \"1\"; }, { name = \"x-e\"; "
		"equals = \"1\"; }, { name = \"date\"; exists = true; } ); } "
		"); }; };\n"
		"policies = { p = { errors = ( { name = \"x\"; downstream = "
		"\"e\"; text = \"e\"; }, { name = \"y\"; text = \"d\"; } ); "
		"}; };\n"
		"pipelines = { a = { deliver_to = \"ehr\"; policy = \"p\"; }; "
		"b = { deliver_to = \"e\"; }; };\n");
	const struct pipeline_config *a = config_pipeline(config, "a");
	const struct pipeline_config *b = config_pipeline(config, "b");

	ck_assert_str_eq(folder_said(), "");
	ck_assert_uint_eq(a->matcher_count, 1);
	ck_assert_str_eq(config->matchers[a->matchers[0]].pattern, "d");
	ck_assert_uint_eq(b->matcher_count, 3);
	ck_assert_uint_eq(a->deliver_to[0]->wanted_count, 0);
	ck_assert_uint_eq(b->deliver_to[0]->wanted_count, 1);
	config_free(config);
}
END_TEST

START_TEST(more_matchers_than_there_are_numbers_are_refused)
{
	size_t room = (MATCHERS_MAX + 1) * 60;
	char *rules = mem_array(room, 1);
	size_t len = 0;

	for (int i = 0; i <= MATCHERS_MAX; i++)
		len += (size_t)snprintf(rules + len, room - len,
					"%s{ means = \"done\"; text = \"%d\"; "
					"}",
					i == 0 ? "" : ",", i);
	struct config *config = load(rules, "");

	ck_assert_ptr_null(config);
	ck_assert_str_eq(
		folder_said(),
		"c.cfg:2: downstreams.ehr.success[1024].text is one too "
		"many: all rules together may ask for 1024 different "
		"things of a response.\n");
	free(rules);
}
END_TEST

Suite *config_rules_suite(void)
{
	Suite *suite = suite_create("config rules");
	TCase *tcase = tcase_create("rules");

	tcase_add_checked_fixture(tcase, folder_enter, folder_leave);
	tcase_add_loop_test(tcase, a_wrong_rule_is_refused_with_place_and_mend,
			    0, (int)COUNT(refused));
	tcase_add_test(tcase, a_name_that_nothing_gives_is_warned_of);
	tcase_add_loop_test(tcase, a_success_rule_that_never_holds_is_warned_of,
			    0, (int)COUNT(never));
	tcase_add_test(tcase, rules_are_printed_as_they_are_read);
	tcase_add_test(tcase, the_same_matcher_has_one_number_everywhere);
	tcase_add_test(tcase,
		       an_answer_is_tried_against_what_its_own_rules_ask_for);
	tcase_add_test(tcase, more_matchers_than_there_are_numbers_are_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}

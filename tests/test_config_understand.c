/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_understand.c - how downstreams speak, and where messages say
   what they are. */
#include <stdlib.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

#define FILE_OF(understand)                                                    \
	"downstreams = { d = { url = \"http://h/\"; understand = " understand  \
	"; }; };\n"                                                            \
	"pipelines = { a = { deliver_to = \"d\"; }; };\n"

START_TEST(a_word_says_how_a_downstream_speaks)
{
	static const struct {
		const char *text;
		enum understand_as as;
	} words[] = {
		{FILE_OF("\"fhir\""), UNDERSTAND_FHIR},
		{FILE_OF("\"hl7v2\""), UNDERSTAND_HL7V2},
		{FILE_OF("\"problem\""), UNDERSTAND_PROBLEM},
		{"pipelines = { a = { deliver_to = \"http://h/\"; }; };\n",
		 UNDERSTAND_NOTHING},
	};

	for (size_t i = 0; i < COUNT(words); i++) {
		struct config *config = folder_load(words[i].text);

		ck_assert_str_eq(folder_said(), "");
		ck_assert_int_eq(config->downstreams[0].understand.as,
				 words[i].as);
		ck_assert_uint_eq(config->downstreams[0].understand.done.count,
				  0);
		config_free(config);
	}
}
END_TEST

START_TEST(a_group_says_what_codes_mean_too_and_is_printed_as_it_is_read)
{
	struct config *config = folder_load(
		FILE_OF("{ format = \"fhir\"; done = [ \"duplicate\", "
			"\"conflict\" ]; transient = \"expired\"; permanent "
			"= [ \"timeout\" ]; }"));

	ck_assert_str_eq(folder_said(), "");
	for (int round = 0; round < 2; round++) {
		const struct understand_config *u =
			&config->downstreams[0].understand;

		ck_assert_int_eq(u->as, UNDERSTAND_FHIR);
		ck_assert_uint_eq(u->done.count, 2);
		ck_assert_str_eq(u->done.codes[1], "conflict");
		ck_assert_uint_eq(u->transient.count, 1);
		ck_assert_str_eq(u->transient.codes[0], "expired");
		ck_assert_uint_eq(u->permanent.count, 1);
		ck_assert_str_eq(u->permanent.codes[0], "timeout");
		char *printed = folder_print(config);

		config_free(config);
		config = folder_load(printed);
		ck_assert_str_eq(folder_said(), "");
		free(printed);
	}
	config_free(config);
}
END_TEST

START_TEST(the_examples_of_the_page_are_read)
{
	char *page = folder_source("docs/policies.md");
	char *begin = strstr(page, "<!-- understand -->");
	size_t examples = 0;

	for (; begin != NULL; examples++) {
		char *end = strstr(begin, "<!-- /understand -->");

		ck_assert_ptr_nonnull(end);
		*end = '\0';
		struct config *config = folder_load(strchr(begin, '\n'));

		ck_assert_str_eq(folder_said(), "");
		config_free(config);
		begin = strstr(end + 1, "<!-- understand -->");
	}
	ck_assert_uint_eq(examples, 2);
	free(page);
}
END_TEST

START_TEST(a_body_that_is_not_kept_cannot_be_understood)
{
	struct config *config =
		folder_load(FILE_OF("\"fhir\"; response_limit = 0"));

	ck_assert_ptr_nonnull(config);
	ck_assert_str_eq(
		folder_said(),
		"c.cfg:1: warning: downstreams.d.response_limit keeps nothing "
		"of an answer, so that downstreams.d.understand has nothing to "
		"read. Take it away, or raise it.\n");
	config_free(config);
}
END_TEST

#define PIPELINE(settings)                                                     \
	"pipelines = { a = { deliver_to = \"http://h/\"; " settings " }; };\n"

START_TEST(a_pipeline_says_where_type_and_deadline_stand)
{
	static const struct {
		const char *text;
		enum type_from from;
		const char *name;
	} sources[] = {
		{PIPELINE(""), TYPE_FROM_PROPERTY, NULL},
		{PIPELINE("type_from = \"type\";"), TYPE_FROM_PROPERTY, NULL},
		{PIPELINE("type_from = \"routing-key\";"), TYPE_FROM_KEY, NULL},
		{PIPELINE("type_from = \"header:event\";"), TYPE_FROM_HEADER,
		 "event"},
		{PIPELINE("type_from = \"body:/a/b\";"), TYPE_FROM_BODY,
		 "/a/b"},
	};

	for (size_t i = 0; i < COUNT(sources); i++) {
		struct config *config = folder_load(sources[i].text);
		char *printed = folder_print(config);

		ck_assert_str_eq(folder_said(), "");
		config_free(config);
		config = folder_load(printed);
		ck_assert_int_eq(config->pipelines[0].type_from.from,
				 sources[i].from);
		if (sources[i].name != NULL)
			ck_assert_str_eq(config->pipelines[0].type_from.name,
					 sources[i].name);
		ck_assert_ptr_null(config->pipelines[0].deadline_header);
		config_free(config);
		free(printed);
	}
	struct config *config =
		folder_load(PIPELINE("deadline_header = \"valid-until\";"));
	char *printed = folder_print(config);

	config_free(config);
	config = folder_load(printed);
	ck_assert_str_eq(config->pipelines[0].deadline_header, "valid-until");
	config_free(config);
	free(printed);
}
END_TEST

static const struct {
	const char *text;
	const char *said;
} refused[] = {
	{PIPELINE("type_from = \"key\";"),
	 "c.cfg:1: pipelines.a.type_from must be \"type\", \"routing-key\", "
	 "\"header:NAME\" or \"body:/POINTER\", not the text \"key\".\n"},
	{PIPELINE("type_from = \"header:\";"),
	 "c.cfg:1: pipelines.a.type_from must name a message header of the "
	 "publisher's: at most 255 bytes, and not beginning with "
	 "\"rebound-\".\n"},
	{PIPELINE("type_from = \"body:a\";"),
	 "c.cfg:1: pipelines.a.type_from: the JSON pointer \"a\" must begin "
	 "with \"/\". It looks like \"/resource/type\".\n"},
	{PIPELINE("deadline_header = \"rebound-id\";"),
	 "c.cfg:1: pipelines.a.deadline_header must name a message header of "
	 "the publisher's: at most 255 bytes, and not beginning with "
	 "\"rebound-\".\n"},
	{FILE_OF("\"fihr\""),
	 "c.cfg:1: downstreams.d.understand must be \"fhir\", \"hl7v2\" or "
	 "\"problem\", or a group, { ... }, not the text \"fihr\". The "
	 "nearest is \"fhir\".\n"},
	{FILE_OF("7"),
	 "c.cfg:1: downstreams.d.understand must be \"fhir\", \"hl7v2\" or "
	 "\"problem\", or a group, { ... }, not the number 7.\n"},
	{FILE_OF("{ done = \"duplicate\"; }"),
	 "c.cfg:1: downstreams.d.understand.format is missing: it must be "
	 "\"fhir\", \"hl7v2\" or \"problem\".\n"},
	{FILE_OF("{ format = \"fhir\"; done = [ \"duplicat\" ]; }"),
	 "c.cfg:1: downstreams.d.understand.done[0]: \"duplicat\" is no issue "
	 "type of FHIR R4. The nearest is \"duplicate\".\n"},
	{FILE_OF("{ format = \"hl7v2\"; done = \"205\"; transient = [ \"AE\" "
		 "]; permanent = [ \"101\", \"ae\" ]; }"),
	 "c.cfg:1: downstreams.d.understand.permanent[1]: \"ae\" stands in two "
	 "of done, transient and permanent. It can mean one thing only.\n"},
	{FILE_OF("{ format = \"problem\"; gone = \"x\"; }"),
	 "c.cfg:1: There is no setting downstreams.d.understand.gone. The "
	 "nearest is \"done\".\n"},
};

START_TEST(what_makes_no_sense_is_refused_in_words)
{
	ck_assert_ptr_null(folder_load(refused[_i].text));
	ck_assert_str_eq(folder_said(), refused[_i].said);
}
END_TEST

Suite *config_understand_suite(void)
{
	Suite *suite = suite_create("config_understand");
	TCase *t = tcase_create("understand");

	suite_add_tcase(suite, t);
	tcase_add_checked_fixture(t, folder_enter, folder_leave);
	tcase_add_test(t, a_word_says_how_a_downstream_speaks);
	tcase_add_test(
		t,
		a_group_says_what_codes_mean_too_and_is_printed_as_it_is_read);
	tcase_add_test(t, the_examples_of_the_page_are_read);
	tcase_add_test(t, a_body_that_is_not_kept_cannot_be_understood);
	tcase_add_test(t, a_pipeline_says_where_type_and_deadline_stand);
	tcase_add_loop_test(t, what_makes_no_sense_is_refused_in_words, 0,
			    COUNT(refused));
	return suite;
}

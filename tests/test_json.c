/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/json.h"

#include <string.h>

#include "tests/worker_suites.h"

START_TEST(each_kind_of_value_is_read)
{
	const struct {
		const char *text;
		enum json_kind kind;
	} cases[] = {
		{"{}", JSON_OBJECT},          {" [1, 2]\n", JSON_ARRAY},
		{"\"a\"", JSON_STRING},       {"true", JSON_BOOL},
		{" false ", JSON_BOOL},       {"12", JSON_INTEGER},
		{"-12 ", JSON_INTEGER},       {"1.50", JSON_DOUBLE},
		{"{\"a\": {}}", JSON_OBJECT},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct json *json = json_parse(text_of(cases[i].text));

		ck_assert_msg(json != NULL, "%s", cases[i].text);
		ck_assert_msg(json_kind(json) == cases[i].kind, "%s",
			      cases[i].text);
		json_free(json);
	}
}
END_TEST

START_TEST(what_is_not_one_whole_value_is_refused)
{
	const struct text cases[] = {
		TEXT(""),
		TEXT("{"),
		TEXT("[1,"),
		TEXT("{} {}"),
		TEXT("12 x"),
		TEXT("tru"),
		TEXT("\"a"),
		TEXT("{\"a\"}"),
		TEXT("{}\0"),
		TEXT("[]\0[]"),
		TEXT("nul"),
		/* What json-c takes for a value unless told not to. */
		TEXT("2e"),
		TEXT("[1,]"),
		TEXT("'a'"),
		TEXT("/* a */ 1"),
		TEXT("TRUE"),
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		ck_assert_msg(json_parse(cases[i]) == NULL, "case %zu", i);
}
END_TEST

START_TEST(what_begins_as_json_is_told_from_what_does_not)
{
	static const char *const begin[] = {"{", " \t\r\n[1", "{]", "[]"};
	static const char *const none[] = {"", " ", "7", "\"{\"", "<{", "x"};

	for (size_t i = 0; i < COUNT(begin); i++)
		ck_assert_msg(json_begins(text_of(begin[i])), "%s", begin[i]);
	for (size_t i = 0; i < COUNT(none); i++)
		ck_assert_msg(!json_begins(text_of(none[i])), "%s", none[i]);
	ck_assert(!json_begins((struct text){0}));
}
END_TEST

START_TEST(nesting_without_end_is_refused)
{
	char deep[4096];

	memset(deep, '[', sizeof(deep));
	ck_assert_ptr_null(
		json_parse((struct text){.at = deep, .len = sizeof(deep)}));
}
END_TEST

START_TEST(texts_that_are_not_utf_8_come_out_as_json)
{
	struct json *object = json_new_object();
	struct json *again;

	json_put_text(object, "a", TEXT("x\xff\x00\x01\"\xc3\xa4"));
	again = json_parse(json_line(object));
	ck_assert_ptr_nonnull(again);
	ck_assert_ptr_nonnull(json_string(json_get(again, "a")));
	ck_assert_ptr_null(
		memchr(json_line(object).at, '\xff', json_line(object).len));
	json_free(again);
	json_free(object);
}
END_TEST

START_TEST(absent_values_give_what_was_asked_for_instead)
{
	struct json *object = json_parse(TEXT("{\"n\": 7, \"t\": true}"));

	ck_assert_int_eq(json_integer(json_get(object, "n"), -1), 7);
	ck_assert_int_eq(json_integer(json_get(object, "x"), -1), -1);
	ck_assert(json_truth(json_get(object, "t"), false));
	ck_assert(json_truth(json_get(object, "x"), true));
	ck_assert_ptr_null(json_string(json_get(object, "n")));
	ck_assert_ptr_null(json_get(NULL, "n"));
	ck_assert_uint_eq(json_count(json_get(object, "x")), 0);
	json_free(object);
}
END_TEST

Suite *json_suite(void)
{
	Suite *suite = suite_create("json");
	TCase *t = tcase_create("values");

	tcase_add_test(t, each_kind_of_value_is_read);
	tcase_add_test(t, what_is_not_one_whole_value_is_refused);
	tcase_add_test(t, nesting_without_end_is_refused);
	tcase_add_test(t, texts_that_are_not_utf_8_come_out_as_json);
	tcase_add_test(t, what_begins_as_json_is_told_from_what_does_not);
	tcase_add_test(t, absent_values_give_what_was_asked_for_instead);
	suite_add_tcase(suite, t);
	return suite;
}

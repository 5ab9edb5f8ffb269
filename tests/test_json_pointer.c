/* SPDX-License-Identifier: Apache-2.0 */
/* test_json_pointer.c - the promises of worker/json_pointer.h. */
#include "worker/json_pointer.h"

#include <string.h>

#include "tests/worker_suites.h"

/* The document of RFC 6901, section 5, and what it lacks. */
static const char document[] =
	"{\"foo\": [\"bar\", \"baz\", null], \"\": 0, \"a/b\": 1, "
	"\"c%d\": 2, \"e^f\": 3, \"g|h\": 4, \"i\\\\j\": 5, \"k\\\"l\": 6, "
	"\" \": 7, \"m~n\": 8, \"~1\": 9, \"none\": null, "
	"\"deep\": {\"0\": {\"-\": 10}}}";

static const struct {
	const char *pointer;
	const char *found; /* as JSON; NULL: nothing is there */
} places[] = {
	{"/foo", "[\"bar\",\"baz\",null]"},
	{"/foo/0", "\"bar\""},
	{"/foo/1", "\"baz\""},
	{"/foo/2", "null"},
	{"/foo/3", NULL},
	{"/foo/-", NULL},
	{"/foo/00", NULL},
	{"/foo/01", NULL},
	{"/foo/+1", NULL},
	{"/foo/-1", NULL},
	{"/foo/1e0", NULL},
	{"/foo/", NULL},
	{"/foo/18446744073709551616", NULL},
	{"/foo/99999999999999999999999999999", NULL},
	{"/foo/0/0", NULL},
	{"/", "0"},
	{"/a~1b", "1"},
	{"/a/b", NULL},
	{"/c%d", "2"},
	{"/e^f", "3"},
	{"/g|h", "4"},
	{"/i\\j", "5"},
	{"/k\"l", "6"},
	{"/ ", "7"},
	{"/m~0n", "8"},
	{"/~01", "9"},
	{"/none", "null"},
	{"/none/x", NULL},
	{"/deep/0/-", "10"},
	{"/Foo", NULL},
};

START_TEST(a_place_is_found_by_its_pointer)
{
	struct json *json = json_parse(text_of(document));
	struct json *value = NULL;
	bool is_there;

	ck_assert_ptr_nonnull(json);
	ck_assert_ptr_null(json_pointer_flaw(text_of(places[_i].pointer)));
	is_there = json_pointer_find(json, text_of(places[_i].pointer), &value);
	ck_assert_int_eq(is_there, places[_i].found != NULL);
	if (is_there)
		ck_assert(text_is(json_line(value), places[_i].found));
	json_free(json);
}
END_TEST

START_TEST(the_empty_pointer_is_the_whole)
{
	struct json *json = json_parse(TEXT("[1]"));
	struct json *value = NULL;

	ck_assert(json_pointer_find(json, (struct text){0}, &value));
	ck_assert_ptr_eq(value, json);
	json_free(json);
}
END_TEST

START_TEST(what_is_no_pointer_is_told)
{
	char longer[JSON_POINTER_MAX + 1];

	memset(longer, '/', sizeof(longer));
	ck_assert_ptr_null(
		json_pointer_flaw((struct text){longer, JSON_POINTER_MAX}));
	ck_assert_str_eq(
		json_pointer_flaw((struct text){longer, sizeof(longer)}),
		"is longer than 1024 bytes");
	ck_assert_str_eq(json_pointer_flaw(TEXT("a/b")),
			 "must begin with \"/\"");
	ck_assert_ptr_nonnull(json_pointer_flaw(TEXT("/a~")));
	ck_assert_ptr_nonnull(json_pointer_flaw(TEXT("/a~2b")));
}
END_TEST

Suite *json_pointer_suite(void)
{
	Suite *suite = suite_create("json pointer");
	TCase *tcase = tcase_create("places");

	tcase_add_loop_test(tcase, a_place_is_found_by_its_pointer, 0,
			    (int)COUNT(places));
	tcase_add_test(tcase, the_empty_pointer_is_the_whole);
	tcase_add_test(tcase, what_is_no_pointer_is_told);
	suite_add_tcase(suite, tcase);
	return suite;
}

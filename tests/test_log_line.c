/* SPDX-License-Identifier: Apache-2.0 */
/* test_log_line.c - the promises of worker/log_line.h. */
#include "worker/log_line.h"

#include <string.h>

#include "tests/worker_suites.h"
#include "worker/json.h"

static struct log_lines lines;

static void setup(void)
{
	log_line_begin(&lines);
}

static void teardown(void)
{
	log_lines_fini(&lines);
}

static void expect(const char *wanted)
{
	struct text got = {.at = lines.bytes, .len = lines.len};

	ck_assert_msg(text_is(got, wanted), "%.*s", (int)got.len, got.at);
}

START_TEST(a_line_is_an_object)
{
	log_line_word(&lines, "event", "call");
	log_line_string(&lines, "detail", NULL);
	log_line_text(&lines, "id", (struct text){0});
	log_line_integer(&lines, "status", 200);
	log_line_bool(&lines, "reused", true);
	log_line_bool(&lines, "again", false);
	log_line_end(&lines);
	expect("{\"event\":\"call\",\"id\":\"\",\"status\":200,"
	       "\"reused\":true,\"again\":false}\n");
}
END_TEST

START_TEST(lines_follow_each_other)
{
	log_line_end(&lines);
	log_line_begin(&lines);
	log_line_integer(&lines, "a", 0);
	log_line_end(&lines);
	expect("{}\n{\"a\":0}\n");
}
END_TEST

static const struct {
	int64_t value;
	const char *spelled;
} integers[] = {
	{0, "{\"n\":0"},
	{-1, "{\"n\":-1"},
	{10, "{\"n\":10"},
	{INT64_MAX, "{\"n\":9223372036854775807"},
	{INT64_MIN, "{\"n\":-9223372036854775808"},
};

START_TEST(integers_are_whole_to_the_last_digit)
{
	log_line_integer(&lines, "n", integers[_i].value);
	expect(integers[_i].spelled);
}
END_TEST

/* Every byte by itself, and what two of them make of each other. */
START_TEST(texts_are_what_json_h_makes_of_them)
{
	for (int c = 0; c < 256; c++) {
		char bytes[] = {'a', (char)c, 'b', (char)c};
		struct text value = {.at = bytes, .len = sizeof(bytes)};
		struct json *object = json_new_object();

		json_put_text(object, "t", value);
		lines.len = 1;
		log_line_text(&lines, "t", value);
		log_line_end(&lines);
		ck_assert(text_eq(
			(struct text){.at = lines.bytes, .len = lines.len - 1},
			json_line(object)));
		json_free(object);
	}
}
END_TEST

START_TEST(a_long_text_finds_room)
{
	static char many[100000];

	memset(many, 'x', sizeof(many));
	log_line_text(&lines, "t",
		      (struct text){.at = many, .len = sizeof(many)});
	log_line_end(&lines);
	ck_assert_uint_eq(lines.len, sizeof(many) + 9);
	ck_assert_int_eq(memcmp(lines.bytes + 6, many, sizeof(many)), 0);
}
END_TEST

Suite *log_line_suite(void)
{
	Suite *suite = suite_create("log line");
	TCase *tcase = tcase_create("log line");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_line_is_an_object);
	tcase_add_test(tcase, lines_follow_each_other);
	tcase_add_loop_test(tcase, integers_are_whole_to_the_last_digit, 0,
			    COUNT(integers));
	tcase_add_test(tcase, texts_are_what_json_h_makes_of_them);
	tcase_add_test(tcase, a_long_text_finds_room);
	suite_add_tcase(suite, tcase);
	return suite;
}

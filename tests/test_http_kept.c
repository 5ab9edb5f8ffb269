/* SPDX-License-Identifier: Apache-2.0 */
/* test_http_kept.c - the promises of worker/http_kept.h. */
#include "worker/http_kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/worker_suites.h"
#include "worker/mem.h"

static const char *const names[] = {"Content-Type", "X-Status", "X-None"};
static struct http_kept *kept;

static void setup(void)
{
	kept = http_kept_new(names, COUNT(names));
}

static void teardown(void)
{
	http_kept_free(kept);
}

static void tell(const char *line)
{
	http_kept_line(kept, text_of(line));
}

static bool has(const char *name, const char *value)
{
	size_t count;
	const struct http_header *fields = http_kept_fields(kept, &count);

	return text_is(http_header_value(fields, count, name), value);
}

START_TEST(fields_are_found_by_their_name_in_any_case)
{
	size_t count;

	tell("content-TYPE: text/plain\r\n");
	tell("X-Other: 1\r\n");
	tell("X-Status:\tfailed \r\n");
	const struct http_header *fields = http_kept_fields(kept, &count);

	ck_assert_uint_eq(count, 2);
	ck_assert_str_eq(fields[0].name, "Content-Type");
	ck_assert(has("Content-Type", "text/plain"));
	ck_assert(has("x-status", "failed"));
	ck_assert_ptr_null(http_header_find(fields, count, "X-None"));
}
END_TEST

START_TEST(fields_of_one_name_are_joined)
{
	tell("X-Status: a\r\n");
	tell("X-Status: b\r\n");
	ck_assert(has("X-Status", "a, b"));
	http_kept_clear(kept);
	ck_assert(has("X-Status", ""));
	tell("X-Status: c\r\n");
	ck_assert(has("X-Status", "c"));
}
END_TEST

START_TEST(an_empty_field_is_there)
{
	size_t count;

	tell("X-Status:\r\n");
	const struct http_header *fields = http_kept_fields(kept, &count);

	ck_assert_ptr_nonnull(http_header_find(fields, count, "X-Status"));
	ck_assert(has("X-Status", ""));
}
END_TEST

START_TEST(a_line_that_goes_on_belongs_to_the_one_before)
{
	tell("X-Status: a\r\n");
	tell("\t b\r\n");
	tell("X-Other: c\r\n");
	tell("  d\r\n");
	ck_assert(has("X-Status", "a b"));
}
END_TEST

START_TEST(what_is_no_field_is_passed_over)
{
	tell("X-Status\r\n");
	tell(": x\r\n");
	tell("");
	tell("  x");
	tell("X-Status : x\r\n"); /* RFC 9112, 5.1: no blank before a colon */
	ck_assert(has("X-Status", ""));
}
END_TEST

START_TEST(a_value_is_cut_and_so_are_all_together)
{
	size_t len = 3 * HTTP_KEPT_MAX;
	char *line = mem_array(len + 1, 1);
	size_t count;
	int prefix = snprintf(line, len, "X-Status: ");

	memset(line + prefix, 'x', len - (size_t)prefix);
	tell(line);
	tell(line);
	const struct http_header *fields = http_kept_fields(kept, &count);

	ck_assert_uint_eq(http_header_value(fields, count, "X-Status").len,
			  HTTP_KEPT_MAX);
	free(line);
}
END_TEST

static void tell_long(struct http_kept *to, const char *name)
{
	char line[1000];
	int len = snprintf(line, sizeof(line), "%s: ", name);

	memset(line + len, 'x', sizeof(line) - 1 - (size_t)len);
	line[sizeof(line) - 1] = '\0';
	http_kept_line(to, text_of(line));
}

START_TEST(what_is_wanted_changes_when_it_rests)
{
	static const char *const others[] = {"X-A", "X-B", "X-C", "X-Status"};
	size_t count;

	for (int i = 0; i < 3; i++) {
		tell_long(kept, "X-Status");
		tell("Content-Type: a/b\r\n");
		http_kept_rest(kept);
		tell("X-Status: nobody wants it\r\n");
		(void)http_kept_fields(kept, &count);
		ck_assert_uint_eq(count, 0);
		http_kept_want(kept, others, 1);
		http_kept_want(kept, others + 1, COUNT(others) - 1);
		(void)http_kept_fields(kept, &count);
		ck_assert_uint_eq(count, 0);
		tell("X-C: 1\r\n");
		tell("Content-Type: a/b\r\n");
		tell("X-Status: failed\r\n");
		ck_assert(has("X-C", "1"));
		ck_assert(has("X-Status", "failed"));
		(void)http_kept_fields(kept, &count);
		ck_assert_uint_eq(count, 2);
		http_kept_rest(kept);
		http_kept_want(kept, names, COUNT(names));
	}
}
END_TEST

#define MANY 20

START_TEST(many_values_have_no_more_than_their_room)
{
	char made[MANY][16];
	const char *many[MANY];
	char *line = mem_array(HTTP_KEPT_MAX + 100, 1);
	size_t count;
	size_t total = 0;

	for (int i = 0; i < MANY; i++) {
		snprintf(made[i], sizeof(made[i]), "X-%d", i);
		many[i] = made[i];
	}
	struct http_kept *all = http_kept_new(many, MANY);
	for (int i = 0; i < MANY; i++) {
		int prefix = snprintf(line, 16, "X-%d:", i);

		memset(line + prefix, 'x', HTTP_KEPT_MAX);
		http_kept_line(all, text_of(line));
	}
	const struct http_header *fields = http_kept_fields(all, &count);
	ck_assert_uint_eq(count, MANY);
	for (size_t i = 0; i < count; i++)
		total += fields[i].value.len;
	ck_assert_uint_eq(total, HTTP_KEPT_ALL);
	http_kept_free(all);
	free(line);
}
END_TEST

Suite *http_kept_suite(void)
{
	Suite *suite = suite_create("http kept");
	TCase *tcase = tcase_create("fields");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, fields_are_found_by_their_name_in_any_case);
	tcase_add_test(tcase, fields_of_one_name_are_joined);
	tcase_add_test(tcase, an_empty_field_is_there);
	tcase_add_test(tcase, a_line_that_goes_on_belongs_to_the_one_before);
	tcase_add_test(tcase, what_is_no_field_is_passed_over);
	tcase_add_test(tcase, a_value_is_cut_and_so_are_all_together);
	tcase_add_test(tcase, what_is_wanted_changes_when_it_rests);
	tcase_add_test(tcase, many_values_have_no_more_than_their_room);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_regex.c - the promises of worker/regex.h. */
#include "worker/regex.h"

#include <stdlib.h>
#include <string.h>

#include "tests/worker_suites.h"
#include "worker/mem.h"

/* A text as a table may hold it; it may have NULs. */
#define BYTES(literal)                                                         \
	{                                                                      \
		.at = (literal), .len = sizeof(literal) - 1                    \
	}

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_fini(&arena);
}

static enum regex_result search(const char *pattern, struct text text)
{
	const char *flaw = NULL;
	struct regex *regex = regex_new(text_of(pattern), &arena, &flaw);

	ck_assert_msg(regex != NULL, "%s %s", pattern, flaw);
	return regex_search(regex, text);
}

static const struct {
	const char *pattern;
	struct text text;
	enum regex_result result;
} searches[] = {
	{"error", BYTES("an error came"), REGEX_MATCH},
	{"error", BYTES("an ERROR came"), REGEX_NONE},
	{"(?i)error", BYTES("an ERROR came"), REGEX_MATCH},
	{"^error$", BYTES("error"), REGEX_MATCH},
	{"^error$", BYTES("an error"), REGEX_NONE},
	{"", BYTES(""), REGEX_MATCH},
	{".", BYTES(""), REGEX_NONE},
	/* Lines, however they end. */
	{"^b$", BYTES("a\nb\nc"), REGEX_NONE},
	{"(?m)^b$", BYTES("a\nb\nc"), REGEX_MATCH},
	{"(?m)^b$", BYTES("a\r\nb\r\nc"), REGEX_MATCH},
	{"(?m)^b$", BYTES("a\rb\rc"), REGEX_MATCH},
	{"a.b", BYTES("a\nb"), REGEX_NONE},
	{"(?s)a.b", BYTES("a\nb"), REGEX_MATCH},
	/* Letters of more than a byte are one. */
	{"^.$", BYTES("\xc3\xa9"), REGEX_MATCH},
	{"(?i)\xc3\x89", BYTES("\xc3\xa9"), REGEX_MATCH},
	/* NULs, and bytes that are no UTF-8. */
	{"b", BYTES("a\0b"), REGEX_MATCH},
	{"a\\x00b", BYTES("a\0b"), REGEX_MATCH},
	{"b",
	 BYTES("\xff\xfe\x80"
	       "b"),
	 REGEX_MATCH},
	{".", BYTES("\xff\xfe\x80"), REGEX_NONE},
	{"b", BYTES("b\xc3"), REGEX_MATCH},
	/* Verbs cannot raise the bounds. */
	{"(*LIMIT_MATCH=4000000000)a", BYTES("a"), REGEX_MATCH},
};

START_TEST(a_pattern_is_searched_in_a_text)
{
	ck_assert_int_eq(search(searches[_i].pattern, searches[_i].text),
			 searches[_i].result);
}
END_TEST

static const struct {
	const char *pattern;
	const char *flaw;
} wrong[] = {
	{"(ab", "is wrong at byte 3: missing closing parenthesis"},
	{"a{2,1}", "is wrong at byte 5: numbers out of order in {} quantifier"},
	{"*a", "is wrong at byte 0: quantifier does not follow a repeatable "
	       "item"},
	{"a\\Cb", "is wrong at byte 3: using \\C is disabled by the "
		  "application"},
};

START_TEST(a_wrong_pattern_is_told_with_the_place)
{
	const char *flaw = NULL;

	ck_assert_ptr_null(
		regex_new(text_of(wrong[_i].pattern), &arena, &flaw));
	ck_assert_str_eq(flaw, wrong[_i].flaw);
}
END_TEST

START_TEST(a_pattern_that_is_too_long_or_too_deep_is_refused)
{
	char pattern[REGEX_PATTERN_MAX + 2];
	const char *flaw = NULL;

	memset(pattern, 'a', sizeof(pattern));
	ck_assert_ptr_nonnull(regex_new(
		(struct text){pattern, REGEX_PATTERN_MAX}, &arena, &flaw));
	ck_assert_ptr_null(regex_new(
		(struct text){pattern, REGEX_PATTERN_MAX + 1}, &arena, &flaw));
	ck_assert_str_eq(flaw, "is longer than 4096 bytes");
	memset(pattern, '(', 1000);
	memset(pattern + 1000, ')', 1000);
	ck_assert_ptr_null(
		regex_new((struct text){pattern, 2000}, &arena, &flaw));
	ck_assert_ptr_nonnull(strstr(flaw, "too deeply"));
}
END_TEST

/* Each takes minutes, or for ever, unless something ends it. */
static const struct {
	const char *pattern;
	char byte;
} hostile[] = {
	{"\\s+[a-z]", ' '},
	{"(\\s+\\s+)+[a-z]", ' '},
	{"(\\s|\\s\\s)*[a-z]", ' '},
	{"(?:a?\\s)*[a-z]", ' '},
	{"(?:[^a-z]*)*[a-z]", ' '},
	{"(\\s*?)*?[a-z]", ' '},
	{"(?>\\s+)[a-z]", ' '},
	{"(?=(\\s+))\\1[a-z]", ' '},
	{"(x+x+)+[yz]", 'x'},
	{"((x*)*)*[yz]", 'x'},
	{"(?i)(x+)\\1[yz]", 'x'},
	{"(?i)(?<n>x+)\\k<n>[yz]", 'x'},
	{"(?iJ)(?:(?<n>x+)|(?<n>y))\\k<n>[yz]", 'x'},
};

/* A text of which no rule can be sure: the timeout of Check is the test. */
START_TEST(a_search_beyond_its_bounds_is_given_up)
{
	size_t len = 1 << 20;
	char *bytes = mem_array(len, 1);
	const struct text text = {bytes, len};

	memset(bytes, hostile[_i].byte, len);
	ck_assert_int_eq(search(hostile[_i].pattern, text), REGEX_BEYOND);
	free(bytes);
}
END_TEST

START_TEST(a_search_through_all_that_is_ever_kept_is_within_bounds)
{
	size_t len = 16 << 20;
	char *bytes = mem_array(len, 1);
	const struct text text = {bytes, len};

	memset(bytes, ' ', len);
	memcpy(bytes + len - 5, "error", 5);
	ck_assert_int_eq(search("error", text), REGEX_MATCH);
	ck_assert_int_eq(search("\"status\"\\s*:\\s*\"error\"", text),
			 REGEX_NONE);
	free(bytes);
}
END_TEST

Suite *regex_suite(void)
{
	Suite *suite = suite_create("regex");
	TCase *tcase = tcase_create("searches");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 20);
	tcase_add_loop_test(tcase, a_pattern_is_searched_in_a_text, 0,
			    (int)COUNT(searches));
	tcase_add_loop_test(tcase, a_wrong_pattern_is_told_with_the_place, 0,
			    (int)COUNT(wrong));
	tcase_add_test(tcase,
		       a_pattern_that_is_too_long_or_too_deep_is_refused);
	tcase_add_loop_test(tcase, a_search_beyond_its_bounds_is_given_up, 0,
			    (int)COUNT(hostile));
	tcase_add_test(tcase,
		       a_search_through_all_that_is_ever_kept_is_within_bounds);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_pattern.c - the promises of policy/pattern.h. */
#include "policy/pattern.h"

#include <string.h>

#include "tests/policy_suites.h"

static const struct {
	const char *pattern;
	const char *subject;
	bool matches;
} rows[] = {
	{"lab.result", "lab.result", true},
	{"lab.result", "lab.results", false},
	{"lab.result", "lab", false},
	{"lab", "lab.result", false},
	{"lab.*", "lab.result", true},
	{"lab.*", "lab", false},
	{"lab.*", "lab.result.critical", false},
	{"*.result", "lab.result", true},
	{"lab.#", "lab", true},
	{"lab.#", "lab.result.critical", true},
	{"lab.#", "label", false},
	{"#", "", true},
	{"#", "any.thing.at.all", true},
	{"*", "", true}, /* the empty text has one word, which is empty */
	{"*", "a.b", false},
	{"*", "a.", false}, /* and here a second one follows */
	{"", "", true},
	{"", "a", false},
	{"#.critical", "lab.result.critical", true},
	{"#.critical", "critical", true},
	{"#.critical", "critical.not", false},
	{"a.#.b.#.c", "a.x.b.y.z.c", true},
	{"a.#.b.#.c", "a.b.c", true},
	{"a.#.b.#.c", "a.c.b", false},
	{"#.a.*", "a.a.b", true},
	{"#.#", "", true},
	{"#.*", "a", true},
	{"*.#", "a", true},
	{"a.#", "a..", true},
	{"a.*.c", "a..c", true},
};

START_TEST(patterns_match_as_those_of_topic_exchanges_do)
{
	ck_assert_msg(pattern_matches(text_of(rows[_i].pattern),
				      text_of(rows[_i].subject)) ==
			      rows[_i].matches,
		      "%s and %s", rows[_i].pattern, rows[_i].subject);
}
END_TEST

START_TEST(a_hostile_pattern_takes_no_longer_than_the_product)
{
	char pattern[2000];
	char subject[4000];

	for (size_t i = 0; i < sizeof(pattern); i += 4) {
		pattern[i] = '#';
		pattern[i + 1] = '.';
		pattern[i + 2] = 'a';
		pattern[i + 3] = '.';
	}
	for (size_t i = 0; i < sizeof(subject); i += 2) {
		subject[i] = 'a';
		subject[i + 1] = '.';
	}
	/* Ends in an empty word of the pattern against an "x": backtracking
	   over 500 hashes would never end. */
	subject[sizeof(subject) - 1] = 'x';
	ck_assert(!pattern_matches(
		(struct text){.at = pattern, .len = sizeof(pattern)},
		(struct text){.at = subject, .len = sizeof(subject)}));
}
END_TEST

/* Most specific first. */
static const char *const order[] = {
	"lab.result.critical",
	"lab.result.*",
	"lab.result.#",
	"lab.*",
	"lab.*.#", /* asks for one word more than the next */
	"lab.#",
	"*",
	"*.*.#",
	"#",
};

START_TEST(more_literal_words_then_fewer_hashes_then_more_stars_are_specific)
{
	for (size_t i = 0; i < COUNT(order); i++) {
		for (size_t j = 0; j < COUNT(order); j++) {
			int sign = pattern_compare(text_of(order[i]),
						   text_of(order[j]));

			ck_assert_msg(i < j ? sign > 0
					    : (i > j ? sign < 0 : sign == 0),
				      "%s and %s", order[i], order[j]);
		}
	}
}
END_TEST

static const struct {
	const char *wide;
	const char *narrow;
	bool covers;
	bool overlaps;
} pairs[] = {
	{"lab.x", "lab.x", true, true},
	{"lab.x", "lab.y", false, false},
	{"#", "lab.x", true, true},
	{"#", "", true, true},
	{"*", "", true, true},
	{"*", "#", false, true},
	{"*", "*", true, true},
	{"*.*", "*", false, false},
	{"lab.*", "lab.x", true, true},
	{"lab.x", "lab.*", false, true},
	{"lab.#", "lab.*", true, true},
	{"lab.#", "lab.*.#", true, true},
	{"lab.*.#", "lab.#", false, true},
	{"lab.#", "lab", true, true},
	{"lab.*", "lab", false, false},
	/* The same said in two ways. */
	{"#.*", "*.#", true, true},
	{"*.#", "#.*", true, true},
	{"#.#", "#", true, true},
	{"#", "#.#", true, true},
	{"#.*.#", "#.#.*", true, true},
	/* Neither is in the other, and something is in both. */
	{"*.b", "a.*", false, true},
	{"a.*", "*.b", false, true},
	{"a.#", "#.b", false, true},
	{"a.*.c", "*.b.*", false, true},
	{"a.#.c", "b.#.c", false, false},
	{"a.#.b", "#.c", false, false},
	/* Each "#" is tried. */
	{"#.x", "#.x.#", false, true},
	{"x.#", "#.x.#", false, true},
	/* x.x.*.x is left out: no word for the first, one for the second. */
	{"*.#.x.x.#", "#.x.x.#.x", false, true},
	/* One word more or less decides. */
	{"#.x.#", "x", true, true},
	{"#.x.#", "a.*.x", true, true},
	{"*.*.#", "*.#", false, true},
	{"a.*.*.#", "a.#.b.#.c", true, true},
	{"a.*.#.*", "a.b.#.c", true, true},
	{"a.*.*.*", "a.b.#.c", false, true},
	/* No word is so odd that "*" would not stand for others too. */
	{"\001", "*", false, true},
	{"\001.\002", "*.\002", false, true},
	/* Empty words are words. */
	{"*.a", ".a", true, true},
	{"a", ".a", false, false},
	{"a.*", "a.", true, true},
	{"..", "*.*.*", false, true},
};

START_TEST(a_pattern_covers_or_meets_another)
{
	struct text wide = text_of(pairs[_i].wide);
	struct text narrow = text_of(pairs[_i].narrow);

	ck_assert_msg(pattern_covers(wide, narrow) == pairs[_i].covers,
		      "%s covers %s", pairs[_i].wide, pairs[_i].narrow);
	ck_assert_msg(pattern_overlaps(wide, narrow) == pairs[_i].overlaps,
		      "%s overlaps %s", pairs[_i].wide, pairs[_i].narrow);
	ck_assert(pattern_overlaps(narrow, wide) == pairs[_i].overlaps);
}
END_TEST

/* Words of two letters and both wildcards, up to four of them. */
static struct text small_pattern(unsigned number, char text[8])
{
	size_t words = 1 + number % 4;

	number /= 4;
	for (size_t i = 0; i < words; i++) {
		text[2 * i] = "ab*#"[number % 4];
		text[2 * i + 1] = '.';
		number /= 4;
	}
	return (struct text){.at = text, .len = 2 * words - 1};
}

/* What is claimed about two patterns, against all short subjects. "c" stands
   for the words that no pattern spells out. */
static void compare_with_subjects(struct text p, struct text q)
{
	bool covers = true;
	bool meets = false;

	for (unsigned n = 0; n < 6 * 3 * 3 * 3 * 3 * 3 * 3; n++) {
		char text[12];
		size_t words = 1 + n % 6;
		unsigned rest = n / 6;

		for (size_t i = 0; i < words; i++, rest /= 3) {
			text[2 * i] = "abc"[rest % 3];
			text[2 * i + 1] = '.';
		}
		struct text s = {.at = text, .len = 2 * words - 1};
		bool in_q = pattern_matches(q, s);
		bool in_p = in_q && pattern_matches(p, s);
		covers = covers && (in_p || !in_q);
		meets = meets || in_p;
	}
	ck_assert_msg(pattern_covers(p, q) == covers, "%.*s covers %.*s",
		      (int)p.len, p.at, (int)q.len, q.at);
	ck_assert_msg(pattern_overlaps(p, q) == meets, "%.*s meets %.*s",
		      (int)p.len, p.at, (int)q.len, q.at);
}

START_TEST(covering_and_meeting_are_what_all_short_subjects_say)
{
	uint32_t state = 20240229;

	for (int n = 0; n < 60; n++) {
		char a[8];
		char b[8];

		state = state * 1664525 + 1013904223;
		struct text p = small_pattern(state >> 8 & 0x3ff, a);
		struct text q = small_pattern(state >> 18 & 0x3ff, b);
		compare_with_subjects(p, q);
	}
}
END_TEST

START_TEST(what_takes_too_long_to_see_is_not_claimed)
{
	char words[2 * PATTERN_WORDS_MAX + 2];
	char bytes[1100];

	ck_assert(!pattern_covers(TEXT("#"), TEXT("#.#.#.#")));
	ck_assert(pattern_covers(TEXT("#"), TEXT("#.#.#")));
	/* 16 * 16 * 16 samples are as many as are tried. */
	ck_assert(pattern_covers(TEXT("#.#.#.#.#.#.#.#.#.#.#.#.#.#"),
				 TEXT("#.#.#")));
	ck_assert(!pattern_covers(TEXT("#.#.#.#.#.#.#.#.#.#.#.#.#.#.#"),
				  TEXT("#.#.#")));
	for (size_t i = 0; i < sizeof(words); i++)
		words[i] = i % 2 == 0 ? '*' : '.';
	struct text most = {.at = words, .len = 2 * PATTERN_WORDS_MAX - 1};
	struct text more = {.at = words, .len = 2 * PATTERN_WORDS_MAX + 1};
	ck_assert(pattern_covers(most, most));
	ck_assert(pattern_overlaps(most, most));
	ck_assert(!pattern_covers(TEXT("#"), more));
	ck_assert(!pattern_covers(more, TEXT("#")));
	ck_assert(!pattern_overlaps(TEXT("#"), more));
	ck_assert(!pattern_overlaps(more, TEXT("#")));
	memset(bytes, 'a', sizeof(bytes));
	ck_assert(pattern_covers(TEXT("*"),
				 (struct text){.at = bytes, .len = 1024}));
	ck_assert(!pattern_covers(TEXT("*"),
				  (struct text){.at = bytes, .len = 1025}));
}
END_TEST

Suite *pattern_suite(void)
{
	Suite *suite = suite_create("pattern");
	TCase *tests = tcase_create("patterns");

	tcase_add_loop_test(tests,
			    patterns_match_as_those_of_topic_exchanges_do, 0,
			    COUNT(rows));
	tcase_add_test(tests,
		       a_hostile_pattern_takes_no_longer_than_the_product);
	tcase_add_test(
		tests,
		more_literal_words_then_fewer_hashes_then_more_stars_are_specific);
	tcase_add_loop_test(tests, a_pattern_covers_or_meets_another, 0,
			    COUNT(pairs));
	tcase_add_test(tests,
		       covering_and_meeting_are_what_all_short_subjects_say);
	tcase_add_test(tests, what_takes_too_long_to_see_is_not_claimed);
	suite_add_tcase(suite, tests);
	return suite;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_pattern.c - the promises of policy/pattern.h. */
#include "policy/pattern.h"

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
	"lab.#",
	"*",
	"#",
};

START_TEST(more_literal_words_then_fewer_hashes_are_more_specific)
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

Suite *pattern_suite(void)
{
	Suite *suite = suite_create("pattern");
	TCase *tests = tcase_create("patterns");

	tcase_add_loop_test(tests,
			    patterns_match_as_those_of_topic_exchanges_do, 0,
			    COUNT(rows));
	tcase_add_test(tests,
		       a_hostile_pattern_takes_no_longer_than_the_product);
	tcase_add_test(tests,
		       more_literal_words_then_fewer_hashes_are_more_specific);
	suite_add_tcase(suite, tests);
	return suite;
}

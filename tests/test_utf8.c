/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/utf8.h"

#include "tests/worker_suites.h"

START_TEST(what_is_shown_is_whole_characters_of_utf8_within_the_bound)
{
	const struct {
		struct text text;
		size_t max;
		const char *shown;
	} cases[] = {
		{TEXT("plain"), 10, "plain"},
		{TEXT("plain"), 5, "plain"},
		{TEXT("plain"), 4, "plai"},
		{TEXT(""), 4, ""},
		{TEXT("größer"), 20, "größer"},
		{TEXT("gr\xc3\xb6"), 3, "gr"},
		{TEXT("a\xffz"), 20, "a\xef\xbf\xbdz"},
		{TEXT("a\xffz"), 3, "a"},
		{TEXT("a\xc3"), 20, "a\xef\xbf\xbd"},
		{TEXT("\xed\xa0\x80"), 20,
		 "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{TEXT("a\0b\r\n\x7f."), 20, "a b   ."},
		{TEXT("\xff\xff"), 0, ""},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text shown =
			utf8_excerpt(&arena, cases[i].text, cases[i].max);

		ck_assert_msg(text_is(shown, cases[i].shown), "case %zu: %.*s",
			      i, (int)shown.len, shown.at);
	}
	arena_fini(&arena);
}
END_TEST

START_TEST(a_byte_order_mark_is_taken_off_once)
{
	ck_assert(text_is(utf8_unmarked(TEXT("\xef\xbb\xbf{}")), "{}"));
	ck_assert(text_is(utf8_unmarked(TEXT("{}")), "{}"));
	ck_assert(text_is(utf8_unmarked(TEXT("\xef\xbb")), "\xef\xbb"));
	ck_assert_uint_eq(utf8_unmarked((struct text){0}).len, 0);
}
END_TEST

Suite *utf8_suite(void)
{
	Suite *suite = suite_create("utf8");
	TCase *tcase = tcase_create("utf8");

	suite_add_tcase(suite, tcase);
	tcase_add_test(
		tcase,
		what_is_shown_is_whole_characters_of_utf8_within_the_bound);
	tcase_add_test(tcase, a_byte_order_mark_is_taken_off_once);
	return suite;
}

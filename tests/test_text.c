/* SPDX-License-Identifier: Apache-2.0 */
/* test_text.c - the promises of policy/text.h. */
#include "policy/text.h"

#include "tests/policy_suites.h"

START_TEST(empty_texts_are_equal_wherever_they_point)
{
	ck_assert(text_eq((struct text){0}, TEXT("")));
	ck_assert(text_is(text_of(NULL), ""));
}
END_TEST

START_TEST(texts_may_hold_a_nul)
{
	ck_assert(!text_eq(TEXT("a\0b"), TEXT("a\0c")));
	ck_assert(!text_is(TEXT("a\0b"), "a"));
}
END_TEST

START_TEST(a_text_starts_with_itself_and_with_nothing)
{
	ck_assert(text_starts(TEXT("abc"), "abc"));
	ck_assert(text_starts(TEXT("abc"), ""));
	ck_assert(!text_starts(TEXT("ab"), "abc"));
	ck_assert(text_starts((struct text){0}, ""));
	ck_assert(text_starts(TEXT("abc"), "ab"));
	ck_assert(!text_starts(TEXT("abd"), "abc"));
	ck_assert(!text_starts(TEXT("b"), "a"));
	/* What is behind its end is not its own. */
	ck_assert(!text_starts((struct text){.at = "abc", .len = 2}, "abc"));
}
END_TEST

Suite *text_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *texts = tcase_create("texts");

	tcase_add_test(texts, empty_texts_are_equal_wherever_they_point);
	tcase_add_test(texts, texts_may_hold_a_nul);
	tcase_add_test(texts, a_text_starts_with_itself_and_with_nothing);
	suite_add_tcase(suite, texts);
	return suite;
}

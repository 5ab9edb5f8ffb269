/* SPDX-License-Identifier: Apache-2.0 */
/* test_http_field.c - the promises of worker/http_field.h. */
#include "worker/http_field.h"

#include <stdlib.h>

#include "tests/worker_suites.h"
#include "worker/mem.h"

START_TEST(each_control_byte_but_the_tab_is_a_flaw)
{
	for (int byte = 0; byte < 256; byte++) {
		const char value[] = {'a', (char)byte, 'b'};
		bool is_bad = byte == 0x7f || (byte < 0x20 && byte != '\t');

		ck_assert_int_eq(
			http_field_flaw("X-A", (struct text){.at = value,
							     .len = 3}) != NULL,
			is_bad);
	}
}
END_TEST

/* RFC 9110, 5.6.2: the bytes of a token. */
START_TEST(a_name_is_a_token)
{
	static const char allowed[] =
		"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	ck_assert_ptr_null(http_field_flaw(allowed, TEXT("b")));
	ck_assert_ptr_nonnull(http_field_flaw("", TEXT("b")));
	for (int byte = 1; byte < 256; byte++) {
		const char name[] = {'a', (char)byte, '\0'};
		bool is_allowed = false;

		for (size_t i = 0; i < sizeof(allowed) - 1; i++)
			is_allowed |= allowed[i] == (char)byte;
		ck_assert_int_eq(http_field_flaw(name, TEXT("b")) == NULL,
				 is_allowed);
	}
}
END_TEST

static const struct {
	const char *value;
	const char *field;
} spellings[] = {
	{"b", "A: b"},  {"  b c\t", "A: b c"}, {"", "A;"},
	{" \t ", "A;"}, {"b;", "A: b;"},       {"b: c", "A: b: c"},
};

START_TEST(a_field_is_spelled_for_the_library)
{
	struct arena arena;

	arena_init(&arena);
	ck_assert_str_eq(
		http_field_spell("A", text_of(spellings[_i].value), &arena),
		spellings[_i].field);
	arena_fini(&arena);
}
END_TEST

static const struct {
	const char *before;
	const char *after;
} sentences[] = {
	{"", ""},
	{"no url here: /a?b", "no url here: /a?b"},
	{"http://h:80/a/b?c=d#e", "http://h:80"},
	{"got https://h/a?b from 'http://me:pw@i:1/c', sorry",
	 "got https://h from 'http://i:1', sorry"},
	{"http://h?a", "http://h"},
	{"http://a@b@c/d", "http://c"},
	{"http://h/x@y rest", "http://h rest"},
	{"http://", "http://"},
	{"://://a/b", "://:"},
	{"a\nb\x7f", "a?b?"},
};

START_TEST(a_scrubbed_sentence_shows_no_more_than_host_and_port)
{
	char *sentence = mem_string(sentences[_i].before);

	ck_assert_str_eq(http_scrub(sentence), sentences[_i].after);
	free(sentence);
}
END_TEST

Suite *http_field_suite(void)
{
	Suite *suite = suite_create("http field");
	TCase *tcase = tcase_create("field");

	tcase_add_test(tcase, each_control_byte_but_the_tab_is_a_flaw);
	tcase_add_test(tcase, a_name_is_a_token);
	tcase_add_loop_test(tcase, a_field_is_spelled_for_the_library, 0,
			    (int)COUNT(spellings));
	tcase_add_loop_test(
		tcase, a_scrubbed_sentence_shows_no_more_than_host_and_port, 0,
		(int)COUNT(sentences));
	suite_add_tcase(suite, tcase);
	return suite;
}

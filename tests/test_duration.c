/* SPDX-License-Identifier: Apache-2.0 */
/* test_duration.c - the promises of policy/duration.h. */
#include "policy/duration.h"

#include "tests/policy_suites.h"

static const struct {
	const char *written;
	millis value;
	const char *spelt;
} good[] = {
	{"0s", 0, "0s"},
	{"0ms", 0, "0s"},
	{"250ms", 250, "250ms"},
	{"5s", 5000, "5s"},
	{"90s", 90000, "1m30s"},
	{"2m", 120000, "2m"},
	{"1h30m", 5400000, "1h30m"},
	{"7d", 7 * MILLIS_PER_DAY, "7d"},
	{"1d2h3m4s5ms", 93784005, "1d2h3m4s5ms"},
	{"1500ms", 1500, "1s500ms"},
	{"007s", 7000, "7s"},
	/* The longest there is. */
	{"9223372036854775807ms", INT64_MAX, "106751991167d7h12m55s807ms"},
};

START_TEST(durations_are_read_and_have_one_spelling)
{
	char buffer[DURATION_SPELLING_MAX];
	millis value = -1;

	ck_assert(duration_parse(text_of(good[_i].written), &value));
	ck_assert_int_eq(value, good[_i].value);
	ck_assert_str_eq(duration_spell(value, buffer), good[_i].spelt);
	ck_assert(duration_parse(text_of(buffer), &value));
	ck_assert_int_eq(value, good[_i].value);
}
END_TEST

static const char *const bad[] = {
	"",
	"5",
	"s",
	"-5s",
	"+5s",
	"5 s",
	" 5s",
	"5s ",
	"5x",
	"5S",
	"1.5s",
	"5s1m",
	"1m1m",
	"5ss",
	"1h 5m",
	"ms",
	"5m5",
	"9223372036854775808ms",
	"9223372036854776s",
	"106751991168d",
	"106751991167d8h",
};

START_TEST(what_is_no_duration_is_refused_and_leaves_the_value_alone)
{
	millis value = 42;

	ck_assert_msg(!duration_parse(text_of(bad[_i]), &value), "%s", bad[_i]);
	ck_assert_int_eq(value, 42);
}
END_TEST

Suite *duration_suite(void)
{
	Suite *suite = suite_create("duration");
	TCase *tests = tcase_create("durations");

	tcase_add_loop_test(tests, durations_are_read_and_have_one_spelling, 0,
			    COUNT(good));
	tcase_add_loop_test(
		tests,
		what_is_no_duration_is_refused_and_leaves_the_value_alone, 0,
		COUNT(bad));
	suite_add_tcase(suite, tests);
	return suite;
}

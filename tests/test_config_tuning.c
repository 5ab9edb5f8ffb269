/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_config_tuning.c - the settings of all levels are read, printed and
 * named by a version.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

/* All that can be set on a level, each value another one than elsewhere. */
#define ALL(n, more)                                                           \
	"max_attempts = " n "; give_up_after = \"" n "h\"; "                   \
	"honour_retry_after = false; retry_after_floor = \"" n "s\"; "         \
	"retry_after_ceiling = \"" n "m\"; park_as = \"w" n "\"; "             \
	"quick = { tries = " n "; within = \"" n "s\"; }; "                    \
	"schedule = { kind = \"fixed\"; first = \"" n "s\"; jitter = "         \
	"\"full\"; }; " more

#define WHOLE                                                                                                                                                                  \
	"downstreams = { d = { url = \"http://h/\"; method = \"PUT\"; " ALL(                                                                                                   \
		"2",                                                                                                                                                           \
		"ambiguous = \"park\";") " }; e = { url = "                                                                                                                    \
					 "\"http://h/\"; idempotent = "                                                                                                        \
					 "true; quick = false; }; };\n"                                                                                                        \
					 "policies = { p = { " ALL("3", "") "ambiguous = { " ALL(                                                                              \
						 "4",                                                                                                                          \
						 "") "}; "                                                                                                                     \
						     "errors = ( { name "                                                                                                      \
						     "= \"x\"; status = "                                                                                                      \
						     "503; " ALL(                                                                                                              \
							     "5",                                                                                                              \
							     "ambiguous "                                                                                                      \
							     "= "                                                                                                              \
							     "\"retry\""                                                                                                       \
							     ";") " } "                                                                                                        \
								  ");\n"                                                                                                       \
								  "types"                                                                                                      \
								  " = ( "                                                                                                      \
								  "{ "                                                                                                         \
								  "match"                                                                                                      \
								  " = "                                                                                                        \
								  "\"a\""                                                                                                      \
								  ";"                                                                                                          \
								  " " ALL("6",                                                                                                 \
									  "am"                                                                                                 \
									  "bi"                                                                                                 \
									  "gu"                                                                                                 \
									  "ou"                                                                                                 \
									  "s "                                                                                                 \
									  "= "                                                                                                 \
									  "\""                                                                                                 \
									  "pa"                                                                                                 \
									  "rk"                                                                                                 \
									  "\""                                                                                                 \
									  ";") "\n"                                                                                            \
									       "errors = ( { name = \"x\"; " ALL(                                                              \
										       "7",                                                                                    \
										       "ambiguous = \"retry\";") " },"                                                         \
														 " { name = \"throttled\"; quick = false; } ); } ); }; "       \
														 "q = { ambiguous = \"park\"; }; };\n"                         \
														 "pipelines = { a = { deliver_to = \"d\"; policy = \"p\"; }; " \
														 "b = { deliver_to = \"e\"; policy = \"q\"; }; "               \
														 "c = { deliver_to = \"http://h/\"; }; };\n"

static struct config *config;

static void teardown(void)
{
	config_free(config);
	config = NULL;
	folder_leave();
}

static void load(const char *text)
{
	config_free(config);
	config = folder_load(text);
	ck_assert_str_eq(folder_said(), "");
	ck_assert_ptr_nonnull(config);
}

static void assert_all(const struct tuning *t, uint32_t n, unsigned line)
{
	char word[] = {'w', (char)('0' + n), '\0'};

	ck_assert_uint_eq(t->max_attempts, n);
	ck_assert_int_eq(t->give_up_after, n * MILLIS_PER_HOUR);
	ck_assert_int_eq(t->honour, HONOUR_NO);
	ck_assert_int_eq(t->retry_after_floor, n * MILLIS_PER_SECOND);
	ck_assert_int_eq(t->retry_after_ceiling, n * MILLIS_PER_MINUTE);
	ck_assert_str_eq(t->park_as, word);
	ck_assert_uint_eq(t->quick.tries, n);
	ck_assert_int_eq(t->quick.within, n * MILLIS_PER_SECOND);
	ck_assert(!t->no_quick);
	ck_assert_int_eq(t->schedule->first, n * MILLIS_PER_SECOND);
	ck_assert_uint_eq(t->schedule->jitter_pct, 100);
	ck_assert_str_eq(t->written.file, "c.cfg");
	ck_assert_uint_eq(t->written.line, line);
}

static void assert_whole(void)
{
	const struct policy *p = &config->policies[0];

	assert_all(&config->downstreams[0].rules.own, 2,
		   config->downstreams[0].rules.own.written.line);
	assert_all(&p->own, 3, p->own.written.line);
	assert_all(&p->ambiguous, 4, p->ambiguous.written.line);
	assert_all(&p->errors[0].own, 5, p->errors[0].own.written.line);
	assert_all(&p->types[0].own, 6, p->types[0].own.written.line);
	ck_assert_uint_eq(p->types[0].error_count, 2);
	assert_all(&p->types[0].errors[0].own, 7,
		   p->types[0].errors[0].own.written.line);
	ck_assert(p->types[0].errors[1].own.no_quick);
	ck_assert(config->downstreams[1].rules.own.no_quick);
	ck_assert_int_eq(config->downstreams[0].rules.own.ambiguous,
			 AMBIGUOUS_PARK);
	ck_assert_int_eq(p->own.ambiguous, AMBIGUOUS_RETRY);
	ck_assert_int_eq(p->errors[0].own.ambiguous, AMBIGUOUS_RETRY);
	ck_assert_int_eq(p->types[0].own.ambiguous, AMBIGUOUS_PARK);
	ck_assert_int_eq(config->policies[1].own.ambiguous, AMBIGUOUS_PARK);
}

START_TEST(every_level_takes_every_setting)
{
	load(WHOLE);
	assert_whole();
	ck_assert_uint_eq(config->downstreams[0].rules.own.written.line, 1);
	ck_assert_uint_eq(config->policies[0].ambiguous.written.line, 2);
	ck_assert_uint_eq(
		config->policies[0].types[0].errors[0].own.written.line, 4);
}
END_TEST

START_TEST(what_is_printed_reads_as_the_same_on_every_level)
{
	load(WHOLE);
	char *once = folder_print(config);
	load(once);
	assert_whole();
	char *twice = folder_print(config);
	ck_assert_str_eq(once, twice);
	free(once);
	free(twice);
}
END_TEST

START_TEST(only_put_is_idempotent_unless_it_is_said)
{
	load(WHOLE);
	ck_assert(config->downstreams[0].rules.is_idempotent); /* PUT */
	ck_assert(config->downstreams[1].rules.is_idempotent); /* said */
	ck_assert(!config->downstreams[2].rules.is_idempotent);
	load("downstreams = { d = { url = \"http://h/\"; method = \"PUT\"; "
	     "idempotent = false; }; };\n"
	     "pipelines = { a = { deliver_to = \"d\"; }; };\n");
	ck_assert(!config->downstreams[0].rules.is_idempotent);
}
END_TEST

START_TEST(jitter_is_none_a_share_or_full)
{
	static const struct {
		const char *said;
		uint32_t pct;
	} shares[] = {
		{"none", 0}, {"0%", 0}, {"20%", 20}, {"7", 7}, {"full", 100}};

	for (size_t i = 0; i < COUNT(shares); i++) {
		char text[300];

		snprintf(text, sizeof(text),
			 "policies = { p = { schedule = { jitter = \"%s\"; }; "
			 "}; };\npipelines = { a = { deliver_to = "
			 "\"http://h/\"; policy = \"p\"; }; };\n",
			 shares[i].said);
		load(text);
		ck_assert_uint_eq(config->policies[0].own.schedule->jitter_pct,
				  shares[i].pct);
	}
}
END_TEST

/* A floor by itself lifts the ceiling. */
START_TEST(a_floor_may_stand_alone)
{
	load("policies = { p = { retry_after_floor = \"2h\"; }; };\n"
	     "pipelines = { a = { deliver_to = \"http://h/\"; policy = \"p\"; "
	     "}; };\n");
	const struct settled s = policy_settle(
		&config->policies[0], &config->downstreams[0].rules, NULL, NULL,
		CLASS_TRANSIENT, NULL);

	ck_assert_int_eq(s.retry_after_floor, 2 * MILLIS_PER_HOUR);
	ck_assert_int_eq(s.retry_after_ceiling, 2 * MILLIS_PER_HOUR);
}
END_TEST

/* --- the version ---------------------------------------------------------------- */

#define BASE                                                                   \
	"policies = { p = { max_attempts = 3; }; q = { max_attempts = 4; }; "  \
	"};\ndownstreams = { d = { url = \"http://h/\"; }; e = { url = "       \
	"\"http://i/\"; }; };\n"                                               \
	"pipelines = { a = { deliver_to = \"d\"; policy = \"p\"; }; b = { "    \
	"deliver_to = \"e\"; policy = \"q\"; }; };\n"

static const struct {
	const char *text;
	bool is_same;
} versions[] = {
	{BASE, true},
	{"# A comment.\nprefix = \"x.\"; broker = { heartbeat = \"9s\"; "
	 "};\n" BASE,
	 true},
	/* Other orders, other urls, other spellings. */
	{"pipelines = { b = { deliver_to = \"e\"; policy = \"q\"; prefetch = "
	 "9; }; a = { deliver_to = \"d\"; policy = \"p\"; }; };\n"
	 "downstreams = { e = { url = \"http://x/\"; timeout = \"1s\"; }; d = "
	 "{ url = \"http://y/\"; idempotent = false; }; };\n"
	 "policies = { q = { max_attempts = \"4\"; }; p = { max_attempts = 3; "
	 "}; };\n",
	 true},
	/* A limit, a downstream's, what is idempotent, who has which policy. */
	{"policies = { p = { max_attempts = 5; }; q = { max_attempts = 4; }; "
	 "};\ndownstreams = { d = { url = \"http://h/\"; }; e = { url = "
	 "\"http://i/\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; policy = \"p\"; }; b = { "
	 "deliver_to = \"e\"; policy = \"q\"; }; };\n",
	 false},
	{"policies = { p = { max_attempts = 3; }; q = { max_attempts = 4; }; "
	 "};\ndownstreams = { d = { url = \"http://h/\"; max_attempts = 5; }; "
	 "e = { url = \"http://i/\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; policy = \"p\"; }; b = { "
	 "deliver_to = \"e\"; policy = \"q\"; }; };\n",
	 false},
	{"policies = { p = { max_attempts = 3; }; q = { max_attempts = 4; }; "
	 "};\ndownstreams = { d = { url = \"http://h/\"; }; e = { url = "
	 "\"http://i/\"; idempotent = true; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; policy = \"p\"; }; b = { "
	 "deliver_to = \"e\"; policy = \"q\"; }; };\n",
	 false},
	{"policies = { p = { max_attempts = 3; }; q = { max_attempts = 4; }; "
	 "};\ndownstreams = { d = { url = \"http://h/\"; }; e = { url = "
	 "\"http://i/\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; policy = \"q\"; }; b = { "
	 "deliver_to = \"e\"; policy = \"p\"; }; };\n",
	 false},
};

START_TEST(the_version_is_that_of_what_policies_say)
{
	char base[POLICY_VERSION_MAX];
	char other[POLICY_VERSION_MAX];

	load(BASE);
	ck_assert_uint_eq(strlen(config_policy_version(config, base)), 12);
	ck_assert_uint_eq(strspn(base, "0123456789abcdef"), 12);
	load(versions[_i].text);
	config_policy_version(config, other);
	ck_assert_int_eq(strcmp(base, other) == 0, versions[_i].is_same);
}
END_TEST

Suite *config_tuning_suite(void)
{
	Suite *suite = suite_create("config_tuning");
	TCase *tuning = tcase_create("tuning");

	tcase_add_checked_fixture(tuning, folder_enter, teardown);
	tcase_add_test(tuning, every_level_takes_every_setting);
	tcase_add_test(tuning,
		       what_is_printed_reads_as_the_same_on_every_level);
	tcase_add_test(tuning, only_put_is_idempotent_unless_it_is_said);
	tcase_add_test(tuning, jitter_is_none_a_share_or_full);
	tcase_add_test(tuning, a_floor_may_stand_alone);
	tcase_add_loop_test(tuning, the_version_is_that_of_what_policies_say, 0,
			    COUNT(versions));
	suite_add_tcase(suite, tuning);
	return suite;
}

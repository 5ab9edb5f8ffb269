/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_changes.c - what one configuration says other than another. */
#include "worker/config_changes.h"

#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

#define BROKER    "broker = { user = \"u\"; password = \"one\"; };\n"
#define EHR(more) "downstreams = { ehr = { url = \"http://h/\"; " more "}; };\n"
#define LAB(more)                                                              \
	"pipelines = { lab = { deliver_to = [ \"ehr\" ]; " more "}; };\n"
#define POLICY(more) "policies = { p = { max_attempts = 3; " more "}; };\n"
#define WHOLE        BROKER EHR("") LAB("policy = \"p\"; ") POLICY("")

static struct arena arena;

static void setup(void)
{
	folder_enter();
	arena_init(&arena);
}

static void teardown(void)
{
	arena_fini(&arena);
	folder_leave();
}

/* What changes from one text to the other: live, "|", and not. */
static const char *changes(const char *from, const char *to)
{
	struct config *a = folder_load(from);
	ck_assert_ptr_nonnull(a);
	struct config *b = folder_load(to);
	ck_assert_ptr_nonnull(b);
	struct config_changes found = config_changes(a, b, &arena);

	config_free(a);
	config_free(b);
	return arena_printf(&arena, "%s|%s",
			    config_changes_words(&found, true, &arena),
			    config_changes_words(&found, false, &arena));
}

START_TEST(the_same_said_otherwise_is_no_change)
{
	ck_assert_str_eq(changes(WHOLE, WHOLE), "|");
	ck_assert_str_eq(changes(WHOLE,
				 "# a comment\n" POLICY("") LAB(
					 "max_lanes = 128; policy = \"p\"; ")
					 EHR("timeout = \"30000ms\"; ") BROKER),
			 "|");
}
END_TEST

START_TEST(a_policy_is_named_as_a_whole_and_is_live)
{
	ck_assert_str_eq(changes(WHOLE,
				 BROKER EHR("") LAB("policy = \"p\"; ")
					 POLICY("give_up_after = \"1h\"; ")),
			 "policies.p|");
}
END_TEST

START_TEST(what_a_pipeline_has_of_its_policy_is_live)
{
	ck_assert_str_eq(changes(WHOLE, BROKER EHR("") LAB("max_lanes = 99; ")
						POLICY("")),
			 "pipelines.lab.policy and pipelines.lab.max_lanes|");
}
END_TEST

START_TEST(a_pipeline_that_delivers_elsewhere_waits_as_a_whole)
{
	ck_assert_str_eq(
		changes(WHOLE,
			BROKER "downstreams = { ehr = { url = \"http://h/\"; };"
			       " rad = { url = \"http://r/\"; }; };\n"
			       "pipelines = { lab = { deliver_to = [ \"rad\" ];"
			       " max_lanes = 99; }; };\n" POLICY("")),
		"|downstreams.rad (new), pipelines.lab.deliver_to, "
		"pipelines.lab.policy and pipelines.lab.max_lanes");
}
END_TEST

START_TEST(all_else_waits_for_a_restart)
{
	ck_assert_str_eq(
		changes(WHOLE,
			"log_format = \"json\"; broker = { user = \"v\"; "
			"password = \"one\"; heartbeat = \"5s\"; };\n" EHR(
				"method = \"PATCH\"; headers = { A = \"b\"; "
				"}; ") LAB("policy = \"p\"; prefetch = 9; ")
				POLICY("")),
		"|log_format, broker.user, broker.heartbeat, "
		"downstreams.ehr.method, downstreams.ehr.headers (new) and "
		"pipelines.lab.prefetch");
}
END_TEST

START_TEST(what_is_new_and_what_is_gone_is_said)
{
	ck_assert_str_eq(
		changes(WHOLE, BROKER EHR("") "pipelines = { rad = { "
					      "deliver_to = [ \"ehr\" ]; }; };"
					      "policies = { q = { }; };"),
		"policies.p (gone) and policies.q (new)|pipelines.lab (gone) "
		"and pipelines.rad (new)");
}
END_TEST

START_TEST(policies_may_come_and_go_altogether)
{
	const char *bare = BROKER EHR("") LAB("");

	ck_assert_str_eq(changes(bare, WHOLE),
			 "pipelines.lab.policy and policies (new)|");
	ck_assert_str_eq(changes(WHOLE, bare),
			 "pipelines.lab.policy and policies (gone)|");
}
END_TEST

START_TEST(secrets_are_compared_and_never_shown)
{
	const char *said = changes(
		BROKER EHR("auth = { bearer = \"s3cret\"; }; ") LAB("")
			POLICY(""),
		"broker = { user = \"u\"; password = \"two\"; };\n" EHR(
			"auth = { bearer = \"other\"; }; ") LAB("") POLICY(""));

	ck_assert_str_eq(said,
			 "|broker.password and a secret of downstreams.ehr");
}
END_TEST

Suite *config_changes_suite(void)
{
	Suite *suite = suite_create("config-changes");
	TCase *tc = tcase_create("changes");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_same_said_otherwise_is_no_change);
	tcase_add_test(tc, a_policy_is_named_as_a_whole_and_is_live);
	tcase_add_test(tc, what_a_pipeline_has_of_its_policy_is_live);
	tcase_add_test(tc, a_pipeline_that_delivers_elsewhere_waits_as_a_whole);
	tcase_add_test(tc, all_else_waits_for_a_restart);
	tcase_add_test(tc, what_is_new_and_what_is_gone_is_said);
	tcase_add_test(tc, policies_may_come_and_go_altogether);
	tcase_add_test(tc, secrets_are_compared_and_never_shown);
	suite_add_tcase(suite, tc);
	return suite;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_advice.c - policies that can be run and contradict themselves. */
#include <stdlib.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

/* The policy begins on line 2. */
#define FILE_WITH(policy, downstream)                                          \
	"policies = { p = {\n" policy "}; };\n"                                \
	"downstreams = { d = { url = \"http://h/\"; " downstream " }; };\n"    \
	"pipelines = { a = { deliver_to = \"d\"; policy = \"p\"; }; };\n"

#define TYPES(list) FILE_WITH("types = (\n" list " );", "")

static const struct {
	const char *text;
	const char *said; /* "": nothing */
} rows[] = {
	/* --- rules that get no turn --- */
	{FILE_WITH("errors = (\n"
		   "{ name = \"busy\"; status = \"5xx\"; },\n"
		   "{ name = \"down\"; status = [ 503, 504 ]; } );",
		   ""),
	 "c.cfg:4: warning: policies.p.errors[1] (\"down\") is never reached: "
	 "the rules up to \"busy\" (line 3) take all that it stands for. Put "
	 "it before them, or take it away.\n"},
	{FILE_WITH("errors = (\n"
		   "{ name = \"x\"; status = \"500-502\"; },\n"
		   "{ name = \"y\"; status = 503; transport = \"dns\"; },\n"
		   "{ name = \"z\"; status = \"501-503\"; transport = \"dns\"; "
		   "} );",
		   ""),
	 "c.cfg:5: warning: policies.p.errors[2] (\"z\") is never reached: the "
	 "rules up to \"y\" (line 4) take all that it stands for. Put it "
	 "before them, or take it away.\n"},
	{FILE_WITH("errors = (\n"
		   "{ name = \"x\"; status = \"500-502\"; },\n"
		   "{ name = \"z\"; status = \"500-503\"; },\n"
		   "{ name = \"y\"; status = 404; transport = \"dns\"; },\n"
		   "{ name = \"w\"; status = 404; transport = \"tls\"; } );",
		   ""),
	 ""},
	/* --- message types that get no turn --- */
	{TYPES("{ match = \"a.*\"; max_attempts = 3; },\n"
	       "{ match = \"a.*\"; max_attempts = 4; }"),
	 "c.cfg:4: warning: policies.p.types[1] (\"a.*\") is never used: "
	 "\"a.*\" (line 3) matches all that it does, and comes first. Take one "
	 "of them away.\n"},
	{TYPES("{ match = \"#.#\"; max_attempts = 3; },\n"
	       "{ match = \"#\"; max_attempts = 4; }"),
	 "c.cfg:3: warning: policies.p.types[0] (\"#.#\") is never used: \"#\" "
	 "(line 4) matches all that it does, and comes first. Take one of them "
	 "away.\n"},
	{TYPES("{ match = \"a.*\"; max_attempts = 3; },\n"
	       "{ match = \"*.b\"; max_attempts = 4; }"),
	 "c.cfg:4: warning: policies.p.types[1] (\"*.b\") is as specific as "
	 "\"a.*\" (line 3), which wins where both match, because it stands "
	 "before it. Say what holds there with a pattern of its own.\n"},
	{TYPES("{ match = \"#\"; max_attempts = 3; },\n"
	       "{ match = \"a.#\"; max_attempts = 3; },\n"
	       "{ match = \"a.*.#\"; max_attempts = 3; },\n"
	       "{ match = \"a.*\"; max_attempts = 3; },\n"
	       "{ match = \"b.*\"; max_attempts = 3; },\n"
	       "{ match = \"a.b\"; max_attempts = 4; }"),
	 ""},
	/* --- errors of message types --- */
	{TYPES("{ match = \"#\"; errors = ( { name = \"throtled\"; } ); }"),
	 "c.cfg:3: policies.p.types[0].errors[0].name is \"throtled\", which "
	 "nothing names: no rule of this policy, no built-in rule and no "
	 "downstream. The nearest is \"throttled\".\n"},
	{TYPES("{ match = \"#\"; errors = ( { name = \"fhir-throttled\"; } ); "
	       "}"),
	 "c.cfg:3: policies.p.types[0].errors[0].name is \"fhir-throttled\", "
	 "which nothing names: no rule of this policy, no built-in rule and no "
	 "downstream. A downstream with understand = \"fhir\" would.\n"},
	{FILE_WITH("errors = (\n{ name = \"busy\"; status = \"4xx\"; } );\n"
		   "types = ( { match = \"#\"; errors = (\n"
		   "{ name = \"throttled\"; },\n"
		   "{ name = \"busy\"; } ); } );",
		   ""),
	 "c.cfg:5: warning: policies.p.types[0].errors[0].name is "
	 "\"throttled\", which never comes: the rules up to \"busy\" (line 3) "
	 "take all that it stands for. Name those instead.\n"},
	{FILE_WITH("errors = (\n{ name = \"busy\"; status = \"4xx\"; },\n"
		   "{ name = \"gone\"; status = 410; } );\n"
		   "types = ( { match = \"#\"; errors = (\n"
		   "{ name = \"gone\"; } ); } );",
		   ""),
	 "c.cfg:4: warning: policies.p.errors[1] (\"gone\") is never reached: "
	 "the rules up to \"busy\" (line 3) take all that it stands for. Put "
	 "it before them, or take it away.\n"
	 "c.cfg:6: warning: policies.p.types[0].errors[0].name is \"gone\", "
	 "which never comes: no rule of this policy that is reached has that "
	 "name, and no downstream that it is used with.\n"},
	{FILE_WITH("",
		   "response_limit = 0; success = (\n"
		   "{ means = \"failed\"; text = \"x\"; },\n"
		   "{ means = \"failed\"; header = { name = \"X\"; exists = "
		   "true; }; },\n"
		   "{ means = \"failed\"; pointer = { at = \"/x\"; exists = "
		   "true; }; } );"),
	 "c.cfg:4: warning: downstreams.d.success[0] looks into the body of an "
	 "answer, of which response_limit = 0 keeps nothing. Raise it, or take "
	 "the rule away.\n"
	 "c.cfg:6: warning: downstreams.d.success[2] looks into the body of an "
	 "answer, of which response_limit = 0 keeps nothing. Raise it, or take "
	 "the rule away.\n"},
	/* What a success rule that looks into an answer may come to. */
	{"policies = { p = { errors = ( { name = \"lost\"; understood = "
	 "\"unread\"; } );\n"
	 "types = ( { match = \"#\"; errors = ( { name = \"unread\"; } ); } ); "
	 "}; };\n"
	 "downstreams = { d = { url = \"http://h/\"; idempotent = true; "
	 "success "
	 "= ( { means = \"failed\"; text = \"x\"; } ); }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; policy = \"p\"; }; };\n",
	 ""},
	{FILE_WITH(
		 "errors = (\n{ name = \"lost\"; understood = \"unread\"; } );",
		 "success = ( { means = \"failed\"; status = 204; } );"),
	 "c.cfg:3: warning: policies.p.errors[0].understood: nothing names an "
	 "error \"unread\", so that it never holds. A success rule of a "
	 "downstream can (its \"error\"), or what its \"understand\" makes of "
	 "a "
	 "body.\n"},
	/* --- permanent errors --- */
	{FILE_WITH("errors = (\n"
		   "{ name = \"schema\"; status = 400; class = \"permanent\";\n"
		   "max_attempts = 3;\n"
		   "schedule = { kind = \"fixed\"; }; },\n"
		   "{ name = \"moved\"; status = 404; class = \"permanent\"; "
		   "park_as = \"team\"; },\n"
		   "{ name = \"busy\"; status = 429; max_attempts = 3; } );",
		   ""),
	 "c.cfg:4: warning: policies.p.errors[0].max_attempts means nothing: "
	 "the error \"schema\" is permanent, and such a message is parked at "
	 "once. Take it away, or give the error another class.\n"
	 "c.cfg:5: warning: policies.p.errors[0].schedule means nothing: "
	 "the error \"schema\" is permanent, and such a message is parked at "
	 "once. Take it away, or give the error another class.\n"},
	{TYPES("{ match = \"#\"; errors = (\n"
	       "{ name = \"auth\"; max_attempts = 3; },\n"
	       "{ name = \"not-found\"; park_as = \"team\"; },\n"
	       "{ name = \"throttled\"; max_attempts = 3; } ); }"),
	 "c.cfg:4: warning: policies.p.types[0].errors[0].max_attempts means "
	 "nothing: the error \"auth\" is permanent, and such a message is "
	 "parked at once. Take it away, or give the error another class.\n"},
	{FILE_WITH("errors = (\n"
		   "{ name = \"x\"; status = 401; class = \"permanent\"; },\n"
		   "{ name = \"y\"; status = 402; class = \"permanent\"; },\n"
		   "{ name = \"y\"; status = 403; },\n"
		   "{ name = \"auth\"; status = 407; } );\n"
		   "types = ( { match = \"#\"; errors = (\n"
		   "{ name = \"x\"; quick = false; },\n"
		   "{ name = \"auth\"; max_attempts = 3; },\n"
		   "{ name = \"y\"; max_attempts = 3; } ); } );",
		   ""),
	 "c.cfg:8: warning: policies.p.types[0].errors[0].quick means nothing: "
	 "the error \"x\" is permanent, and such a message is parked at once. "
	 "Take it away, or give the error another class.\n"},
	/* A body may say that it passes. */
	{FILE_WITH("types = ( { match = \"#\"; errors = (\n"
		   "{ name = \"not-found\"; max_attempts = 3; } ); } );",
		   "success = ( { means = \"failed\"; class = "
		   "\"transient\"; status = 404; } );"),
	 ""},
	/* --- the first wait --- */
	{FILE_WITH("give_up_after = \"1s\";", ""),
	 "c.cfg:2: warning: policies.p never tries again by its schedule: "
	 "give_up_after (1s) is shorter than the first wait (2s). Raise the "
	 "one, or shorten the other.\n"},
	{FILE_WITH("give_up_after = \"2s\"; max_attempts = 2;", ""), ""},
	{FILE_WITH("give_up_after = \"1s\"; max_attempts = 1;", ""), ""},
	/* Jitter may bring it back in time. */
	{FILE_WITH("give_up_after = \"1s\"; max_attempts = 2; schedule = "
		   "{ jitter = \"50%\"; };",
		   ""),
	 ""},
	{FILE_WITH("give_up_after = \"1h\"; errors = (\n"
		   "{ name = \"slow\"; status = 503;\n"
		   "schedule = { kind = \"fixed\"; first = \"2h\"; }; } );",
		   ""),
	 "c.cfg:4: warning: policies.p.errors[0] never tries again by its "
	 "schedule: give_up_after (1h) is shorter than the first wait (2h). "
	 "Raise the one, or shorten the other.\n"},
	{TYPES("{ match = \"a\"; errors = ( { name = \"throttled\";\n"
	       "give_up_after = \"1s\"; } ); }"),
	 "c.cfg:4: warning: policies.p.types[0].errors[0] never tries again by "
	 "its schedule: give_up_after (1s) is shorter than the first wait "
	 "(2s). Raise the one, or shorten the other.\n"},
	{FILE_WITH("ambiguous = {\ngive_up_after = \"1s\"; };", ""),
	 "c.cfg:3: warning: policies.p.ambiguous never tries again by its "
	 "schedule: give_up_after (1s) is shorter than the first wait (2s). "
	 "Raise the one, or shorten the other.\n"},
	{FILE_WITH("", "give_up_after = \"1s\";"),
	 "c.cfg:3: warning: downstreams.d never tries again by its schedule: "
	 "give_up_after (1s) is shorter than the first wait (2s). Raise the "
	 "one, or shorten the other.\n"},
	/* --- quick retries --- */
	{FILE_WITH("quick = { tries = 5; within = \"1m\"; };",
		   "timeout = \"5m\";"),
	 "c.cfg:2: warning: policies.p.quick may hold a message for 31m, with "
	 "6 calls of up to 5m each (downstreams.d.timeout). A broker whose "
	 "consumer_timeout is the usual 30m then closes the channel, and "
	 "delivers all in hand again. Make fewer tries, or shorten the "
	 "timeout.\n"},
	{FILE_WITH("quick = { tries = 5; within = \"1m\"; }; max_attempts = 5;",
		   "timeout = \"5m\";"),
	 ""},
	{TYPES("{ match = \"a\"; quick = false; }"), ""},
	/* --- limits that nothing reaches --- */
	{FILE_WITH("max_attempts = 9;\nschedule = { kind = \"custom\"; delays "
		   "= [ \"1s\", \"2s\" ]; then = \"park\"; };",
		   ""),
	 "c.cfg:2: warning: policies.p.max_attempts (9) is not reached while "
	 "one error repeats: the schedule gives up after 2 waits (then = "
	 "\"park\"). Add delays, or lower max_attempts to 3.\n"},
	{FILE_WITH("max_attempts = 3; schedule = { kind = \"custom\"; delays = "
		   "[ \"1s\", \"2s\" ]; then = \"park\"; };",
		   ""),
	 ""},
	/* An error with another schedule reaches it. */
	{FILE_WITH("max_attempts = 9; schedule = { kind = \"custom\"; delays = "
		   "[ \"1s\" ]; then = \"park\"; };\n"
		   "errors = ( { name = \"x\"; status = 503; schedule = { }; } "
		   ");",
		   ""),
	 ""},
	/* Quick retries are attempts that the schedule does not see. */
	{FILE_WITH("max_attempts = 12; quick = { tries = 3; within = \"2s\"; };"
		   " schedule = { kind = \"custom\"; delays = "
		   "[ \"1s\", \"2s\" ]; then = \"park\"; };",
		   ""),
	 ""},
	{FILE_WITH("max_attempts = 13; quick = { tries = 3; within = \"2s\"; };"
		   " schedule = { kind = \"custom\"; delays = "
		   "[ \"1s\", \"2s\" ]; then = \"park\"; };",
		   ""),
	 "c.cfg:2: warning: policies.p.max_attempts (13) is not reached while "
	 "one error repeats: the schedule gives up after 2 waits (then = "
	 "\"park\"). Add delays, or lower max_attempts to 12.\n"},
	{FILE_WITH(
		 "max_attempts = 100;\nschedule = { kind = \"fixed\"; first = "
		 "\"1h\"; };",
		 ""),
	 "c.cfg:2: warning: policies.p.max_attempts (100) is not reached while "
	 "one error repeats: its waits take 4d3h at least, and give_up_after "
	 "is 1d. Raise give_up_after, or lower max_attempts; 100000 says that "
	 "only give_up_after counts.\n"},
	{FILE_WITH("max_attempts = 25; schedule = { kind = \"fixed\"; first = "
		   "\"1h\"; };",
		   ""),
	 ""},
	{FILE_WITH(
		 "max_attempts = 100000; schedule = { kind = \"fixed\"; first "
		 "= \"1h\"; };",
		 ""),
	 ""},
	{FILE_WITH("max_attempts = 99999; give_up_after = \"never\";", ""), ""},
	{FILE_WITH("types = (\n{ match = \"a\"; max_attempts = 200; } );", ""),
	 "c.cfg:3: warning: policies.p.types[0].max_attempts (200) is not "
	 "reached while one error repeats: its waits take 4d36m26s at least, "
	 "and give_up_after is 1d. Raise give_up_after, or lower max_attempts; "
	 "100000 says that only give_up_after counts.\n"},
	/* Ambiguous answers that are parked are no case. */
	{FILE_WITH("ambiguous = \"park\"; errors = ( { name = \"n\"; transport "
		   "= \"tls\"; class = \"ambiguous\"; max_attempts = 2; "
		   "give_up_after = \"1s\"; } );",
		   ""),
	 ""},
};

START_TEST(contradictions_are_said_with_place_and_mend)
{
	struct config *config = folder_load(rows[_i].text);

	ck_assert_str_eq(folder_said(), rows[_i].said);
	ck_assert((config == NULL) ==
		  (*rows[_i].said != '\0' &&
		   strstr(rows[_i].said, "warning") == NULL));
	config_free(config);
}
END_TEST

START_TEST(a_policy_that_nobody_uses_is_looked_at_too)
{
	struct config *config = folder_load(
		"policies = { p = {\n"
		"give_up_after = \"1s\"; types = ( { match = \"a\"; "
		"max_attempts = 200; } ); }; };\n"
		"pipelines = { a = { deliver_to = \"http://h/\"; }; };\n");

	ck_assert_ptr_nonnull(config);
	ck_assert_ptr_nonnull(strstr(folder_said(), "c.cfg:2: warning: "
						    "policies.p never tries"));
	ck_assert_ptr_nonnull(strstr(folder_said(), "types[0].max_attempts"));
	config_free(config);
}
END_TEST

Suite *config_advice_suite(void)
{
	Suite *suite = suite_create("config_advice");
	TCase *advice = tcase_create("advice");

	tcase_add_checked_fixture(advice, folder_enter, folder_leave);
	tcase_add_loop_test(advice, contradictions_are_said_with_place_and_mend,
			    0, COUNT(rows));
	tcase_add_test(advice, a_policy_that_nobody_uses_is_looked_at_too);
	suite_add_tcase(suite, advice);
	return suite;
}

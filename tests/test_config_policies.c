/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_policies.c - policies that are refused, and in which words. */
#include <stdlib.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

/* A file c.cfg, and all that is said about it. */
static const struct {
	const char *text;
	const char *said;
} rows[] = {
	{"policies = { p = { errors = { }; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.errors must be a list of groups, "
	 "( { ... }, { ... } ), not a group.\n"},
	{"policies = { p = {  }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"q\"; }; };\n",
	 "c.cfg:2: pipelines.a.policy names the policy \"q\", "
	 "which nothing defines.\n"},
	{"policies = { built-in = {  }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"built-in\"; }; };\n",
	 "c.cfg:1: policies.built-in: \"built-in\" is the "
	 "policy that is always there. Choose another name.\n"},
	{"policies = { p = { quick = { tries = 3; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.quick.within is missing: it must be a "
	 "duration from 1ms to 1m, such as \"5s\" or \"1m30s\".\n"},
	{"policies = { p = { types = ( { match = \"#\"; quick = "
	 "true; } ); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.types[0].quick must be a group, { ... }, or "
	 "false, not true.\n"},
	{"policies = { p = { quick = { tries = 11; within = \"2m\"; }; }; "
	 "};\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.quick.tries must be a whole number from 1 to "
	 "10, not the number 11.\n"
	 "c.cfg:1: policies.p.quick.within must be a duration from 1ms to 1m, "
	 "such as \"5s\" or \"1m30s\", not the text \"2m\".\n"},
	{"policies = { p = { ambiguous = \"maybe\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.ambiguous must be \"retry\" or \"park\", or a "
	 "group, { ... }, not the text \"maybe\".\n"},
	{"policies = { p = { ambiguous = { ambiguous = \"park\"; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.ambiguous.ambiguous means nothing inside itself: "
	 "the group stands for \"retry\". Write policies.p.ambiguous = "
	 "\"park\" to park.\n"},
	{"policies = { p = { ambiguous = { max_atempts = 2; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: There is no setting policies.p.ambiguous.max_atempts. The "
	 "nearest is \"max_attempts\".\n"},
	{"policies = { p = { errors = ( { name = \"x\"; status = 400; "
	 "park_as = \"Team A\"; } ); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.errors[0].park_as: \"Team A\" is no name: names "
	 "are small letters, digits, \"-\" and \"_\", and begin with a "
	 "letter.\n"},
	{"policies = { p = { types = ( { match = \"#\"; errors = (\n"
	 "{ name = \"throttled\"; max_attempts = 3; },\n"
	 "{ name = \"throttled\"; quick = false; } ); } ); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:3: policies.p.types[0].errors[1] is for the error "
	 "\"throttled\", which has an entry in line 2 already. Join the "
	 "two.\n"},
	{"downstreams = { d = { url = \"http://h/\"; max_atempts = 3;\n"
	 "retry_after_floor = \"2h\"; retry_after_ceiling = \"1h\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: There is no setting downstreams.d.max_atempts. The nearest "
	 "is \"max_attempts\".\n"
	 "c.cfg:2: downstreams.d.retry_after_floor exceeds "
	 "retry_after_ceiling.\n"},
	{"policies = { p = { schedule = { kind = \"fixed\"; "
	 "first = \"31d\"; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.schedule.first must be a duration "
	 "from 1ms to 30d, such as \"5s\" or \"1m30s\", not the "
	 "text \"31d\".\n"},
	{"policies = { p = { schedule = { first = \"10s\"; max "
	 "= \"5s\"; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.schedule: max must be from first "
	 "to 30d.\n"},
	{"policies = { p = { schedule = { factor = 0.5; }; }; "
	 "};\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.schedule.factor must be a number "
	 "from 1 to 100, such as 1.5, not the number 0.5.\n"},
	{"policies = { p = { schedule = { factor = \"three\"; "
	 "}; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.schedule.factor must be a number "
	 "from 1 to 100, such as 1.5, not the text \"three\".\n"},
	{"policies = { p = { schedule = { kind = \"fixed\"; "
	 "first = \"1s\"; step = \"1s\"; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.schedule.step means nothing for "
	 "the kind \"fixed\", which takes kind, first, jitter.\n"},
	{"policies = { p = { schedule = { kind = \"custom\"; }; "
	 "}; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.schedule: delays must hold at "
	 "least one duration.\n"},
	{"policies = { p = { schedule = { kind = \"custom\"; "
	 "delays = [ \"1m\", \"0s\" ]; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.schedule.delays[1] must be "
	 "durations from 1ms to 30d, such as [ \"1m\", \"5m\" "
	 "], not the text \"0s\".\n"},
	{"policies = { p = { schedule = { jitter = 0.2; }; }; "
	 "};\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.schedule.jitter must be \"none\", "
	 "\"full\" or a percentage such as \"20%\", "
	 "not the number 0.2.\n"},
	{"policies = { p = { schedule = { jitter = \"120%\"; }; "
	 "}; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.schedule.jitter must be \"none\", "
	 "\"full\" or a percentage such as \"20%\", "
	 "not the text \"120%\".\n"},
	{"policies = { p = { schedule = { kind = \"custom\"; "
	 "delays = \"1m\"; then = \"stop\"; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.schedule.then must be \"repeat\" "
	 "or \"park\", not the text \"stop\".\n"},
	{"policies = { p = { retry_after_floor = \"2h\"; retry_after_ceiling = "
	 "\"1h\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.retry_after_floor exceeds "
	 "retry_after_ceiling.\n"},
	{"policies = { p = { retry_after_ceiling = \"never\"; "
	 "}; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.retry_after_ceiling must be a "
	 "duration from 1s to 7d, such as \"5s\" or \"1m30s\", "
	 "not the text \"never\".\n"},
	{"policies = { p = { errors = ( { status = \"429\"; } "
	 "); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.errors[0].name is missing: it "
	 "must be a text in double quotes.\n"},
	{"policies = { p = { errors = ( { name = "
	 "\"Throttled!\"; status = \"429\"; } ); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.errors[0].name: \"Throttled!\" is "
	 "no name: names are small letters, digits, \"-\" and "
	 "\"_\", and begin with a letter.\n"},
	{"policies = { p = { errors = ( { name = \"x\"; } ); }; "
	 "};\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.errors[0] matches nothing: give it status, "
	 "transport, understood, header, pointer, text or content_type.\n"},
	{"policies = { p = { errors = ( { name = \"x\"; status "
	 "= ( 429, \"6xx\" ); } ); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.errors[0].status[1] must be "
	 "statuses from 100 to 599, such as [ \"429\", \"5xx\", "
	 "\"500-503\" ], not the text \"6xx\".\n"},
	{"policies = { p = { errors = ( { name = \"x\"; status "
	 "= \"503-500\"; } ); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.errors[0].status must be statuses "
	 "from 100 to 599, such as [ \"429\", \"5xx\", "
	 "\"500-503\" ], not the text \"503-500\".\n"},
	{"policies = { p = { errors = ( { name = \"x\"; status "
	 "= \"2xx\"; } ); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.errors[0].status is a success by itself. A rule "
	 "in the downstream's \"success\" can say what makes it a failure, "
	 "and give it a name.\n"},
	{"policies = { p = { errors = ( { name = \"x\"; "
	 "transport = \"timeout-after-sent\"; } ); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.errors[0].transport must be one "
	 "or more of \"dns\", \"connect\", \"tls\", "
	 "\"timeout-before-send\", \"timeout-after-send\", "
	 "\"reset-before-send\", \"reset-after-send\", "
	 "\"protocol\", \"cut-response\", \"header\" or \"template\", not the "
	 "text \"timeout-after-sent\". The nearest is "
	 "\"timeout-after-send\".\n"},
	{"policies = { p = { errors = ( { name = \"x\"; "
	 "transport = \"complete\"; } ); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.errors[0].transport must be one "
	 "or more of \"dns\", \"connect\", \"tls\", "
	 "\"timeout-before-send\", \"timeout-after-send\", "
	 "\"reset-before-send\", \"reset-after-send\", "
	 "\"protocol\", \"cut-response\", \"header\" or \"template\", not the "
	 "text \"complete\".\n"},
	{"policies = { p = { errors = ( { name = \"x\"; status "
	 "= 429; class = \"transcient\"; } ); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.errors[0].class must be "
	 "\"transient\", \"permanent\" or \"ambiguous\", not "
	 "the text \"transcient\". The nearest is "
	 "\"transient\".\n"},
	{"policies = { p = { errors = ( \"429\" ); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.errors[0] must be a group, { ... "
	 "}, not the text \"429\".\n"},
	{"policies = { p = { types = ( { max_attempts = 3; } ); "
	 "}; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.types[0].match is missing: it "
	 "must be a text in double quotes.\n"},
	{"policies = { p = { types = ( { match = \"lab.res*\"; "
	 "} ); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: policies.p.types[0].match is no pattern: "
	 "\"*\" and \"#\" stand for whole words between dots.\n"},
	{"policies = { p = { max_attempts = 500; schedule = { "
	 "kind = \"linear\"; first = \"1s\"; step = \"1s\"; }; "
	 "}; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:2: pipelines.a needs 511 delay queues (lanes) "
	 "for the policy \"p\", and max_lanes is 128. Most come "
	 "from policies.p.schedule (line 1), which makes 499. "
	 "12 serve Retry-After.\n"},
	{"policies = { p = { errors = ( { name = \"busy\"; "
	 "status = 503;\n"
	 " max_attempts = 300; schedule = { kind = \"linear\"; "
	 "first = \"1s\"; step = \"1s\"; }; } ); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:3: pipelines.a needs 313 delay queues (lanes) "
	 "for the policy \"p\", and max_lanes is 128. Most come "
	 "from policies.p.errors[0].schedule (line 2), which "
	 "makes 299. 12 serve Retry-After.\n"},
	{"policies = { p = { schedule = { kind = \"custom\"; "
	 "delays = \"29d23h59m59s999ms\"; }; give_up_after = "
	 "\"never\"; }; };\n"
	 "prefix = "
	 "\"ppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp"
	 "ppppppppppppppppppppppppppppppppp\";\n"
	 "downstreams = { "
	 "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd = { "
	 "url = \"http://h/\"; }; };\n"
	 "pipelines = { "
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = { "
	 "deliver_to = "
	 "\"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\";"
	 " policy = \"p\"; }; };\n",
	 "c.cfg:4: "
	 "pipelines."
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
	 "makes queue names of 256 bytes, and the broker takes 255. Shorten "
	 "the prefix, or the name of the pipeline or its downstream.\n"},
};

START_TEST(bad_policies_are_refused_with_place_and_mend)
{
	struct config *config = folder_load(rows[_i].text);

	ck_assert_str_eq(folder_said(), rows[_i].said);
	ck_assert_ptr_null(config);
}
END_TEST

Suite *config_policies_suite(void)
{
	Suite *suite = suite_create("config_policies");
	TCase *errors = tcase_create("errors");

	tcase_add_checked_fixture(errors, folder_enter, folder_leave);
	tcase_add_loop_test(errors,
			    bad_policies_are_refused_with_place_and_mend, 0,
			    COUNT(rows));
	suite_add_tcase(suite, errors);
	return suite;
}

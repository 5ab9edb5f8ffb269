/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_values.c - values that are refused, and in which words. */
#include <stdlib.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

/* A file c.cfg, and all that is said about it. */
static const struct {
	const char *text;
	const char *said;
} rows[] = {
	{"", "c.cfg:1: pipelines is missing: it must be a group of "
	     "groups, { name = { ... }; }.\n"},
	{"# nothing\n", "c.cfg:1: pipelines is missing: it must be a group of "
			"groups, { name = { ... }; }.\n"},
	{"pipelines = { };\n",
	 "c.cfg:1: pipelines is empty: there is nothing to "
	 "deliver.\n"},
	{"prefx = \"a.\";\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: There is no setting prefx. The nearest is "
	 "\"prefix\".\n"},
	{"zebra = 1;\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: There is no setting zebra.\n"},
	{"downstreams = { d = { url = \"http://h/\"; timout = "
	 "\"5s\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: There is no setting downstreams.d.timout. "
	 "The nearest is \"timeout\".\n"},
	{"downstreams = { d = { url = \"http://h/\";  }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; "
	 "deliver_to_env = \"X\"; }; };\n",
	 "c.cfg:2: There is no setting "
	 "pipelines.a.deliver_to_env.\n"},
	{"declare = 1;\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: declare must be true or false, not the "
	 "number 1.\n"},
	{"declare = \"yes\";\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: declare must be true or false, not the text "
	 "\"yes\".\n"},
	{"downstreams = { d = { url = \"http://h/\"; timeout = "
	 "5; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.timeout must be a duration "
	 "from 1ms to 1h, such as \"5s\" or \"1m30s\", not the "
	 "number 5.\n"},
	{"downstreams = { d = { url = \"http://h/\"; timeout = "
	 "\"5\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.timeout must be a duration "
	 "from 1ms to 1h, such as \"5s\" or \"1m30s\", not the "
	 "text \"5\".\n"},
	{"downstreams = { d = { url = \"http://h/\"; timeout = "
	 "\"2h\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.timeout must be a duration "
	 "from 1ms to 1h, such as \"5s\" or \"1m30s\", not the "
	 "text \"2h\".\n"},
	{"downstreams = { d = { url = \"http://h/\"; "
	 "concurrency = 0; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.concurrency must be a whole "
	 "number from 1 to 10000, not the number 0.\n"},
	{"downstreams = { d = { url = \"http://h/\"; "
	 "concurrency = \"many\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.concurrency must be a whole "
	 "number from 1 to 10000, not the text \"many\".\n"},
	{"downstreams = { d = { url = \"http://h/\"; "
	 "concurrency = 1.5; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.concurrency must be a whole "
	 "number from 1 to 10000, not the number 1.5.\n"},
	{"downstreams = { d = { url = \"http://h/\"; "
	 "concurrency = 5000000000; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.concurrency must be a whole "
	 "number from 1 to 10000, not the number 5000000000.\n"},
	{"downstreams = { d = { url = \"http://h/\"; "
	 "response_limit = \"64kb\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.response_limit must be a size "
	 "from 0B to 16MiB, such as \"64KiB\", not the text "
	 "\"64kb\".\n"},
	{"downstreams = { d = { url = \"http://h/\"; "
	 "response_limit = \"1GiB\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.response_limit must be a size "
	 "from 0B to 16MiB, such as \"64KiB\", not the text "
	 "\"1GiB\".\n"},
	{"log_format = \"humna\";\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: log_format must be \"auto\", \"json\" or "
	 "\"human\", not the text \"humna\". The nearest is "
	 "\"human\".\n"},
	{"log_format = \"xml\";\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: log_format must be \"auto\", \"json\" or "
	 "\"human\", not the text \"xml\".\n"},
	{"prefix = \"a b\";\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: prefix may hold letters, digits, \".\", "
	 "\"_\", \"-\" and \":\" only.\n"},
	{"prefix = \"amq.x\";\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: prefix begins with \"amq.\", which is the "
	 "broker's own (AMQP 0-9-1, section 2.1.2.4).\n"},
	{"downstreams = { d = { }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: downstreams.d.url is missing: it must be a "
	 "text in double quotes.\n"},
	{"downstreams = { d = { url = \"ftp://h/\";  }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: The url of downstreams.d must begin with "
	 "http:// or https://. It looks like "
	 "\"http://host:8080/path\".\n"},
	{"downstreams = { d = { url = \"http://u:sesam@h/\";  "
	 "}; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: The url of downstreams.d holds a user or "
	 "password. Take it out and give it by "
	 "auth.basic.\n"},
	{"downstreams = { d = { url = \"h:80/\";  }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: The url of downstreams.d does not begin with "
	 "a scheme such as \"http://\". It looks like "
	 "\"http://host:8080/path\".\n"},
	{"downstreams = { d = { url = \"http://h/a b\";  }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: The url of downstreams.d holds blanks or "
	 "control characters. It looks like "
	 "\"http://host:8080/path\".\n"},
	{"downstreams = { d = { url = \"http://h/#x\";  }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: The url of downstreams.d has a fragment "
	 "(#...), which is never sent. It looks like "
	 "\"http://host:8080/path\".\n"},
	{"downstreams = { d = { url = \"http://h/\"; ca_file = "
	 "\"missing.pem\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.ca_file names the file "
	 "\"missing.pem\", which cannot be read: No such file "
	 "or directory.\n"},
	{"downstreams = { d = { url = \"http://h/\"; ca_file = "
	 "\".\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.ca_file names \".\", which is "
	 "a folder, and a file is needed.\n"},
	{"downstreams = { d = \"http://h/\"; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: downstreams.d must be a group, { ... }, not "
	 "the text \"http://h/\".\n"},
	{"downstreams = { D = { url = \"http://h/\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: downstreams.D: \"D\" is no name: names are "
	 "small letters, digits, \"-\" and \"_\", and begin "
	 "with a letter.\n"},
	{"pipelines = { audit = { deliver_to = \"http://h/\"; "
	 "}; };\n",
	 "c.cfg:1: pipelines.audit: \"audit\" is a name that "
	 "rebound keeps for itself.\n"},
	{"downstreams = { d = { url = \"http://h/\"; headers = "
	 "{ Content-Length = \"5\"; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.headers.Content-Length cannot "
	 "be set: it follows from the body.\n"},
	{"downstreams = { d = { url = \"http://h/\"; headers = "
	 "{ host = \"x\"; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.headers.host cannot be set: it "
	 "follows from the url.\n"},
	{"downstreams = { d = { url = \"http://h/\"; headers = "
	 "{ X-A = \"5\"; }; map_headers = { x-a = "
	 "\"property:type\"; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.map_headers.x-a sets a header "
	 "that is set already.\n"},
	{"downstreams = { d = { url = \"http://h/\"; headers = "
	 "{ X* = 5; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.headers.X* must be a text in "
	 "double quotes without control characters.\n"},
	{"downstreams = { d = { url = \"http://h/\"; headers = "
	 "{ X-A = \"a\\nb\"; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.headers.X-A must be a text in "
	 "double quotes without control characters.\n"},
	{"downstreams = { d = { url = \"http://h/\"; "
	 "map_headers = { X-A = \"property:replyto\"; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.map_headers.X-A names the "
	 "message property \"replyto\", which there is not. The "
	 "nearest is \"reply-to\".\n"},
	{"downstreams = { d = { url = \"http://h/\"; "
	 "map_headers = { X-A = \"reply-to\"; }; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.map_headers.X-A must be "
	 "\"property:NAME\" or \"header:NAME\", not the text "
	 "\"reply-to\".\n"},
	{"downstreams = { ddd = { url = \"http://h/\";  }; };\n"
	 "pipelines = { a = { deliver_to = \"dd\"; }; };\n",
	 "c.cfg:2: pipelines.a.deliver_to names the downstream "
	 "\"dd\", which nothing defines. The nearest is "
	 "\"ddd\".\n"},
	{"pipelines = { a = { deliver_to = \"ehr\"; }; };\n",
	 "c.cfg:1: pipelines.a.deliver_to names the downstream "
	 "\"ehr\", which nothing defines.\n"},
	{"pipelines = { a = { deliver_to = [ \"a\", \"b\" ]; }; "
	 "};\n",
	 "c.cfg:1: pipelines.a.deliver_to names 2 downstreams, "
	 "and a pipeline delivers to exactly one downstream in "
	 "this version. Make a pipeline for each.\n"},
	{"pipelines = { a = {  }; };\n",
	 "c.cfg:1: pipelines.a.deliver_to is missing: it must "
	 "be one or more texts, such as [ \"a\", \"b\" ].\n"},
	{"downstreams = { a = { url = \"http://h/\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:2: pipelines.a.deliver_to gives a url, which "
	 "makes the downstream \"a\"; but there is one of that "
	 "name. Name the downstream instead.\n"},
	{"pipelines = { a = { deliver_to = \"amqp://h/\"; }; "
	 "};\n",
	 "c.cfg:1: The url of pipelines.a.deliver_to must begin "
	 "with http:// or https://. It looks like "
	 "\"http://host:8080/path\".\n"},
	{"pipelines = { a = { deliver_to = \"http://h/\"; "
	 "source = { keys = \"#\"; }; }; };\n",
	 "c.cfg:1: pipelines.a.source.keys means nothing "
	 "without pipelines.a.source.exchange, the exchange "
	 "that the keys are bound to.\n"},
	{"pipelines = { a = { deliver_to = \"http://h/\"; "
	 "source = { exchange = \"rebound.a\"; }; }; };\n",
	 "c.cfg:1: pipelines.a.source.exchange is "
	 "\"rebound.a\", the source exchange of the pipeline "
	 "\"a\", which only copies of its own go to.\n"},
	{"pipelines = { a = { deliver_to = \"http://h/\"; "
	 "source = { queue = \"q\"; }; };\n"
	 " b = { deliver_to = \"http://h/\"; source = { queue = "
	 "\"q\"; }; }; };\n",
	 "c.cfg:1: pipelines.a.source.queue is \"q\", which the "
	 "pipeline \"b\" consumes too: each would take the "
	 "other's messages.\n"
	 "c.cfg:2: pipelines.b.source.queue is \"q\", which the "
	 "pipeline \"a\" consumes too: each would take the "
	 "other's messages.\n"},
	{"pipelines = { a = { deliver_to = \"http://h/\"; "
	 "prefetch = 70000; }; };\n",
	 "c.cfg:1: pipelines.a.prefetch must be a whole number "
	 "from 1 to 65535, not the number 70000.\n"},
	{"pipelines = { a = { deliver_to = \"http://h/\"; "
	 "routes = ( ); journal_in_body = \"x\"; }; };\n",
	 "c.cfg:1: pipelines.a.routes is not supported by this "
	 "version.\n"
	 "c.cfg:1: pipelines.a.journal_in_body is not supported "
	 "by this version.\n"},
	{"pipelines = { a = { deliver_to = \"http://h/\"; "
	 "max_lanes = 3; }; };\n",
	 "c.cfg:1: pipelines.a needs 19 delay queues (lanes) "
	 "for the policy \"built-in\", and max_lanes is 3. 12 "
	 "serve Retry-After.\n"},
	{"downstreams = { d = { url_env = "
	 "\"REBOUND_TEST_UNSET\";  }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: downstreams.d.url_env names the environment "
	 "variable REBOUND_TEST_UNSET, which is not set.\n"},
	{"declare = 7;\n"
	 "prefx = 1;\n"
	 "downstreams = { d = { url = \"http://h/\"; timeout = "
	 "3; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: declare must be true or false, not the "
	 "number 7.\n"
	 "c.cfg:2: There is no setting prefx. The nearest is "
	 "\"prefix\".\n"
	 "c.cfg:3: downstreams.d.timeout must be a duration "
	 "from 1ms to 1h, such as \"5s\" or \"1m30s\", not the "
	 "number 3.\n"},
};

START_TEST(bad_values_are_refused_with_place_and_mend)
{
	struct config *config = folder_load(rows[_i].text);

	ck_assert_str_eq(folder_said(), rows[_i].said);
	ck_assert_ptr_null(config);
}
END_TEST

Suite *config_values_suite(void)
{
	Suite *suite = suite_create("config_values");
	TCase *errors = tcase_create("errors");

	tcase_add_checked_fixture(errors, folder_enter, folder_leave);
	tcase_add_loop_test(errors, bad_values_are_refused_with_place_and_mend,
			    0, COUNT(rows));
	suite_add_tcase(suite, errors);
	return suite;
}

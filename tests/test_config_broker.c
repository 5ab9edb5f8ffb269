/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_broker.c - brokers that are refused, and in which words. */
#include <stdlib.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

/* A file c.cfg, and all that is said about it. */
static const struct {
	const char *text;
	const char *said;
} rows[] = {
	{"broker = \"localhost\";\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: broker must be a group, { ... }, not the "
	 "text \"localhost\".\n"},
	{"broker = { vhost = \"\"; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: broker.vhost must be a text in double "
	 "quotes, not an empty text.\n"},
	{"broker = { vhost = 5; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: broker.vhost must be a text in double "
	 "quotes, not the number 5.\n"},
	{"broker = { user = \"u\"; password = 12345; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: broker.password must be a text in double "
	 "quotes.\n"},
	{"broker = { nodes = [ \"http://h\" ]; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: The url of broker.nodes[0] must begin with "
	 "amqp:// or amqps://.\n"},
	{"broker = { nodes = [ ]; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: broker.nodes must be one or more texts, such "
	 "as [ \"a\", \"b\" ], not a list.\n"},
	{"broker = { nodes = [ \"amqp://:5672\" ]; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: The url of broker.nodes[0] has no host. It "
	 "looks like \"amqp://host:5672\".\n"},
	{"broker = { nodes = [ \"amqp://h:70000\" ]; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: The url of broker.nodes[0] has a port that "
	 "is no number from 1 to 65535. It looks like "
	 "\"amqp://host:5672\".\n"},
	{"broker = { nodes = [ \"amqp://h?heartbeat=5\" ]; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: The url of broker.nodes[0] has a query or a "
	 "fragment, which means nothing here. It looks like "
	 "\"amqp://host:5672\".\n"},
	{"broker = { user = \"x\"; password = \"y\"; nodes = [ "
	 "\"amqp://z@h\" ]; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: The url of broker.nodes[0] says the user "
	 "\"z\", and elsewhere it is \"x\". Take it out of the "
	 "url.\n"},
	{"broker = { user = \"x\"; password = \"y\"; nodes = [ "
	 "\"amqp://x:sesam@h\" ]; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: The url of broker.nodes[0] holds another "
	 "password than broker.password or another url. Take it "
	 "out of the url.\n"},
	{"broker = { vhost = \"prod\"; nodes = [ \"amqp://h/\" "
	 "]; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: The url of broker.nodes[0] says the vhost "
	 "\"/\", and elsewhere it is \"prod\". Take it out of "
	 "the url.\n"},
	{"broker = { nodes = [ \"amqp://h/a\", \"amqp://i/b\" "
	 "]; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: The url of broker.nodes[1] says the vhost "
	 "\"b\", and elsewhere it is \"a\". Take it out of the "
	 "url.\n"},
	{"broker = { nodes = [ \"amqp://h/%2\" ]; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: The url of broker.nodes[0] has a malformed "
	 "vhost. Characters that a url reserves are written as "
	 "%2F and the like.\n"},
	{"broker = { user = \"rebound\"; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: broker.password is missing for the user "
	 "\"rebound\". Give it by password_file, password_env "
	 "or password.\n"},
	{"broker = { admin = { user = \"x\"; }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: broker.admin.password is missing: it must be "
	 "a text in double quotes.\n"},
	{"broker = { heartbeat = \"1500ms\"; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: broker.heartbeat must be in whole seconds, "
	 "such as \"15s\".\n"},
	{"broker = { management = \"localhost:15672\"; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: The url of broker.management does not begin "
	 "with a scheme such as \"http://\". It looks like "
	 "\"http://host:8080/path\".\n"},
	{"broker = { user = \"u\"; password = \"x\"; "
	 "password_env = \"HOME\"; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: broker.password_env and password exclude "
	 "each other: take one of them away.\n"},
	{"broker = { user = \"u\"; password_env = \"sesam\"; "
	 "};\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: broker.password_env names an environment "
	 "variable, which is not set.\n"},
	{"broker = { user = \"u\"; password_file = \"missing\"; "
	 "};\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: broker.password_file names the file "
	 "\"missing\", which cannot be opened: No such file or "
	 "directory.\n"},
};

START_TEST(bad_brokers_are_refused_with_place_and_mend)
{
	struct config *config = folder_load(rows[_i].text);

	ck_assert_str_eq(folder_said(), rows[_i].said);
	ck_assert_ptr_null(config);
}
END_TEST

Suite *config_broker_suite(void)
{
	Suite *suite = suite_create("config_broker");
	TCase *errors = tcase_create("errors");

	tcase_add_checked_fixture(errors, folder_enter, folder_leave);
	tcase_add_loop_test(errors, bad_brokers_are_refused_with_place_and_mend,
			    0, COUNT(rows));
	suite_add_tcase(suite, errors);
	return suite;
}

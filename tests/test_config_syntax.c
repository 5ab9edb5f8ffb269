/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_syntax.c - what the parser does not understand, in words. */
#include <stdlib.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

/* A file c.cfg, and all that is said about it. */
static const struct {
	const char *text;
	const char *said;
} rows[] = {
	{"downstreams = { d = { url = \"http://h/\"; timeout = "
	 "5s; }; };\n"
	 "pipelines = { a = { deliver_to = \"d\"; }; };\n",
	 "c.cfg:1: This is not understood: downstreams = { d = "
	 "{ url = \"http://h/\"; timeout = 5s; }; };\n"
	 "    Texts, names and durations stand in double "
	 "quotes: \"5s\", not 5s.\n"},
	{"pipelines = { a = { deliver_to = [ \"a\", ]; }; };\n",
	 "c.cfg:1: This is not understood: pipelines = { a = { "
	 "deliver_to = [ \"a\", ]; }; };\n"
	 "    Take away the comma before \"]\".\n"},
	{"broker.vhost = \"/\";\n",
	 "c.cfg:1: This is not understood: broker.vhost = "
	 "\"/\";\n"
	 "    The name of a setting has no dots. Write groups "
	 "inside each other: a = { b = 1; };\n"},
	{"policies = { p = { errors = ( { name = \"x\"; status "
	 "= [ 429, \"5xx\" ]; } ); }; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: This is not understood: policies = { p = { "
	 "errors = ( { name = \"x\"; status = [ 429, \"5xx\" ]; "
	 "} ); }; };\n"
	 "    [ ] holds values of one kind only. Use ( ) "
	 "instead of [ ], or double quotes around all of them.\n"},
	{"policies = { p = { errors = [ { name = \"x\"; } ]; }; "
	 "};\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; "
	 "policy = \"p\"; }; };\n",
	 "c.cfg:1: This is not understood: policies = { p = { "
	 "errors = [ { name = \"x\"; } ]; }; };\n"
	 "    [ ] holds single values only. Use ( ) instead of "
	 "[ ].\n"},
	{"pipelines = { a = { deliver_to = \"http://h/; policy "
	 "= 1; }; };\n",
	 "c.cfg:1: This is not understood: pipelines = { a = { "
	 "deliver_to = \"http://h/; policy = 1; }; };\n"
	 "    A text that begins here has no closing double "
	 "quote.\n"},
	{"declare = true; /* open\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: This is not understood: declare = true; /* "
	 "open\n"
	 "    A comment that begins here is never closed by "
	 "*/.\n"},
	{"broker = {\n"
	 " vhost = \"/\";\n"
	 "\n"
	 "pipelines = { };\n",
	 "c.cfg:1: This is not understood: broker = {\n"
	 "    The \"{\" here is never closed by \"}\".\n"},
	{"declare = true;\n"
	 "declare = false;\n",
	 "c.cfg:2: This is not understood: declare = false;\n"
	 "    A setting of that name stands in the same group "
	 "already. Take one of them away.\n"},
	{"pipelines = { a = { deliver_to = 'http://h/'; }; };\n",
	 "c.cfg:1: This is not understood: pipelines = { a = { "
	 "deliver_to = 'http://h/'; }; };\n"
	 "    Texts stand in double quotes (\").\n"},
	{"pipelines = { a = { deliver_to = \"http://h/\"; } }; "
	 "};\n",
	 "c.cfg:1: This is not understood: pipelines = { a = { "
	 "deliver_to = \"http://h/\"; } }; };\n"
	 "    Nothing is open for \"}\" to close.\n"},
	{"pipelines = { a = { deliver_to = [ \"http://h/\" ); "
	 "}; };\n",
	 "c.cfg:1: This is not understood: pipelines = { a = { "
	 "deliver_to = [ \"http://h/\" ); }; };\n"
	 "    The \"[\" of line 1 has to be closed by \"]\" "
	 "before this \")\".\n"},
	{"pipelines = { a = { deliver_to = ; }; };\n",
	 "c.cfg:1: This is not understood: pipelines = { a = { "
	 "deliver_to = ; }; };\n"
	 "    A value is missing before \";\".\n"},
	{"pipelines = { a = { deliver_to \"x\"; }; };\n",
	 "c.cfg:1: This is not understood: pipelines = { a = { "
	 "deliver_to \"x\"; }; };\n"
	 "    Behind the name of a setting comes \"=\" and a "
	 "value.\n"},
	{"1a = 2;\n", "c.cfg:1: This is not understood: 1a = 2;\n"
		      "    The name of a setting begins with a letter.\n"},
	{"broker = { password = sesam; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: This is not understood. Texts, names and "
	 "durations stand in double quotes: \"5s\", not 5s. "
	 "(The line is not shown, since it may hold a secret.)\n"},
	{"broker = { nodes = [ \"amqp://u:sesam@h\", ]; };\n"
	 "pipelines = { a = { deliver_to = \"http://h/\"; }; "
	 "};\n",
	 "c.cfg:1: This is not understood. Take away the comma "
	 "before \"]\". (The line is not shown, since it may "
	 "hold a secret.)\n"},
	{"@include x.cfg\n",
	 "c.cfg:1: An include is written alone on its line: "
	 "@include \"file\"\n"},
	{"@include \"x.cfg\"\n",
	 "c.cfg:1: The file to be included, \"x.cfg\": It "
	 "cannot be opened: No such file or directory.\n"},
	{"@include \".\"\n", "c.cfg:1: The file to be included, \".\": It is a "
			     "folder, and a file is needed.\n"},
	{"@include \"c.cfg\"\n",
	 "c.cfg:1: The file to be included, \"c.cfg\": It would "
	 "include itself.\n"},
};

START_TEST(syntax_errors_are_sentences_with_the_line)
{
	struct config *config = folder_load(rows[_i].text);

	ck_assert_str_eq(folder_said(), rows[_i].said);
	ck_assert_ptr_null(config);
}
END_TEST

Suite *config_syntax_suite(void)
{
	Suite *suite = suite_create("config_syntax");
	TCase *errors = tcase_create("errors");

	tcase_add_checked_fixture(errors, folder_enter, folder_leave);
	tcase_add_loop_test(errors, syntax_errors_are_sentences_with_the_line,
			    0, COUNT(rows));
	suite_add_tcase(suite, errors);
	return suite;
}

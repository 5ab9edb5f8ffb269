/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_files.c - includes, secrets in files and in the environment. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

#define SMALL "pipelines = { a = { deliver_to = \"http://h/\"; }; };\n"

static struct config *config;

static void setup(void)
{
	folder_enter();
	ck_assert_int_eq(mkdir("etc", 0700), 0);
	ck_assert_int_eq(mkdir("etc/more", 0700), 0);
}

static void teardown(void)
{
	config_free(config);
	config = NULL;
	folder_leave();
}

static void load(const char *file)
{
	config = folder_load_file(file);
	ck_assert_str_eq(folder_said(), "");
	ck_assert_ptr_nonnull(config);
}

START_TEST(includes_are_found_beside_the_file_that_names_them)
{
	folder_write("etc/c.cfg",
		     "  @include \"more/broker.cfg\"  # the broker\n" SMALL);
	folder_write("etc/more/broker.cfg",
		     "broker = {\n@include \"login.cfg\"\n};\n");
	folder_write("etc/more/login.cfg",
		     "user = \"u\";\npassword_file = \"secret\";\n");
	folder_write("etc/more/secret", "sesam\n");
	load("etc/c.cfg");
	ck_assert_str_eq(config->broker.worker.user, "u");
	ck_assert_str_eq(config->broker.worker.password, "sesam");
}
END_TEST

START_TEST(errors_name_the_included_file_and_come_in_order)
{
	folder_write("etc/c.cfg", "declare = 1;\n@include \"more/x.cfg\"\n"
				  "prefx = \"a\";\n");
	folder_write("etc/more/x.cfg", "\nlog_format = 3;\n" SMALL);
	ck_assert_ptr_null(folder_load_file("etc/c.cfg"));
	ck_assert_str_eq(
		folder_said(),
		"etc/c.cfg:1: declare must be true or false, not the number "
		"1.\n"
		"etc/c.cfg:3: There is no setting prefx. The nearest is "
		"\"prefix\".\n"
		"etc/more/x.cfg:2: log_format must be \"auto\", \"json\" or "
		"\"human\", not the number 3.\n");
}
END_TEST

START_TEST(syntax_errors_name_the_included_file)
{
	folder_write("etc/c.cfg", "\n\n@include \"more/x.cfg\"\n" SMALL);
	folder_write("etc/more/x.cfg", "# fine\nbroker = { heartbeat = 5s; };");
	ck_assert_ptr_null(folder_load_file("etc/c.cfg"));
	ck_assert_str_eq(folder_said(),
			 "etc/more/x.cfg:2: This is not understood: broker = "
			 "{ heartbeat = 5s; };\n    Texts, names and durations "
			 "stand in double quotes: \"5s\", not 5s.\n");
}
END_TEST

START_TEST(includes_in_comments_and_texts_are_none)
{
	config = folder_load("/*\n@include \"missing\"\n*/\n"
			     "# @include \"missing\"\n"
			     "broker = { vhost = \"\n@include \\\"x\\\"\n\"; "
			     "};\n" SMALL);
	ck_assert_str_eq(folder_said(), "");
	ck_assert_str_eq(config->broker.vhost, "\n@include \"x\"\n");
}
END_TEST

START_TEST(circles_of_includes_are_refused)
{
	folder_write("c.cfg", "@include \"etc/d.cfg\"\n");
	folder_write("etc/d.cfg", "@include \"../c.cfg\"\n");
	ck_assert_ptr_null(folder_load_file("c.cfg"));
	ck_assert_str_eq(folder_said(),
			 "etc/d.cfg:1: The file to be included, "
			 "\"etc/../c.cfg\": It would include itself.\n");
}
END_TEST

START_TEST(a_pipe_is_not_included)
{
	ck_assert_int_eq(mkfifo("pipe", 0600), 0);
	config = folder_load("@include \"pipe\"\n" SMALL);
	ck_assert_ptr_null(config);
	ck_assert_str_eq(folder_said(), "c.cfg:1: The file to be included, "
					"\"pipe\": It is not a regular "
					"file.\n");
}
END_TEST

/* Main files that cannot be read at all. */
static const struct {
	const char *file;
	const char *said;
} unreadable[] = {
	{"missing.cfg",
	 "missing.cfg: It cannot be opened: No such file or directory.\n"},
	{"etc", "etc: It is a folder, and a file is needed.\n"},
};

START_TEST(what_cannot_be_read_is_said)
{
	ck_assert_ptr_null(folder_load_file(unreadable[_i].file));
	ck_assert_str_eq(folder_said(), unreadable[_i].said);
}
END_TEST

START_TEST(any_single_value_may_come_from_the_environment)
{
	setenv("REBOUND_TEST_URL", "https://h:8443/x", 1);
	setenv("REBOUND_TEST_WAIT", "7s", 1);
	setenv("REBOUND_TEST_COUNT", "5", 1);
	setenv("REBOUND_TEST_FLAG", "false", 1);
	config = folder_load("declare_env = \"REBOUND_TEST_FLAG\";\n"
			     "downstreams = { d = {\n"
			     "url_env = \"REBOUND_TEST_URL\";\n"
			     "timeout_env = \"REBOUND_TEST_WAIT\";\n"
			     "concurrency_env = \"REBOUND_TEST_COUNT\"; }; };\n"
			     "pipelines = { a = { deliver_to = \"d\"; }; };\n");
	ck_assert_str_eq(folder_said(), "");
	ck_assert(!config->declare);
	ck_assert_str_eq(config->downstreams[0].url, "https://h:8443/x");
	ck_assert_int_eq(config->downstreams[0].timeout, 7000);
	ck_assert_uint_eq(config->downstreams[0].concurrency, 5);
}
END_TEST

START_TEST(values_of_the_environment_are_not_shown)
{
	setenv("REBOUND_TEST_WAIT", "sesam", 1);
	config = folder_load(
		"shutdown_grace_env = \"REBOUND_TEST_WAIT\";\n" SMALL);
	ck_assert_ptr_null(config);
	ck_assert_str_eq(folder_said(),
			 "c.cfg:1: shutdown_grace_env must be a duration from "
			 "0s to 1h, such as \"5s\" or \"1m30s\", not a text "
			 "that is not shown.\n");
}
END_TEST

START_TEST(header_values_have_twins_and_are_masked)
{
	setenv("REBOUND_TEST_SITE", "north", 1);
	folder_write("bearer", "Bearer abc\r\n");
	config = folder_load(
		"downstreams = { d = { url = \"http://h/\"; headers = {\n"
		"Authorization_file = \"bearer\";\n"
		"X-Site_env = \"REBOUND_TEST_SITE\"; }; }; };\n"
		"pipelines = { a = { deliver_to = \"d\"; }; };\n");
	ck_assert_str_eq(folder_said(), "");
	ck_assert_str_eq(config->downstreams[0].headers[0].name,
			 "Authorization");
	ck_assert_str_eq(config->downstreams[0].headers[0].value, "Bearer abc");
	ck_assert_str_eq(config->downstreams[0].headers[1].value, "north");
	char *text = folder_print(config);
	ck_assert_ptr_null(strstr(text, "abc"));
	ck_assert_ptr_null(strstr(text, "north"));
	free(text);
}
END_TEST

/* Secrets in a file: what it holds, and the secret or what is wrong. */
static const struct {
	const char *holds;
	const char *secret;
	const char *said;
} secrets[] = {
	{"sesam", "sesam", ""},
	{"sesam\n", "sesam", ""},
	{"sesam\n\n", "sesam\n", ""}, /* one line end is cut, not two */
	{" sesam ", " sesam ", ""},
	{"", NULL,
	 "c.cfg:1: broker.password_file names the file \"s\", which is "
	 "empty.\n"},
	{"\n", NULL,
	 "c.cfg:1: broker.password_file names the file \"s\", which is "
	 "empty.\n"},
};

START_TEST(a_secret_is_the_file_less_one_line_end)
{
	folder_write("s", secrets[_i].holds);
	config = folder_load("broker = { user = \"u\"; password_file = \"s\"; "
			     "};\n" SMALL);
	ck_assert_str_eq(folder_said(), secrets[_i].said);
	if (secrets[_i].secret != NULL)
		ck_assert_str_eq(config->broker.worker.password,
				 secrets[_i].secret);
}
END_TEST

START_TEST(a_secret_that_everybody_can_read_is_warned_about)
{
	folder_write("s", "sesam\n");
	ck_assert_int_eq(chmod("s", 0644), 0);
	config = folder_load("broker = { user = \"u\"; password_file = \"s\"; "
			     "};\n" SMALL);
	ck_assert_ptr_nonnull(config);
	ck_assert_str_eq(folder_said(),
			 "c.cfg:1: warning: The secret in \"s\" can be read by "
			 "everybody. Say: chmod o-r 's'\n");
}
END_TEST

START_TEST(paths_become_absolute)
{
	folder_write("etc/ca.pem", "x");
	folder_write("etc/c.cfg",
		     "broker = { ca_file = \"ca.pem\"; };\n" SMALL);
	load("etc/c.cfg");
	ck_assert_int_eq(config->broker.ca_file[0], '/');
	ck_assert_int_eq(access(config->broker.ca_file, R_OK), 0);
}
END_TEST

/* As secrets are mounted that are replaced while they are in use. */
START_TEST(links_in_paths_stay_links)
{
	folder_write("old.pem", "x");
	ck_assert_int_eq(symlink("old.pem", "ca.pem"), 0);
	folder_write("c.cfg", "broker = { ca_file = \"ca.pem\"; };\n" SMALL);
	load("c.cfg");
	ck_assert_ptr_nonnull(strstr(config->broker.ca_file, "/ca.pem"));
}
END_TEST

Suite *config_files_suite(void)
{
	Suite *suite = suite_create("config_files");
	TCase *files = tcase_create("files");

	tcase_add_checked_fixture(files, setup, teardown);
	tcase_add_test(files,
		       includes_are_found_beside_the_file_that_names_them);
	tcase_add_test(files, errors_name_the_included_file_and_come_in_order);
	tcase_add_test(files, syntax_errors_name_the_included_file);
	tcase_add_test(files, includes_in_comments_and_texts_are_none);
	tcase_add_test(files, circles_of_includes_are_refused);
	tcase_add_test(files, a_pipe_is_not_included);
	tcase_add_loop_test(files, what_cannot_be_read_is_said, 0,
			    COUNT(unreadable));
	tcase_add_test(files, any_single_value_may_come_from_the_environment);
	tcase_add_test(files, values_of_the_environment_are_not_shown);
	tcase_add_test(files, header_values_have_twins_and_are_masked);
	tcase_add_loop_test(files, a_secret_is_the_file_less_one_line_end, 0,
			    COUNT(secrets));
	tcase_add_test(files, a_secret_that_everybody_can_read_is_warned_about);
	tcase_add_test(files, paths_become_absolute);
	tcase_add_test(files, links_in_paths_stay_links);
	suite_add_tcase(suite, files);
	return suite;
}

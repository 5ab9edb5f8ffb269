/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_config_reader.c - a configuration that another process tries first. The
 * other process is a script here, that does well or badly.
 */
#include "worker/config_reader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

static struct loop *loop;
static struct config *config; /* as read last */
static char said[1000];
static char files[200]; /* each, and a blank */
static int ends;

static void setup(void)
{
	folder_enter();
	loop = loop_new();
	ends = 0;
}

static void teardown(void)
{
	loop_free(loop);
	config_free(config);
	config = NULL;
	folder_leave();
}

static void on_read(void *context, const struct config_read *read)
{
	ck_assert_ptr_eq(context, &ends);
	ends++;
	config = read->config;
	ck_assert_uint_lt(strlen(read->said), sizeof(said));
	strcpy(said, read->said);
	files[0] = '\0';
	for (size_t i = 0; i < read->file_count; i++) {
		strcat(files, read->files[i]);
		strcat(files, " ");
	}
	loop_stop(loop);
}

/* Has the script take the place of the other process. */
static void read_by(const char *script)
{
	folder_write("program", script);
	ck_assert_int_eq(chmod("program", 0700), 0);
	(void)config_reader_start(loop, "./program", "c.cfg", on_read, &ends);
	ck_assert_int_eq(ends, 0);
	loop_run(loop);
	ck_assert_int_eq(ends, 1);
}

static void ck_assert_said(const char *words)
{
	ck_assert_msg(strstr(said, words) != NULL, "\"%s\" is not in: %s",
		      words, said);
}

START_TEST(what_was_tried_is_read)
{
	read_by("#!/bin/sh\n"
		"test \"$*\" = 'check --try -c c.cfg' || exit 9\n"
		"printf 'rebound text 1\\nF c.cfg\\nF more.cfg\\n@ 7 1\\n"
		":pipelines = { a = { deliver_to = \"http://h/\"; }; };\\n"
		".\\n'\n");
	ck_assert_str_eq(said, "");
	ck_assert_ptr_nonnull(config);
	ck_assert_str_eq(config->file, "c.cfg");
	ck_assert_str_eq(config->pipelines[0].name, "a");
	ck_assert_str_eq(files, "c.cfg more.cfg ");
}
END_TEST

START_TEST(errors_have_the_place_that_they_were_written_at)
{
	read_by("#!/bin/sh\n"
		"printf 'rebound text 1\\nF c.cfg\\nF more.cfg\\n@ 7 1\\n"
		":pipelines = { a = { colour = 1; }; };\\n.\\n'\n"
		"exit 78\n");
	ck_assert_ptr_null(config);
	ck_assert_said("more.cfg:7: ");
	ck_assert_said("colour");
	ck_assert_str_eq(files, "c.cfg more.cfg ");
}
END_TEST

START_TEST(why_files_cannot_be_read_is_said_as_it_was)
{
	read_by("#!/bin/sh\n"
		"printf 'rebound text 1\\nF c.cfg\\nF more.cfg\\n'\n"
		"echo 'c.cfg:1: more.cfg is not there.' >&2\n"
		"exit 78\n");
	ck_assert_ptr_null(config);
	ck_assert_str_eq(said, "c.cfg:1: more.cfg is not there.\n");
	ck_assert_str_eq(files, "c.cfg more.cfg ");
}
END_TEST

START_TEST(a_process_that_dies_is_told_with_its_last_words)
{
	read_by("#!/bin/sh\n"
		"printf 'rebound text 1\\nF c.cfg\\n@ 1 0\\n:\\n.\\n'\n"
		"printf 'flex scanner failed' >&2\n"
		"kill -SEGV $$\n");
	ck_assert_ptr_null(config);
	ck_assert_said("c.cfg: The process that read it was ended by signal "
		       "11.");
	ck_assert_said("flex scanner failed\n");
}
END_TEST

/* As libconfig ends it. */
START_TEST(another_exit_code_is_told)
{
	read_by("#!/bin/sh\n"
		"echo 'input in flex scanner failed' >&2\n"
		"exit 2\n");
	ck_assert_ptr_null(config);
	ck_assert_said("ended with exit code 2.");
	ck_assert_said("input in flex scanner failed");
	ck_assert_str_eq(files, "");
}
END_TEST

START_TEST(a_text_that_is_not_whole_is_not_read)
{
	read_by("#!/bin/sh\n"
		"printf 'rebound text 1\\nF c.cfg\\n@ 1 0\\n"
		":pipelines = { a = { deliver_to = \"http://h/\"; }; };\\n'\n");
	ck_assert_ptr_null(config);
	ck_assert_said("ended with exit code 0.");
}
END_TEST

START_TEST(a_program_that_is_not_there_is_told)
{
	(void)config_reader_start(loop, "./nobody", "c.cfg", on_read, &ends);
	loop_run(loop);
	ck_assert_ptr_null(config);
	ck_assert_said("cannot be started: No such file");
}
END_TEST

START_TEST(one_that_is_dropped_tells_nothing)
{
	struct config_reader *reader;

	folder_write("program", "#!/bin/sh\nexec sleep 60\n");
	ck_assert_int_eq(chmod("program", 0700), 0);
	reader =
		config_reader_start(loop, "./program", "c.cfg", on_read, &ends);
	config_reader_drop(reader);
	ck_assert_int_eq(ends, 0);
}
END_TEST

Suite *config_reader_suite(void)
{
	Suite *suite = suite_create("config-reader");
	TCase *tc = tcase_create("reading beside");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_was_tried_is_read);
	tcase_add_test(tc, errors_have_the_place_that_they_were_written_at);
	tcase_add_test(tc, why_files_cannot_be_read_is_said_as_it_was);
	tcase_add_test(tc, a_process_that_dies_is_told_with_its_last_words);
	tcase_add_test(tc, another_exit_code_is_told);
	tcase_add_test(tc, a_text_that_is_not_whole_is_not_read);
	tcase_add_test(tc, a_program_that_is_not_there_is_told);
	tcase_add_test(tc, one_that_is_dropped_tells_nothing);
	suite_add_tcase(suite, tc);
	return suite;
}

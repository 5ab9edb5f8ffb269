/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_pass.c - a configuration that another process has tried. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

#define MAIN                                                                   \
	"/* a\n comment */ prefix = \"x.\";\n"                                 \
	"@include \"policies.cfg\"\n"                                          \
	"pipelines = { lab = { deliver_to = \"http://h/\";\n"                  \
	"  policy = \"p\"; max_lanes = 99; }; };\n"

#define POLICIES                                                               \
	"policies = { p = { give_up_after = \"1h\";\n"                         \
	"  errors = (\n"                                                       \
	"    { name = \"a\"; status = \"500\"; class = \"permanent\"; }); }; " \
	"};\n"

static char *passed; /* what the last try has written */
static size_t passed_len;

static void setup(void)
{
	folder_enter();
	folder_write("c.cfg", MAIN);
	folder_write("policies.cfg", POLICIES);
}

static void teardown(void)
{
	free(passed);
	passed = NULL;
	folder_leave();
}

static bool try_it(struct config_errors *errors)
{
	FILE *to = open_memstream(&passed, &passed_len);
	bool is_right = config_try("c.cfg", to, errors);

	ck_assert_int_eq(fclose(to), 0);
	return is_right;
}

static struct config *load_tried(struct config_errors *errors)
{
	return config_load_tried("c.cfg",
				 (struct text){.at = passed, .len = passed_len},
				 errors);
}

START_TEST(what_was_tried_is_read_without_the_files)
{
	struct config_errors errors;
	struct config *direct = folder_load_file("c.cfg");
	char *expected = folder_print(direct);

	ck_assert(try_it(&errors));
	config_errors_free(&errors);
	folder_write("c.cfg", "nonsense");
	folder_write("policies.cfg", "nonsense");
	struct config *config = load_tried(&errors);

	ck_assert_ptr_nonnull(config);
	ck_assert_uint_eq(errors.count, 0);
	char *found = folder_print(config);

	ck_assert_str_eq(found, expected);
	free(found);
	free(expected);
	config_errors_free(&errors);
	config_free(config);
	config_free(direct);
}
END_TEST

START_TEST(rules_keep_the_lines_that_they_were_written_on)
{
	struct config_errors errors;

	ck_assert(try_it(&errors));
	config_errors_free(&errors);
	struct config *config = load_tried(&errors);
	const struct source_line *at =
		&config->policies[0].errors[0].own.written;

	ck_assert_str_eq(at->file, "policies.cfg");
	ck_assert_uint_eq(at->line, 3);
	config_errors_free(&errors);
	config_free(config);
}
END_TEST

START_TEST(all_files_are_named)
{
	struct config_errors errors;

	ck_assert(try_it(&errors));
	config_errors_free(&errors);
	struct config *config = load_tried(&errors);

	ck_assert_uint_eq(config->file_count, 2);
	ck_assert_str_eq(config->files[0], "c.cfg");
	ck_assert_str_eq(config->files[1], "policies.cfg");
	config_errors_free(&errors);
	config_free(config);
}
END_TEST

START_TEST(errors_are_found_again_in_what_was_tried)
{
	struct config_errors errors;

	folder_write("policies.cfg",
		     "policies = {\n p = { colour = 1; }; };\n");
	ck_assert(!try_it(&errors));
	ck_assert_uint_eq(errors.count, 1);
	config_errors_free(&errors);
	ck_assert_ptr_null(load_tried(&errors));
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_str_eq(errors.errors[0].file, "policies.cfg");
	ck_assert_uint_eq(errors.errors[0].line, 2);
	config_errors_free(&errors);
}
END_TEST

START_TEST(a_text_that_cannot_be_read_whole_is_not_read)
{
	struct config_errors errors;

	folder_write("c.cfg", "@include \"nowhere.cfg\"\n");
	ck_assert(!try_it(&errors));
	ck_assert_uint_eq(errors.count, 1);
	config_errors_free(&errors);
	ck_assert_ptr_null(load_tried(&errors));
	ck_assert_uint_eq(errors.count, 1);
	config_errors_free(&errors);
}
END_TEST

START_TEST(a_text_that_is_cut_off_anywhere_is_refused)
{
	struct config_errors errors;
	size_t whole;

	ck_assert(try_it(&errors));
	config_errors_free(&errors);
	whole = passed_len;
	for (passed_len = 0; passed_len < whole; passed_len++) {
		ck_assert_ptr_null(load_tried(&errors));
		ck_assert_uint_eq(errors.count, 1);
		config_errors_free(&errors);
	}
}
END_TEST

START_TEST(what_is_no_text_is_refused)
{
	static const char *const wrong[] = {
		"",
		"rebound text 2\n.\n",
		"rebound text 1\n.\n",
		"rebound text 1\nF a\n@ 1 1\n:x\n.\n",
		"rebound text 1\nF a\n@ x\n:x\n.\n",
		"rebound text 1\nF a\n:x\n.\n",
		"rebound text 1\nF a\n@ 1 0\nx\n.\n",
	};
	struct config_errors errors;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_ptr_null(
			config_load_tried("c.cfg", text_of(wrong[i]), &errors));
		ck_assert_uint_eq(errors.count, 1);
		config_errors_free(&errors);
	}
}
END_TEST

Suite *config_pass_suite(void)
{
	Suite *suite = suite_create("config-pass");
	TCase *tc = tcase_create("tried by another process");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_was_tried_is_read_without_the_files);
	tcase_add_test(tc, rules_keep_the_lines_that_they_were_written_on);
	tcase_add_test(tc, all_files_are_named);
	tcase_add_test(tc, errors_are_found_again_in_what_was_tried);
	tcase_add_test(tc, a_text_that_cannot_be_read_whole_is_not_read);
	tcase_add_test(tc, a_text_that_is_cut_off_anywhere_is_refused);
	tcase_add_test(tc, what_is_no_text_is_refused);
	suite_add_tcase(suite, tc);
	return suite;
}

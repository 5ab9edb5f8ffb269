/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_policies_page.c - the examples of docs/policies.md are read without a
 * word against them, and wait as the tables behind them say.
 *
 * An example is a run of lines that are indented by four blanks. What its first
 * word is a setting of tells where it belongs: it may be a whole file, or stand
 * in a policy or a downstream; text that begins otherwise is no example.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/duration.h"
#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"
#include "worker/setting.h"

#define EXAMPLE_MAX 4000

static char *page;

static void set_up(void)
{
	folder_enter();
	page = folder_source("docs/policies.md");
}

static void tear_down(void)
{
	free(page);
	folder_leave();
}

static size_t line_len(const char *line)
{
	return strcspn(line, "\n");
}

static const char *next_line(const char *line)
{
	line += line_len(line);
	return *line == '\n' ? line + 1 : line;
}

static bool is_indented(const char *line)
{
	return strncmp(line, "    ", 4) == 0;
}

/* Copies the lines of an example without their indent. Returns what is behind
   them. */
static const char *take_example(const char *line, char into[EXAMPLE_MAX])
{
	size_t len = 0;

	for (; is_indented(line); line = next_line(line)) {
		size_t more = line_len(line) - 4;

		ck_assert_uint_lt(len + more + 2, EXAMPLE_MAX);
		memcpy(into + len, line + 4, more);
		len += more;
		into[len++] = '\n';
	}
	into[len] = '\0';
	return line;
}

static bool is_of(enum setting_scope scope, const char *word)
{
	return setting_find(scope, word) != NULL;
}

/* Makes a file of an example. False: it is none. */
static bool make_file(const char *example, char *file, size_t room)
{
	static const char *const whole = "%s";
	static const char *const in_policy =
		"policies = { p = {\n%s}; };\n"
		"pipelines = { a = { deliver_to = \"http://h/\"; policy = "
		"\"p\"; }; };\n";
	static const char *const in_downstream =
		"downstreams = { d = { url = \"http://h/\";\n%s}; };\n"
		"pipelines = { a = { deliver_to = \"d\"; }; };\n";
	char word[40] = "";
	const char *frame = NULL;

	(void)sscanf(example, "%39[a-z_]", word);
	if (is_of(SCOPE_TOP, word))
		frame = whole;
	else if (is_of(SCOPE_POLICY, word) || is_of(SCOPE_TUNING, word))
		frame = in_policy;
	else if (is_of(SCOPE_DOWNSTREAM, word))
		frame = in_downstream;
	if (frame == NULL)
		return false;
	const char *hole = strstr(frame, "%s");
	snprintf(file, room, "%.*s%s%s", (int)(hole - frame), frame, example,
		 hole + 2);
	return true;
}

/* The next cell of a row of a table, without blanks; false behind the last. */
static bool next_cell(const char **at, char cell[40])
{
	const char *from = *at + 1;
	size_t len = strcspn(from, "|\n");

	if (from[len] != '|')
		return false;
	*at = from + len;
	while (len > 0 && *from == ' ') {
		from++;
		len--;
	}
	while (len > 0 && from[len - 1] == ' ')
		len--;
	snprintf(cell, 40, "%.*s", (int)len, from);
	return true;
}

/* One row of waits: those of a jitter step. */
static void compare_row(const struct schedule *s, const char *row, size_t step)
{
	char cell[40];
	const char *at = row;

	ck_assert(next_cell(&at, cell)); /* "wait" or "or" */
	for (uint32_t failures = 1; next_cell(&at, cell); failures++) {
		millis waits[SCHEDULE_JITTER_STEPS];
		char spelling[DURATION_SPELLING_MAX];
		size_t count = schedule_waits(s, failures, waits);
		const char *want =
			count == 0 ? "parked"
				   : duration_spell(waits[step], spelling);

		ck_assert_msg(strcmp(cell, want) == 0,
			      "docs/policies.md says %s for failure %u, which "
			      "waits for %s: %.*s",
			      cell, failures, want, (int)line_len(row), row);
	}
}

/* The table behind an example, if there is one. */
static bool compare_table(const struct config *config, const char *line)
{
	size_t step = 0;

	while (*line == '\n')
		line++;
	if (strncmp(line, "| failure |", 11) != 0)
		return false;
	const struct schedule *s = config->policies[0].own.schedule;
	ck_assert_ptr_nonnull(s);
	line = next_line(next_line(line));
	for (; *line == '|'; line = next_line(line))
		compare_row(s, line, step++);
	ck_assert_uint_eq(step, s->jitter_pct == 0 ? 1 : 3);
	return true;
}

START_TEST(every_example_is_right_and_waits_as_its_table_says)
{
	size_t examples = 0;
	size_t tables = 0;

	for (const char *line = page; *line != '\0';) {
		char example[EXAMPLE_MAX];
		char file[EXAMPLE_MAX + 500];

		if (!is_indented(line)) {
			line = next_line(line);
			continue;
		}
		line = take_example(line, example);
		if (!make_file(example, file, sizeof(file)))
			continue;
		struct config *config = folder_load(file);
		ck_assert_msg(config != NULL && *folder_said() == '\0',
			      "docs/policies.md has this example:\n%s\n%s",
			      example, folder_said());
		tables += compare_table(config, line);
		examples++;
		config_free(config);
	}
	ck_assert_uint_ge(examples, 15);
	ck_assert_uint_ge(tables, 6);
}
END_TEST

Suite *policies_page_suite(void)
{
	Suite *suite = suite_create("policies_page");
	TCase *tcase = tcase_create("page");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase,
		       every_example_is_right_and_waits_as_its_table_says);
	suite_add_tcase(suite, tcase);
	return suite;
}

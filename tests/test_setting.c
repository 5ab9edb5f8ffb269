/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_setting.c - the table of settings, and that the documents keep step
 * with it.
 */
#include "worker/setting.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"
#include "worker/config_file.h"
#include "worker/config_nearest.h"
#include "worker/setting_print.h"
#include "worker/setting_value.h"

/* Takes the "#" from lines where no blank follows it: the sample's settings
   that are commented out. */
static char *with_all_settings(const char *sample)
{
	char *text = calloc(1, strlen(sample) + 1);
	char *to = text;
	bool at_start = true;

	for (const char *c = sample; *c != '\0'; c++) {
		bool is_cut =
			at_start && *c == '#' && strchr(" \n", c[1]) == NULL;

		at_start = *c == '\n' || (at_start && *c == '\t');
		if (!is_cut)
			*to++ = *c;
	}
	return text;
}

/* The first group of a scope, in a tree. */
static const struct tree *first(const struct tree *group)
{
	return group == NULL || group->count == 0 ? NULL : &group->members[0];
}

static void find_deep(const struct tree *tree, const char *name,
		      const struct tree **found)
{
	if (tree->name != NULL && strcmp(tree->name, name) == 0)
		*found = tree;
	for (size_t i = 0; *found == NULL && i < tree->count; i++)
		find_deep(&tree->members[i], name, found);
}

/* The part of the sample in which a scope's settings stand. */
static const struct tree *scope_of(const struct tree *top,
				   enum setting_scope scope)
{
	const struct tree *policy = first(tree_member(top, "policies"));
	const struct tree *pipeline = first(tree_member(top, "pipelines"));

	switch (scope) {
	case SCOPE_TOP:
		return top;
	case SCOPE_BROKER:
		return tree_member(top, "broker");
	case SCOPE_AUDIT:
		return tree_member(top, "audit");
	case SCOPE_LOGIN:
		return tree_member(tree_member(top, "broker"), "admin");
	case SCOPE_DOWNSTREAM:
		return first(tree_member(top, "downstreams"));
	case SCOPE_AUTH: /* what excludes each other stands in comments */
	case SCOPE_BASIC:
	case SCOPE_AUTH_HEADER:
		return NULL;
	case SCOPE_UNDERSTAND:
		return tree_member(first(tree_member(top, "downstreams")),
				   "understand");
	case SCOPE_BREAKER:
	case SCOPE_HEALTH:
	case SCOPE_HOLD: {
		const struct tree *ehr = first(tree_member(top, "downstreams"));

		return tree_member(ehr, scope == SCOPE_BREAKER  ? "breaker"
					: scope == SCOPE_HEALTH ? "health"
								: "hold");
	}
	case SCOPE_PIPELINE:
		return pipeline;
	case SCOPE_SOURCE:
		return tree_member(pipeline, "source");
	case SCOPE_POLICY:
	case SCOPE_TUNING:
	case SCOPE_QUICK:
	case SCOPE_SCHEDULE:
		return policy;
	case SCOPE_ERROR:
		return tree_member(policy, "errors");
	case SCOPE_TYPE:
	case SCOPE_TYPE_ERROR:
		return tree_member(policy, "types");
	case SCOPE_SUCCESS:
	case SCOPE_HEADER:
	case SCOPE_POINTER:
		return tree_member(first(tree_member(top, "downstreams")),
				   "success");
	}
	return NULL;
}

static bool is_in(const struct tree *group, const struct setting *setting)
{
	const struct tree *found = NULL;

	if (group->kind == TREE_GROUP && setting->scope <= SCOPE_POLICY)
		return setting_is_given(group, setting->name);
	find_deep(group, setting->name, &found);
	return found != NULL;
}

static void write_sample(void)
{
	char *sample = folder_source("etc/rebound.cfg");
	char *all = with_all_settings(sample);

	folder_write("sample.cfg", sample);
	folder_write("all.cfg", all);
	folder_write("admin.password", "x");
	folder_write("operator.password", "x");
	folder_write("publisher.password", "x");
	folder_write("broker-ca.pem", "x");
	folder_write("broker-crl.pem", "x");
	folder_write("ehr-ca.pem", "x");
	folder_write("ehr-crl.pem", "x");
	folder_write("ehr.token", "x");
	folder_write("worker.pem", "x");
	folder_write("worker.key", "x");
	folder_write("rebound.pem", "x");
	folder_write("rebound.key", "x");
	free(sample);
	free(all);
}

START_TEST(the_sample_is_right)
{
	write_sample();
	struct config *config = folder_load_file("sample.cfg");
	ck_assert_str_eq(folder_said(), "");
	config_free(config);
}
END_TEST

START_TEST(the_sample_is_right_with_all_its_settings)
{
	write_sample();
	struct config *config = folder_load_file("all.cfg");
	ck_assert_str_eq(folder_said(), "");
	config_free(config);
}
END_TEST

START_TEST(the_sample_has_every_setting)
{
	const struct setting *row;
	struct arena arena;
	struct complaints complaints = {.arena = &arena};
	struct config_text text;

	char *sample = folder_source("etc/rebound.cfg");

	arena_init(&arena);
	write_sample();
	ck_assert(config_text_read("all.cfg", &arena, &complaints, &text));
	const struct tree *top = config_file_parse(&text, &arena, &complaints);
	ck_assert_ptr_nonnull(top);
	for (size_t i = 0; (row = setting_at(i)) != NULL; i++) {
		const struct tree *scope = scope_of(top, row->scope);

		if (row->kind == SETTING_LATER)
			continue;
		if (scope == NULL) {
			ck_assert_ptr_nonnull(strstr(sample, row->name));
			continue;
		}
		ck_assert_msg(is_in(scope, row), "etc/rebound.cfg has no %s%s",
			      setting_scope_path(row->scope), row->name);
	}
	arena_fini(&arena);
	free(sample);
}
END_TEST

/* Comments of a sample that name other defaults than the table mislead. */
START_TEST(the_sample_shows_the_defaults)
{
	char *sample = folder_source("etc/rebound.cfg");
	const struct setting *row;

	for (size_t i = 0; (row = setting_at(i)) != NULL; i++) {
		char bare[200];
		char quoted[200];

		if (row->fallback == NULL || row->scope > SCOPE_POLICY ||
		    row->kind == SETTING_TEXTS ||
		    strcmp(row->name, "policy") == 0)
			continue;
		snprintf(bare, sizeof(bare), "#%s = %s;", row->name,
			 row->fallback);
		snprintf(quoted, sizeof(quoted), "#%s = \"%s\";", row->name,
			 row->fallback);
		ck_assert_msg(strstr(sample, bare) != NULL ||
				      strstr(sample, quoted) != NULL,
			      "etc/rebound.cfg lacks %s", quoted);
	}
	free(sample);
}
END_TEST

START_TEST(the_reference_is_what_the_table_says)
{
	char *page = folder_source("docs/configuration.md");
	char *made = NULL;
	size_t len;
	FILE *to = open_memstream(&made, &len);

	setting_print_reference(to);
	fclose(to);
	ck_assert_msg(strcmp(page, made) == 0,
		      "docs/configuration.md is not what \"rebound check "
		      "--reference\" prints");
	free(page);
	free(made);
}
END_TEST

/* A manual page writes "-" as "\-" and ends a sentence with its line. */
static char *plain(char *page)
{
	char *to = page;

	for (const char *c = page; *c != '\0'; c++) {
		if (*c == '\\' && c[1] == '-')
			continue;
		*to++ = *c == '\n' ? ' ' : *c;
	}
	*to = '\0';
	return page;
}

START_TEST(the_manual_page_has_every_setting_with_its_help_and_default)
{
	char *page = plain(folder_source("docs/rebound.cfg.5"));
	const struct setting *row;

	for (size_t i = 0; (row = setting_at(i)) != NULL; i++) {
		char *heading = NULL;
		size_t len;
		FILE *to = open_memstream(&heading, &len);

		fprintf(to, ".TP .B %s ", row->name);
		fclose(to);
		ck_assert_msg(row->kind == SETTING_LATER ||
				      (strstr(page, heading) != NULL &&
				       strstr(page, row->help) != NULL),
			      "docs/rebound.cfg.5 does not say of %s%s: %s",
			      setting_scope_path(row->scope), row->name,
			      row->help);
		ck_assert_msg(row->fallback == NULL ||
				      strstr(page, row->fallback) != NULL,
			      "docs/rebound.cfg.5 lacks the default %s of %s",
			      row->fallback, row->name);
		free(heading);
	}
	free(page);
}
END_TEST

START_TEST(every_default_is_in_range)
{
	const struct setting *row;
	struct arena arena;
	struct complaints complaints = {.arena = &arena};
	struct reading reading = {&arena, &complaints};

	arena_init(&arena);
	for (size_t i = 0; (row = setting_at(i)) != NULL; i++) {
		struct tree value = {.kind = TREE_STRING,
				     .file = "table",
				     .line = 1,
				     .name = row->name,
				     .string = row->fallback};
		char room[20000]; /* any struct of a scope */

		if (row->fallback != NULL)
			ck_assert_msg(setting_store(&reading, row, &value,
						    &value, room),
				      "%s", row->name);
	}
	arena_fini(&arena);
}
END_TEST

/* Written, and the bytes it stands for; -1: refused. */
static const struct {
	const char *text;
	int64_t bytes;
} sizes[] = {
	{"0", 0},
	{"512", 512},
	{"512B", 512},
	{"1kB", 1000},
	{"1MB", 1000000},
	{"64KiB", 65536},
	{"16MiB", 16777216},
	{"2GiB", INT64_C(2147483648)},
	{"", -1},
	{"KiB", -1},
	{"1.5MiB", -1},
	{"-1", -1},
	{"1 MB", -1},
	{"64kb", -1},
	{"9999999999999GiB", -1},        /* over 2^63 */
	{"99999999999999999999999", -1}, /* over 18 digits */
};

START_TEST(sizes_are_bytes)
{
	int64_t bytes = -1;

	setting_parse_size(text_of(sizes[_i].text), &bytes);
	ck_assert_int_eq(bytes, sizes[_i].bytes);
}
END_TEST

static const struct {
	const char *a, *b;
	size_t edits;
} edits[] = {
	{"", "", 0},
	{"a", "", 1},
	{"timeout", "timeout", 0},
	{"timout", "timeout", 1},
	{"tiemout", "timeout", 1}, /* neighbours swapped */
	{"kitten", "sitting", 3},
};

START_TEST(edits_are_counted_both_ways)
{
	ck_assert_uint_eq(nearest_edits(edits[_i].a, edits[_i].b),
			  edits[_i].edits);
	ck_assert_uint_eq(nearest_edits(edits[_i].b, edits[_i].a),
			  edits[_i].edits);
}
END_TEST

START_TEST(long_names_are_cut_and_not_overrun)
{
	char a[200];
	char b[200];

	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	a[199] = b[199] = '\0';
	ck_assert_uint_eq(nearest_edits(a, b), 63);
}
END_TEST

Suite *setting_suite(void)
{
	Suite *suite = suite_create("setting");
	TCase *table = tcase_create("table");

	tcase_add_checked_fixture(table, folder_enter, folder_leave);
	tcase_add_test(table, the_sample_is_right);
	tcase_add_test(table, the_sample_is_right_with_all_its_settings);
	tcase_add_test(table, the_sample_has_every_setting);
	tcase_add_test(table, the_sample_shows_the_defaults);
	tcase_add_test(table, the_reference_is_what_the_table_says);
	tcase_add_test(
		table,
		the_manual_page_has_every_setting_with_its_help_and_default);
	tcase_add_test(table, every_default_is_in_range);
	tcase_add_loop_test(table, sizes_are_bytes, 0, COUNT(sizes));
	tcase_add_loop_test(table, edits_are_counted_both_ways, 0,
			    COUNT(edits));
	tcase_add_test(table, long_names_are_cut_and_not_overrun);
	suite_add_tcase(suite, table);
	return suite;
}

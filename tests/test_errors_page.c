/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_errors_page.c - docs/errors.md, compared with the rules, the transports
 * and the reasons that the program has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"
#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

static char *page;

static void set_up(void)
{
	folder_enter();
	page = folder_source("docs/errors.md");
}

static void tear_down(void)
{
	free(page);
	folder_leave();
}

static void print_statuses(FILE *to, const struct condition *rule)
{
	for (size_t i = 0; i < rule->status_count; i++) {
		const struct status_range *range = &rule->statuses[i];

		fprintf(to, "%s%d", i > 0 ? ", " : "", range->first);
		if (range->last > range->first)
			fprintf(to, "-%d", range->last);
	}
}

static void print_transports(FILE *to, const struct condition *rule)
{
	for (int t = 0; t < TRANSPORT_COUNT; t++)
		if ((rule->transports & UINT32_C(1) << t) != 0)
			fprintf(to, "transport `%s`",
				transport_name((enum transport)t));
}

/* The table as it has to be. To be freed. */
static char *table_of_rules(void)
{
	char *text = NULL;
	size_t len = 0;
	size_t count;
	const struct error_rule *rules = policy_built_in_rules(&count);
	FILE *to = open_memstream(&text, &len);

	fprintf(to, "| error type | class | matches |\n|---|---|---|\n");
	for (size_t i = 0; i < count; i++) {
		fprintf(to, "| `%s` | %s | ", rules[i].name,
			error_class_name(rules[i].class));
		print_transports(to, &rules[i].when);
		print_statuses(to, &rules[i].when);
		fprintf(to, " |\n");
	}
	fputs("\n", to); /* and no row more */
	fclose(to);
	return text;
}

START_TEST(the_page_has_the_built_in_rules_in_their_order)
{
	char *table = table_of_rules();

	ck_assert_msg(strstr(page, table) != NULL,
		      "docs/errors.md does not have this table:\n%s", table);
	free(table);
}
END_TEST

static void assert_row(const char *name)
{
	char row[100];

	snprintf(row, sizeof(row), "\n| `%s` | ", name);
	ck_assert_msg(strstr(page, row) != NULL,
		      "docs/errors.md has no row for %s", name);
}

START_TEST(the_page_explains_every_transport)
{
	const char *part = strstr(page, "## Transports");

	ck_assert_ptr_nonnull(part);
	memmove(page, part, strlen(part) + 1);
	assert_row(transport_name((enum transport)_i));
}
END_TEST

START_TEST(the_page_explains_every_reason_of_parking)
{
	const char *part = strstr(page, "## Why a message is parked");

	ck_assert_ptr_nonnull(part);
	memmove(page, part, strlen(part) + 1);
	assert_row(park_reason_name((enum park_reason)_i));
}
END_TEST

Suite *errors_page_suite(void)
{
	Suite *suite = suite_create("errors_page");
	TCase *tcase = tcase_create("page");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, the_page_has_the_built_in_rules_in_their_order);
	tcase_add_loop_test(tcase, the_page_explains_every_transport, 0,
			    TRANSPORT_COUNT);
	tcase_add_loop_test(tcase, the_page_explains_every_reason_of_parking, 0,
			    PARK_REASON_COUNT);
	suite_add_tcase(suite, tcase);
	return suite;
}

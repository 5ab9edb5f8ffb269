/* SPDX-License-Identifier: Apache-2.0 */
/* test_audit_check.c - the promises of worker/audit_check.h. */
#include "worker/audit_check.h"

#include <stdio.h>
#include <string.h>

#include "tests/worker_suites.h"
#include "worker/audit.h"

#define AT       INT64_C(1764063692123)
#define LINES    8
#define FINDINGS 16

static const struct audit_actor actor = {.login = "rebound", .host = "w1"};

static struct audit_chain chain;
static struct log_lines lines;
static struct text one[LINES]; /* its lines */
static struct audit_check *check;
static struct audit_finding findings[FINDINGS];
static size_t finding_count;

static void tell(void *context, const struct audit_finding *finding)
{
	(void)context;
	ck_assert_uint_lt(finding_count, FINDINGS);
	findings[finding_count++] = *finding;
}

/* A chain of LINES lines, the last of them closes it. */
static void set_up(void)
{
	struct text body;

	audit_chain_init(&chain, &actor);
	for (int i = 0; i < LINES; i++) {
		struct audit_entry entry =
			audit_entry_of(i == 0           ? AUDIT_OPENED
				       : i == LINES - 1 ? AUDIT_CLOSED
							: AUDIT_DELIVERED,
				       AT + i);

		entry.id =
			i == 0 || i == LINES - 1 ? (struct text){0} : TEXT("m");
		audit_add(&chain, &lines, &entry);
	}
	body = (struct text){.at = lines.bytes, .len = lines.len};
	for (int i = 0; i < LINES; i++)
		ck_assert(audit_next_line(&body, &one[i]));
	finding_count = 0;
	check = audit_check_new(tell, NULL);
}

static void tear_down(void)
{
	audit_check_free(check);
	log_lines_fini(&lines);
}

/* Feeds the lines of these numbers, "1 2 4". */
static struct audit_totals feed(const char *numbers)
{
	for (; *numbers != '\0'; numbers++)
		if (*numbers != ' ')
			audit_check_line(check, one[*numbers - '1']);
	return audit_check_end(check);
}

static void assert_one(enum audit_flaw flaw, uint64_t seq)
{
	ck_assert_uint_ge(finding_count, 1);
	ck_assert_str_eq(audit_flaw_name(findings[0].flaw),
			 audit_flaw_name(flaw));
	ck_assert_uint_eq(findings[0].seq, seq);
}

START_TEST(a_whole_chain_has_no_flaw)
{
	struct audit_totals totals = feed("12345678");

	ck_assert_uint_eq(finding_count, 0);
	ck_assert_uint_eq(totals.lines, 8);
	ck_assert_uint_eq(totals.chains, 1);
	ck_assert_uint_eq(totals.open, 0);
	ck_assert_uint_eq(totals.cut, 0);
}
END_TEST

START_TEST(a_line_that_is_missing_is_a_gap)
{
	feed("1245678");
	ck_assert_uint_eq(finding_count, 1);
	assert_one(AUDIT_FLAW_GAP, 4);
	ck_assert_uint_eq(findings[0].missing, 1);
	ck_assert_uint_eq(findings[0].line, 3);
}
END_TEST

START_TEST(lines_that_are_swapped_show)
{
	feed("12435678");
	assert_one(AUDIT_FLAW_GAP, 4);
	ck_assert_uint_ge(finding_count, 2);
	ck_assert_int_eq(findings[1].flaw, AUDIT_FLAW_ORDER);
}
END_TEST

START_TEST(a_line_that_was_changed_shows_in_the_next)
{
	char changed[2048];
	char *at;

	snprintf(changed, sizeof(changed), "%.*s", (int)one[2].len, one[2].at);
	at = strstr(changed, "\"id\":\"m\"");
	ck_assert_ptr_nonnull(at);
	at[6] = 'x';
	one[2].at = changed;
	feed("12345678");
	ck_assert_uint_eq(finding_count, 1);
	assert_one(AUDIT_FLAW_CHANGED, 4);
}
END_TEST

START_TEST(a_batch_that_came_twice_is_none)
{
	struct audit_totals totals = feed("123 23 45678");

	ck_assert_uint_eq(finding_count, 0);
	ck_assert_uint_eq(totals.again, 2);
}
END_TEST

START_TEST(a_line_that_comes_again_otherwise_is_one)
{
	struct text third = one[2];
	char changed[2048];
	char *at;

	for (int i = 0; i < 4; i++)
		audit_check_line(check, one[i]);
	snprintf(changed, sizeof(changed), "%.*s", (int)third.len, third.at);
	at = strstr(changed, "\"id\":\"m\"");
	at[6] = 'x';
	audit_check_line(check, text_of(changed));
	assert_one(AUDIT_FLAW_ORDER, 3);
}
END_TEST

START_TEST(a_chain_without_beginning_or_end_is_counted)
{
	struct audit_totals totals = feed("34567");

	ck_assert_uint_eq(finding_count, 0);
	ck_assert_uint_eq(totals.cut, 1);
	ck_assert_uint_eq(totals.open, 1);
}
END_TEST

START_TEST(nothing_follows_the_end)
{
	struct audit_entry entry = audit_entry_of(AUDIT_DELIVERED, AT);
	struct log_lines more = {0};

	entry.id = TEXT("m");
	audit_add(&chain, &more, &entry);
	feed("12345678");
	audit_check_line(check,
			 (struct text){.at = more.bytes, .len = more.len - 1});
	log_lines_fini(&more);
	assert_one(AUDIT_FLAW_AFTER_END, 9);
}
END_TEST

START_TEST(what_is_no_entry_is_one)
{
	audit_check_line(check, TEXT("{\"v\":1}"));
	audit_check_line(check, TEXT("not JSON"));
	ck_assert_uint_eq(finding_count, 2);
	assert_one(AUDIT_FLAW_UNREADABLE, 0);
}
END_TEST

static void expect(uint64_t seq, const char *sha256)
{
	char said[400];

	snprintf(said, sizeof(said),
		 "{\"part\":\"audit\",\"text\":\"Chain %s, entry %llu, "
		 "SHA-256 %s.\"}",
		 chain.id, (unsigned long long)seq, sha256);
	ck_assert(audit_check_expect(check, text_of(said)));
}

START_TEST(a_head_in_a_log_is_compared)
{
	char sha256[SHA256_HEX_MAX];
	struct audit_totals totals;

	expect(8, chain.head);
	expect(5, digest_sha256(one[4], sha256));
	totals = feed("12345678");
	ck_assert_uint_eq(finding_count, 0);
	ck_assert_uint_eq(totals.heads, 2);
}
END_TEST

START_TEST(a_head_finds_an_end_that_was_cut_off)
{
	expect(8, chain.head);
	feed("123456");
	ck_assert_uint_eq(finding_count, 1);
	assert_one(AUDIT_FLAW_NO_HEAD, 8);
}
END_TEST

START_TEST(a_head_finds_a_chain_that_was_written_anew)
{
	char sha256[SHA256_HEX_MAX];

	expect(8, digest_sha256(one[0], sha256));
	feed("12345678");
	assert_one(AUDIT_FLAW_HEAD, 8);
}
END_TEST

START_TEST(a_head_of_what_retention_took_is_no_flaw)
{
	char sha256[SHA256_HEX_MAX];

	expect(1, digest_sha256(one[0], sha256));
	feed("45678");
	ck_assert_uint_eq(finding_count, 0);
}
END_TEST

START_TEST(a_line_of_a_log_without_a_head_is_passed_over)
{
	ck_assert(!audit_check_expect(check, TEXT("")));
	ck_assert(!audit_check_expect(check, TEXT("Chain x, entry y")));
	ck_assert(!audit_check_expect(check, TEXT("{\"event\":\"call\"}")));
}
END_TEST

Suite *audit_check_suite(void)
{
	Suite *suite = suite_create("audit_check");
	TCase *tests = tcase_create("audit_check");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_whole_chain_has_no_flaw);
	tcase_add_test(tests, a_line_that_is_missing_is_a_gap);
	tcase_add_test(tests, lines_that_are_swapped_show);
	tcase_add_test(tests, a_line_that_was_changed_shows_in_the_next);
	tcase_add_test(tests, a_batch_that_came_twice_is_none);
	tcase_add_test(tests, a_line_that_comes_again_otherwise_is_one);
	tcase_add_test(tests, a_chain_without_beginning_or_end_is_counted);
	tcase_add_test(tests, nothing_follows_the_end);
	tcase_add_test(tests, what_is_no_entry_is_one);
	tcase_add_test(tests, a_head_in_a_log_is_compared);
	tcase_add_test(tests, a_head_finds_an_end_that_was_cut_off);
	tcase_add_test(tests, a_head_finds_a_chain_that_was_written_anew);
	tcase_add_test(tests, a_head_of_what_retention_took_is_no_flaw);
	tcase_add_test(tests, a_line_of_a_log_without_a_head_is_passed_over);
	suite_add_tcase(suite, tests);
	return suite;
}

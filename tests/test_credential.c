/* SPDX-License-Identifier: Apache-2.0 */
/* test_credential.c - secrets that are replaced, as worker/credential.h says. */
#include "worker/credential.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

static struct auth_config auth;
static struct credential *credential;

static void setup(void)
{
	folder_enter();
	folder_write("token", "old\n");
	auth = (struct auth_config){
		.kind = AUTH_BEARER, .secret = "old", .secret_file = "token"};
	credential = credential_new(&auth);
}

static void teardown(void)
{
	credential_free(credential);
	folder_leave();
}

/* As those do it who write secrets: another file in its place. */
static void replace(const char *text)
{
	folder_write("token.new", text);
	ck_assert_int_eq(rename("token.new", "token"), 0);
}

START_TEST(a_secret_is_what_it_was_until_its_file_changes)
{
	ck_assert_int_eq(credential_look(credential, 5000), CREDENTIAL_SAME);
	ck_assert_int_eq(credential_look(credential, 60000), CREDENTIAL_SAME);
	ck_assert_str_eq(credential_secret(credential), "old");
	ck_assert_uint_eq(credential_version(credential), 0);
}
END_TEST

START_TEST(a_file_that_changes_is_read_again)
{
	credential_look(credential, 5000);
	replace("new\n");
	ck_assert_int_eq(credential_look(credential, 6000), CREDENTIAL_CHANGED);
	ck_assert_str_eq(credential_secret(credential), "new");
	ck_assert_uint_eq(credential_version(credential), 1);
	ck_assert_int_eq(credential_look(credential, 7000), CREDENTIAL_SAME);
}
END_TEST

START_TEST(a_file_is_looked_at_once_a_second_at_most)
{
	credential_look(credential, 5000);
	replace("new\n");
	ck_assert_int_eq(credential_look(credential, 5999), CREDENTIAL_SAME);
	ck_assert_str_eq(credential_secret(credential), "old");
	ck_assert_int_eq(credential_look(credential, 6000), CREDENTIAL_CHANGED);
}
END_TEST

START_TEST(a_link_that_leads_elsewhere_is_a_change)
{
	folder_write("first", "old\n");
	folder_write("other", "new\n");
	remove("token");
	ck_assert_int_eq(symlink("first", "token"), 0);
	credential_look(credential, 5000);
	remove("token");
	ck_assert_int_eq(symlink("other", "token"), 0);
	ck_assert_int_eq(credential_look(credential, 6000), CREDENTIAL_CHANGED);
	ck_assert_str_eq(credential_secret(credential), "new");
}
END_TEST

START_TEST(who_asks_for_it_does_not_wait_for_the_second)
{
	credential_look(credential, 5000);
	replace("new\n");
	ck_assert_int_eq(credential_read(credential), CREDENTIAL_CHANGED);
	ck_assert_str_eq(credential_secret(credential), "new");
}
END_TEST

START_TEST(a_file_written_anew_with_the_same_secret_is_no_change)
{
	credential_look(credential, 5000);
	replace("old\n");
	ck_assert_int_eq(credential_look(credential, 6000), CREDENTIAL_SAME);
	ck_assert_uint_eq(credential_version(credential), 0);
}
END_TEST

START_TEST(a_secret_without_a_file_stays)
{
	auth.secret_file = NULL;
	ck_assert_int_eq(credential_look(credential, 5000), CREDENTIAL_SAME);
	ck_assert_int_eq(credential_read(credential), CREDENTIAL_SAME);
	ck_assert_str_eq(credential_secret(credential), "old");
}
END_TEST

static const struct {
	const char *text; /* NULL: there is no file */
	const char *trouble;
} flaws[] = {
	{NULL, "cannot be opened"},
	{"", "is empty"},
	{"\n", "is empty"},
	{"new\nline\n", "holds a control character, which HTTP does not allow"},
};

START_TEST(what_cannot_be_used_is_said_once_and_changes_nothing)
{
	remove("token");
	if (flaws[_i].text != NULL)
		folder_write("token", flaws[_i].text);
	ck_assert_int_eq(credential_look(credential, 5000), CREDENTIAL_FLAWED);
	ck_assert_str_eq(credential_trouble(credential), flaws[_i].trouble);
	ck_assert_str_eq(credential_secret(credential), "old");
	ck_assert_int_eq(credential_look(credential, 6000), CREDENTIAL_SAME);
	replace("new\n");
	ck_assert_int_eq(credential_look(credential, 7000), CREDENTIAL_CHANGED);
	ck_assert_ptr_null(credential_trouble(credential));
}
END_TEST

START_TEST(a_pipe_without_a_writer_holds_nobody_up)
{
	remove("token");
	ck_assert_int_eq(mkfifo("token", 0600), 0);
	ck_assert_int_eq(credential_read(credential), CREDENTIAL_FLAWED);
	ck_assert_str_eq(credential_trouble(credential), "is no file");
}
END_TEST

Suite *credential_suite(void)
{
	Suite *suite = suite_create("credential");
	TCase *tcase = tcase_create("files");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_secret_is_what_it_was_until_its_file_changes);
	tcase_add_test(tcase, a_file_that_changes_is_read_again);
	tcase_add_test(tcase, a_file_is_looked_at_once_a_second_at_most);
	tcase_add_test(tcase, a_link_that_leads_elsewhere_is_a_change);
	tcase_add_test(tcase, who_asks_for_it_does_not_wait_for_the_second);
	tcase_add_test(tcase,
		       a_file_written_anew_with_the_same_secret_is_no_change);
	tcase_add_test(tcase, a_secret_without_a_file_stays);
	tcase_add_loop_test(
		tcase, what_cannot_be_used_is_said_once_and_changes_nothing, 0,
		COUNT(flaws));
	tcase_add_test(tcase, a_pipe_without_a_writer_holds_nobody_up);
	suite_add_tcase(suite, tcase);
	return suite;
}

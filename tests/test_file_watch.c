/* SPDX-License-Identifier: Apache-2.0 */
/* test_file_watch.c - the promises of worker/file_watch.h. */
#include "worker/file_watch.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

#define EVERY   ((millis)200)
#define SETTLE  ((millis)60)
#define AT_MOST ((millis)5000)

static struct loop *loop;
static struct file_watch *watch;
static int calls;
static millis called; /* when last */

static void on_change(void *context)
{
	(void)context;
	calls++;
	called = loop_now(loop);
	loop_stop(loop);
}

static void stop(void *context)
{
	loop_stop(context);
}

/* Turns the loop until the callback comes, or `wait` is over. */
static void turn(millis wait)
{
	struct loop_timer *timer = loop_timer_new(loop, stop, loop);

	loop_timer_set(timer, wait);
	loop_run(loop);
	loop_timer_free(timer);
}

static void begin(millis every, const char *a, const char *b)
{
	const char *files[] = {a, b};

	watch = file_watch_new(loop, every, SETTLE, on_change, NULL);
	file_watch_set(watch, files, b == NULL ? 1 : 2);
}

static void setup(void)
{
	folder_enter();
	ck_assert_int_eq(mkdir("etc", 0700), 0);
	folder_write("etc/a", "1");
	folder_write("etc/b", "1");
	loop = loop_new();
	calls = 0;
}

static void teardown(void)
{
	file_watch_free(watch);
	loop_free(loop);
	folder_leave();
}

START_TEST(nothing_is_said_while_nothing_changes)
{
	begin(50, "etc/a", "etc/b");
	turn(300);
	ck_assert_int_eq(calls, 0);
}
END_TEST

START_TEST(a_folder_tells_of_a_file_that_is_written)
{
	begin(MILLIS_PER_HOUR, "etc/a", "etc/b");
	folder_write("etc/b", "22");
	turn(AT_MOST);
	ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(a_folder_tells_of_a_file_that_is_renamed_over_another)
{
	begin(MILLIS_PER_HOUR, "etc/a", NULL);
	folder_write("etc/new", "1");
	ck_assert_int_eq(rename("etc/new", "etc/a"), 0);
	turn(AT_MOST);
	ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(another_file_in_the_folder_counts_for_nothing)
{
	begin(50, "etc/a", NULL);
	folder_write("etc/b", "22");
	turn(300);
	ck_assert_int_eq(calls, 0);
}
END_TEST

/* As mounted configurations are changed: a -> data/a, data -> one. */
START_TEST(a_link_on_the_way_that_is_turned_elsewhere_counts)
{
	ck_assert_int_eq(mkdir("one", 0700), 0);
	ck_assert_int_eq(mkdir("two", 0700), 0);
	folder_write("one/a", "1");
	folder_write("two/a", "1");
	ck_assert_int_eq(symlink("one", "data"), 0);
	begin(EVERY, "data/a", NULL);
	ck_assert_int_eq(symlink("two", "next"), 0);
	ck_assert_int_eq(rename("next", "data"), 0);
	turn(AT_MOST);
	ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(a_file_that_vanishes_and_comes_back_counts)
{
	begin(EVERY, "etc/a", NULL);
	ck_assert_int_eq(unlink("etc/a"), 0);
	turn(AT_MOST);
	ck_assert_int_eq(calls, 1);
	folder_write("etc/a", "1");
	turn(AT_MOST);
	ck_assert_int_eq(calls, 2);
}
END_TEST

START_TEST(a_file_that_is_not_there_yet_is_awaited)
{
	begin(EVERY, "nowhere/a", NULL);
	ck_assert_int_eq(mkdir("nowhere", 0700), 0);
	folder_write("nowhere/a", "1");
	turn(AT_MOST);
	ck_assert_int_eq(calls, 1);
}
END_TEST

static void write_more(void *context)
{
	int *times = context;
	char text[2] = {(char)('a' + *times), '\0'};

	folder_write("etc/b", text);
	(*times)++;
}

START_TEST(a_change_is_told_once_it_has_settled)
{
	struct loop_timer *timer;
	int times = 0;
	millis start;

	begin(MILLIS_PER_HOUR, "etc/a", "etc/b");
	timer = loop_timer_new(loop, write_more, &times);
	start = loop_now(loop);
	folder_write("etc/a", "22");
	loop_timer_set(timer, SETTLE / 2);
	turn(AT_MOST);
	ck_assert_int_eq(calls, 1);
	ck_assert_int_eq(times, 1);
	ck_assert_int_ge(called - start, SETTLE / 2 + SETTLE);
	turn(3 * SETTLE);
	ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(a_new_file_counts_as_it_is_then)
{
	const char *files[] = {"etc/a", "etc/b"};

	begin(EVERY, "etc/a", NULL);
	folder_write("etc/b", "22");
	file_watch_set(watch, files, 2);
	turn(3 * EVERY);
	ck_assert_int_eq(calls, 0);
	folder_write("etc/b", "333");
	turn(AT_MOST);
	ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(a_file_that_is_kept_may_have_changed_since)
{
	const char *files[] = {"etc/a", "etc/b"};

	begin(EVERY, "etc/a", NULL);
	folder_write("etc/a", "22");
	file_watch_set(watch, files, 2);
	turn(AT_MOST);
	ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(a_file_that_is_no_longer_watched_counts_for_nothing)
{
	const char *b = "etc/b";

	begin(EVERY, "etc/a", NULL);
	file_watch_set(watch, &b, 1);
	folder_write("etc/a", "22");
	turn(3 * EVERY);
	ck_assert_int_eq(calls, 0);
}
END_TEST

START_TEST(what_was_seen_is_not_told)
{
	begin(EVERY, "etc/a", NULL);
	folder_write("etc/a", "22");
	file_watch_seen(watch);
	turn(3 * EVERY);
	ck_assert_int_eq(calls, 0);
}
END_TEST

Suite *file_watch_suite(void)
{
	Suite *suite = suite_create("file-watch");
	TCase *tc = tcase_create("files that change");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing_is_said_while_nothing_changes);
	tcase_add_test(tc, a_folder_tells_of_a_file_that_is_written);
	tcase_add_test(tc,
		       a_folder_tells_of_a_file_that_is_renamed_over_another);
	tcase_add_test(tc, another_file_in_the_folder_counts_for_nothing);
	tcase_add_test(tc, a_link_on_the_way_that_is_turned_elsewhere_counts);
	tcase_add_test(tc, a_file_that_vanishes_and_comes_back_counts);
	tcase_add_test(tc, a_file_that_is_not_there_yet_is_awaited);
	tcase_add_test(tc, a_change_is_told_once_it_has_settled);
	tcase_add_test(tc, a_new_file_counts_as_it_is_then);
	tcase_add_test(tc, a_file_that_is_kept_may_have_changed_since);
	tcase_add_test(tc, a_file_that_is_no_longer_watched_counts_for_nothing);
	tcase_add_test(tc, what_was_seen_is_not_told);
	suite_add_tcase(suite, tc);
	return suite;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/worker_suites.h"

/* A supervisor: a socket of an abstract name. */
static int supervisor;

static void set_up(void)
{
	struct sockaddr_un own = {.sun_family = AF_UNIX};
	struct timeval wait = {.tv_sec = 2};
	char name[60];
	int length;

	length = snprintf(name, sizeof(name), "@rebound-test-%ld",
			  (long)getpid());
	memcpy(own.sun_path + 1, name + 1, (size_t)length - 1);
	supervisor = socket(AF_UNIX, SOCK_DGRAM, 0);
	ck_assert_int_eq(
		bind(supervisor, (struct sockaddr *)&own,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				 (size_t)length)),
		0);
	setsockopt(supervisor, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setenv("NOTIFY_SOCKET", name, 1);
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static void tear_down(void)
{
	close(supervisor);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static void assert_heard(const char *notice)
{
	char heard[100];
	ssize_t size = recv(supervisor, heard, sizeof(heard) - 1, 0);

	ck_assert_int_ge(size, 0);
	heard[size] = '\0';
	ck_assert_str_eq(heard, notice);
}

static millis every(const char *micros, const char *pid)
{
	struct notify notify;
	millis result;

	setenv("WATCHDOG_USEC", micros, 1);
	if (pid != NULL)
		setenv("WATCHDOG_PID", pid, 1);
	notify_open(&notify);
	result = notify.every;
	notify_close(&notify);
	return result;
}

START_TEST(each_notice_is_one_datagram)
{
	struct notify notify;

	notify_open(&notify);
	notify_say(&notify, NOTIFY_READY);
	notify_say(&notify, NOTIFY_STOPPING);
	notify_close(&notify);
	assert_heard("READY=1");
	assert_heard("STOPPING=1");
}
END_TEST

START_TEST(without_a_supervisor_nobody_is_told)
{
	static const char *const wrong[] = {"", "/", "@", "relative"};
	struct notify notify;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		setenv("NOTIFY_SOCKET", wrong[i], 1);
		notify_open(&notify);
		ck_assert_int_eq(notify.fd, -1);
	}
	unsetenv("NOTIFY_SOCKET");
	setenv("WATCHDOG_USEC", "30000000", 1);
	notify_open(&notify);
	ck_assert_int_eq(notify.fd, -1);
	ck_assert_int_eq(notify.every, 0);
	notify_say(&notify, NOTIFY_READY);
	notify_close(&notify);
}
END_TEST

START_TEST(a_path_too_long_is_none)
{
	char name[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];
	struct notify notify;

	memset(name, 'x', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	setenv("NOTIFY_SOCKET", name, 1);
	notify_open(&notify);
	ck_assert_int_eq(notify.fd, -1);
}
END_TEST

START_TEST(a_supervisor_that_is_gone_or_does_not_read_holds_nobody_up)
{
	struct notify notify;

	notify_open(&notify);
	for (int i = 0; i < 5000; i++)
		notify_say(&notify, NOTIFY_ALIVE);
	close(supervisor);
	notify_say(&notify, NOTIFY_ALIVE);
	notify_close(&notify);
	supervisor = socket(AF_UNIX, SOCK_DGRAM, 0);
}
END_TEST

START_TEST(life_is_shown_twice_in_the_time_allowed)
{
	char own[30];

	snprintf(own, sizeof(own), "%ld", (long)getpid());
	ck_assert_int_eq(every("30000000", NULL), 15000);
	ck_assert_int_eq(every("30000000", own), 15000);
	ck_assert_int_eq(every("1", own), 1);
}
END_TEST

START_TEST(life_is_not_shown_where_nobody_asks_us_for_it)
{
	ck_assert_int_eq(every("30000000", "1"), 0);
	ck_assert_int_eq(every("soon", ""), 0);
	ck_assert_int_eq(every("-5", ""), 0);
	ck_assert_int_eq(every("5s", ""), 0);
	ck_assert_int_eq(every("99999999999999999999", ""), 0);
}
END_TEST

Suite *notify_suite(void)
{
	Suite *suite = suite_create("notify");
	TCase *tcase = tcase_create("notify");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, each_notice_is_one_datagram);
	tcase_add_test(tcase, without_a_supervisor_nobody_is_told);
	tcase_add_test(tcase, a_path_too_long_is_none);
	tcase_add_test(
		tcase,
		a_supervisor_that_is_gone_or_does_not_read_holds_nobody_up);
	tcase_add_test(tcase, life_is_shown_twice_in_the_time_allowed);
	tcase_add_test(tcase, life_is_not_shown_where_nobody_asks_us_for_it);
	suite_add_tcase(suite, tcase);
	return suite;
}

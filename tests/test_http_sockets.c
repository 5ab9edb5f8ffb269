/* SPDX-License-Identifier: Apache-2.0 */
/* test_http_sockets.c - the promises of worker/http_sockets.h. */
#include "worker/http_sockets.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/worker_suites.h"

static struct loop *loop;
static struct http_sockets sockets;
static int pair[2]; /* the first is watched */
static int turns;
static int told;  /* times that something was reported */
static int ready; /* what for, the last time */

static void count_turn(void *context)
{
	(void)context;
	turns++;
}

static void note(void *context, int fd, int events)
{
	char byte;

	(void)context;
	ck_assert_int_eq(fd, pair[0]);
	told++;
	ready = events;
	if (events & LOOP_READ)
		ck_assert_int_eq(read(fd, &byte, 1), 1);
}

static void setup(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	turns = 0;
	told = 0;
	ready = 0;
	loop = loop_new();
	loop_on_turn(loop, count_turn, NULL);
	http_sockets_init(&sockets, loop, note, NULL);
}

static void teardown(void)
{
	http_sockets_fini(&sockets);
	loop_free(loop);
	close(pair[0]);
	close(pair[1]);
}

static void stop(void *context)
{
	loop_stop(context);
}

static void run_for(millis wait)
{
	loop_timer_set(loop_timer_new(loop, stop, loop), wait);
	loop_run(loop);
}

static void say(void)
{
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
}

START_TEST(what_is_wanted_is_told)
{
	http_sockets_opened(&sockets, pair[0]);
	http_sockets_want(&sockets, pair[0], LOOP_WRITE);
	run_for(0);
	ck_assert_int_eq(ready, LOOP_WRITE);
	http_sockets_want(&sockets, pair[0], LOOP_READ);
	say();
	run_for(20);
	ck_assert_int_eq(ready, LOOP_READ);
}
END_TEST

/* And does not turn the loop over and over. */
START_TEST(a_connection_at_rest_tells_nothing)
{
	http_sockets_opened(&sockets, pair[0]);
	http_sockets_want(&sockets, pair[0], LOOP_READ);
	run_for(0);
	http_sockets_want(&sockets, pair[0], 0);
	say();
	turns = 0;
	run_for(50);
	ck_assert_int_eq(told, 0);
	ck_assert_int_lt(turns, 10);
	http_sockets_want(&sockets, pair[0], LOOP_READ);
	run_for(20);
	ck_assert_int_eq(told, 1);
}
END_TEST

/* A number that is used again is another descriptor, and watched anew. */
START_TEST(what_is_not_wanted_or_closed_is_forgotten)
{
	bool is_connection = _i == 1;

	if (is_connection)
		http_sockets_opened(&sockets, pair[0]);
	http_sockets_want(&sockets, pair[0], LOOP_READ);
	run_for(0);
	http_sockets_want(&sockets, pair[0], 0);
	if (is_connection)
		http_sockets_closed(&sockets, pair[0]);
	int number = pair[0];

	close(pair[0]);
	close(pair[1]);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(pair[0], number);
	http_sockets_want(&sockets, pair[0], LOOP_READ);
	say();
	run_for(20);
	ck_assert_int_eq(told, 1);
}
END_TEST

Suite *http_sockets_suite(void)
{
	Suite *suite = suite_create("http sockets");
	TCase *tcase = tcase_create("http sockets");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_is_wanted_is_told);
	tcase_add_test(tcase, a_connection_at_rest_tells_nothing);
	tcase_add_loop_test(tcase, what_is_not_wanted_or_closed_is_forgotten, 0,
			    2);
	suite_add_tcase(suite, tcase);
	return suite;
}

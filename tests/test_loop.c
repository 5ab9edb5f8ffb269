/* SPDX-License-Identifier: Apache-2.0 */
/* test_loop.c - the promises of worker/loop.h. */
#include "worker/loop.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/worker_suites.h"
#include "worker/clock.h"

static struct loop *loop;
static char story[64]; /* a letter for each thing that happened */

static void note(char letter)
{
	size_t len = strlen(story);

	ck_assert_uint_lt(len + 1, sizeof(story));
	story[len] = letter;
	story[len + 1] = '\0';
}

static void setup(void)
{
	story[0] = '\0';
	loop = loop_new();
}

static void teardown(void)
{
	loop_free(loop);
}

static void note_a(void *context)
{
	(void)context;
	note('a');
}

static void note_and_stop(void *context)
{
	(void)context;
	note('.');
	loop_stop(loop);
}

static void stop_after(millis wait)
{
	loop_timer_set(loop_timer_new(loop, note_and_stop, NULL), wait);
}

START_TEST(timers_ring_in_order_and_never_early)
{
	struct loop_timer *a = loop_timer_new(loop, note_a, NULL);
	millis start = loop_now(loop);

	stop_after(20);
	loop_timer_set(a, 5);
	loop_run(loop);
	ck_assert_int_ge(clock_monotonic() - start, 20);
	ck_assert_str_eq(story, "a.");
}
END_TEST

START_TEST(a_timer_set_again_rings_once_at_the_new_time)
{
	struct loop_timer *a = loop_timer_new(loop, note_a, NULL);

	loop_timer_set(a, 1);
	loop_timer_set(a, 30);
	stop_after(10);
	loop_run(loop);
	ck_assert_str_eq(story, ".");
	stop_after(30);
	loop_run(loop);
	ck_assert_str_eq(story, ".a.");
}
END_TEST

START_TEST(a_cleared_timer_is_silent_and_can_be_set_again)
{
	struct loop_timer *a = loop_timer_new(loop, note_a, NULL);

	loop_timer_set(a, 1);
	loop_timer_clear(a);
	loop_timer_clear(a);
	stop_after(5);
	loop_run(loop);
	ck_assert_str_eq(story, ".");
	loop_timer_set(a, 0);
	stop_after(5);
	loop_run(loop);
	ck_assert_str_eq(story, ".a.");
}
END_TEST

static struct loop_timer *suicidal;

static void free_own_timer(void *context)
{
	(void)context;
	note('f');
	loop_timer_free(suicidal);
}

START_TEST(a_timer_may_be_freed_from_its_own_callback)
{
	suicidal = loop_timer_new(loop, free_own_timer, NULL);
	loop_timer_set(suicidal, -7); /* past waits are none */
	stop_after(5);
	loop_run(loop);
	ck_assert_str_eq(story, "f.");
}
END_TEST

static millis before_nap, after_nap;

static void nap(void *context)
{
	(void)context;
	before_nap = loop_now(loop);
	poll(NULL, 0, 20);
	after_nap = loop_now(loop);
}

START_TEST(now_stands_still_within_a_turn_and_moves_between_turns)
{
	loop_timer_set(loop_timer_new(loop, nap, NULL), 0);
	stop_after(1);
	loop_run(loop);
	ck_assert_int_eq(before_nap, after_nap);
	ck_assert_int_ge(loop_now(loop), before_nap + 20);
	ck_assert_int_le(loop_now(loop), clock_monotonic());
	ck_assert_int_ge(loop_now(loop), clock_monotonic() - 1000);
}
END_TEST

static void *wake_thrice(void *context)
{
	for (int i = 0; i < 3; i++)
		loop_wake(context);
	return NULL;
}

START_TEST(another_thread_can_wake_the_loop)
{
	pthread_t waker;

	loop_on_wake(loop, note_and_stop, NULL);
	pthread_create(&waker, NULL, wake_thrice, loop);
	loop_run(loop);
	pthread_join(waker, NULL);
	ck_assert_int_eq(story[0], '.');
}
END_TEST

START_TEST(many_wake_ups_before_a_turn_are_one_callback)
{
	loop_on_wake(loop, note_a, NULL);
	wake_thrice(loop);
	stop_after(5);
	loop_run(loop);
	ck_assert_str_eq(story, "a.");
}
END_TEST

static void end_of_turn(void *context)
{
	(void)context;
	note('t');
	if (strlen(story) < 6)
		loop_wake(loop);
	else
		loop_stop(loop);
}

/* A wake-up made at the end of a turn is heard although the loop would have
   slept: nothing but it keeps this loop going. */
START_TEST(each_turn_ends_with_its_callback_before_the_loop_sleeps)
{
	loop_on_turn(loop, end_of_turn, NULL);
	loop_on_wake(loop, note_a, NULL);
	loop_run(loop);
	ck_assert_str_eq(story, "tatatat");
}
END_TEST

static void note_signal(void *context, int signal)
{
	ck_assert_ptr_eq(context, loop);
	note(signal == SIGUSR1 ? '1' : '2');
	if (signal == SIGUSR2)
		loop_stop(loop);
}

static void raise_both(void *context)
{
	(void)context;
	raise(SIGUSR1);
	raise(SIGUSR2);
}

START_TEST(signals_arrive_as_callbacks_with_their_number)
{
	loop_on_signal(loop, SIGUSR1, note_signal, loop);
	loop_on_signal(loop, SIGUSR2, note_signal, loop);
	loop_timer_set(loop_timer_new(loop, raise_both, NULL), 0);
	loop_run(loop);
	ck_assert_str_eq(story, "12");
}
END_TEST

static int pair[2];
static struct loop_watch *watch;

static void setup_pair(void)
{
	setup();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
}

static void teardown_pair(void)
{
	teardown();
	close(pair[0]);
	close(pair[1]);
}

static void take_byte(void *context, int fd, int events)
{
	char byte = '?';

	(void)context;
	ck_assert_int_eq(fd, pair[0]);
	ck_assert_int_eq(events & LOOP_READ, LOOP_READ);
	ck_assert_int_eq(read(fd, &byte, 1), 1);
	note(byte);
	if (byte == 'z')
		loop_stop(loop);
}

START_TEST(a_watch_tells_what_its_descriptor_is_ready_for)
{
	watch = loop_watch_new(loop, pair[0], take_byte, NULL);
	loop_watch_set(watch, LOOP_READ);
	ck_assert_int_eq(write(pair[1], "xyz", 3), 3);
	loop_run(loop);
	ck_assert_str_eq(story, "xyz");
}
END_TEST

static void write_once(void *context, int fd, int events)
{
	(void)context;
	(void)fd;
	ck_assert_int_eq(events, LOOP_WRITE);
	note('w');
	loop_watch_set(watch, 0);
}

START_TEST(a_watch_set_to_nothing_is_silent)
{
	watch = loop_watch_new(loop, pair[0], write_once, NULL);
	stop_after(5);
	loop_watch_set(watch, LOOP_WRITE);
	loop_run(loop);
	ck_assert_str_eq(story, "w.");
}
END_TEST

static void free_own_watch(void *context, int fd, int events)
{
	(void)context;
	(void)events;
	loop_watch_free(watch);
	watch = loop_watch_new(loop, fd, take_byte, NULL);
	loop_watch_set(watch, LOOP_READ);
}

/* As curl does, which forgets a socket and takes it up again. */
START_TEST(a_descriptor_can_be_watched_anew_from_its_own_callback)
{
	watch = loop_watch_new(loop, pair[0], free_own_watch, NULL);
	loop_watch_set(watch, LOOP_READ);
	ck_assert_int_eq(write(pair[1], "z", 1), 1);
	loop_run(loop);
	ck_assert_str_eq(story, "z");
}
END_TEST

static void count_errors(void *context, int fd, int events)
{
	(void)context;
	(void)fd;
	ck_assert_int_eq(events & LOOP_ERROR, LOOP_ERROR);
	note('e');
	if (strlen(story) == 2)
		loop_stop(loop);
}

/* The write end of a pipe without a reader has an error, and keeps it. */
START_TEST(an_error_is_told_as_long_as_it_lasts)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	close(ends[0]);
	watch = loop_watch_new(loop, ends[1], count_errors, NULL);
	loop_watch_set(watch, LOOP_WRITE);
	loop_run(loop);
	ck_assert_str_eq(story, "ee");
	loop_watch_free(watch);
	close(ends[1]);
}
END_TEST

START_TEST(a_loop_stopped_before_it_runs_is_freed_all_the_same)
{
	stop_after(MILLIS_PER_HOUR);
	loop_on_turn(loop, note_a, NULL);
	loop_stop(loop);
	loop_free(loop);
	ck_assert_str_eq(story, "");
	loop_free(NULL);
	loop = loop_new();
}
END_TEST

Suite *loop_suite(void)
{
	Suite *suite = suite_create("loop");
	TCase *plain = tcase_create("timers, wake-ups and signals");
	TCase *watches = tcase_create("descriptors");

	tcase_add_checked_fixture(plain, setup, teardown);
	tcase_add_test(plain, timers_ring_in_order_and_never_early);
	tcase_add_test(plain, a_timer_set_again_rings_once_at_the_new_time);
	tcase_add_test(plain, a_cleared_timer_is_silent_and_can_be_set_again);
	tcase_add_test(plain, a_timer_may_be_freed_from_its_own_callback);
	tcase_add_test(plain,
		       now_stands_still_within_a_turn_and_moves_between_turns);
	tcase_add_test(plain, another_thread_can_wake_the_loop);
	tcase_add_test(plain, many_wake_ups_before_a_turn_are_one_callback);
	tcase_add_test(plain,
		       each_turn_ends_with_its_callback_before_the_loop_sleeps);
	tcase_add_test(plain, signals_arrive_as_callbacks_with_their_number);
	tcase_add_test(plain,
		       a_loop_stopped_before_it_runs_is_freed_all_the_same);
	suite_add_tcase(suite, plain);

	tcase_add_checked_fixture(watches, setup_pair, teardown_pair);
	tcase_add_test(watches, a_watch_tells_what_its_descriptor_is_ready_for);
	tcase_add_test(watches, a_watch_set_to_nothing_is_silent);
	tcase_add_test(watches,
		       a_descriptor_can_be_watched_anew_from_its_own_callback);
	tcase_add_test(watches, an_error_is_told_as_long_as_it_lasts);
	suite_add_tcase(suite, watches);
	return suite;
}

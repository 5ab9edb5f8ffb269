/* SPDX-License-Identifier: Apache-2.0 */
/* test_loop_process.c - the promises of worker/loop_process.h. */
#include "worker/loop_process.h"

#include <errno.h>
#include <signal.h>

#include "tests/worker_suites.h"
#include "worker/arena.h"
#include "worker/clock.h"

#define WAIT ((millis)20000)
#define ROOM ((size_t)1 << 20)

static struct loop *loop;
static struct arena arena;
static struct process_result result; /* of the last; its texts in the arena */
static int ends;

static void setup(void)
{
	loop = loop_new();
	arena_init(&arena);
	ends = 0;
}

static void teardown(void)
{
	loop_free(loop);
	arena_fini(&arena);
}

static void on_end(void *context, const struct process_result *told)
{
	ck_assert_ptr_eq(context, &ends);
	ends++;
	result = *told;
	result.output = arena_text(&arena, told->output);
	result.errors = arena_text(&arena, told->errors);
	loop_stop(loop);
}

/* Has a shell carry out a script. */
static struct loop_process *start(const char *script, millis wait, size_t room)
{
	const char *words[] = {"sh", "-c", script, NULL};
	const struct process_order order = {.program = "/bin/sh",
					    .words = words,
					    .wait = wait,
					    .room = room};

	return loop_process_start(loop, &order, on_end, &ends);
}

static void run(const char *script, millis wait, size_t room)
{
	(void)start(script, wait, room);
	ck_assert_int_eq(ends, 0);
	loop_run(loop);
	ck_assert_int_eq(ends, 1);
}

START_TEST(what_it_says_is_collected)
{
	run("echo a; echo b >&2; echo c; exit 3", WAIT, ROOM);
	ck_assert_int_eq(result.end, PROCESS_EXITED);
	ck_assert_int_eq(result.code, 3);
	ck_assert(text_is(result.output, "a\nc\n"));
	ck_assert(text_is(result.errors, "b\n"));
}
END_TEST

START_TEST(much_is_collected_whole)
{
	run("head -c 300000 /dev/zero", WAIT, ROOM);
	ck_assert_int_eq(result.code, 0);
	ck_assert_uint_eq(result.output.len, 300000);
}
END_TEST

START_TEST(its_input_is_empty)
{
	run("wc -c", WAIT, ROOM);
	ck_assert(text_is(result.output, "0\n"));
}
END_TEST

START_TEST(one_that_takes_too_long_is_killed)
{
	millis begun = clock_monotonic();

	run("echo a; exec sleep 60", 200, ROOM);
	ck_assert_int_eq(result.end, PROCESS_TOO_LONG);
	ck_assert(text_is(result.output, "a\n"));
	ck_assert_int_ge(clock_monotonic() - begun, 200);
	ck_assert_int_lt(clock_monotonic() - begun, 30000);
}
END_TEST

START_TEST(one_that_says_too_much_is_killed)
{
	run("exec cat /dev/zero", WAIT, 100000);
	ck_assert_int_eq(result.end, PROCESS_TOO_MUCH);
	ck_assert_uint_le(result.output.len, 100000);
}
END_TEST

START_TEST(one_that_a_signal_ends_is_told_apart)
{
	run("kill -TERM $$", WAIT, ROOM);
	ck_assert_int_eq(result.end, PROCESS_KILLED);
	ck_assert_int_eq(result.code, SIGTERM);
}
END_TEST

START_TEST(one_that_cannot_be_started_is_told_from_the_loop)
{
	const char *words[] = {"nobody", NULL};
	const struct process_order order = {.program = "/nowhere/nobody",
					    .words = words,
					    .wait = WAIT,
					    .room = ROOM};

	(void)loop_process_start(loop, &order, on_end, &ends);
	ck_assert_int_eq(ends, 0);
	loop_run(loop);
	ck_assert_int_eq(ends, 1);
	ck_assert_int_eq(result.end, PROCESS_NOT_RUN);
	ck_assert_int_eq(result.code, ENOENT);
}
END_TEST

static void stop(void *context)
{
	loop_stop(context);
}

START_TEST(one_that_is_dropped_tells_nothing)
{
	struct loop_process *process = start("sleep 60", WAIT, ROOM);

	loop_process_drop(process);
	loop_timer_set(loop_timer_new(loop, stop, loop), 100);
	loop_run(loop);
	ck_assert_int_eq(ends, 0);
}
END_TEST

START_TEST(signals_do_what_they_always_do_in_it)
{
	signal(SIGPIPE, SIG_IGN);
	run("kill -PIPE $$; echo alive", WAIT, ROOM);
	ck_assert_int_eq(result.end, PROCESS_KILLED);
	ck_assert_int_eq(result.code, SIGPIPE);
	signal(SIGPIPE, SIG_DFL);
}
END_TEST

Suite *loop_process_suite(void)
{
	Suite *suite = suite_create("loop-process");
	TCase *tc = tcase_create("another program");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_it_says_is_collected);
	tcase_add_test(tc, much_is_collected_whole);
	tcase_add_test(tc, its_input_is_empty);
	tcase_add_test(tc, one_that_takes_too_long_is_killed);
	tcase_add_test(tc, one_that_says_too_much_is_killed);
	tcase_add_test(tc, one_that_a_signal_ends_is_told_apart);
	tcase_add_test(tc, one_that_cannot_be_started_is_told_from_the_loop);
	tcase_add_test(tc, one_that_is_dropped_tells_nothing);
	tcase_add_test(tc, signals_do_what_they_always_do_in_it);
	suite_add_tcase(suite, tc);
	return suite;
}

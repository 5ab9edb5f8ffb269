/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/thread.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "tests/worker_suites.h"

struct work {
	int gate[2]; /* a pipe: the thread ends when it is closed */
	atomic_bool blocks_sigterm;
};

static void wait_at_gate(void *context)
{
	struct work *work = context;
	sigset_t blocked;
	char byte;

	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	atomic_store(&work->blocks_sigterm,
		     sigismember(&blocked, SIGTERM) == 1);
	ck_assert_int_eq(read(work->gate[0], &byte, 1), 0);
}

START_TEST(joining_gives_up_in_time_and_can_be_tried_again)
{
	struct work work = {0};
	struct thread *thread;

	ck_assert_int_eq(pipe(work.gate), 0);
	thread = thread_start(wait_at_gate, &work);
	ck_assert(!thread_join(thread, 20));
	close(work.gate[1]);
	ck_assert(thread_join(thread, 10000));
	close(work.gate[0]);
	ck_assert(atomic_load(&work.blocks_sigterm));
}
END_TEST

/* Fills most of the stack that is promised, a page at a time; thread-local
   data lives there too, and sanitizers have much of it. */
static void use_stack(void *context)
{
	volatile char deep[THREAD_STACK - 2 * 1024 * 1024];

	for (size_t i = sizeof(deep); i > 4096; i -= 4096)
		deep[i - 1] = 1;
	*(bool *)context = deep[sizeof(deep) - 1] == 1;
}

START_TEST(a_thread_has_the_stack_that_is_promised)
{
	bool is_done = false;

	ck_assert(thread_join(thread_start(use_stack, &is_done), 10000));
	ck_assert(is_done);
}
END_TEST

Suite *thread_suite(void)
{
	Suite *suite = suite_create("thread");
	TCase *t = tcase_create("threads");

	tcase_add_test(t, joining_gives_up_in_time_and_can_be_tried_again);
	tcase_add_test(t, a_thread_has_the_stack_that_is_promised);
	suite_add_tcase(suite, t);
	return suite;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "worker/clock.h"
#include "worker/mem.h"

struct thread {
	pthread_t id;
	void (*run)(void *);
	void *context;
	pthread_mutex_t lock; /* guards has_ended */
	pthread_cond_t ended; /* on the monotonic clock */
	bool has_ended;
};

static void must(int error)
{
	if (error == 0)
		return;
	fprintf(stderr, "rebound: no thread can be started or joined: %s\n",
		strerror(error));
	abort();
}

static void *run_thread(void *context)
{
	struct thread *thread = context;

	thread->run(thread->context);
	must(pthread_mutex_lock(&thread->lock));
	thread->has_ended = true;
	must(pthread_cond_signal(&thread->ended));
	must(pthread_mutex_unlock(&thread->lock));
	return NULL;
}

static void create(struct thread *thread)
{
	pthread_attr_t attributes;
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	must(pthread_attr_init(&attributes));
	must(pthread_attr_setstacksize(&attributes, THREAD_STACK));
	must(pthread_sigmask(SIG_SETMASK, &all, &before));
	must(pthread_create(&thread->id, &attributes, run_thread, thread));
	must(pthread_sigmask(SIG_SETMASK, &before, NULL));
	pthread_attr_destroy(&attributes);
}

struct thread *thread_start(void (*run)(void *), void *context)
{
	struct thread *thread = mem_new(sizeof(*thread));
	pthread_condattr_t attributes;

	thread->run = run;
	thread->context = context;
	must(pthread_mutex_init(&thread->lock, NULL));
	must(pthread_condattr_init(&attributes));
	must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
	must(pthread_cond_init(&thread->ended, &attributes));
	pthread_condattr_destroy(&attributes);
	create(thread);
	return thread;
}

static bool wait_for_end(struct thread *thread, millis wait)
{
	millis due = clock_monotonic() + wait;
	const struct timespec at = {
		.tv_sec = (time_t)(due / MILLIS_PER_SECOND),
		.tv_nsec = (long)(due % MILLIS_PER_SECOND) * 1000000L,
	};
	bool has_ended;

	must(pthread_mutex_lock(&thread->lock));
	while (!thread->has_ended &&
	       pthread_cond_timedwait(&thread->ended, &thread->lock, &at) == 0)
		;
	has_ended = thread->has_ended;
	must(pthread_mutex_unlock(&thread->lock));
	return has_ended;
}

bool thread_join(struct thread *thread, millis wait)
{
	if (!wait_for_end(thread, wait))
		return false;
	must(pthread_join(thread->id, NULL));
	pthread_cond_destroy(&thread->ended);
	pthread_mutex_destroy(&thread->lock);
	free(thread);
	return true;
}

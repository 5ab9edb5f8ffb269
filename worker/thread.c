/* SPDX-License-Identifier: Apache-2.0 */
/*
 * thread.c - pthread_clockjoin_np is glibc's (2.31); where it is missing, so
 * is the bound on how long the end of the program may take.
 */
#define _GNU_SOURCE

#include "worker/thread.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "worker/clock.h"

pthread_t thread_start(void *(*run)(void *), void *context)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	if (pthread_attr_init(&attributes) != 0 ||
	    pthread_attr_setstacksize(&attributes, THREAD_STACK) != 0 ||
	    pthread_sigmask(SIG_SETMASK, &all, &before) != 0 ||
	    pthread_create(&thread, &attributes, run, context) != 0 ||
	    pthread_sigmask(SIG_SETMASK, &before, NULL) != 0)
		abort();
	pthread_attr_destroy(&attributes);
	return thread;
}

bool thread_join(pthread_t thread, millis wait)
{
	millis until = clock_monotonic() + wait;
	struct timespec at = {
		.tv_sec = (time_t)(until / MILLIS_PER_SECOND),
		.tv_nsec = (long)(until % MILLIS_PER_SECOND) * 1000000L,
	};

	return pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &at) == 0;
}

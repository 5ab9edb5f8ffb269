/* SPDX-License-Identifier: Apache-2.0 */
/*
 * thread.h - the program's threads: started with a stack of 8 MiB and all
 * signals blocked, so that signals go to the core alone.
 */
#ifndef WORKER_THREAD_H
#define WORKER_THREAD_H

#include <stdbool.h>

#include "policy/millis.h"

/* rabbitmq-c 0.11 decodes nested tables by recursion: a header of 126 kB with
   18 000 levels ends a thread with 1 MiB, and not one with 8. */
#define THREAD_STACK ((size_t)8 * 1024 * 1024)

struct thread;

/* Starts `run(context)`; aborts where no thread can be had. Never NULL. */
struct thread *thread_start(void (*run)(void *), void *context);

/*
 * Waits up to `wait` for its end. True if it has ended: it is joined, and
 * freed. Otherwise it may be called again.
 */
bool thread_join(struct thread *thread, millis wait);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop_process.h - another program, run beside the loop: what it says is
 * collected, within bounds.
 */
#ifndef WORKER_LOOP_PROCESS_H
#define WORKER_LOOP_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/millis.h"
#include "policy/text.h"
#include "worker/loop.h"

struct loop_process;

enum process_end {
	PROCESS_EXITED,   /* code is its exit code */
	PROCESS_KILLED,   /* by a signal: code is its number */
	PROCESS_TOO_LONG, /* it was killed after `wait` */
	PROCESS_TOO_MUCH, /* it was killed for saying more than `room` */
	PROCESS_NOT_RUN,  /* it could not be started: code is an errno */
};

/* How it ended. Borrowed, for the time of the callback. */
struct process_result {
	enum process_end end;
	int code;
	struct text output; /* what it said, as far as it was read */
	struct text errors;
};

typedef void loop_process_callback(void *context,
				   const struct process_result *result);

/* What is to be run. */
struct process_order {
	const char *program; /* a path */
	const char *const
		*words; /* its arguments, its name first; ends in NULL */
	millis wait;    /* at most, >= 1 */
	size_t room;    /* bytes of each output, at most, >= 1 */
};

/*
 * Starts the program with an empty input. The callback is called once, from
 * the loop and never from within this; the process is freed after it, and must
 * be dropped before the loop is freed. What is in the order is borrowed for the
 * call alone.
 */
struct loop_process *loop_process_start(struct loop *loop,
					const struct process_order *order,
					loop_process_callback *callback,
					void *context);

/* Kills it, and frees it without a callback. Not from its own callback. Takes
   NULL. */
void loop_process_drop(struct loop_process *process);

#endif

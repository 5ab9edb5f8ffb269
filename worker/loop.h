/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h - the core's event loop: descriptors, timers, signals, wake-ups,
 * folders.
 *
 * With loop_process.h the only door to libuv. All calls are the core thread's
 * but loop_wake.
 */
#ifndef WORKER_LOOP_H
#define WORKER_LOOP_H

#include <stdbool.h>

#include "policy/millis.h"

struct loop;
struct loop_timer;
struct loop_watch;
struct loop_folder;

struct loop *loop_new(void);       /* never NULL */
void loop_free(struct loop *loop); /* all its timers and watches are freed */

void loop_run(struct loop *loop);  /* until loop_stop */
void loop_stop(struct loop *loop); /* from a callback */

/* Milliseconds on CLOCK_MONOTONIC, as clock_monotonic has them, read once a
   turn, after the poll. The `now` of everything that decides. */
millis loop_now(const struct loop *loop);

typedef void loop_callback(void *context);

/* Called soon after loop_wake, once for many wake-ups. loop_wake is safe in
   any thread. At most one callback a loop. */
void loop_on_wake(struct loop *loop, loop_callback *callback, void *context);
void loop_wake(void *loop);

/* Called at the end of each turn of the loop, before it sleeps. */
void loop_on_turn(struct loop *loop, loop_callback *callback, void *context);

typedef void loop_signal_callback(void *context, int signal);
/* `callback` instead of what the signal did, until loop_free. */
void loop_on_signal(struct loop *loop, int signal,
		    loop_signal_callback *callback, void *context);

/* A timer, idle at first. Setting it again replaces the time; a wait <= 0 ends
   in the next turn. It rings once, never before loop_now + wait. Freed with
   the loop, or by loop_timer_free, also from a callback. */
struct loop_timer *loop_timer_new(struct loop *loop, loop_callback *callback,
				  void *context);
void loop_timer_set(struct loop_timer *timer, millis wait);
void loop_timer_clear(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

/*
 * A descriptor, which stays its owner's and gets non-blocking. The callback
 * gets what it is ready for, and, as with poll(2), an error whether or not it
 * was asked for, until it is cleared or the watch is set to 0. One watch a
 * descriptor; to be freed before the descriptor is closed, also from its own
 * callback.
 */
#define LOOP_READ  1
#define LOOP_WRITE 2
#define LOOP_ERROR 4
typedef void loop_watch_callback(void *context, int fd, int events);
struct loop_watch *loop_watch_new(struct loop *loop, int fd,
				  loop_watch_callback *callback, void *context);
void loop_watch_set(struct loop_watch *watch, int events);
void loop_watch_free(struct loop_watch *watch);

/*
 * A folder: the callback is called when something in it is made, written,
 * renamed or removed, perhaps more than once for one change. NULL where the
 * system cannot watch it: there is no such folder, or too much is watched, or
 * the file system tells nobody. Freed with the loop, or by loop_folder_free,
 * also from its callback; that takes NULL.
 */
struct loop_folder *loop_folder_new(struct loop *loop, const char *path,
				    loop_callback *callback, void *context);
void loop_folder_free(struct loop_folder *folder);

#endif

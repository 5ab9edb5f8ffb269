/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/loop.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "worker/loop_uv.h"
#include "worker/mem.h"

struct loop_timer {
	uv_timer_t uv;
	loop_callback *callback;
	void *context;
};

struct loop_signal {
	uv_signal_t uv;
	loop_signal_callback *callback;
	void *context;
};

struct loop_watch {
	uv_poll_t uv;
	loop_watch_callback *callback;
	void *context;
	int fd;
	int events; /* LOOP_READ and LOOP_WRITE, asked for */
};

struct loop_folder {
	uv_fs_event_t uv;
	loop_callback *callback;
	void *context;
};

void loop_must(int result, const char *what)
{
	if (result == 0)
		return;
	if (result == UV_ENOMEM)
		mem_exhausted();
	fprintf(stderr, "rebound: the event loop cannot %s: %s\n", what,
		uv_strerror(result));
	abort();
}

static void wake_up(uv_async_t *async)
{
	struct loop *loop = async->data;

	if (loop->on_wake != NULL)
		loop->on_wake(loop->wake_context);
}

struct loop *loop_new(void)
{
	struct loop *loop = mem_new(sizeof(*loop));

	loop_must(uv_loop_init(&loop->uv), "start");
	loop_must(uv_async_init(&loop->uv, &loop->wake, wake_up), "be woken");
	loop_must(uv_prepare_init(&loop->uv, &loop->turn), "count turns");
	loop->wake.data = loop;
	return loop;
}

void loop_free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void close_handle(uv_handle_t *handle, void *context)
{
	struct loop *loop = context;
	bool is_part = handle == (uv_handle_t *)&loop->wake ||
		       handle == (uv_handle_t *)&loop->turn;

	if (!uv_is_closing(handle))
		uv_close(handle, is_part ? NULL : loop_free_handle);
}

void loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	uv_walk(&loop->uv, close_handle, loop);
	/* One run is cut short if loop_stop was called and not yet heeded. */
	while (uv_run(&loop->uv, UV_RUN_DEFAULT) != 0)
		continue;
	loop_must(uv_loop_close(&loop->uv), "end");
	free(loop);
}

void loop_run(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
	uv_stop(&loop->uv);
}

millis loop_now(const struct loop *loop)
{
	return (millis)uv_now(&loop->uv);
}

void loop_on_wake(struct loop *loop, loop_callback *callback, void *context)
{
	loop->on_wake = callback;
	loop->wake_context = context;
}

void loop_wake(void *loop)
{
	loop_must(uv_async_send(&((struct loop *)loop)->wake), "be woken");
}

/* libuv prepares right before it polls, and finds out how long it may sleep
   after that: what a callback does here is not slept over. */
static void end_turn(uv_prepare_t *prepare)
{
	struct loop *loop = prepare->data;

	loop->on_turn(loop->turn_context);
}

void loop_on_turn(struct loop *loop, loop_callback *callback, void *context)
{
	assert(callback != NULL);
	loop->on_turn = callback;
	loop->turn_context = context;
	loop->turn.data = loop;
	loop_must(uv_prepare_start(&loop->turn, end_turn), "count turns");
}

/* --- signals --------------------------------------------------------------- */

static void raise_signal(uv_signal_t *uv, int signal)
{
	struct loop_signal *handler = (struct loop_signal *)uv;

	handler->callback(handler->context, signal);
}

void loop_on_signal(struct loop *loop, int signal,
		    loop_signal_callback *callback, void *context)
{
	struct loop_signal *handler = mem_new(sizeof(*handler));

	handler->callback = callback;
	handler->context = context;
	loop_must(uv_signal_init(&loop->uv, &handler->uv), "take signals");
	loop_must(uv_signal_start(&handler->uv, raise_signal, signal),
		  "take a signal");
}

/* --- timers ---------------------------------------------------------------- */

struct loop_timer *loop_timer_new(struct loop *loop, loop_callback *callback,
				  void *context)
{
	struct loop_timer *timer = mem_new(sizeof(*timer));

	timer->callback = callback;
	timer->context = context;
	loop_must(uv_timer_init(&loop->uv, &timer->uv), "make a timer");
	return timer;
}

static void ring(uv_timer_t *uv)
{
	struct loop_timer *timer = (struct loop_timer *)uv;

	timer->callback(timer->context);
}

/* The loop's clock drops what is below a millisecond, so that a wait begun at
   x.9 would end 0.9 early: hence one more. */
void loop_timer_set(struct loop_timer *timer, millis wait)
{
	uint64_t rounded = wait <= 0 ? 0 : (uint64_t)wait + 1;

	loop_must(uv_timer_start(&timer->uv, ring, rounded, 0), "set a timer");
}

void loop_timer_clear(struct loop_timer *timer)
{
	loop_must(uv_timer_stop(&timer->uv), "stop a timer");
}

void loop_timer_free(struct loop_timer *timer)
{
	if (timer != NULL)
		uv_close((uv_handle_t *)&timer->uv, loop_free_handle);
}

/* --- descriptors ------------------------------------------------------------- */

struct loop_watch *loop_watch_new(struct loop *loop, int fd,
				  loop_watch_callback *callback, void *context)
{
	struct loop_watch *watch = mem_new(sizeof(*watch));

	watch->callback = callback;
	watch->context = context;
	watch->fd = fd;
	loop_must(uv_poll_init(&loop->uv, &watch->uv, fd),
		  "watch a descriptor");
	return watch;
}

/* libuv stops to watch a descriptor that has an error. Whoever watches it has
   not heard yet, so it is watched on, as poll(2) would. */
static void report(uv_poll_t *uv, int status, int ready)
{
	struct loop_watch *watch = (struct loop_watch *)uv;
	int events = status < 0 ? LOOP_ERROR : 0;

	if (ready & UV_READABLE)
		events |= LOOP_READ;
	if (ready & UV_WRITABLE)
		events |= LOOP_WRITE;
	if (status < 0)
		loop_watch_set(watch, watch->events);
	watch->callback(watch->context, watch->fd, events);
}

void loop_watch_set(struct loop_watch *watch, int events)
{
	int wanted = (events & LOOP_READ ? UV_READABLE : 0) |
		     (events & LOOP_WRITE ? UV_WRITABLE : 0);

	watch->events = events;
	if (wanted == 0)
		loop_must(uv_poll_stop(&watch->uv), "rest a descriptor");
	else
		loop_must(uv_poll_start(&watch->uv, wanted, report),
			  "watch a descriptor");
}

void loop_watch_free(struct loop_watch *watch)
{
	if (watch != NULL)
		uv_close((uv_handle_t *)&watch->uv, loop_free_handle);
}

/* --- folders ------------------------------------------------------------------- */

static void stir(uv_fs_event_t *uv, const char *name, int events, int status)
{
	struct loop_folder *folder = (struct loop_folder *)uv;

	(void)name;
	(void)events;
	(void)status;
	folder->callback(folder->context);
}

struct loop_folder *loop_folder_new(struct loop *loop, const char *path,
				    loop_callback *callback, void *context)
{
	struct loop_folder *folder = mem_new(sizeof(*folder));

	folder->callback = callback;
	folder->context = context;
	loop_must(uv_fs_event_init(&loop->uv, &folder->uv), "watch a folder");
	if (uv_fs_event_start(&folder->uv, stir, path, 0) == 0)
		return folder;
	loop_folder_free(folder);
	return NULL;
}

void loop_folder_free(struct loop_folder *folder)
{
	if (folder != NULL)
		uv_close((uv_handle_t *)&folder->uv, loop_free_handle);
}

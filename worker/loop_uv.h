/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop_uv.h - the insides of the loop, for loop*.c alone; libuv's only door.
 *
 * A handle of libuv must stay in memory until its close callback, which comes
 * a turn later. So each handle is the first member of an allocation of its
 * own, which the close callback frees.
 */
#ifndef WORKER_LOOP_UV_H
#define WORKER_LOOP_UV_H

#include <uv.h>

#include "worker/loop.h"

struct loop {
	uv_loop_t uv;
	uv_async_t wake;
	uv_prepare_t turn;
	loop_callback *on_wake; /* NULL: nobody is told */
	void *wake_context;
	loop_callback *on_turn; /* NULL until loop_on_turn */
	void *turn_context;
};

/* What libuv refuses there is a lack of memory or descriptors, or a bug: the
   program ends. "cannot WHAT". */
void loop_must(int result, const char *what);

/* A close callback: frees what the handle is the first member of. */
void loop_free_handle(uv_handle_t *handle);

#endif

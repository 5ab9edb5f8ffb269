/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - memory that is freed all at once.
 *
 * A message and all that is made for it (headers, copies, strings) live in one
 * arena and die together, so nothing in it is freed by itself. Not for more
 * than one thread at a time.
 *
 * Out of memory aborts: nothing is acked before its outcome is safe in the
 * broker, so dying loses nothing.
 */
#ifndef WORKER_ARENA_H
#define WORKER_ARENA_H

#include <stddef.h>

#include "policy/text.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first; NULL: empty */
	size_t total;               /* bytes asked of the system */
};

/* An empty arena; it allocates with its first use. */
void arena_init(struct arena *arena);

/* Frees all that was allocated. The arena is empty again. */
void arena_fini(struct arena *arena);

/* The same, but that some memory stays with the arena, for the next use. */
void arena_clear(struct arena *arena);

/* `size` bytes, zeroed, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* `count` times `size` bytes, zeroed; aborts where the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy of the bytes, with a NUL behind them that is not counted. */
struct text arena_text(struct arena *arena, struct text text);

/* A copy of a text as a C string. */
char *arena_string(struct arena *arena, struct text text);

/* printf into the arena. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif

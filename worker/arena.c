/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/mem.h"

#define BLOCK_SIZE 4000

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *arena)
{
	*arena = (struct arena){0};
}

void arena_fini(struct arena *arena)
{
	struct arena_block *block = arena->blocks;

	while (block != NULL) {
		struct arena_block *next = block->next;
		free(block);
		block = next;
	}
	arena_init(arena);
}

/* The first block is one of the usual size, unless it is the only one. */
void arena_clear(struct arena *arena)
{
	struct arena_block *kept = arena->blocks;

	if (kept == NULL || kept->size != BLOCK_SIZE) {
		arena_fini(arena);
		return;
	}
	arena->blocks = kept->next;
	arena_fini(arena);
	kept->next = NULL;
	kept->used = 0;
	arena->blocks = kept;
	arena->total = kept->size;
}

static struct arena_block *add_block(struct arena *arena, size_t size)
{
	struct arena_block *block = malloc(sizeof(*block) + size);

	if (block == NULL)
		mem_exhausted();
	block->used = 0;
	block->size = size;
	arena->total += size;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);

	if (size > SIZE_MAX / 2)
		mem_exhausted();
	size = size == 0 ? align : (size + align - 1) / align * align;

	struct arena_block *block = arena->blocks;
	if (size > BLOCK_SIZE / 2) {
		/* A block of its own, behind the first, which has room yet. */
		block = add_block(arena, size);
		if (arena->blocks != NULL) {
			block->next = arena->blocks->next;
			arena->blocks->next = block;
		} else {
			block->next = NULL;
			arena->blocks = block;
		}
	} else if (block == NULL || block->size - block->used < size) {
		block = add_block(arena, BLOCK_SIZE);
		block->next = arena->blocks;
		arena->blocks = block;
	}

	void *memory = block->bytes + block->used;
	block->used += size;
	return memset(memory, 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / 2 / size)
		mem_exhausted();
	return arena_alloc(arena, count * size);
}

struct text arena_text(struct arena *arena, struct text text)
{
	return (struct text){.at = arena_string(arena, text), .len = text.len};
}

char *arena_string(struct arena *arena, struct text text)
{
	char *copy = arena_alloc(arena, text.len + 1);

	if (text.len > 0)
		memcpy(copy, text.at, text.len);
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		mem_exhausted();

	char *string = arena_alloc(arena, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(string, (size_t)len + 1, format, args);
	va_end(args);
	return string;
}

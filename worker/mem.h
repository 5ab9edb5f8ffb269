/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mem.h - heap memory that is there, or the program is not.
 *
 * Out of memory aborts: nothing is acked before its outcome is safe in the
 * broker, so dying loses nothing. What mem_new and its like return is zeroed,
 * never NULL, and freed with free().
 */
#ifndef WORKER_MEM_H
#define WORKER_MEM_H

#include <stddef.h>

/*
 * Ends the process for want of memory: one sentence on standard error, and
 * abort. For whoever gets NULL from somewhere else, a library for one.
 */
_Noreturn void mem_exhausted(void);

/* `count` (0 gives room for one) times `size` (>= 1) bytes. */
void *mem_array(size_t count, size_t size);

/* One of a type: struct x *x = mem_new(sizeof(*x)). */
void *mem_new(size_t size);

/* Moves an array to `count` (>= 1) times `size` bytes; what is new is not
   zeroed. `old` may be NULL and is no longer valid. */
void *mem_resize(void *old, size_t count, size_t size);

/* A copy of a C string. */
char *mem_string(const char *string);

#endif

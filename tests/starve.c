/* SPDX-License-Identifier: Apache-2.0 */
/*
 * starve.c - an allocator that runs out, put before a program with LD_PRELOAD.
 *
 * Nothing happens until the process gets SIGUSR2. From then on allocations
 * are counted, those of libraries too, and the one that is number STARVE_AT
 * (>= 1, in the environment) fails; with STARVE_FOR=ever all after it fail as
 * well. What is done with them is glibc's.
 */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_bool is_armed;
static atomic_long left; /* until one fails; below zero: it has */
static bool for_ever;

static void arm(int number)
{
	(void)number;
	atomic_store(&is_armed, true);
}

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("STARVE_AT");
	const char *how_long = getenv("STARVE_FOR");

	if (at == NULL)
		return;
	atomic_store(&left, atol(at));
	for_ever = how_long != NULL && strcmp(how_long, "ever") == 0;
	signal(SIGUSR2, arm);
}

static bool fails(void)
{
	long before;

	if (!atomic_load(&is_armed))
		return false;
	before = atomic_fetch_sub(&left, 1);
	if (before != 1 && !(before < 1 && for_ever))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	*memory = memalign(alignment, size);
	return *memory == NULL ? ENOMEM : 0;
}

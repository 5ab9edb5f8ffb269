/* SPDX-License-Identifier: Apache-2.0 */
/*
 * starve.c - an allocator that runs out, put before a program with LD_PRELOAD.
 *
 * Nothing happens until the process gets SIGUSR2. From then on allocations
 * are counted, those of libraries too, and the one that is number STARVE_AT
 * (>= 1, in the environment) fails; with STARVE_FOR=ever all after it fail as
 * well. With STARVE_IN=NAME only those count that a loaded library with NAME in
 * its file name makes by itself. What is done with them all is glibc's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_bool is_armed;
static atomic_long left; /* until one fails; below zero: it has */
static bool for_ever;
static uintptr_t first = 0; /* of the code that counts */
static uintptr_t last = UINTPTR_MAX;

static void arm(int number)
{
	(void)number;
	atomic_store(&is_armed, true);
}

static int find(struct dl_phdr_info *object, size_t size, void *context)
{
	const char *name = context;

	(void)size;
	if (strstr(object->dlpi_name, name) == NULL)
		return 0;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];

		if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0)
			continue;
		first = object->dlpi_addr + part->p_vaddr;
		last = first + part->p_memsz;
		return 1;
	}
	return 0;
}

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("STARVE_AT");
	const char *how_long = getenv("STARVE_FOR");
	char *in = getenv("STARVE_IN");

	if (at == NULL || (in != NULL && dl_iterate_phdr(find, in) == 0))
		return;
	atomic_store(&left, atol(at));
	for_ever = how_long != NULL && strcmp(how_long, "ever") == 0;
	signal(SIGUSR2, arm);
}

static bool fails(const void *caller)
{
	uintptr_t from = (uintptr_t)caller;
	long before;

	if (!atomic_load(&is_armed) || from < first || from > last)
		return false;
	before = atomic_fetch_sub(&left, 1);
	if (before != 1 && !(before < 1 && for_ever))
		return false;
	errno = ENOMEM;
	return true;
}

#define CALLER __builtin_return_address(0)

void *malloc(size_t size)
{
	return fails(CALLER) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(CALLER) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails(CALLER) ? NULL : __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size)
{
	return fails(CALLER) ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails(CALLER) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	*memory = fails(CALLER) ? NULL : __libc_memalign(alignment, size);
	return *memory == NULL ? ENOMEM : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *mem_array(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size);

	if (memory == NULL)
		abort();
	return memory;
}

void *mem_new(size_t size)
{
	return mem_array(1, size);
}

void *mem_resize(void *old, size_t count, size_t size)
{
	void *memory;

	if (count > SIZE_MAX / 2 / size)
		abort();
	memory = realloc(old, count * size);
	if (memory == NULL)
		abort();
	return memory;
}

char *mem_string(const char *string)
{
	size_t size = strlen(string) + 1;

	return memcpy(mem_array(size, 1), string, size);
}

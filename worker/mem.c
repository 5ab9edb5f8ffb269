/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/mem.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* By the system alone: whatever else writes may want memory. */
_Noreturn void mem_exhausted(void)
{
	static const char sentence[] =
		"rebound: No memory is left, and the process ends here. A "
		"worker loses nothing by that: the broker delivers again what "
		"was in its hands.\n";
	static atomic_flag is_said = ATOMIC_FLAG_INIT;

	/* Several threads may run out of it at once. */
	if (!atomic_flag_test_and_set(&is_said) &&
	    write(STDERR_FILENO, sentence, sizeof(sentence) - 1) < 0)
		abort(); /* nobody reads it */
	abort();
}

void *mem_array(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size);

	if (memory == NULL)
		mem_exhausted();
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
		mem_exhausted();
	memory = realloc(old, count * size);
	if (memory == NULL)
		mem_exhausted();
	return memory;
}

char *mem_string(const char *string)
{
	size_t size = strlen(string) + 1;

	return memcpy(mem_array(size, 1), string, size);
}

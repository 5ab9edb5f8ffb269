/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/mem.h"

#define FIRST_ROOM 65536
#define FILE_MAX   ((size_t)1 << 30)

static char *read_all(FILE *from, size_t *len)
{
	size_t room = FIRST_ROOM;
	char *bytes = mem_array(room, 1);

	while (*len < FILE_MAX) {
		size_t got = fread(bytes + *len, 1, room - *len, from);

		*len += got;
		if (*len < room)
			break;
		room *= 2;
		bytes = mem_resize(bytes, room, 1);
	}
	if (!ferror(from) && *len < FILE_MAX)
		return bytes;
	if (!ferror(from))
		errno = EFBIG;
	free(bytes);
	*len = 0;
	return NULL;
}

char *file_read(const char *file, size_t *len)
{
	bool is_stdin = strcmp(file, "-") == 0;
	FILE *from = is_stdin ? stdin : fopen(file, "rb");
	char *bytes;
	int error;

	*len = 0;
	if (from == NULL)
		return NULL;
	bytes = read_all(from, len);
	error = errno;
	if (!is_stdin)
		fclose(from);
	errno = error;
	return bytes;
}

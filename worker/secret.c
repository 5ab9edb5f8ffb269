/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/secret.h"

#include <string.h>

#define SECRET_MAX 65536 /* bytes of a secret's file */

char *secret_in(struct arena *arena, FILE *stream, const char **flaw)
{
	char *bytes = arena_alloc(arena, SECRET_MAX + 1);
	size_t len = fread(bytes, 1, SECRET_MAX + 1, stream);

	*flaw = ferror(stream)                     ? "cannot be read"
		: len > SECRET_MAX                 ? "exceeds 64 KiB"
		: memchr(bytes, '\0', len) != NULL ? "is no text"
						   : NULL;
	if (*flaw != NULL)
		return NULL;
	if (len > 0 && bytes[len - 1] == '\n')
		len--;
	if (len > 0 && bytes[len - 1] == '\r')
		len--;
	bytes[len] = '\0';
	*flaw = len == 0 ? "is empty" : NULL;
	return len == 0 ? NULL : bytes;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/utf8.h"

#include <string.h>

size_t utf8_sequence(const char *at, size_t len)
{
	const unsigned char *byte = (const unsigned char *)at;
	size_t need = byte[0] < 0x80   ? 1
		      : byte[0] < 0xc2 ? 0
		      : byte[0] < 0xe0 ? 2
		      : byte[0] < 0xf0 ? 3
		      : byte[0] < 0xf5 ? 4
				       : 0;

	if (need == 0 || need > len)
		return 0;
	for (size_t i = 1; i < need; i++)
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
	if ((byte[0] == 0xe0 && byte[1] < 0xa0) ||
	    (byte[0] == 0xed && byte[1] > 0x9f) ||
	    (byte[0] == 0xf0 && byte[1] < 0x90) ||
	    (byte[0] == 0xf4 && byte[1] > 0x8f))
		return 0;
	return need;
}

struct text utf8_unmarked(struct text text)
{
	if (!text_starts(text, "\xef\xbb\xbf"))
		return text;
	return (struct text){.at = text.at + 3, .len = text.len - 3};
}

/* What stands for the first character of a text; *used gets its length. */
static struct text show(const char *at, size_t len, size_t *used)
{
	*used = utf8_sequence(at, len);
	if (*used == 0) {
		*used = 1;
		return UTF8_BAD;
	}
	if (*used == 1 && ((unsigned char)*at < ' ' || *at == 0x7f))
		return TEXT(" ");
	return (struct text){.at = at, .len = *used};
}

struct text utf8_excerpt(struct arena *arena, struct text text, size_t max)
{
	/* No byte of a text becomes more than three. */
	size_t room = text.len < max / 3 ? 3 * text.len : max;
	char *shown = arena_alloc(arena, room + 1);
	size_t len = 0;
	size_t used;

	for (size_t i = 0; i < text.len; i += used) {
		struct text next = show(text.at + i, text.len - i, &used);

		if (len + next.len > room)
			break;
		memcpy(shown + len, next.at, next.len);
		len += next.len;
	}
	return (struct text){.at = shown, .len = len};
}

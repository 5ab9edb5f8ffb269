/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template_path.c - the segments of a path that values stand in.
 */
#include <ctype.h>

#include "worker/template_parts.h"

/* One segment of a path, on its way. */
struct segment {
	char *decoded;
	size_t len;
	const struct piece *piece; /* a placeholder in it; NULL: none */
};

static int digit_of(char c)
{
	return isdigit((unsigned char)c) ? c - '0'
					 : tolower((unsigned char)c) - 'a' + 10;
}

/* Its percent-encodings are whole: those of literals were looked at. */
static char take(struct text *text)
{
	char c = *text->at;
	size_t len = 1;

	if (c == '%') {
		c = (char)(digit_of(text->at[1]) * 16 + digit_of(text->at[2]));
		len = 3;
	}
	text->at += len;
	text->len -= len;
	return c;
}

/* "." or "..", by itself or between what some servers take for a slash, and
   before what some take for no part of the name. */
static bool has_dots(const struct segment *s)
{
	size_t dots = 0;
	bool is_dots = true; /* so far, in this part */

	for (size_t i = 0; i <= s->len; i++) {
		char c = i < s->len ? s->decoded[i] : '/';

		if (c == '/' || c == '\\' || c == ';') {
			if (is_dots && (dots == 1 || dots == 2))
				return true;
			is_dots = c != ';';
			dots = 0;
		} else if (c == '.') {
			dots++;
		} else {
			is_dots = false;
		}
	}
	return false;
}

static const char *segment_flaw(const struct segment *s, struct arena *arena)
{
	if (s->piece == NULL)
		return NULL;
	if (s->len == 0)
		return arena_printf(arena,
				    "a segment of its path would be empty "
				    "with the value of %s",
				    s->piece->shown);
	if (has_dots(s))
		return arena_printf(arena,
				    "a segment of its path would be \".\" or "
				    "\"..\" with the value of %s",
				    s->piece->shown);
	return NULL;
}

static size_t path_len(const struct template *t, const struct text *texts)
{
	size_t len = 0;

	for (size_t i = 0; i < t->count; i++)
		if (t->pieces[i].place == PLACE_PATH)
			len += texts[i].len;
	return len;
}

const char *template_path_flaw(const struct template *t,
			       const struct text *texts, struct arena *arena)
{
	struct segment s = {.decoded = arena_alloc(arena, path_len(t, texts))};
	const char *flaw = NULL;

	for (size_t i = 0; i < t->count && flaw == NULL; i++) {
		const struct piece *piece = &t->pieces[i];
		struct text text = texts[i];

		if (piece->place != PLACE_PATH)
			continue;
		if (piece->source != PIECE_LITERAL)
			s.piece = piece;
		while (text.len > 0 && flaw == NULL) {
			bool is_end = *text.at == '/';
			char c = take(&text);

			if (!is_end) {
				s.decoded[s.len++] = c;
				continue;
			}
			flaw = segment_flaw(&s, arena);
			s.len = 0;
			s.piece = NULL;
		}
	}
	return flaw != NULL ? flaw : segment_flaw(&s, arena);
}

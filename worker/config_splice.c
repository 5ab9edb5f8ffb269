/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/config_splice.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#define LONG_DIGITS 10 /* from which an integer may not fit 32 bits */

void splice_begin(struct splice *s, struct arena *arena,
		  struct config_text *text)
{
	*s = (struct splice){.arena = arena, .text = text};
	*text = (struct config_text){0};
}

const char *splice_file(struct splice *s, const char *file)
{
	struct config_text *text = s->text;

	for (size_t i = 0; i < text->file_count; i++)
		if (strcmp(text->files[i], file) == 0)
			return text->files[i];
	if (text->file_count == s->file_room) {
		size_t room = 2 * s->file_room + 8;
		const char **files =
			arena_array(s->arena, room, sizeof(*files));

		if (text->file_count > 0)
			memcpy(files, text->files,
			       text->file_count * sizeof(*files));
		text->files = files;
		s->file_room = room;
	}
	text->files[text->file_count++] = file;
	return file;
}

static void grow(struct splice *s, size_t more)
{
	if (s->len + more + 1 <= s->room)
		return;

	size_t room = 2 * s->room + more + 4096;
	char *bytes = arena_alloc(s->arena, room);

	if (s->len > 0)
		memcpy(bytes, s->text->bytes, s->len);
	s->text->bytes = bytes;
	s->room = room;
}

static void put(struct splice *s, const char *bytes, size_t len)
{
	grow(s, len);
	memcpy(s->text->bytes + s->len, bytes, len);
	s->len += len;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' ||
	       c == '*';
}

/* Copies a number or a name; long integers get an L. */
static const char *put_word(struct splice *s, const char *at)
{
	const char *end = at;
	size_t digits = 0;

	while (is_word(*end))
		digits += isdigit((unsigned char)*end++) ? 1 : 0;
	size_t len = (size_t)(end - at);
	put(s, at, len);
	if (digits >= LONG_DIGITS &&
	    (digits == len || (digits == len - 1 && *at == '-')))
		put(s, "L", 1);
	return end;
}

/* Copies one step of a string or comment. */
static const char *put_enclosed(struct splice *s, const char *at)
{
	size_t len = 1;

	if (s->place == SPLICE_STRING && at[0] == '\\' && at[1] != '\0') {
		len = 2;
	} else if (s->place == SPLICE_STRING && at[0] == '"') {
		s->place = SPLICE_CODE;
	} else if (s->place == SPLICE_COMMENT && at[0] == '*' && at[1] == '/') {
		s->place = SPLICE_CODE;
		len = 2;
	}
	put(s, at, len);
	return at + len;
}

static void enter(struct splice *s, enum splice_place place)
{
	s->place = place;
	s->text->open_line = (unsigned)s->text->line_count;
	s->text->is_open_text = place == SPLICE_STRING;
}

/* Copies a line, and follows what its end belongs to. */
static void put_line(struct splice *s, const char *line)
{
	const char *at = line;

	while (*at != '\0') {
		if (s->place != SPLICE_CODE) {
			at = put_enclosed(s, at);
			continue;
		}
		if (*at == '#' || (at[0] == '/' && at[1] == '/'))
			break;
		if (is_word(*at)) {
			at = put_word(s, at);
			continue;
		}
		size_t len = 1;
		if (*at == '"') {
			enter(s, SPLICE_STRING);
		} else if (at[0] == '/' && at[1] == '*') {
			enter(s, SPLICE_COMMENT);
			len = 2;
		}
		put(s, at, len);
		at += len;
	}
	put(s, "\n", 1);
}

void splice_line(struct splice *s, const char *file, unsigned number,
		 const char *raw)
{
	struct config_text *text = s->text;

	if (text->line_count == s->line_room) {
		size_t room = 2 * s->line_room + 64;
		struct config_line *lines =
			arena_array(s->arena, room, sizeof(*lines));

		if (text->line_count > 0)
			memcpy(lines, text->lines,
			       text->line_count * sizeof(*lines));
		text->lines = lines;
		s->line_room = room;
	}
	text->lines[text->line_count++] = (struct config_line){
		.file = file, .number = number, .raw = raw};
	put_line(s, raw);
}

void splice_end(struct splice *s)
{
	assert(s->text->line_count > 0);
	if (s->place == SPLICE_CODE)
		s->text->open_line = 0;
	grow(s, 0);
	s->text->bytes[s->len] = '\0';
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/log_line.h"

#include <stdlib.h>
#include <string.h>

#include "worker/json.h"
#include "worker/mem.h"

#define INTEGER_MAX 20 /* digits of an int64_t, with its sign */

void log_lines_fini(struct log_lines *lines)
{
	free(lines->bytes);
	*lines = (struct log_lines){0};
}

/* Room for so many more, and where it begins. */
static char *make_room(struct log_lines *lines, size_t more)
{
	if (lines->room - lines->len < more) {
		lines->room = 2 * lines->room + more + 1024;
		lines->bytes = mem_resize(lines->bytes, lines->room, 1);
	}
	return lines->bytes + lines->len;
}

static void add(struct log_lines *lines, const char *bytes, size_t len)
{
	memcpy(make_room(lines, len), bytes, len);
	lines->len += len;
}

void log_line_begin(struct log_lines *lines)
{
	add(lines, "{", 1);
}

void log_line_end(struct log_lines *lines)
{
	add(lines, "}\n", 2);
}

/* ,"key": */
static void add_key(struct log_lines *lines, const char *key)
{
	size_t len = strlen(key);
	char *at = make_room(lines, len + 4);

	if (lines->bytes[lines->len - 1] != '{')
		*at++ = ',';
	*at++ = '"';
	memcpy(at, key, len);
	at += len;
	*at++ = '"';
	*at++ = ':';
	lines->len = (size_t)(at - lines->bytes);
}

/* RFC 8259, section 7: what a string may hold as it is, within ASCII. */
static bool is_plain(struct text text)
{
	bool is_odd = false;

	/* To the end in any case: most are plain, and short. */
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		is_odd |= (unsigned char)(c - ' ') > '~' - ' ';
		is_odd |= c == '"';
		is_odd |= c == '\\';
	}
	return !is_odd;
}

static void add_escaped(struct log_lines *lines, struct text value)
{
	struct json *json = json_of_text(value);
	struct text spelled = json_line(json);

	add(lines, spelled.at, spelled.len);
	json_free(json);
}

static void add_plain(struct log_lines *lines, struct text value)
{
	char *at = make_room(lines, value.len + 2);

	at[0] = '"';
	if (value.len > 0)
		memcpy(at + 1, value.at, value.len);
	at[value.len + 1] = '"';
	lines->len += value.len + 2;
}

void log_line_text(struct log_lines *lines, const char *key, struct text value)
{
	add_key(lines, key);
	if (is_plain(value))
		add_plain(lines, value);
	else
		add_escaped(lines, value);
}

void log_line_word(struct log_lines *lines, const char *key, const char *value)
{
	add_key(lines, key);
	add_plain(lines, text_of(value));
}

void log_line_string(struct log_lines *lines, const char *key,
		     const char *value)
{
	if (value != NULL)
		log_line_text(lines, key, text_of(value));
}

void log_line_integer(struct log_lines *lines, const char *key, int64_t value)
{
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char digits[INTEGER_MAX];
	size_t at = INTEGER_MAX;

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (value < 0)
		digits[--at] = '-';
	add_key(lines, key);
	add(lines, digits + at, INTEGER_MAX - at);
}

void log_line_bool(struct log_lines *lines, const char *key, bool value)
{
	add_key(lines, key);
	add(lines, value ? "true" : "false", value ? 4 : 5);
}

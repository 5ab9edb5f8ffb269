/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/http_kept.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "worker/mem.h"

struct field {
	const char *name;
	size_t name_len;
	bool is_there;
	char *bytes; /* on the heap; NULL: none yet */
	size_t len;
	size_t room;
};

struct http_kept {
	struct field *fields;
	struct http_header *found; /* as they are handed out */
	size_t count;              /* of both */
	size_t room;               /* allocated, of both */
	size_t total;              /* bytes of all values */
	struct field *last;        /* of the last line; NULL: not wanted */
};

/* More than this of a value's memory is not kept for the next one. */
#define ROOM_AT_REST 256

struct http_kept *http_kept_new(const char *const *names, size_t count)
{
	struct http_kept *kept = mem_new(sizeof(*kept));

	http_kept_want(kept, names, count);
	return kept;
}

void http_kept_free(struct http_kept *kept)
{
	if (kept == NULL)
		return;
	for (size_t i = 0; i < kept->room; i++)
		free(kept->fields[i].bytes);
	free(kept->fields);
	free(kept->found);
	free(kept);
}

static void make_room(struct http_kept *kept, size_t needed)
{
	if (needed <= kept->room)
		return;
	kept->fields = mem_resize(kept->fields, needed, sizeof(*kept->fields));
	kept->found = mem_resize(kept->found, needed, sizeof(*kept->found));
	memset(kept->fields + kept->room, 0,
	       (needed - kept->room) * sizeof(*kept->fields));
	kept->room = needed;
}

void http_kept_want(struct http_kept *kept, const char *const *names,
		    size_t count)
{
	make_room(kept, kept->count + count);
	for (size_t i = 0; i < count; i++) {
		struct field *field = &kept->fields[kept->count++];

		field->name = names[i];
		field->name_len = strlen(names[i]);
		field->is_there = false;
		field->len = 0;
	}
}

void http_kept_rest(struct http_kept *kept)
{
	for (size_t i = 0; i < kept->count; i++) {
		struct field *field = &kept->fields[i];

		field->name = NULL;
		if (field->room <= ROOM_AT_REST)
			continue;
		free(field->bytes);
		field->bytes = NULL;
		field->room = 0;
	}
	kept->count = 0;
	kept->total = 0;
	kept->last = NULL;
}

void http_kept_clear(struct http_kept *kept)
{
	for (size_t i = 0; i < kept->count; i++) {
		kept->fields[i].is_there = false;
		kept->fields[i].len = 0;
	}
	kept->total = 0;
	kept->last = NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct text trim(struct text text)
{
	while (text.len > 0 && is_blank(text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len > 0 && is_blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

/* What stands before the colon; empty: it is no field. */
static struct text name_of(struct text line)
{
	const char *colon =
		line.len == 0 ? NULL : memchr(line.at, ':', line.len);

	if (colon == NULL)
		return (struct text){0};
	return (struct text){.at = line.at, .len = (size_t)(colon - line.at)};
}

/* What stands behind it, without blanks around it. */
static struct text value_of(struct text line, struct text name)
{
	return trim((struct text){.at = line.at + name.len + 1,
				  .len = line.len - name.len - 1});
}

bool http_line_split(struct text line, struct text *name, struct text *value)
{
	*name = name_of(line);
	if (name->len == 0)
		return false;
	*value = value_of(line, *name);
	return true;
}

/* Adds as much of it as there is room for. */
static void append(struct http_kept *kept, struct field *field,
		   struct text bytes)
{
	size_t left = HTTP_KEPT_MAX - field->len;

	if (left > HTTP_KEPT_ALL - kept->total)
		left = HTTP_KEPT_ALL - kept->total;
	if (bytes.len > left)
		bytes.len = left;
	if (bytes.len == 0)
		return;
	if (field->len + bytes.len > field->room) {
		field->room = 2 * (field->len + bytes.len);
		field->bytes = mem_resize(field->bytes, field->room, 1);
	}
	memcpy(field->bytes + field->len, bytes.at, bytes.len);
	field->len += bytes.len;
	kept->total += bytes.len;
}

static struct field *find(struct http_kept *kept, struct text name)
{
	for (size_t i = 0; i < kept->count; i++) {
		struct field *field = &kept->fields[i];

		if (field->name_len == name.len &&
		    strncasecmp(field->name, name.at, name.len) == 0)
			return field;
	}
	return NULL;
}

static bool goes_on(struct text line)
{
	return line.len > 0 && (line.at[0] == ' ' || line.at[0] == '\t');
}

void http_kept_line(struct http_kept *kept, struct text line)
{
	struct text name;

	if (goes_on(line)) {
		if (kept->last == NULL)
			return;
		append(kept, kept->last, TEXT(" "));
		append(kept, kept->last, trim(line));
		return;
	}
	kept->last = NULL;
	name = name_of(line);
	if (name.len > 0)
		kept->last = find(kept, name);
	if (kept->last == NULL)
		return;
	if (kept->last->is_there)
		append(kept, kept->last, TEXT(", "));
	kept->last->is_there = true;
	append(kept, kept->last, value_of(line, name));
}

const struct http_header *http_kept_fields(struct http_kept *kept,
					   size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < kept->count; i++) {
		const struct field *field = &kept->fields[i];

		if (!field->is_there)
			continue;
		kept->found[(*count)++] = (struct http_header){
			.name = field->name,
			.value = {.at = field->bytes, .len = field->len}};
	}
	return kept->found;
}

const struct http_header *http_header_find(const struct http_header *fields,
					   size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

struct text http_header_value(const struct http_header *fields, size_t count,
			      const char *name)
{
	const struct http_header *field = http_header_find(fields, count, name);

	return field == NULL ? (struct text){0} : field->value;
}

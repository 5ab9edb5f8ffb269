/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/hl7v2.h"

#include <string.h>

#include "worker/utf8.h"

#define FRAME_BEGIN '\x0b'
#define FRAME_END   '\x1c'

static struct text from(struct text text, size_t at)
{
	return (struct text){.at = text.at + at, .len = text.len - at};
}

static bool is_among(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static struct text without_blanks(struct text text)
{
	while (text.len > 0 && is_among(text.at[0], " \t"))
		text = from(text, 1);
	while (text.len > 0 && is_among(text.at[text.len - 1], " \t"))
		text.len--;
	return text;
}

/* Separators are printable, and no letter, digit or blank. */
static bool is_separator(char c)
{
	return c > ' ' && c < '\x7f' && !(c >= '0' && c <= '9') &&
	       !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z');
}

/* The first segment of the text, which is moved on behind it. */
static bool next_segment(struct text *rest, struct text *segment)
{
	while (rest->len > 0 && is_among(rest->at[0], "\r\n"))
		*rest = from(*rest, 1);
	if (rest->len == 0)
		return false;
	*segment = *rest;
	for (size_t i = 0; i < rest->len; i++) {
		if (!is_among(rest->at[i], "\r\n"))
			continue;
		segment->len = i;
		break;
	}
	*rest = from(*rest, segment->len);
	return true;
}

bool hl7v2_open(struct text body, struct hl7v2 *message)
{
	static const char usual[] = {'^', '~', '\\', '&'};
	char seen[sizeof(usual)];
	const char *end;

	body = utf8_unmarked(body);
	while (body.len > 0 &&
	       (is_among(body.at[0], " \t\r\n") || body.at[0] == FRAME_BEGIN))
		body = from(body, 1);
	body = utf8_unmarked(body);
	if (body.len < 4 || !text_starts(body, "MSH") ||
	    !is_separator(body.at[3]))
		return false;
	end = memchr(body.at, FRAME_END, body.len);
	if (end != NULL)
		body.len = (size_t)(end - body.at);
	memcpy(seen, usual, sizeof(seen));
	for (size_t i = 0; i < sizeof(seen) && 4 + i < body.len; i++) {
		char c = body.at[4 + i];

		if (!is_separator(c) || c == body.at[3])
			break;
		seen[i] = c;
	}
	*message = (struct hl7v2){.body = body,
				  .field = body.at[3],
				  .component = seen[0],
				  .repetition = seen[1],
				  .part = seen[3]};
	return true;
}

bool hl7v2_next(const struct hl7v2 *message, const char *name,
		struct text *rest, struct text *segment)
{
	while (next_segment(rest, segment)) {
		bool is_first = segment->at == message->body.at;
		bool is_whole =
			segment->len == 3 ||
			(segment->len > 3 && segment->at[3] == message->field);

		if (!is_first && text_starts(*segment, "MSH"))
			return false;
		if (is_whole && text_starts(*segment, name))
			return true;
	}
	return false;
}

bool hl7v2_segment(const struct hl7v2 *message, const char *name,
		   struct text *segment)
{
	struct text rest = message->body;

	return hl7v2_next(message, name, &rest, segment);
}

/* The n-th of what stands between separators, from 1. */
static struct text nth(struct text text, char separator, size_t n)
{
	for (;;) {
		const char *end =
			text.len == 0 ? NULL
				      : memchr(text.at, separator, text.len);
		size_t len = end == NULL ? text.len : (size_t)(end - text.at);

		if (--n == 0)
			return (struct text){.at = text.at, .len = len};
		if (end == NULL)
			return (struct text){0};
		text = from(text, len + 1);
	}
}

struct text hl7v2_field(const struct hl7v2 *message, struct text segment,
			size_t n)
{
	struct text field;

	/* MSH-1 is the separator itself, so that MSH-2 is the second word. */
	if (text_starts(segment, "MSH")) {
		if (n <= 2)
			return n == 1 ? (struct text){segment.at + 3, 1}
				      : nth(segment, message->field, n);
		n--;
	}
	field = nth(segment, message->field, n + 1);
	return without_blanks(nth(field, message->repetition, 1));
}

struct text hl7v2_component(const struct hl7v2 *message, struct text field,
			    size_t n)
{
	return without_blanks(nth(field, message->component, n));
}

struct text hl7v2_part(const struct hl7v2 *message, struct text component,
		       size_t n)
{
	return without_blanks(nth(component, message->part, n));
}

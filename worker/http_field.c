/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/http_field.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool is_mark(char c)
{
	return c != '\0' && strchr("!#$%&'*+.^_`|~", c) != NULL;
}

static bool is_token(const char *name)
{
	for (const char *c = name; *c != '\0'; c++) {
		char lower = (char)(*c | ' ');
		bool is_word = (lower >= 'a' && lower <= 'z') || *c == '-' ||
			       (*c >= '0' && *c <= '9');

		if (!is_word && !is_mark(*c))
			return false;
	}
	return *name != '\0';
}

static bool has_control(struct text value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.at[i];

		/* Most are none, which one comparison tells. */
		if ((unsigned char)(c - 0x20) < 0x7f - 0x20)
			continue;
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static bool is_framing(const char *name)
{
	switch (name[0] | ' ') {
	case 'c':
		return strcasecmp(name, "Content-Length") == 0;
	case 't':
		return strcasecmp(name, "Transfer-Encoding") == 0;
	default:
		return false;
	}
}

const char *http_field_flaw(const char *name, struct text value)
{
	if (!is_token(name))
		return "has a name with bytes that HTTP does not allow in one";
	if (is_framing(name))
		return "says where the request ends, which is not for a "
		       "message or a setting to say";
	if (has_control(value))
		return "has a value with a control byte, which HTTP does not "
		       "allow";
	return NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct text trim(struct text value)
{
	while (value.len > 0 && is_blank(value.at[0])) {
		value.at++;
		value.len--;
	}
	while (value.len > 0 && is_blank(value.at[value.len - 1]))
		value.len--;
	return value;
}

char *http_field_spell(const char *name, struct text value, struct arena *arena)
{
	struct text trimmed = trim(value);
	size_t name_len = strlen(name);
	char *field = arena_alloc(arena, name_len + 2 + trimmed.len + 1);

	memcpy(field, name, name_len);
	if (trimmed.len == 0) {
		field[name_len] = ';';
		return field;
	}
	memcpy(field + name_len, ": ", 2);
	memcpy(field + name_len + 2, trimmed.at, trimmed.len);
	return field;
}

/* The end of what may be shown of a url: before path, query and fragment. */
static size_t authority(const char *at)
{
	return strcspn(at, "/?#'\"\\ \t");
}

/* Shortens the url whose authority begins at `at`; returns what follows. */
static char *shorten(char *at)
{
	size_t shown = authority(at);
	size_t whole = strcspn(at, "'\" \t");
	char *login_end = NULL;

	for (size_t i = 0; i < shown; i++)
		if (at[i] == '@')
			login_end = at + i + 1;
	memmove(at + shown, at + whole, strlen(at + whole) + 1);
	if (login_end == NULL)
		return at + shown;
	size_t host = shown - (size_t)(login_end - at);
	memmove(at, login_end, strlen(login_end) + 1);
	return at + host;
}

char *http_scrub(char *sentence)
{
	char *at = strstr(sentence, "://");

	while (at != NULL)
		at = strstr(shorten(at + 3), "://");
	for (char *c = sentence; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	return sentence;
}

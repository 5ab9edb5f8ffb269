/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/json_pointer.h"

#include <stdint.h>
#include <string.h>

const char *json_pointer_flaw(struct text pointer)
{
	if (pointer.len > JSON_POINTER_MAX)
		return "is longer than 1024 bytes";
	if (pointer.len > 0 && pointer.at[0] != '/')
		return "must begin with \"/\"";
	for (size_t i = 0; i < pointer.len; i++)
		if (pointer.at[i] == '~' &&
		    (i + 1 == pointer.len ||
		     (pointer.at[i + 1] != '0' && pointer.at[i + 1] != '1')))
			return "has a \"~\" that is neither \"~0\" (for \"~\") "
			       "nor \"~1\" (for \"/\")";
	return NULL;
}

/* Takes the next token off the front, unescaped, as a C string. */
static void take_token(struct text *pointer, char token[JSON_POINTER_MAX + 1])
{
	size_t i = 1;
	size_t len = 0;

	for (; i < pointer->len && pointer->at[i] != '/'; i++) {
		char c = pointer->at[i];

		if (c == '~') {
			i++;
			c = pointer->at[i] == '1' ? '/' : '~';
		}
		token[len++] = c;
	}
	token[len] = '\0';
	pointer->at += i;
	pointer->len -= i;
}

/* The number of an element; false: the token is none. */
static bool parse_index(const char *token, size_t *index)
{
	size_t sum = 0;

	if (token[0] == '\0' || (token[0] == '0' && token[1] != '\0'))
		return false;
	for (; *token != '\0'; token++) {
		if (*token < '0' || *token > '9' || sum > SIZE_MAX / 10 - 1)
			return false;
		sum = sum * 10 + (size_t)(*token - '0');
	}
	*index = sum;
	return true;
}

static bool step(struct json *json, const char *token, struct json **value)
{
	size_t index;

	if (json_kind(json) == JSON_OBJECT)
		return json_find(json, token, value);
	if (json_kind(json) != JSON_ARRAY || !parse_index(token, &index) ||
	    index >= json_count(json))
		return false;
	*value = json_at(json, index);
	return true;
}

bool json_pointer_find(struct json *json, struct text pointer,
		       struct json **value)
{
	char token[JSON_POINTER_MAX + 1];
	struct json *at = json;

	while (pointer.len > 0) {
		take_token(&pointer, token);
		if (!step(at, token, &at))
			return false;
	}
	*value = at;
	return true;
}

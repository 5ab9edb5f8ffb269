/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/matcher.h"

#include <string.h>
#include <strings.h>

#include "worker/json_pointer.h"
#include "worker/utf8.h"

/* --- two of them ------------------------------------------------------------ */

static bool same_string(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

static bool same_value(const struct matcher_value *a,
		       const struct matcher_value *b)
{
	return a->kind == b->kind && text_eq(a->text, b->text) &&
	       a->integer == b->integer &&
	       memcmp(&a->number, &b->number, sizeof(a->number)) == 0 &&
	       a->truth == b->truth;
}

bool matcher_same(const struct matcher *a, const struct matcher *b)
{
	if (a->kind != b->kind || a->test != b->test ||
	    a->value_count != b->value_count ||
	    !same_string(a->place, b->place) ||
	    !same_string(a->pattern, b->pattern))
		return false;
	for (size_t i = 0; i < a->value_count; i++)
		if (!same_value(&a->values[i], &b->values[i]))
			return false;
	return true;
}

/* --- the response ------------------------------------------------------------ */

struct json *response_json(struct response *response)
{
	if (!response->is_read) {
		response->is_read = true;
		response->json = json_parse(utf8_unmarked(response->body));
	}
	return response->json;
}

void response_end(struct response *response)
{
	json_free(response->json);
	response->json = NULL;
	response->is_read = false;
}

struct text media_type(struct text content_type)
{
	struct text type = content_type;
	const char *end = type.len == 0 ? NULL : memchr(type.at, ';', type.len);

	if (end != NULL)
		type.len = (size_t)(end - type.at);
	while (type.len > 0 &&
	       (type.at[type.len - 1] == ' ' || type.at[type.len - 1] == '\t'))
		type.len--;
	return type;
}

/* --- the tests ---------------------------------------------------------------- */

static bool search(const struct matcher *matcher, struct text text,
		   struct response *response)
{
	enum regex_result result = regex_search(matcher->regex, text);

	if (result == REGEX_BEYOND) {
		response->gave_up = true;
		response->is_open = true;
	}
	return result == REGEX_MATCH;
}

static bool text_is_one(const struct matcher *matcher, struct text text)
{
	for (size_t i = 0; i < matcher->value_count; i++)
		if (text_eq(matcher->values[i].text, text))
			return true;
	return false;
}

static bool header_holds(const struct matcher *matcher,
			 struct response *response)
{
	const struct http_header *field = http_header_find(
		response->fields, response->field_count, matcher->place);

	switch (matcher->test) {
	case TEST_EXISTS:
		return field != NULL;
	case TEST_ABSENT:
		return field == NULL;
	case TEST_IN:
		return field != NULL && text_is_one(matcher, field->value);
	case TEST_REGEX:
		return field != NULL && search(matcher, field->value, response);
	case TEST_NULL:
	case TEST_NOT_NULL:
		break;
	}
	return false;
}

static bool equals(const struct matcher_value *value, struct json *json)
{
	enum json_kind kind = json_kind(json);
	bool is_number = kind == JSON_INTEGER || kind == JSON_DOUBLE;
	struct text text;

	switch (value->kind) {
	case VALUE_TEXT:
		return kind == JSON_STRING && json_text(json, &text) &&
		       text_eq(text, value->text);
	case VALUE_INTEGER:
		if (kind == JSON_INTEGER)
			return json_integer(json, 0) == value->integer;
		return is_number &&
		       json_double(json, 0) == (double)value->integer;
	case VALUE_NUMBER:
		return is_number && json_double(json, 0) == value->number;
	case VALUE_TRUTH:
		return kind == JSON_BOOL &&
		       json_truth(json, false) == value->truth;
	}
	return false;
}

static bool json_is_one(const struct matcher *matcher, struct json *json)
{
	for (size_t i = 0; i < matcher->value_count; i++)
		if (equals(&matcher->values[i], json))
			return true;
	return false;
}

static bool pointer_holds(const struct matcher *matcher,
			  struct response *response)
{
	struct json *json = response_json(response);
	struct json *value = NULL;
	bool is_there =
		json != NULL &&
		json_pointer_find(json, text_of(matcher->place), &value);
	struct text text;

	/* It is longer than what is read of it, nested too deeply, or broken. */
	if (json == NULL && json_begins(utf8_unmarked(response->body))) {
		response->is_open = true;
		return false;
	}
	switch (matcher->test) {
	case TEST_EXISTS:
		return is_there;
	case TEST_ABSENT:
		return !is_there;
	case TEST_NULL:
		return is_there && json_kind(value) == JSON_NULL;
	case TEST_NOT_NULL:
		return is_there && json_kind(value) != JSON_NULL;
	case TEST_IN:
		return is_there && json_is_one(matcher, value);
	case TEST_REGEX:
		return is_there && json_text(value, &text) &&
		       search(matcher, text, response);
	}
	return false;
}

/* "text/html" by itself, "text" by any subtype. */
static bool is_of_type(struct text wanted, struct text type)
{
	if (type.len < wanted.len ||
	    (wanted.len > 0 &&
	     strncasecmp(type.at, wanted.at, wanted.len) != 0))
		return false;
	return type.len == wanted.len ||
	       (memchr(wanted.at, '/', wanted.len) == NULL &&
		type.at[wanted.len] == '/');
}

static bool content_type_holds(const struct matcher *matcher,
			       const struct response *response)
{
	struct text type = media_type(http_header_value(
		response->fields, response->field_count, "Content-Type"));

	for (size_t i = 0; i < matcher->value_count; i++)
		if (is_of_type(matcher->values[i].text, type))
			return true;
	return false;
}

bool matcher_holds(const struct matcher *matcher, struct response *response)
{
	response->is_open = false;
	switch (matcher->kind) {
	case MATCHER_HEADER:
		return header_holds(matcher, response);
	case MATCHER_POINTER:
		return pointer_holds(matcher, response);
	case MATCHER_TEXT:
		return search(matcher, response->body, response);
	case MATCHER_CONTENT_TYPE:
		return content_type_holds(matcher, response);
	}
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/json.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "worker/mem.h"
#include "worker/utf8.h"

#define PARSE_DEPTH 32

/* A struct json is never defined: it is json-c's object under our name. */
static struct json_object *in(const struct json *json)
{
	return (struct json_object *)(uintptr_t)json;
}

static struct json *out(struct json_object *object)
{
	return (struct json *)object;
}

static struct json *made(struct json_object *object)
{
	if (object == NULL)
		mem_exhausted();
	return out(object);
}

struct json *json_new_object(void)
{
	return made(json_object_new_object());
}

struct json *json_new_array(void)
{
	return made(json_object_new_array());
}

void json_free(struct json *json)
{
	json_object_put(in(json));
}

void json_put(struct json *object, const char *key, struct json *value)
{
	if (json_object_object_add_ex(in(object), key, in(value),
				      JSON_C_OBJECT_ADD_KEY_IS_NEW |
					      JSON_C_OBJECT_ADD_CONSTANT_KEY))
		mem_exhausted();
}

void json_put_copy(struct json *object, const char *key, struct json *value)
{
	if (json_object_object_add(in(object), key, in(value)))
		mem_exhausted();
}

static bool is_utf8(struct text text)
{
	for (size_t i = 0; i < text.len;) {
		size_t len = utf8_sequence(text.at + i, text.len - i);
		if (len == 0)
			return false;
		i += len;
	}
	return true;
}

static struct json *of_mended(struct text text)
{
	const struct text bad = UTF8_BAD;
	char *mended = malloc(text.len * 3 + 1);
	size_t used = 0;

	if (mended == NULL)
		mem_exhausted();
	for (size_t i = 0; i < text.len;) {
		size_t len = utf8_sequence(text.at + i, text.len - i);
		if (len == 0) {
			memcpy(mended + used, bad.at, bad.len);
			used += bad.len;
			i++;
			continue;
		}
		memcpy(mended + used, text.at + i, len);
		used += len;
		i += len;
	}
	struct json *json = made(json_object_new_string_len(mended, (int)used));
	free(mended);
	return json;
}

struct json *json_of_text(struct text value)
{
	if (value.len == 0)
		return made(json_object_new_string(""));
	if (value.len > INT32_MAX / 3)
		abort();
	if (!is_utf8(value))
		return of_mended(value);
	return made(json_object_new_string_len(value.at, (int)value.len));
}

struct json *json_of_integer(int64_t value)
{
	return made(json_object_new_int64(value));
}

struct json *json_of_bool(bool value)
{
	return made(json_object_new_boolean(value));
}

struct json *json_of_double(double value)
{
	return made(json_object_new_double(value));
}

void json_put_text(struct json *object, const char *key, struct text value)
{
	json_put(object, key, json_of_text(value));
}

void json_put_string(struct json *object, const char *key, const char *value)
{
	json_put(object, key, json_of_text(text_of(value)));
}

void json_put_integer(struct json *object, const char *key, int64_t value)
{
	json_put(object, key, json_of_integer(value));
}

void json_put_bool(struct json *object, const char *key, bool value)
{
	json_put(object, key, json_of_bool(value));
}

void json_append(struct json *array, struct json *value)
{
	if (json_object_array_add(in(array), in(value)))
		mem_exhausted();
}

void json_append_text(struct json *array, struct text value)
{
	json_append(array, json_of_text(value));
}

struct text json_line(struct json *json)
{
	size_t len = 0;
	const char *at = json_object_to_json_string_length(
		in(json),
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);

	if (at == NULL)
		mem_exhausted();
	return (struct text){.at = at, .len = len};
}

void json_print_pretty(struct json *json, FILE *to)
{
	fputs(json_object_to_json_string_ext(
		      in(json), JSON_C_TO_STRING_PRETTY |
					JSON_C_TO_STRING_SPACED |
					JSON_C_TO_STRING_NOSLASHESCAPE),
	      to);
	fputc('\n', to);
}

/* True if only white space (RFC 8259, section 2) follows from `at` on. */
static bool is_blank_from(struct text text, size_t at)
{
	for (size_t i = at; i < text.len; i++)
		if (memchr(" \t\r\n", text.at[i], 4) == NULL)
			return false;
	return true;
}

bool json_begins(struct text text)
{
	size_t at = 0;

	while (at < text.len && memchr(" \t\r\n", text.at[at], 4) != NULL)
		at++;
	return at < text.len && (text.at[at] == '{' || text.at[at] == '[');
}

struct json *json_parse(struct text text)
{
	struct json_tokener *tokener = json_tokener_new_ex(PARSE_DEPTH);
	struct json_object *object;
	size_t end;
	bool is_whole;

	if (tokener == NULL)
		mem_exhausted();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	if (text.len > INT32_MAX - 1) {
		json_tokener_free(tokener);
		return NULL;
	}
	object = json_tokener_parse_ex(tokener, text.at == NULL ? "" : text.at,
				       (int)text.len);
	end = json_tokener_get_parse_end(tokener);
	/* A bare word or number at the end of the input needs its end to be
	   seen; all of the input is used by then. */
	if (json_tokener_get_error(tokener) == json_tokener_continue) {
		object = json_tokener_parse_ex(tokener, "", 1);
		end = text.len;
	}
	is_whole = json_tokener_get_error(tokener) == json_tokener_success &&
		   is_blank_from(text, end);
	json_tokener_free(tokener);
	if (is_whole)
		return out(object);
	json_object_put(object);
	return NULL;
}

enum json_kind json_kind(const struct json *json)
{
	switch (json_object_get_type(in(json))) {
	case json_type_null:
		return JSON_NULL;
	case json_type_boolean:
		return JSON_BOOL;
	case json_type_double:
		return JSON_DOUBLE;
	case json_type_int:
		return JSON_INTEGER;
	case json_type_object:
		return JSON_OBJECT;
	case json_type_array:
		return JSON_ARRAY;
	case json_type_string:
		return JSON_STRING;
	}
	return JSON_NULL;
}

struct json *json_get(const struct json *object, const char *key)
{
	struct json_object *value = NULL;

	if (json_kind(object) == JSON_OBJECT)
		json_object_object_get_ex(in(object), key, &value);
	return out(value);
}

bool json_find(const struct json *object, const char *key, struct json **value)
{
	struct json_object *found = NULL;

	if (json_kind(object) != JSON_OBJECT ||
	    !json_object_object_get_ex(in(object), key, &found))
		return false;
	*value = out(found);
	return true;
}

size_t json_count(const struct json *array)
{
	if (json_kind(array) == JSON_ARRAY)
		return json_object_array_length(in(array));
	if (json_kind(array) == JSON_OBJECT)
		return (size_t)json_object_object_length(in(array));
	return 0;
}

struct json *json_at(const struct json *array, size_t i)
{
	if (json_kind(array) != JSON_ARRAY)
		return NULL;
	return out(json_object_array_get_idx(in(array), i));
}

const char *json_member(const struct json *object, size_t i,
			struct json **value)
{
	if (json_kind(object) != JSON_OBJECT)
		return NULL;

	struct json_object_iterator it = json_object_iter_begin(in(object));
	struct json_object_iterator end = json_object_iter_end(in(object));
	for (; i > 0 && !json_object_iter_equal(&it, &end); i--)
		json_object_iter_next(&it);
	if (json_object_iter_equal(&it, &end))
		return NULL;
	*value = out(json_object_iter_peek_value(&it));
	return json_object_iter_peek_name(&it);
}

const char *json_string(const struct json *json)
{
	if (json_kind(json) != JSON_STRING)
		return NULL;
	return json_object_get_string(in(json));
}

int64_t json_integer(const struct json *json, int64_t otherwise)
{
	if (json_kind(json) != JSON_INTEGER)
		return otherwise;
	return json_object_get_int64(in(json));
}

double json_double(const struct json *json, double otherwise)
{
	enum json_kind kind = json_kind(json);

	if (kind != JSON_DOUBLE && kind != JSON_INTEGER)
		return otherwise;
	return json_object_get_double(in(json));
}

bool json_text(struct json *json, struct text *text)
{
	switch (json_kind(json)) {
	case JSON_STRING:
		text->at = json_object_get_string(in(json));
		text->len = (size_t)json_object_get_string_len(in(json));
		return true;
	case JSON_INTEGER:
	case JSON_DOUBLE:
		*text = json_line(json);
		return true;
	case JSON_NULL:
	case JSON_BOOL:
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	return false;
}

bool json_truth(const struct json *json, bool otherwise)
{
	if (json_kind(json) != JSON_BOOL)
		return otherwise;
	return json_object_get_boolean(in(json));
}

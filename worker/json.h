/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - JSON made and read. The only door to json-c.
 *
 * Texts that are not UTF-8 are mended on the way out (each bad byte becomes
 * U+FFFD), so that what is printed is always JSON.
 */
#ifndef WORKER_JSON_H
#define WORKER_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "policy/text.h"

struct json; /* a value */

/* Making. What is made is owned by the caller until it is put into another;
   never NULL. */
struct json *json_new_object(void);
struct json *json_new_array(void);
void json_free(struct json *json); /* takes NULL */

/* Adds a member to an object. `key` lives as long as the object (a literal),
   and is not there yet. */
void json_put(struct json *object, const char *key, struct json *value);
void json_put_text(struct json *object, const char *key, struct text value);
void json_put_string(struct json *object, const char *key, const char *value);
void json_put_integer(struct json *object, const char *key, int64_t value);
void json_put_bool(struct json *object, const char *key, bool value);
/* The same with a key that is copied. */
void json_put_copy(struct json *object, const char *key, struct json *value);

void json_append(struct json *array, struct json *value);
void json_append_text(struct json *array, struct text value);
struct json *json_of_text(struct text value);
struct json *json_of_integer(int64_t value);
struct json *json_of_bool(bool value);
struct json *json_of_double(double value);

/* Without blanks, on one line, no line end. Borrowed until the value changes
   or is freed. */
struct text json_line(struct json *json);

/* Indented, with a line end. */
void json_print_pretty(struct json *json, FILE *to);

/* Reading. NULL if the text is not one JSON value, or nested deeper than
   32. Owned by the caller. */
struct json *json_parse(struct text text);

/* True if the text begins as an object or array does, whether it is one or
   not. */
bool json_begins(struct text text);

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_INTEGER,
	JSON_DOUBLE,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* These take NULL, and give what an absent value gives. Borrowed. */
enum json_kind json_kind(const struct json *json);
struct json *json_get(const struct json *object, const char *key);
/* The same, told apart from a member that is null: false, and *value alone, if
   it is not there. */
bool json_find(const struct json *object, const char *key, struct json **value);
size_t json_count(const struct json *array); /* elements or members */
struct json *json_at(const struct json *array, size_t i);
/* The i-th member of an object, in its order; *value gets its value. */
const char *json_member(const struct json *object, size_t i,
			struct json **value);
const char *json_string(const struct json *json); /* NULL: not a string */
int64_t json_integer(const struct json *json, int64_t otherwise);
double json_double(const struct json *json,
		   double otherwise); /* integers too */
/* A string, or a number as it was written (an integer beyond 64 bits: the
   nearest that fits); with its NULs. False, and *text alone, for others. */
bool json_text(struct json *json, struct text *text);
bool json_truth(const struct json *json, bool otherwise);

#endif

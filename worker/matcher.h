/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matcher.h - one thing that a rule asks of a response, and whether it holds.
 *
 * A matcher looks at a header field, at a place in a JSON body, at the body as
 * text, or at its content type. The policy knows each by its number alone, and
 * gets a bit for it (policy/condition.h).
 *
 * Responses are hostile. What is no JSON, or was cut at response_limit, has no
 * places; what a regular expression cannot be searched in within bounds
 * (regex.h) does not match.
 */
#ifndef WORKER_MATCHER_H
#define WORKER_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/text.h"
#include "worker/http_kept.h"
#include "worker/json.h"
#include "worker/regex.h"

enum matcher_kind {
	MATCHER_HEADER,       /* place: a field's name, in any case */
	MATCHER_POINTER,      /* place: a JSON pointer */
	MATCHER_TEXT,         /* the body */
	MATCHER_CONTENT_TYPE, /* the type and subtype of Content-Type */
};

enum matcher_test {
	TEST_EXISTS,   /* it is there, whatever it is */
	TEST_ABSENT,   /* it is not */
	TEST_NULL,     /* JSON: it is there, and null */
	TEST_NOT_NULL, /* JSON: it is there, and not null */
	TEST_IN,       /* it is one of the values */
	TEST_REGEX,    /* the pattern is found in it */
};

enum value_kind {
	VALUE_TEXT,
	VALUE_INTEGER,
	VALUE_NUMBER,
	VALUE_TRUTH,
};

/* What something is compared with: in JSON a text with strings, a number with
   numbers. */
struct matcher_value {
	enum value_kind kind;
	struct text text;
	int64_t integer;
	double number;
	bool truth;
};

/* It and what it points to is constant, and the configuration's. */
struct matcher {
	enum matcher_kind kind;
	const char *place; /* or NULL */
	enum matcher_test test;
	const struct matcher_value *values; /* TEST_IN; MATCHER_CONTENT_TYPE:
					       "text/html", or "text" for all of it */
	size_t value_count;
	const char *pattern; /* TEST_REGEX */
	const struct regex *regex;
};

/* True if both always come to the same. */
bool matcher_same(const struct matcher *a, const struct matcher *b);

/* A complete response. What it is made of is borrowed. */
struct response {
	const struct http_header *fields;
	size_t field_count;
	struct text body;
	/* For matcher_holds alone. */
	bool is_read; /* `json` is what the body is as JSON; NULL: none */
	struct json *json;
	bool gave_up; /* a search was beyond its bounds */
	/* The last matcher could not be told: for that reason, or since the body
	   begins as JSON does and cannot be read. */
	bool is_open;
};

/* Of zeroed memory but for the fields and the body. To be ended. */
void response_end(struct response *response);

/* The body as JSON; NULL if it is none. Borrowed until the response is ended. */
struct json *response_json(struct response *response);

/* The body is read as JSON with the first matcher that asks for it. */
bool matcher_holds(const struct matcher *matcher, struct response *response);

/* The type and subtype of a Content-Type (RFC 9110, section 8.3.1), without
   parameters and blanks. */
struct text media_type(struct text content_type);

#endif

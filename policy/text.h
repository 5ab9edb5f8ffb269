/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - borrowed bytes with a length; they need not end in NUL.
 *
 * A `struct text` never owns what it points to: whoever hands one out says how
 * long it lives. The empty text may have a NULL pointer.
 */
#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	const char *at; /* first byte; may be NULL when len is 0 */
	size_t len;     /* bytes */
};

/* A text of a string literal, without its NUL. */
#define TEXT(literal)                                                          \
	((struct text){.at = (literal), .len = sizeof(literal) - 1})

/* The text of a C string, without its NUL; NULL gives the empty text. */
struct text text_of(const char *string);

/* True if both hold the same bytes. */
bool text_eq(struct text a, struct text b);

/* True if `a` holds the bytes of the C string `string`. */
bool text_is(struct text a, const char *string);

/* True if `a` begins with the bytes of the C string `prefix`. */
bool text_starts(struct text a, const char *prefix);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_kept.h - header fields of a response that somebody wants to see.
 *
 * Which ones is said once, by name; lines of a response's head then go in, and
 * values come out. Fields of the same name are joined with ", " (RFC 9110,
 * section 5.3), and a line that goes on is joined with a space (RFC 9112,
 * section 5.2). A value is kept up to HTTP_KEPT_MAX bytes, all of them up to
 * HTTP_KEPT_ALL: what is more is dropped.
 */
#ifndef WORKER_HTTP_KEPT_H
#define WORKER_HTTP_KEPT_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/text.h"

#define HTTP_KEPT_MAX 8192
#define HTTP_KEPT_ALL 65536

struct http_header {
	const char *name;
	struct text value;
};

struct http_kept; /* the fields of one response after the other */

/* `names` are borrowed, and no two are the same but for their case. */
struct http_kept *http_kept_new(const char *const *names, size_t count);
void http_kept_free(struct http_kept *kept); /* takes NULL */

/* Keeps these as well from here on; they are borrowed, and differ from those
   before. */
void http_kept_want(struct http_kept *kept, const char *const *names,
		    size_t count);

/* Forgets names and values, and keeps a little memory for the next ones. */
void http_kept_rest(struct http_kept *kept);

/* Forgets the values: another response begins. */
void http_kept_clear(struct http_kept *kept);

/* A line of a head with its line end, or none; neither status nor blank line. */
void http_kept_line(struct http_kept *kept, struct text line);

/*
 * The fields that came, in the order of the names as they were asked for;
 * *count gets how many. Borrowed until something else is done with it.
 */
const struct http_header *http_kept_fields(struct http_kept *kept,
					   size_t *count);

/* The value of a field among those, by its name in any case; the empty text if
   it is not there. Blanks around a value are not part of it. */
struct text http_header_value(const struct http_header *fields, size_t count,
			      const char *name);
/* The same, and NULL if it is not there. */
const struct http_header *http_header_find(const struct http_header *fields,
					   size_t count, const char *name);

/* The name and value of a line, its blanks and end cut off; false: it is none
   (no colon, or nothing before it). */
bool http_line_split(struct text line, struct text *name, struct text *value);

#endif

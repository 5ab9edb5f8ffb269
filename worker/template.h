/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template.h - a text with places in it that each message fills.
 *
 *   {id}             who the message is: its message-id, or the id given to it
 *   {type}           its message type
 *   {routing_key}    its routing key
 *   {header.NAME}    a message header that is a text, a number, a boolean or a
 *                    timestamp
 *   {body/a/0/b}     a place in its JSON body (RFC 6901): a text, a number or a
 *                    boolean
 *   {url:...}        any of these, percent-encoded as in a url (for a header
 *                    or body that holds a part of a url)
 *   {{ }}            a brace by itself
 *
 * In a body, which is often JSON, a brace that no small letter follows stands
 * for itself too, and so does each "}".
 *
 * A value can be no more than what it stands for:
 *
 *   in a url     it is percent-encoded but for the unreserved characters of RFC
 *                3986, section 2.3. Scheme, host and port are literal. A
 *                segment of the path that a value makes empty, "." or ".." (also
 *                behind an encoded slash, which some servers decode), is refused
 *   in a header  as it is; http_call refuses control characters. A header that
 *                comes out empty is refused
 *   in a key     (Idempotency-Key) the same, and no value may be empty: two
 *                messages would have one key
 *   in a body    that begins as JSON does (and then has to be JSON): escaped
 *                inside a string; elsewhere it is a whole JSON value. In any
 *                other body as it is
 *
 * What cannot be filled in says which placeholder it was, and never the value.
 */
#ifndef WORKER_TEMPLATE_H
#define WORKER_TEMPLATE_H

#include <stdbool.h>

#include "policy/text.h"
#include "worker/arena.h"
#include "worker/message_view.h"

#define TEMPLATE_MAX        16384 /* bytes, as written */
#define TEMPLATE_URL_MAX    8000  /* expanded; RFC 9110, section 4.1 */
#define TEMPLATE_KEY_MAX    255   /* expanded */
#define TEMPLATE_HEADER_MAX 8000

enum template_kind {
	TEMPLATE_URL,    /* http:// or https://, whole */
	TEMPLATE_HEADER, /* the value of a header of a request */
	TEMPLATE_KEY,    /* that of Idempotency-Key */
	TEMPLATE_BODY,
};

struct template;

/*
 * The template, in the arena. NULL if it is none: *flaw is then the end of a
 * sentence in the arena that says where and how to mend it ("has no
 * placeholder {route}; the nearest is {routing_key}"). Whether an url is one
 * that calls can go to is for others: see template_sample.
 */
const struct template *template_parse(enum template_kind kind,
				      struct text written, struct arena *arena,
				      const char **flaw);

/* As it was written. Lives as long as the template. */
const char *template_written(const struct template *t);

/* True if all of it is literal. */
bool template_is_literal(const struct template *t);

/* True if it is a body, and JSON whatever it is filled in with. */
bool template_is_json(const struct template *t);

/* What it may come out as: each placeholder is "x" (a number where JSON wants a
   value). In the arena. */
const char *template_sample(const struct template *t, struct arena *arena);

/*
 * Fills it in; *result is in the arena of the message, with a NUL behind it that
 * is not counted. False if the message does not have what it takes: *flaw is
 * then a clause in that arena that names the placeholder and not the value ("the
 * message has no header for {header.mrn}").
 */
bool template_expand(const struct template *t, struct message_view *view,
		     struct text *result, const char **flaw);

#endif

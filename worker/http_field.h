/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_field.h - header fields of a request, as they go to the HTTP library.
 */
#ifndef WORKER_HTTP_FIELD_H
#define WORKER_HTTP_FIELD_H

#include <stdbool.h>

#include "policy/text.h"
#include "worker/arena.h"

/*
 * Why this field cannot be sent, as the end of a sentence, or NULL: a name
 * that is no token (RFC 9110, 5.6.2), a control byte in the value (RFC 9110,
 * 5.5; a tab is none), or a name that would change where the request ends
 * (RFC 9112, 6). Static; it holds no part of the value.
 */
const char *http_field_flaw(const char *name, struct text value);

/*
 * The field as CURLOPT_HTTPHEADER wants it, in the arena: "Name: value", and
 * "Name;" where the value is empty. Blanks around the value are not part of it
 * (RFC 9110, 5.5). Only for fields without a flaw.
 */
char *http_field_spell(const char *name, struct text value,
		       struct arena *arena);

/*
 * Takes out of a sentence, in place, what its urls have beyond scheme, host
 * and port: user, password, path and query may name a patient. Control bytes
 * become '?'. Returns it.
 */
char *http_scrub(char *sentence);

#endif

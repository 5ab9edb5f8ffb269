/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_pointer.h - a place in a JSON value: "/entry/0/response/status".
 *
 * RFC 6901: "" is the whole value, "/" begins each name of a member or number
 * of an element (0 is the first; no leading zeros; "-" is one behind the last
 * and so never there), "~1" stands for "/" and "~0" for "~" in a name. Names
 * with a NUL in them are never found.
 */
#ifndef WORKER_JSON_POINTER_H
#define WORKER_JSON_POINTER_H

#include <stdbool.h>

#include "policy/text.h"
#include "worker/json.h"

#define JSON_POINTER_MAX 1024 /* bytes */

/* Why a text is no pointer, as a clause ("must begin with /"); NULL: it is
   one. Static. */
const char *json_pointer_flaw(struct text pointer);

/*
 * Finds what a pointer without a flaw points to. True, and *value borrowed
 * from `json` (NULL for null), if it is there; false, and *value alone, if not.
 */
bool json_pointer_find(struct json *json, struct text pointer,
		       struct json **value);

#endif

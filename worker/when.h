/* SPDX-License-Identifier: Apache-2.0 */
/*
 * when.h - whether a step is for a message.
 *
 *   when = { type = [ "lab.#" ];
 *            header = { name = "priority"; equals = "urgent"; };
 *            pointer = { at = "/status"; in = [ "final", "amended" ]; }; };
 *
 * All parts that are given must hold: one of the patterns matches the message
 * type, and each test of a message header or of a place in the JSON body holds.
 * The tests are those that rules make of answers (matcher.h); names of message
 * headers are told apart by case, and a header is compared as message_header
 * spells it.
 */
#ifndef WORKER_WHEN_H
#define WORKER_WHEN_H

#include <stdbool.h>
#include <stddef.h>

#include "worker/matcher.h"
#include "worker/message_view.h"

/* It and what it points to is constant, and the configuration's. */
struct when {
	const char *const *types;       /* patterns; any of them */
	size_t type_count;              /* 0: all types */
	const struct matcher *matchers; /* HEADER and POINTER; all of them */
	size_t matcher_count;
};

/* True if both always come to the same, as far as is written in them. */
bool when_same(const struct when *a, const struct when *b);

/*
 * True if it holds; NULL always does. What cannot be told (the body begins as
 * JSON does and cannot be read, or a search went beyond its bounds) counts as
 * if it held, so that no call is left out in silence: the request of such a
 * step has a flaw.
 */
bool when_holds(const struct when *when, struct message_view *view);

/* True if one of its tests cannot be told, and none of the others fails. */
bool when_is_open(const struct when *when, struct message_view *view);

#endif

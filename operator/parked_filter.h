/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parked_filter.h - which parked messages are meant.
 */
#ifndef OPERATOR_PARKED_FILTER_H
#define OPERATOR_PARKED_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "operator/parked_item.h"

#define PARKED_WHERE_MAX 8

/* All that is set must hold. All zero: every message. Texts are borrowed. */
struct parked_filter {
	const char *id; /* ID, or ID@parked-at: ids need not be unique */
	const char *type;
	const char *reason; /* or the policy's word for it, park_as */
	const char *error;
	const char *downstream;
	millis older; /* parked for longer than that; 0: not asked */
	millis newer; /* parked for no longer than that; 0: not asked */
	const char *where[PARKED_WHERE_MAX]; /* "HEADER=VALUE" */
	size_t where_count;
};

/* True if nothing is asked. */
bool parked_filter_is_empty(const struct parked_filter *filter);

/*
 * Adds a HEADER=VALUE; false if it is none, or one too many. The value is that
 * of a header that is a string, a whole number, or true or false.
 */
bool parked_filter_where(struct parked_filter *filter, const char *where);

/* `now` is by the wall clock. When a message was parked must be known for
   `older` and `newer` to hold. */
bool parked_filter_matches(const struct parked_filter *filter,
			   const struct parked_item *item, millis now);

#endif

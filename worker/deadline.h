/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deadline.h - until when a message is worth delivering, by its own word.
 *
 * A header of the publisher's, which takes one of these forms:
 *
 *   an AMQP timestamp    seconds since 1970 UTC
 *   a whole number       milliseconds since 1970 UTC, from 100000000000 on
 *                        (1973): what is less is more likely in seconds
 *   a text               RFC 3339: "2026-11-24T09:41:32.5+01:00"
 *
 * No later than the year 9999.
 */
#ifndef WORKER_DEADLINE_H
#define WORKER_DEADLINE_H

#include <stdbool.h>

#include "policy/millis.h"
#include "policy/text.h"
#include "worker/table.h"

/* Of a text. False, and *wall alone, if it is no date-time of RFC 3339 (section
   5.6). */
bool deadline_parse(struct text text, millis *wall);

/* False, and *wall alone, if the field is none of these. */
bool deadline_read(const struct field *field, millis *wall);

#endif

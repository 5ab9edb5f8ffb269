/* SPDX-License-Identifier: Apache-2.0 */
/*
 * duration.h - durations as people write them, and as queue names spell them.
 *
 * Written: one or more of <number><unit>, largest unit first, each unit at
 * most once, no blanks: "250ms", "5s", "2m", "1h30m", "7d". Units: d, h, m, s,
 * ms. The number is whole. A part may exceed its unit ("90s").
 *
 * Spelt: there is one spelling of each duration, in which no part exceeds its
 * unit and parts of zero are left out: 90 s is "1m30s". Zero is "0s".
 */
#ifndef POLICY_DURATION_H
#define POLICY_DURATION_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/millis.h"
#include "policy/text.h"

/* Enough for any spelling, with its NUL. */
#define DURATION_SPELLING_MAX 40

/*
 * Reads a duration. False, and *value alone, when it is not one (empty, no
 * unit, a sign, an unknown unit, units out of order or repeated) or when it
 * exceeds INT64_MAX milliseconds.
 */
bool duration_parse(struct text written, millis *value);

/*
 * Spells `value` (>= 0) into buffer, which holds DURATION_SPELLING_MAX bytes.
 * Returns the buffer.
 */
char *duration_spell(millis value, char buffer[DURATION_SPELLING_MAX]);

#endif

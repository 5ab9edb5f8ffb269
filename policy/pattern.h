/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern.h - AMQP topic patterns, for message types.
 *
 * Words are separated by dots. "*" stands for exactly one word, "#" for zero
 * or more words (AMQP 0-9-1, section 3.1.3.3). "lab.#" matches "lab" and
 * "lab.result.critical"; "lab.*" matches "lab.result" only.
 */
#ifndef POLICY_PATTERN_H
#define POLICY_PATTERN_H

#include <stdbool.h>

#include "policy/text.h"

/*
 * True if `subject` matches `pattern`. Takes time proportional to the product
 * of their lengths at worst, whatever the pattern; allocates nothing.
 */
bool pattern_matches(struct text pattern, struct text subject);

/*
 * Orders patterns by how specific they are: > 0 if `a` is more specific than
 * `b`, < 0 if less, 0 if neither. More literal words are more specific; with
 * as many, fewer "#", then more "*", each of which asks for a word more.
 */
int pattern_compare(struct text a, struct text b);

#define PATTERN_WORDS_MAX 128 /* of 255 bytes, the longest routing key */

/*
 * True if `wide` matches all that `narrow` does. Never true in error; but also
 * false where it would take long to see: more than three "#" in `narrow`, or
 * more than PATTERN_WORDS_MAX words or 1024 bytes.
 */
bool pattern_covers(struct text wide, struct text narrow);

/* True if something matches both. False if one of them has more than
   PATTERN_WORDS_MAX words. */
bool pattern_overlaps(struct text a, struct text b);

#endif

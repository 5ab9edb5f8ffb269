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
 * as many, fewer "#", then fewer "*".
 */
int pattern_compare(struct text a, struct text b);

#endif

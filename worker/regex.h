/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex.h - regular expressions in Perl's syntax. The only door to PCRE2.
 *
 * Patterns are the configuration's, texts are whatever a server sends: a search
 * ends after a bounded amount of work and memory, whatever the two are, and
 * then matches nothing. The work is counted (REGEX_WORK_MAX bytes looked at,
 * repeats included), not timed, so that the same text has the same answer
 * everywhere.
 *
 * Texts are UTF-8; bytes that are none match nothing, and what is around them
 * is searched all the same. ^ and $ are the ends of the text unless (?m) is
 * given; lines end in CR, LF or CRLF. Case counts unless (?i) is given.
 *
 * Patterns are run by PCRE2's interpreter: machine code that is made as one
 * runs (JIT) is refused by hardened systems, and knows no such bounds.
 */
#ifndef WORKER_REGEX_H
#define WORKER_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/text.h"
#include "worker/arena.h"

#define REGEX_PATTERN_MAX 4096 /* bytes */
#define REGEX_WORK_MAX    (32 << 20)

struct regex;

/*
 * Compiles a pattern into the arena, where it lives. NULL if it is wrong: then
 * *flaw is a clause in the arena that says what and where ("has, at byte 3, a
 * missing closing parenthesis").
 */
struct regex *regex_new(struct text pattern, struct arena *arena,
			const char **flaw);

enum regex_result {
	REGEX_NONE,   /* it does not match */
	REGEX_MATCH,  /* it matches somewhere in the text */
	REGEX_BEYOND, /* the search was given up: bounds, see above */
};

/* Searches a text. Any thread; more than one may use the same pattern. */
enum regex_result regex_search(const struct regex *regex, struct text text);

#endif

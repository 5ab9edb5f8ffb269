/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_nearest.h - the known name that a wrong one probably means.
 */
#ifndef WORKER_CONFIG_NEAREST_H
#define WORKER_CONFIG_NEAREST_H

#include <stddef.h>

/*
 * Names are offered one after the other; the one with the fewest edits
 * (insert, delete, replace, swap neighbours) stays, the first among equals.
 */
struct nearest {
	const char *wanted;
	const char *name; /* the best so far; NULL: none is near */
	size_t edits;
};

void nearest_init(struct nearest *nearest, const char *wanted);

/* `name` is kept, not copied. One that differs in more than a third of its
   characters (at least 2) is not near. */
void nearest_offer(struct nearest *nearest, const char *name);

/* The edits between two names; those over 63 bytes are cut there. */
size_t nearest_edits(const char *a, const char *b);

#endif

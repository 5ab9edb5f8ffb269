/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology_comparison.h - what topology_compare.c and topology_stray.c share.
 */
#ifndef WORKER_TOPOLOGY_COMPARISON_H
#define WORKER_TOPOLOGY_COMPARISON_H

#include "worker/topology_compare.h"

/* One comparison as it goes on. */
struct comparison {
	const struct topology *topology;
	const struct topology_seen *seen;
	struct arena *arena;
	struct findings *findings;
};

/* A member that is a string; "" for any other. Borrowed. */
const char *comparison_text(const struct json *object, const char *key);

/* True if the binding that is there is the one of the plan. */
bool comparison_same_binding(const struct comparison *c,
			     const struct json *there,
			     const struct topology_binding *b);

/* "binding a -> b, key k", in the arena. */
const char *comparison_binding(struct arena *arena, const char *source,
			       const char *destination, const char *key);

/* Adds a finding for each stray binding and lane. */
void comparison_strays(const struct comparison *c);

#endif

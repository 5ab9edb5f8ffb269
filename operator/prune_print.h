/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prune_print.h - what is pruned, for people and for programs.
 */
#ifndef OPERATOR_PRUNE_PRINT_H
#define OPERATOR_PRUNE_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "worker/topology_prune.h"

/* What is to be removed. */
struct prune_list {
	const struct stray_binding *bindings; /* those of keys */
	size_t binding_count;
	bool are_unbound; /* the bindings have been removed */
	struct prune_lane *lanes;
	size_t lane_count;
	millis settle;
};

size_t prune_count(const struct prune_list *list, enum prune_state state);

/* What it will do, and how long it will take at least. */
void prune_print_plan(const struct prune_list *list, FILE *to);

/* "2 delay queues are left, 12 messages in them: at least 2m13s more." */
void prune_print_progress(const struct prune_list *list, millis now, FILE *to);

/* What has become of it, with what is left and why. */
void prune_print_end(const struct prune_list *list, FILE *to);

/* The same as one JSON object. */
void prune_print_json(const struct prune_list *list, FILE *to);

#endif

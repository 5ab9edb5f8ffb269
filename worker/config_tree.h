/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_tree.h - a configuration file as a tree of values.
 *
 * What the parser found, before anybody asks what it means: values with their
 * kinds, and where each was written. Everything lives in the arena that the
 * tree was made in, and does not change.
 */
#ifndef WORKER_CONFIG_TREE_H
#define WORKER_CONFIG_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "worker/arena.h"

#define TREE_DEPTH_MAX 32 /* groups and lists inside each other */

enum tree_kind {
	TREE_GROUP, /* { name = value; ... }, and the whole file */
	TREE_LIST,  /* ( ... ), and [ ... ] */
	TREE_BOOL,
	TREE_INTEGER,
	TREE_FLOAT,
	TREE_STRING,
};

struct tree {
	const struct tree *parent; /* NULL: the whole file */
	const char *name;          /* NULL in a list and for the whole file */
	enum tree_kind kind;
	const char *file; /* that says it, perhaps an included one */
	unsigned line;    /* 1 .. */
	bool is_hidden;   /* not to be shown: it came from a secret's file or
			     from the environment */
	bool boolean;
	int64_t integer;
	double number;
	const char *string;
	struct tree *members; /* of a group or list, in their order */
	size_t count;
};

/* The member of that name, or NULL. `group` may be of any kind, or NULL. */
const struct tree *tree_member(const struct tree *group, const char *name);

/* True for a value that has no members. */
bool tree_is_single(const struct tree *tree);

/*
 * A single value is also a list of one: how many elements, and the i-th.
 * `tree` may be NULL: no elements.
 */
size_t tree_elements(const struct tree *tree);
const struct tree *tree_element(const struct tree *tree, size_t i);

/* "policies.careful.errors[2].status", the first element being [0]; "" for
   the whole file. In the arena. */
const char *tree_path(struct arena *arena, const struct tree *tree);

/* What was found, for a sentence: "the number 5", "the text \"5s\"", "a
   group". Hidden values are described, not shown. In the arena. */
const char *tree_found(struct arena *arena, const struct tree *tree);

/* `file` as seen from the folder of the file that names it: unchanged if it
   is absolute. In the arena. */
const char *tree_file_beside(struct arena *arena, const char *named_in,
			     const char *file);

#endif

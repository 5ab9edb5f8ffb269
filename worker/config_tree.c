/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/config_tree.h"

#include <inttypes.h>
#include <string.h>

#define SHOWN_MAX 60 /* bytes of a text that a message repeats */

const struct tree *tree_member(const struct tree *group, const char *name)
{
	if (group == NULL || group->kind != TREE_GROUP)
		return NULL;
	for (size_t i = 0; i < group->count; i++)
		if (strcmp(group->members[i].name, name) == 0)
			return &group->members[i];
	return NULL;
}

bool tree_is_single(const struct tree *tree)
{
	return tree->kind != TREE_GROUP && tree->kind != TREE_LIST;
}

size_t tree_elements(const struct tree *tree)
{
	if (tree == NULL)
		return 0;
	return tree->kind == TREE_LIST ? tree->count : 1;
}

const struct tree *tree_element(const struct tree *tree, size_t i)
{
	return tree->kind == TREE_LIST ? &tree->members[i] : tree;
}

const char *tree_path(struct arena *arena, const struct tree *tree)
{
	if (tree->parent == NULL)
		return "";

	const char *above = tree_path(arena, tree->parent);

	if (tree->name == NULL)
		return arena_printf(arena, "%s[%zu]", above,
				    (size_t)(tree - tree->parent->members));
	return arena_printf(arena, "%s%s%s", above, *above == '\0' ? "" : ".",
			    tree->name);
}

/* The text between quotes, cut where it is long, on one line. */
static const char *quoted(struct arena *arena, const char *string)
{
	size_t len = strlen(string);
	bool is_long = len > SHOWN_MAX;
	char *text = arena_printf(arena, "the text \"%.*s%s\"", SHOWN_MAX,
				  string, is_long ? "..." : "");

	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return text;
}

const char *tree_found(struct arena *arena, const struct tree *tree)
{
	switch (tree->kind) {
	case TREE_GROUP:
		return "a group";
	case TREE_LIST:
		return "a list";
	case TREE_BOOL:
		return tree->boolean ? "true" : "false";
	case TREE_INTEGER:
		return arena_printf(arena, "the number %" PRId64,
				    tree->integer);
	case TREE_FLOAT:
		return arena_printf(arena, "the number %g", tree->number);
	case TREE_STRING:
		break;
	}
	if (tree->is_hidden)
		return "a text that is not shown";
	if (*tree->string == '\0')
		return "an empty text";
	return quoted(arena, tree->string);
}

const char *tree_file_beside(struct arena *arena, const char *named_in,
			     const char *file)
{
	const char *slash = strrchr(named_in, '/');

	if (*file == '/' || slash == NULL)
		return arena_string(arena, text_of(file));
	return arena_printf(arena, "%.*s%s", (int)(slash - named_in + 1),
			    named_in, file);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/config_file.h"

#include <libconfig.h>
#include <string.h>

#include "worker/config_hint.h"

struct maker {
	struct arena *arena;
	struct complaints *complaints;
	const struct config_text *text;
	bool is_too_deep;
};

static enum tree_kind kind_of(const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_GROUP:
		return TREE_GROUP;
	case CONFIG_TYPE_ARRAY:
	case CONFIG_TYPE_LIST:
		return TREE_LIST;
	case CONFIG_TYPE_BOOL:
		return TREE_BOOL;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return TREE_INTEGER;
	case CONFIG_TYPE_FLOAT:
		return TREE_FLOAT;
	default:
		return TREE_STRING;
	}
}

/* Fills in all but the members. */
static void make_value(struct maker *m, const config_setting_t *from,
		       struct tree *tree)
{
	const struct config_line *line = config_text_line(m->text, from->line);

	tree->kind = kind_of(from);
	tree->file = line->file;
	tree->line = line->number;
	if (from->name != NULL && from->parent != NULL)
		tree->name = arena_string(m->arena, text_of(from->name));
	if (tree->kind == TREE_BOOL)
		tree->boolean = config_setting_get_bool(from) != 0;
	if (tree->kind == TREE_INTEGER)
		tree->integer = config_setting_get_int64(from);
	if (tree->kind == TREE_FLOAT)
		tree->number = config_setting_get_float(from);
	if (tree->kind == TREE_STRING) {
		const char *string = config_setting_get_string(from);

		tree->string = arena_string(
			m->arena, text_of(string == NULL ? "" : string));
	}
}

/* Copies a setting and its members: bounded by TREE_DEPTH_MAX. */
static void make_tree(struct maker *m, const config_setting_t *from,
		      struct tree *tree, int depth)
{
	make_value(m, from, tree);
	if (tree_is_single(tree))
		return;
	if (depth == TREE_DEPTH_MAX) {
		m->is_too_deep = true;
		complain(m->complaints, tree,
			 "Groups and lists are nested deeper than %d.",
			 TREE_DEPTH_MAX);
		return;
	}
	tree->count = (size_t)config_setting_length(from);
	tree->members =
		arena_array(m->arena, tree->count + 1, sizeof(*tree->members));
	for (size_t i = 0; i < tree->count; i++) {
		tree->members[i].parent = tree;
		make_tree(m, config_setting_get_elem(from, (unsigned)i),
			  &tree->members[i], depth + 1);
	}
}

/* What the parser says by itself, in better words; NULL: it does not. */
static const char *said_by_parser(const char *error)
{
	if (strcmp(error, "duplicate setting name") == 0)
		return "A setting of that name stands in the same group "
		       "already. Take one of them away.";
	if (strcmp(error, "mismatched element type in array") == 0)
		return "[ ] holds values of one kind only. Use ( ) instead of "
		       "[ ], or double quotes around all of them.";
	return NULL;
}

/* Shows a line, unless it may hold a secret, and says what is wrong. */
static void explain(struct maker *m, unsigned n, const char *hint)
{
	const struct config_line *line = config_text_line(m->text, n);
	const char *raw = line->raw + strspn(line->raw, " \t");

	if (config_hint_is_secret(raw))
		complain_at(m->complaints, line->file, line->number,
			    "This is not understood. %s (The line is not "
			    "shown, since it may hold a secret.)",
			    hint);
	else
		complain_at(m->complaints, line->file, line->number,
			    "This is not understood: %.*s\n    %s",
			    (int)strcspn(raw, "\r"), raw, hint);
}

static void explain_error(struct maker *m, const config_t *parsed)
{
	unsigned at = (unsigned)config_error_line(parsed);
	struct config_hint hint = config_hint_find(m->text, at, m->arena);
	const char *said = said_by_parser(config_error_text(parsed));

	explain(m, hint.line, said == NULL ? hint.text : said);
}

/* libconfig 1.5 leaks an open text, and takes an open comment for a closed
   one: it never sees either. */
static bool is_open(struct maker *m)
{
	unsigned line = m->text->open_line;

	if (line == 0)
		return false;
	explain(m, line,
		m->text->is_open_text
			? "A text that begins here has no closing double quote."
			: "A comment that begins here is never closed by */.");
	return true;
}

struct tree *config_file_parse(const struct config_text *text,
			       struct arena *arena,
			       struct complaints *complaints)
{
	struct maker maker = {
		.arena = arena, .complaints = complaints, .text = text};
	struct tree *tree = NULL;
	config_t parsed;

	if (is_open(&maker))
		return NULL;
	config_init(&parsed);
	if (config_read_string(&parsed, text->bytes) == CONFIG_TRUE) {
		tree = arena_alloc(arena, sizeof(*tree));
		make_tree(&maker, config_root_setting(&parsed), tree, 0);
	} else {
		explain_error(&maker, &parsed);
	}
	config_destroy(&parsed);
	return maker.is_too_deep ? NULL : tree;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_read.c - reads a group by the table: defaults, values, twins, and
 * complaints about what is unknown or missing.
 */
#include "worker/setting.h"

#include <string.h>

#include "worker/config_nearest.h"
#include "worker/setting_print.h"
#include "worker/setting_twin.h"
#include "worker/setting_value.h"

void setting_defaults(struct reading *r, enum setting_scope scope, void *into)
{
	const struct setting *row;

	for (size_t i = 0; (row = setting_at(i)) != NULL; i++) {
		struct tree value = {.kind = TREE_STRING,
				     .file = "the default",
				     .string = row->fallback};

		if (row->scope == scope && row->fallback != NULL)
			(void)setting_store(r, row, &value, &value, into);
	}
}

/* Which setting a name belongs to: itself, or as a twin. */
struct spelling {
	const struct setting *setting; /* NULL: none */
	size_t base;                   /* of its struct in the scope's */
	bool from_env;
	bool from_file;
};

static const struct setting *find_twin(struct arena *arena,
				       enum setting_scope scope,
				       const char *name, const char *suffix)
{
	size_t len = strlen(name);
	size_t suffix_len = strlen(suffix);

	if (len <= suffix_len || strcmp(name + len - suffix_len, suffix) != 0)
		return NULL;
	return setting_find(
		scope,
		arena_string(arena, (struct text){name, len - suffix_len}));
}

static struct spelling spelt_in(struct arena *arena, enum setting_scope scope,
				const char *name)
{
	struct spelling s = {.setting = setting_find(scope, name)};

	if (s.setting != NULL)
		return s;
	s.setting = find_twin(arena, scope, name, "_env");
	if (s.setting != NULL && setting_has_env(s.setting)) {
		s.from_env = true;
		return s;
	}
	s.setting = find_twin(arena, scope, name, "_file");
	if (s.setting != NULL && s.setting->kind == SETTING_SECRET) {
		s.from_file = true;
		return s;
	}
	return (struct spelling){0};
}

static struct spelling spelt(struct arena *arena, enum setting_scope scope,
			     const char *name)
{
	struct spelling s = spelt_in(arena, scope, name);
	size_t base;

	if (s.setting != NULL || !setting_tuning(scope, &base))
		return s;
	s = spelt_in(arena, SCOPE_TUNING, name);
	s.base = base;
	return s;
}

static void complain_unknown(struct reading *r, enum setting_scope scope,
			     const struct tree *member)
{
	const struct setting *row;
	struct nearest nearest;
	const char *hint = "";
	size_t base;
	bool is_tuned = setting_tuning(scope, &base);

	nearest_init(&nearest, member->name);
	for (size_t i = 0; (row = setting_at(i)) != NULL; i++)
		if (row->kind != SETTING_LATER &&
		    (row->scope == scope ||
		     (is_tuned && row->scope == SCOPE_TUNING)))
			nearest_offer(&nearest, row->name);
	if (nearest.name != NULL)
		hint = arena_printf(r->arena, " The nearest is \"%s\".",
				    nearest.name);
	complain(r->complaints, member, "There is no setting %s.%s",
		 tree_path(r->arena, member), hint);
}

static const char *const suffixes[] = {"", "_env", "_file"};

/* The n-th way in which a setting was given, or NULL. */
static const struct tree *given(const struct tree *group, const char *name,
				size_t n)
{
	for (size_t i = 0; group != NULL && i < group->count; i++) {
		const char *member = group->members[i].name;
		size_t len = strlen(name);

		if (strncmp(member, name, len) != 0)
			continue;
		for (size_t s = 0; s < 3; s++)
			if (strcmp(member + len, suffixes[s]) == 0 && n-- == 0)
				return &group->members[i];
	}
	return NULL;
}

const struct tree *setting_place(const struct tree *group, const char *name)
{
	const struct tree *member = given(group, name, 0);

	return member == NULL ? group : member;
}

bool setting_is_given(const struct tree *group, const char *name)
{
	return given(group, name, 0) != NULL;
}

/* A group or list whose owner reads it: only its kind is looked at here. */
static bool check_shape(struct reading *r, const struct setting *setting,
			const struct tree *member)
{
	bool wants_list = setting->kind == SETTING_LIST;
	bool is_false = member->kind == TREE_BOOL && !member->boolean;

	if (setting->kind == SETTING_LATER) {
		complain(r->complaints, member,
			 "%s is not supported by this version.",
			 tree_path(r->arena, member));
		return false;
	}
	if (setting->kind == SETTING_MATCH ||
	    member->kind == (wants_list ? TREE_LIST : TREE_GROUP) ||
	    (setting->kind == SETTING_UNLESS_FALSE && is_false))
		return true;
	complain(r->complaints, member, "%s must be %s, not %s.",
		 tree_path(r->arena, member),
		 setting_expected(r->arena, setting),
		 tree_found(r->arena, member));
	return false;
}

static bool read_member(struct reading *r, enum setting_scope scope,
			const struct tree *member, void *into)
{
	struct spelling s = spelt(r->arena, scope, member->name);
	const struct tree *value = member;

	if (s.setting == NULL) {
		complain_unknown(r, scope, member);
		return false;
	}
	if (s.setting->kind >= SETTING_GROUP &&
	    (s.setting->kind != SETTING_OR_WORD ||
	     (member->kind == TREE_GROUP && !s.from_env)))
		return check_shape(r, s.setting, member);
	if (given(member->parent, s.setting->name, 0) != member) {
		complain(r->complaints, member,
			 "%s and %s exclude each other: take one of them away.",
			 tree_path(r->arena, member),
			 given(member->parent, s.setting->name, 0)->name);
		return false;
	}
	if (s.from_env)
		value = setting_from_env(r, member);
	else if (s.from_file)
		value = setting_from_file(r, member);
	return value != NULL && setting_store(r, s.setting, value, member,
					      (char *)into + s.base);
}

static bool check_required(struct reading *r, enum setting_scope scope,
			   const struct tree *group)
{
	const struct setting *row;
	const char *path = tree_path(r->arena, group);
	bool all = true;

	for (size_t i = 0; (row = setting_at(i)) != NULL; i++) {
		if (row->scope != scope || !row->required ||
		    setting_is_given(group, row->name))
			continue;
		all = false;
		complain(r->complaints, group,
			 "%s%s%s is missing: it must be %s.", path,
			 *path == '\0' ? "" : ".", row->name,
			 setting_expected(r->arena, row));
	}
	return all;
}

bool setting_read(struct reading *r, enum setting_scope scope,
		  const struct tree *group, void *into)
{
	bool done = true;

	for (size_t i = 0; i < group->count; i++)
		done = read_member(r, scope, &group->members[i], into) && done;
	return check_required(r, scope, group) && done;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_types.c - reads the list `types` of a policy.
 */
#include <string.h>

#include "worker/config_draft.h"

#define MATCH_MAX 255 /* bytes of a routing key, AMQP 0-9-1 shortstr */

static void read_type_error(struct reading *r, const struct tree *group,
			    struct type_error *error)
{
	bool done = setting_read(r, SCOPE_TYPE_ERROR, group, error);

	config_read_tuning(r, group, &error->own);
	if (done)
		(void)config_check_name(r, setting_place(group, "name"),
					error->error);
}

static void complain_twice(struct reading *r, const struct tree *group,
			   const struct type_rule *rule)
{
	const struct type_error *last = &rule->errors[rule->error_count - 1];

	for (size_t i = 0; i + 1 < rule->error_count; i++) {
		if (last->error == NULL || rule->errors[i].error == NULL ||
		    strcmp(rule->errors[i].error, last->error) != 0)
			continue;
		complain(r->complaints, group,
			 "%s is for the error \"%s\", which has an entry in "
			 "line %u already. Join the two.",
			 tree_path(r->arena, group), last->error,
			 rule->errors[i].own.written.line);
		return;
	}
}

static void read_type_errors(struct reading *r, const struct tree *group,
			     struct type_rule *rule)
{
	const struct tree *list = tree_member(group, "errors");
	size_t count = config_count_groups(r, list);
	struct type_error *errors =
		arena_array(r->arena, count + 1, sizeof(*errors));

	rule->errors = errors;
	for (size_t i = 0; count > 0 && i < list->count; i++) {
		if (list->members[i].kind != TREE_GROUP)
			continue;
		read_type_error(r, &list->members[i],
				&errors[rule->error_count++]);
		complain_twice(r, &list->members[i], rule);
	}
}

/* "*" and "#" are whole words. */
static bool is_pattern(const char *match)
{
	while (*match != '\0') {
		size_t len = strcspn(match, ".");

		if (len > 1 && strcspn(match, "*#") < len)
			return false;
		match += len;
		match += *match == '.';
	}
	return true;
}

bool config_check_pattern(struct reading *r, const struct tree *at,
			  const char *pattern)
{
	if (strlen(pattern) > MATCH_MAX)
		complain(r->complaints, at, "%s is longer than 255 bytes.",
			 tree_path(r->arena, at));
	else if (!is_pattern(pattern))
		complain(r->complaints, at,
			 "%s is no pattern: \"*\" and \"#\" stand for whole "
			 "words between dots.",
			 tree_path(r->arena, at));
	else
		return true;
	return false;
}

static void read_type(struct reading *r, const struct tree *group,
		      struct type_rule *rule)
{
	bool done = setting_read(r, SCOPE_TYPE, group, rule);
	const struct tree *at = setting_place(group, "match");

	config_read_tuning(r, group, &rule->own);
	read_type_errors(r, group, rule);
	if (done)
		(void)config_check_pattern(r, at, rule->match);
}

void config_read_types(struct reading *r, const struct tree *group,
		       struct policy *policy)
{
	const struct tree *list = tree_member(group, "types");
	size_t count = config_count_groups(r, list);
	struct type_rule *rules =
		arena_array(r->arena, count + 1, sizeof(*rules));

	for (size_t i = 0; count > 0 && i < list->count; i++)
		if (list->members[i].kind == TREE_GROUP)
			read_type(r, &list->members[i],
				  &rules[policy->type_count++]);
	policy->types = rules;
}

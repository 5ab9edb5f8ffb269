/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_policy.c - reads the group `policies`.
 */
#include <string.h>

#include "worker/config_draft.h"

static void read_error(struct reading *r, const struct tree *group,
		       struct error_rule *rule)
{
	setting_defaults(r, SCOPE_ERROR, rule);
	bool done = setting_read(r, SCOPE_ERROR, group, rule);
	config_read_tuning(r, group, &rule->own);
	if (!done)
		return;
	(void)config_check_name(r, setting_place(group, "name"), rule->name);
}

/* A list of groups: how many; an element that is none gets a complaint. */
size_t config_count_groups(struct reading *r, const struct tree *list)
{
	size_t count = 0;

	if (list == NULL || list->kind != TREE_LIST)
		return 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct tree *element = &list->members[i];

		if (element->kind == TREE_GROUP)
			count++;
		else
			complain(r->complaints, element,
				 "%s must be a group, { ... }, not %s.",
				 tree_path(r->arena, element),
				 tree_found(r->arena, element));
	}
	return count;
}

static void read_errors(struct reading *r, const struct tree *group,
			struct policy *policy)
{
	const struct tree *list = tree_member(group, "errors");
	size_t count = config_count_groups(r, list);
	struct error_rule *rules =
		arena_array(r->arena, count + 1, sizeof(*rules));

	for (size_t i = 0; count > 0 && i < list->count; i++)
		if (list->members[i].kind == TREE_GROUP)
			read_error(r, &list->members[i],
				   &rules[policy->error_count++]);
	policy->errors = rules;
}

/* `ambiguous` as a group: tried again, with settings of its own. */
static void read_ambiguous(struct reading *r, const struct tree *group,
			   struct policy *policy)
{
	const struct tree *member = tree_member(group, "ambiguous");

	if (member == NULL || member->kind != TREE_GROUP)
		return;
	policy->own.ambiguous = AMBIGUOUS_RETRY;
	(void)setting_read(r, SCOPE_TUNING, member, &policy->ambiguous);
	config_read_tuning(r, member, &policy->ambiguous);
	if (setting_is_given(member, "ambiguous"))
		complain(
			r->complaints, setting_place(member, "ambiguous"),
			"%s means nothing inside itself: the group stands for "
			"\"retry\". Write %s = \"park\" to park.",
			tree_path(r->arena, setting_place(member, "ambiguous")),
			tree_path(r->arena, member));
}

static void read_policy(struct reading *r, const struct tree *group,
			struct policy *policy)
{
	policy_init(policy, arena_string(r->arena, text_of(group->name)));
	setting_defaults(r, SCOPE_POLICY, policy);
	(void)setting_read(r, SCOPE_POLICY, group, policy);
	config_read_tuning(r, group, &policy->own);
	read_ambiguous(r, group, policy);
	read_errors(r, group, policy);
	config_read_types(r, group, policy);
}

static void add_built_in(struct reading *r, struct config *config)
{
	struct policy *built_in = arena_alloc(r->arena, sizeof(*built_in));

	policy_init(built_in, CONFIG_BUILT_IN);
	config->built_in = built_in;
}

void config_read_policies(struct reading *r, const struct tree *top,
			  struct config *config)
{
	const struct tree *groups = tree_member(top, "policies");

	add_built_in(r, config);
	if (groups == NULL || groups->kind != TREE_GROUP)
		return;
	config->policies = arena_array(r->arena, groups->count + 1,
				       sizeof(*config->policies));
	for (size_t i = 0; i < groups->count; i++) {
		const struct tree *group = &groups->members[i];

		if (!config_check_group(r, group) ||
		    !config_check_name(r, group, group->name))
			continue;
		if (strcmp(group->name, CONFIG_BUILT_IN) == 0)
			complain(r->complaints, group,
				 "%s: \"built-in\" is the policy that is "
				 "always there. Choose another name.",
				 tree_path(r->arena, group));
		read_policy(r, group,
			    &config->policies[config->policy_count++]);
	}
}

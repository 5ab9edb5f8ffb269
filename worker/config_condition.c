/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_condition.c - reads what the rules of policies ask of an answer.
 *
 * After policies, downstreams and pipelines: the rules name downstreams.
 */
#include <string.h>

#include "worker/config_draft.h"
#include "worker/config_nearest.h"

const char *const *config_read_names(struct reading *r,
				     const struct tree *member, size_t *count)
{
	size_t elements = member == NULL || member->kind == TREE_GROUP
				  ? 0
				  : tree_elements(member);
	const char **names =
		arena_array(r->arena, elements + 1, sizeof(*names));

	*count = 0;
	for (size_t i = 0; i < elements; i++) {
		const struct tree *name = tree_element(member, i);

		if (name->kind == TREE_STRING && *name->string != '\0')
			names[(*count)++] =
				arena_string(r->arena, text_of(name->string));
	}
	if (member == NULL || (elements > 0 && *count == elements))
		return names;
	*count = 0;
	complain(r->complaints, member,
		 "%s must be a name, or a list of names, not %s.",
		 tree_path(r->arena, member), tree_found(r->arena, member));
	return names;
}

/* --- names of downstreams and errors ------------------------------------------- */

static bool is_downstream(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->downstream_count; i++)
		if (strcmp(config->downstreams[i].name, name) == 0)
			return true;
	return false;
}

static void check_downstreams(struct reading *r, const struct tree *group,
			      const struct config *config,
			      const struct condition *when)
{
	const struct tree *at = setting_place(group, "downstream");

	for (size_t i = 0; i < when->downstream_count; i++) {
		const char *name = when->downstreams[i];
		struct nearest nearest;

		if (is_downstream(config, name))
			continue;
		nearest_init(&nearest, name);
		for (size_t k = 0; k < config->downstream_count; k++)
			nearest_offer(&nearest, config->downstreams[k].name);
		complain(r->complaints, at,
			 "%s: there is no downstream \"%.80s\".%s",
			 tree_path(r->arena, at), name,
			 nearest.name == NULL
				 ? ""
				 : arena_printf(r->arena,
						" The nearest is \"%s\".",
						nearest.name));
	}
}

bool config_body_gives(const struct downstream_config *downstream,
		       const char *name)
{
	static const char *const prefixes[] = {
		[UNDERSTAND_FHIR] = "fhir-",
		[UNDERSTAND_HL7V2] = "hl7v2-",
		[UNDERSTAND_PROBLEM] = "problem-",
	};
	enum understand_as as = downstream->understand.as;

	return as != UNDERSTAND_NOTHING &&
	       text_starts(text_of(name), prefixes[as]);
}

static bool rule_gives(const struct success_rule *rule, const char *name)
{
	if (rule->meaning == SUCCESS_FAILED && rule->when.matcher_count > 0 &&
	    strcmp(name, SUCCESS_UNREAD) == 0)
		return true;
	return rule->error != NULL && strcmp(rule->error, name) == 0;
}

/* Does a success rule, or the understanding of a body, give that name? */
static bool is_understood(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->downstream_count; i++) {
		const struct downstream_config *d = &config->downstreams[i];

		if (config_body_gives(d, name))
			return true;
		for (size_t k = 0; k < d->rules.success_count; k++)
			if (rule_gives(&d->rules.success[k], name))
				return true;
	}
	return false;
}

static void warn_never_understood(struct reading *r, const struct tree *group,
				  const struct config *config,
				  const struct condition *when)
{
	const struct tree *at = setting_place(group, "understood");

	for (size_t i = 0; i < when->understood_count; i++)
		if (!is_understood(config, when->understood[i]))
			complain_warning(
				r->complaints, at,
				"%s: nothing names an error \"%.80s\", so that "
				"it never holds. A success rule of a "
				"downstream can (its \"error\"), or what its "
				"\"understand\" makes of a body.",
				tree_path(r->arena, at), when->understood[i]);
}

bool config_asks(const struct tree *group)
{
	static const char *const parts[] = {
		"status", "transport", "downstream", "understood",
		"header", "pointer",   "text",       "content_type"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (setting_is_given(group, parts[i]))
			return true;
	return false;
}

/* --- error rules -------------------------------------------------------------------- */

static void read_when(struct reading *r, struct config *config,
		      const struct tree *group, struct condition *when)
{
	when->downstreams = config_read_names(
		r, tree_member(group, "downstream"), &when->downstream_count);
	when->understood = config_read_names(
		r, tree_member(group, "understood"), &when->understood_count);
	config_read_matchers(r, config, group, when);
	check_downstreams(r, group, config, when);
	warn_never_understood(r, group, config, when);
	if (!config_asks(group))
		complain(r->complaints, group,
			 "%s matches nothing: give it status, transport, "
			 "understood, header, pointer, text or content_type.",
			 tree_path(r->arena, group));
}

/* The rules of a policy stand in the order of their groups. */
static void read_error_conditions(struct reading *r, struct config *config,
				  const struct tree *list,
				  struct policy *policy)
{
	struct error_rule *rules =
		arena_array(r->arena, policy->error_count + 1, sizeof(*rules));
	size_t next = 0;

	if (policy->error_count == 0)
		return;
	memcpy(rules, policy->errors, policy->error_count * sizeof(*rules));
	for (size_t i = 0; i < list->count; i++)
		if (list->members[i].kind == TREE_GROUP)
			read_when(r, config, &list->members[i],
				  &rules[next++].when);
	policy->errors = rules;
}

void config_read_conditions(struct reading *r, const struct tree *top,
			    struct config *config)
{
	const struct tree *downstreams = tree_member(top, "downstreams");
	const struct tree *policies = tree_member(top, "policies");

	for (size_t i = 0; i < config->downstream_count; i++) {
		struct downstream_config *d = &config->downstreams[i];

		config_read_success(
			r, config,
			tree_member(tree_member(downstreams, d->name),
				    "success"),
			d);
	}
	for (size_t i = 0; i < config->policy_count; i++) {
		struct policy *policy = &config->policies[i];

		read_error_conditions(
			r, config,
			tree_member(tree_member(policies, policy->name),
				    "errors"),
			policy);
	}
}

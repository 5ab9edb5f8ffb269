/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_condition.c - reads what the rules of policies and downstreams ask of
 * an answer, and the success rules, which ask for nothing else.
 *
 * After policies, downstreams and pipelines: the rules name downstreams.
 */
#include <string.h>

#include "worker/config_draft.h"
#include "worker/config_nearest.h"

/* A name, or a list of names. NULL, and *count 0, if it is not given or after
   a complaint. */
static const char *const *read_names(struct reading *r,
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

/* Does a success rule, or the understanding of a body, give that name? */
static bool is_understood(const struct config *config, const char *name)
{
	static const char *const prefixes[] = {
		[UNDERSTAND_FHIR] = "fhir-",
		[UNDERSTAND_HL7V2] = "hl7v2-",
		[UNDERSTAND_PROBLEM] = "problem-",
	};

	for (size_t i = 0; i < config->downstream_count; i++) {
		const struct downstream_config *d = &config->downstreams[i];
		enum understand_as as = d->understand.as;

		if (as != UNDERSTAND_NOTHING &&
		    text_starts(text_of(name), prefixes[as]))
			return true;
		for (size_t k = 0; k < d->rules.success_count; k++)
			if (d->rules.success[k].error != NULL &&
			    strcmp(d->rules.success[k].error, name) == 0)
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

/* Is any of the settings given that ask for something? */
static bool asks(const struct tree *group)
{
	static const char *const parts[] = {
		"status", "transport", "downstream", "understood",
		"header", "pointer",   "text",       "content_type"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (setting_is_given(group, parts[i]))
			return true;
	return false;
}

/* --- success rules ----------------------------------------------------------------- */

static void check_success(struct reading *r, const struct tree *group,
			  struct success_rule *rule)
{
	bool failed = rule->meaning == SUCCESS_FAILED;

	if (!failed && setting_is_given(group, "error"))
		complain(r->complaints, setting_place(group, "error"),
			 "%s.error means nothing for \"%s\": only what failed "
			 "is an error.",
			 tree_path(r->arena, group),
			 success_meaning_name(rule->meaning));
	if (!failed && rule->has_class)
		complain(r->complaints, setting_place(group, "class"),
			 "%s.class means nothing for \"%s\": only what failed "
			 "is an error.",
			 tree_path(r->arena, group),
			 success_meaning_name(rule->meaning));
	if (rule->error != NULL)
		(void)config_check_name(r, setting_place(group, "error"),
					rule->error);
	if (!asks(group))
		complain(r->complaints, group,
			 "%s asks for nothing: give it status, header, "
			 "pointer, text or content_type.",
			 tree_path(r->arena, group));
}

static void read_success(struct reading *r, struct config *config,
			 const struct tree *group, struct success_rule *rule)
{
	struct success_draft draft = {0};
	size_t errors = r->complaints->errors;

	setting_defaults(r, SCOPE_SUCCESS, &draft);
	(void)setting_read(r, SCOPE_SUCCESS, group, &draft);
	*rule = draft.rule;
	rule->has_class = draft.class != 0;
	if (rule->has_class)
		rule->class = (enum error_class)(draft.class - 1);
	rule->written =
		(struct source_line){.file = group->file, .line = group->line};
	rule->when.understood = read_names(r, tree_member(group, "understood"),
					   &rule->when.understood_count);
	config_read_matchers(r, config, group, &rule->when);
	if (r->complaints->errors == errors)
		check_success(r, group, rule);
}

static void read_success_rules(struct reading *r, struct config *config,
			       const struct tree *list,
			       struct downstream_rules *rules)
{
	struct success_rule *success;

	if (list == NULL || list->kind != TREE_LIST)
		return;
	success = arena_array(r->arena, list->count + 1, sizeof(*success));
	for (size_t i = 0; i < list->count; i++)
		if (config_check_group(r, &list->members[i]))
			read_success(r, config, &list->members[i],
				     &success[rules->success_count++]);
	rules->success = success;
}

/* --- error rules -------------------------------------------------------------------- */

static void read_when(struct reading *r, struct config *config,
		      const struct tree *group, struct condition *when)
{
	when->downstreams = read_names(r, tree_member(group, "downstream"),
				       &when->downstream_count);
	when->understood = read_names(r, tree_member(group, "understood"),
				      &when->understood_count);
	config_read_matchers(r, config, group, when);
	check_downstreams(r, group, config, when);
	warn_never_understood(r, group, config, when);
	if (!asks(group))
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

		read_success_rules(
			r, config,
			tree_member(tree_member(downstreams, d->name),
				    "success"),
			&d->rules);
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

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_error_names.c - the error types that a message type names: do they
 * exist, and can they come?
 *
 * An error type is named by a rule of the policy, by a built-in rule, by a
 * success rule of a downstream, or by what a downstream's answers are
 * understood to say: then it begins with the format.
 */
#include <string.h>

#include "worker/config_draft.h"
#include "worker/config_nearest.h"

static const char *understood_prefix(enum understand_as as)
{
	switch (as) {
	case UNDERSTAND_NOTHING:
		break;
	case UNDERSTAND_FHIR:
		return "fhir-";
	case UNDERSTAND_HL7V2:
		return "hl7v2-";
	case UNDERSTAND_PROBLEM:
		return "problem-";
	}
	return NULL;
}

/* A failure that nobody names, and that is classed all the same. */
static bool is_refused(const char *name)
{
	return strcmp(name, "refused") == 0;
}

/* Such a rule may be one that cannot be told (policy.h). */
static bool is_doubted(const struct success_rule *rule, const char *name)
{
	return rule->meaning == SUCCESS_FAILED &&
	       rule->when.matcher_count > 0 &&
	       strcmp(name, SUCCESS_UNREAD) == 0;
}

static bool downstream_names(const struct downstream_config *downstream,
			     const char *name)
{
	const char *prefix = understood_prefix(downstream->understand.as);
	const struct downstream_rules *rules = &downstream->rules;

	if (prefix != NULL &&
	    (text_starts(text_of(name), prefix) || is_refused(name)))
		return true;
	for (size_t i = 0; i < rules->success_count; i++) {
		const struct success_rule *rule = &rules->success[i];

		if (is_doubted(rule, name) ||
		    (rule->error != NULL ? strcmp(rule->error, name) == 0
					 : rule->has_class && is_refused(name)))
			return true;
	}
	return false;
}

static bool any_downstream_names(const struct config *config,
				 const struct policy *only, const char *name)
{
	for (size_t i = 0; only != NULL && i < config->pipeline_count; i++)
		if (config->pipelines[i].policy == only &&
		    downstream_names(config->pipelines[i].deliver_to[0], name))
			return true;
	for (size_t i = 0; only == NULL && i < config->downstream_count; i++)
		if (downstream_names(&config->downstreams[i], name))
			return true;
	return false;
}

static const struct error_rule *rule_named(const struct error_rule *rules,
					   size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(rules[i].name, name) == 0)
			return &rules[i];
	return NULL;
}

/* What to do about a name that a format would give, and nobody speaks it. */
static const char *format_hint(struct arena *arena, const char *name)
{
	static const struct {
		enum understand_as as;
		const char *format;
	} formats[] = {{UNDERSTAND_FHIR, "fhir"},
		       {UNDERSTAND_HL7V2, "hl7v2"},
		       {UNDERSTAND_PROBLEM, "problem"}};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (text_starts(text_of(name),
				understood_prefix(formats[i].as)))
			return arena_printf(arena,
					    " A downstream with understand = "
					    "\"%s\" would.",
					    formats[i].format);
	return "";
}

static void complain_unknown(struct reading *r, const struct tree *at,
			     const struct config *config,
			     const struct policy *policy, const char *name)
{
	struct nearest nearest;
	size_t count;
	const struct error_rule *built_in = policy_built_in_rules(&count);

	nearest_init(&nearest, name);
	for (size_t i = 0; i < policy->error_count; i++)
		nearest_offer(&nearest, policy->errors[i].name);
	for (size_t i = 0; i < count; i++)
		nearest_offer(&nearest, built_in[i].name);
	for (size_t i = 0; i < config->downstream_count; i++) {
		const struct downstream_rules *d =
			&config->downstreams[i].rules;

		for (size_t k = 0; k < d->success_count; k++)
			if (d->success[k].error != NULL)
				nearest_offer(&nearest, d->success[k].error);
	}
	complain(r->complaints, at,
		 "%s is \"%s\", which nothing names: no rule of this policy, "
		 "no built-in rule and no downstream.%s",
		 tree_path(r->arena, at), name,
		 nearest.name == NULL
			 ? format_hint(r->arena, name)
			 : arena_printf(r->arena, " The nearest is \"%s\".",
					nearest.name));
}

/* One of the rules has that name, and gets a turn. */
static bool own_rule_comes(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->error_count; i++)
		if (strcmp(policy->errors[i].name, name) == 0 &&
		    config_taken_by(policy->errors, i,
				    &policy->errors[i].when) == NULL)
			return true;
	return false;
}

static void warn_never(struct reading *r, const struct tree *at,
		       const struct policy *policy, const char *name,
		       const struct error_rule *built_in)
{
	const struct error_rule *by =
		built_in == NULL
			? NULL
			: config_taken_by(policy->errors, policy->error_count,
					  &built_in->when);

	if (by != NULL)
		complain_warning(
			r->complaints, at,
			"%s is \"%s\", which never comes: the rules up to "
			"\"%s\" (line %u) take all that it stands for. Name "
			"those instead.",
			tree_path(r->arena, at), name, by->name,
			by->own.written.line);
	else if (built_in == NULL)
		complain_warning(
			r->complaints, at,
			"%s is \"%s\", which never comes: no rule of this "
			"policy that is reached has that name, and no "
			"downstream that it is used with.",
			tree_path(r->arena, at), name);
}

/* True if a success rule or a body may give an error of a built-in name
   another class than that rule. */
static bool is_classed_elsewhere(const struct config *config)
{
	for (size_t i = 0; i < config->downstream_count; i++) {
		const struct downstream_config *d = &config->downstreams[i];

		if (d->understand.as != UNDERSTAND_NOTHING ||
		    d->rules.success_count > 0)
			return true;
	}
	return false;
}

/* All that has that name is permanent. */
static bool is_permanent(const struct config *config,
			 const struct policy *policy, const char *name,
			 const struct error_rule *built_in)
{
	for (size_t i = 0; i < policy->error_count; i++)
		if (strcmp(policy->errors[i].name, name) == 0 &&
		    policy->errors[i].class != CLASS_PERMANENT)
			return false;
	if (built_in != NULL)
		return built_in->class == CLASS_PERMANENT &&
		       !is_classed_elsewhere(config);
	return !any_downstream_names(config, NULL, name);
}

static void check_name(struct reading *r, const struct tree *entry,
		       const struct config *config, const struct policy *policy,
		       const char *name)
{
	size_t count;
	const struct error_rule *rules = policy_built_in_rules(&count);
	const struct error_rule *built_in = rule_named(rules, count, name);
	const struct tree *at = setting_place(entry, "name");

	if (built_in == NULL &&
	    rule_named(policy->errors, policy->error_count, name) == NULL &&
	    !any_downstream_names(config, NULL, name))
		complain_unknown(r, at, config, policy, name);
	else if (!own_rule_comes(policy, name) &&
		 !any_downstream_names(config, policy, name))
		warn_never(r, at, policy, name, built_in);
	if (is_permanent(config, policy, name, built_in))
		config_warn_idle(r, entry, name);
}

void config_check_error_names(struct reading *r, const struct tree *top,
			      const struct config *config)
{
	const struct tree *policies = tree_member(top, "policies");

	for (size_t i = 0; i < config->policy_count; i++) {
		const struct policy *policy = &config->policies[i];
		const struct tree *types = tree_member(
			tree_member(policies, policy->name), "types");

		for (size_t t = 0; t < policy->type_count; t++) {
			const struct type_rule *type = &policy->types[t];
			const struct tree *errors =
				tree_member(&types->members[t], "errors");

			for (size_t e = 0; e < type->error_count; e++)
				check_name(r, &errors->members[e], config,
					   policy, type->errors[e].error);
		}
	}
}

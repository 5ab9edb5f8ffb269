/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/config_case.h"

#include <string.h>

struct walk {
	struct config_case c; /* policy and downstream are filled in */
	config_case_visit *visit;
	void *context;
};

static void visit(struct walk *w, const struct error_rule *rule,
		  const char *error, enum error_class class,
		  const struct type_rule *type)
{
	struct config_case *c = &w->c;

	if (class == CLASS_PERMANENT)
		return;
	c->rule = rule;
	c->error = error;
	c->class = class;
	c->type = type;
	c->settled = policy_settle(c->policy, c->downstream, rule, error, class,
				   type);
	w->visit(w->context, c);
}

/* An error that no rule of the policy has named: which class it is of, the
   answer says, or a built-in rule. */
static void visit_named(struct walk *w, const char *error,
			const struct type_rule *type)
{
	visit(w, NULL, error, CLASS_TRANSIENT, type);
	visit(w, NULL, error, CLASS_AMBIGUOUS, type);
}

static void visit_type(struct walk *w, const struct type_rule *type)
{
	const struct policy *policy = w->c.policy;

	for (size_t i = 0; i < policy->error_count; i++)
		visit(w, &policy->errors[i], policy->errors[i].name,
		      policy->errors[i].class, type);
	visit_named(w, NULL, type);
	for (size_t i = 0; type != NULL && i < type->error_count; i++)
		visit_named(w, type->errors[i].error, type);
}

void config_visit_cases(const struct policy *policy,
			const struct downstream_rules *downstream,
			config_case_visit *do_it, void *context)
{
	struct walk w = {.c = {.policy = policy, .downstream = downstream},
			 .visit = do_it,
			 .context = context};

	visit_type(&w, NULL);
	for (size_t i = 0; i < policy->type_count; i++)
		visit_type(&w, &policy->types[i]);
}

static const struct tree *entry(const struct tree *group, const char *list,
				size_t i)
{
	const struct tree *entries = tree_member(group, list);

	return entries == NULL || i >= entries->count ? NULL
						      : &entries->members[i];
}

static const struct tree *type_error_place(const struct config_case *c,
					   const struct tree *type)
{
	for (size_t i = 0; i < c->type->error_count; i++)
		if (c->error != NULL &&
		    strcmp(c->type->errors[i].error, c->error) == 0)
			return entry(type, "errors", i);
	return NULL;
}

const struct tree *config_case_place(const struct tree *top,
				     const struct config_case *c,
				     enum level level)
{
	const struct tree *policy =
		tree_member(tree_member(top, "policies"), c->policy->name);
	const struct tree *type =
		c->type == NULL ? NULL
				: entry(policy, "types",
					(size_t)(c->type - c->policy->types));

	switch (level) {
	case LEVEL_TYPE_ERROR:
		return type_error_place(c, type);
	case LEVEL_ERROR:
		return entry(policy, "errors",
			     (size_t)(c->rule - c->policy->errors));
	case LEVEL_AMBIGUOUS:
		return tree_member(policy, "ambiguous");
	case LEVEL_TYPE:
		return type;
	case LEVEL_DOWNSTREAM:
		return tree_member(tree_member(top, "downstreams"),
				   c->downstream->name);
	case LEVEL_POLICY:
		return policy;
	case LEVEL_BUILT_IN:
		break;
	}
	return NULL;
}

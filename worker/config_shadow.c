/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_shadow.c - warns of rules and message types that never get a turn,
 * because those before them take all that they stand for.
 */
#include <string.h>

#include "policy/pattern.h"
#include "worker/config_draft.h"

/* --- what conditions stand for ------------------------------------------------ */

#define STATUS_FIRST 100
#define STATUS_LAST  599

/* The statuses and transports that are left of a condition. */
struct left {
	bool statuses[STATUS_LAST + 1];
	uint32_t transports;
};

static void set_range(struct left *left, const struct status_range *range,
		      bool to)
{
	for (int s = range->first; s <= range->last; s++)
		if (s >= STATUS_FIRST && s <= STATUS_LAST)
			left->statuses[s] = to;
}

/* Without status and transport it stands for all of them; but matchers hold
   for complete answers alone. */
static struct left all_of(const struct condition *when)
{
	static const struct status_range every = {STATUS_FIRST, STATUS_LAST};
	struct left left = {.transports = when->transports};

	for (size_t i = 0; i < when->status_count; i++)
		set_range(&left, &when->statuses[i], true);
	if (when->status_count > 0 || when->transports != 0)
		return left;
	set_range(&left, &every, true);
	if (when->matcher_count == 0)
		left.transports = (UINT32_C(1) << TRANSPORT_COUNT) - 2;
	return left;
}

static bool is_empty(const struct left *left)
{
	for (int s = STATUS_FIRST; s <= STATUS_LAST; s++)
		if (left->statuses[s])
			return false;
	return left->transports == 0;
}

static bool holds_name(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Does the first list, which stands for all if it is empty, have all of the
   second? */
static bool has_names(const char *const *all, size_t all_count,
		      const char *const *some, size_t some_count)
{
	if (all_count == 0)
		return true;
	for (size_t i = 0; i < some_count; i++)
		if (!holds_name(all, all_count, some[i]))
			return false;
	return some_count > 0;
}

static bool has_matcher(const struct condition *when, uint16_t matcher)
{
	for (size_t i = 0; i < when->matcher_count; i++)
		if (when->matchers[i] == matcher)
			return true;
	return false;
}

/* Whatever the status or transport: does `a` hold wherever `b` does? */
static bool is_wider(const struct condition *a, const struct condition *b)
{
	for (size_t i = 0; i < a->matcher_count; i++)
		if (!has_matcher(b, a->matchers[i]))
			return false;
	return has_names(a->downstreams, a->downstream_count, b->downstreams,
			 b->downstream_count) &&
	       has_names(a->understood, a->understood_count, b->understood,
			 b->understood_count);
}

static void take(struct left *left, const struct condition *when)
{
	const struct left taken = all_of(when);

	for (int s = STATUS_FIRST; s <= STATUS_LAST; s++)
		left->statuses[s] = left->statuses[s] && !taken.statuses[s];
	left->transports &= ~taken.transports;
}

const struct error_rule *config_taken_by(const struct error_rule *rules,
					 size_t count,
					 const struct condition *when)
{
	struct left left = all_of(when);

	for (size_t i = 0; i < count; i++) {
		if (!is_wider(&rules[i].when, when))
			continue;
		take(&left, &rules[i].when);
		if (is_empty(&left))
			return &rules[i];
	}
	return NULL;
}

static void warn_rules(struct reading *r, const struct tree *policy_tree,
		       const struct policy *policy)
{
	const struct tree *list = tree_member(policy_tree, "errors");

	for (size_t i = 0; i < policy->error_count; i++) {
		const struct error_rule *rule = &policy->errors[i];
		const struct error_rule *by =
			config_taken_by(policy->errors, i, &rule->when);

		if (by == NULL)
			continue;
		complain_warning(
			r->complaints, &list->members[i],
			"%s (\"%s\") is never reached: the rules up to \"%s\" "
			"(line %u) take all that it stands for. Put it before "
			"them, or take it away.",
			tree_path(r->arena, &list->members[i]), rule->name,
			by->name, by->own.written.line);
	}
}

/* --- message types -------------------------------------------------------------- */

/* Does the first of them always win over the second where both match? */
static bool wins(const struct type_rule *a, const struct type_rule *b)
{
	int order = pattern_compare(text_of(a->match), text_of(b->match));

	return order > 0 || (order == 0 && a < b);
}

static const struct type_rule *shadow_of(const struct policy *policy,
					 const struct type_rule *rule)
{
	for (size_t i = 0; i < policy->type_count; i++) {
		const struct type_rule *other = &policy->types[i];

		if (other != rule && wins(other, rule) &&
		    pattern_covers(text_of(other->match), text_of(rule->match)))
			return other;
	}
	return NULL;
}

/* One before it that is as specific, and shares some message types with it. */
static const struct type_rule *tie_of(const struct policy *policy,
				      const struct type_rule *rule)
{
	const struct text match = text_of(rule->match);

	for (const struct type_rule *t = policy->types; t < rule; t++)
		if (pattern_compare(text_of(t->match), match) == 0 &&
		    pattern_overlaps(text_of(t->match), match))
			return t;
	return NULL;
}

static void warn_type(struct reading *r, const struct tree *at,
		      const struct policy *policy, const struct type_rule *rule)
{
	const struct type_rule *by = shadow_of(policy, rule);

	if (by != NULL) {
		complain_warning(
			r->complaints, at,
			"%s (\"%s\") is never used: \"%s\" (line %u) matches "
			"all that it does, and comes first. Take one of them "
			"away.",
			tree_path(r->arena, at), rule->match, by->match,
			by->own.written.line);
		return;
	}
	by = tie_of(policy, rule);
	if (by != NULL)
		complain_warning(
			r->complaints, at,
			"%s (\"%s\") is as specific as \"%s\" (line %u), which "
			"wins where both match, because it stands before it. "
			"Say what holds there with a pattern of its own.",
			tree_path(r->arena, at), rule->match, by->match,
			by->own.written.line);
}

void config_warn_shadowed(struct reading *r, const struct tree *top,
			  const struct config *config)
{
	const struct tree *policies = tree_member(top, "policies");

	for (size_t i = 0; i < config->policy_count; i++) {
		const struct policy *policy = &config->policies[i];
		const struct tree *tree = tree_member(policies, policy->name);
		const struct tree *types = tree_member(tree, "types");

		warn_rules(r, tree, policy);
		for (size_t k = 0; k < policy->type_count; k++)
			warn_type(r, &types->members[k], policy,
				  &policy->types[k]);
	}
}

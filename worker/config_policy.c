/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_policy.c - reads the group `policies`.
 */
#include <string.h>

#include "policy/duration.h"
#include "worker/config_draft.h"

#define MATCH_MAX 255 /* bytes of a routing key, AMQP 0-9-1 shortstr */

/* The settings that a kind of schedule has a use for. */
static const char *const used[] = {
	[SCHEDULE_EXPONENTIAL] = "kind, first, factor, max, jitter",
	[SCHEDULE_LINEAR] = "kind, first, step, max, jitter",
	[SCHEDULE_FIXED] = "kind, first, jitter",
	[SCHEDULE_CUSTOM] = "kind, delays, then, jitter",
};

bool config_schedule_uses(enum schedule_kind kind, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = used[kind]; *at != '\0';) {
		if (strncmp(at, name, len) == 0 &&
		    (at[len] == ',' || at[len] == '\0'))
			return true;
		at += strcspn(at, " ");
		at += *at == ' ';
	}
	return false;
}

static void check_used(struct reading *r, const struct tree *group,
		       const struct schedule *s)
{
	size_t count;
	const struct setting *table = setting_table(&count);

	for (size_t i = 0; i < count; i++) {
		const char *name = table[i].name;

		if (table[i].scope != SCOPE_SCHEDULE ||
		    !setting_is_given(group, name) ||
		    config_schedule_uses(s->kind, name))
			continue;
		complain(r->complaints, setting_place(group, name),
			 "%s.%s means nothing for the kind \"%s\", which takes "
			 "%s.",
			 tree_path(r->arena, group), name,
			 schedule_kind_name(s->kind), used[s->kind]);
	}
}

/* Defaults that depend on other settings. */
static void settle(const struct tree *group, struct schedule *s)
{
	if (!setting_is_given(group, "max")) {
		s->max = 30 * MILLIS_PER_MINUTE;
		if (s->max < s->first)
			s->max = s->first;
	}
	if (s->kind == SCHEDULE_LINEAR && !setting_is_given(group, "step"))
		s->step = s->first;
}

/* The place that a flaw speaks of: its first word may name a setting. */
static const struct tree *flaw_place(struct reading *r,
				     const struct tree *group, const char *flaw)
{
	struct text word = {.at = flaw, .len = strcspn(flaw, " ")};

	return setting_place(group, arena_string(r->arena, word));
}

static void read_schedule(struct reading *r, const struct tree *group,
			  struct schedule *s)
{
	const char *flaw;

	*s = (struct schedule){0};
	setting_defaults(r, SCOPE_SCHEDULE, s);
	if (!setting_read(r, SCOPE_SCHEDULE, group, s))
		return;
	settle(group, s);
	check_used(r, group, s);
	flaw = schedule_flaw(s);
	if (flaw != NULL)
		complain(r->complaints, flaw_place(r, group, flaw), "%s: %s.",
			 tree_path(r->arena, group), flaw);
}

/* The schedule of a rule, or NULL if it has none. */
static const struct schedule *own_schedule(struct reading *r,
					   const struct tree *group)
{
	const struct tree *member = tree_member(group, "schedule");

	if (member == NULL || member->kind != TREE_GROUP)
		return NULL;
	struct schedule *schedule = arena_alloc(r->arena, sizeof(*schedule));
	read_schedule(r, member, schedule);
	return schedule;
}

static void read_error(struct reading *r, const struct tree *group,
		       struct error_rule *rule)
{
	setting_defaults(r, SCOPE_ERROR, rule);
	bool done = setting_read(r, SCOPE_ERROR, group, rule);
	rule->own.schedule = own_schedule(r, group);
	rule->own.written =
		(struct source_line){.file = group->file, .line = group->line};
	if (!done)
		return;
	(void)config_check_name(r, setting_place(group, "name"), rule->name);
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

static void read_type(struct reading *r, const struct tree *group,
		      struct type_rule *rule)
{
	bool done = setting_read(r, SCOPE_TYPE, group, rule);
	const struct tree *at = setting_place(group, "match");

	rule->own.schedule = own_schedule(r, group);
	rule->own.written =
		(struct source_line){.file = group->file, .line = group->line};
	if (!done)
		return;
	if (strlen(rule->match) > MATCH_MAX)
		complain(r->complaints, at, "%s is longer than 255 bytes.",
			 tree_path(r->arena, at));
	if (!is_pattern(rule->match))
		complain(r->complaints, at,
			 "%s is no pattern: \"*\" and \"#\" stand for whole "
			 "words between dots.",
			 tree_path(r->arena, at));
}

/* A list of groups: how many; an element that is none gets a complaint. */
static size_t count_groups(struct reading *r, const struct tree *list)
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
	size_t count = count_groups(r, list);
	struct error_rule *rules =
		arena_array(r->arena, count + 1, sizeof(*rules));

	for (size_t i = 0; count > 0 && i < list->count; i++)
		if (list->members[i].kind == TREE_GROUP)
			read_error(r, &list->members[i],
				   &rules[policy->error_count++]);
	policy->errors = rules;
}

static void read_types(struct reading *r, const struct tree *group,
		       struct policy *policy)
{
	const struct tree *list = tree_member(group, "types");
	size_t count = count_groups(r, list);
	struct type_rule *rules =
		arena_array(r->arena, count + 1, sizeof(*rules));

	for (size_t i = 0; count > 0 && i < list->count; i++)
		if (list->members[i].kind == TREE_GROUP)
			read_type(r, &list->members[i],
				  &rules[policy->type_count++]);
	policy->types = rules;
}

static void warn(struct reading *r, const struct tree *group,
		 const struct policy *policy)
{
	const struct downstream_rules any = {0};
	const struct settled s =
		policy_settle(policy, &any, NULL, NULL, CLASS_TRANSIENT, NULL);
	millis waits[SCHEDULE_JITTER_STEPS];
	char shortest[DURATION_SPELLING_MAX];
	char limit[DURATION_SPELLING_MAX];

	if (s.max_attempts == 1 || schedule_flaw(s.schedule) != NULL)
		return;
	size_t count = schedule_waits(s.schedule, 1, waits);
	if (count == 0 || waits[count - 1] <= s.give_up_after)
		return;
	complain_warning(
		r->complaints, setting_place(group, "give_up_after"),
		"%s never tries twice: its give_up_after (%s) is shorter than "
		"the first wait of its schedule (%s).",
		tree_path(r->arena, group),
		duration_spell(s.give_up_after, limit),
		duration_spell(waits[count - 1], shortest));
}

/* The ceiling that holds for all that has no other. */
static millis tuning_ceiling(const struct tuning *tuning)
{
	return tuning->retry_after_ceiling != 0
		       ? tuning->retry_after_ceiling
		       : tuning_built_in()->retry_after_ceiling;
}

static void read_policy(struct reading *r, const struct tree *group,
			struct policy *policy)
{
	policy_init(policy, arena_string(r->arena, text_of(group->name)));
	setting_defaults(r, SCOPE_POLICY, policy);
	bool done = setting_read(r, SCOPE_POLICY, group, policy);
	policy->own.schedule = own_schedule(r, group);
	policy->own.written =
		(struct source_line){.file = group->file, .line = group->line};
	read_errors(r, group, policy);
	read_types(r, group, policy);
	if (!done)
		return;
	if (policy->own.retry_after_floor > tuning_ceiling(&policy->own))
		complain(r->complaints,
			 setting_place(group, "retry_after_floor"),
			 "%s.retry_after_floor exceeds retry_after_ceiling.",
			 tree_path(r->arena, group));
	warn(r, group, policy);
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

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_schedule.c - reads the group `schedule`.
 */
#include <string.h>

#include "worker/config_draft.h"

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
	const struct setting *row;

	for (size_t i = 0; (row = setting_at(i)) != NULL; i++) {
		const char *name = row->name;

		if (row->scope != SCOPE_SCHEDULE ||
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

const struct schedule *config_read_schedule(struct reading *r,
					    const struct tree *group)
{
	const struct tree *member = tree_member(group, "schedule");

	if (member == NULL || member->kind != TREE_GROUP)
		return NULL;
	struct schedule *schedule = arena_alloc(r->arena, sizeof(*schedule));
	read_schedule(r, member, schedule);
	return schedule;
}

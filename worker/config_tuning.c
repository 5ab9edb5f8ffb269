/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_tuning.c - the settings of SCOPE_TUNING that are groups of their own,
 * and what has to be right about all of them together.
 */
#include <string.h>

#include "worker/config_draft.h"

static void read_quick(struct reading *r, const struct tree *group,
		       struct tuning *tuning)
{
	const struct tree *member = tree_member(group, "quick");

	if (member == NULL)
		return;
	if (member->kind == TREE_BOOL)
		tuning->no_quick = !member->boolean;
	else if (member->kind == TREE_GROUP)
		(void)setting_read(r, SCOPE_QUICK, member, &tuning->quick);
}

/* The ceiling is known here only if it is set beside the floor. */
static void check_floor(struct reading *r, const struct tree *group,
			const struct tuning *tuning)
{
	if (tuning->retry_after_ceiling == 0 ||
	    tuning->retry_after_floor <= tuning->retry_after_ceiling)
		return;
	complain(r->complaints, setting_place(group, "retry_after_floor"),
		 "%s.retry_after_floor exceeds retry_after_ceiling.",
		 tree_path(r->arena, group));
}

void config_read_tuning(struct reading *r, const struct tree *group,
			struct tuning *tuning)
{
	tuning->written =
		(struct source_line){.file = group->file, .line = group->line};
	tuning->schedule = config_read_schedule(r, group);
	read_quick(r, group, tuning);
	check_floor(r, group, tuning);
	if (tuning->park_as != NULL)
		(void)config_check_name(r, setting_place(group, "park_as"),
					tuning->park_as);
}

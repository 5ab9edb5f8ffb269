/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_idle.c - warns of settings that a permanent error has no use for: it
 * is parked without another try, so that only park_as means something.
 */
#include "worker/config_draft.h"

void config_warn_idle(struct reading *r, const struct tree *group,
		      const char *error)
{
	static const char *const idle[] = {
		"schedule",          "max_attempts",
		"give_up_after",     "quick",
		"ambiguous",         "honour_retry_after",
		"retry_after_floor", "retry_after_ceiling",
		"count_hold",
	};

	for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++) {
		const struct tree *member = setting_place(group, idle[i]);

		if (member == group)
			continue;
		complain_warning(r->complaints, member,
				 "%s means nothing: the error \"%s\" is "
				 "permanent, and such a message is parked at "
				 "once. Take it away, or give the error "
				 "another class.",
				 tree_path(r->arena, member), error);
	}
}

void config_check_idle(struct reading *r, const struct tree *top,
		       const struct config *config)
{
	const struct tree *policies = tree_member(top, "policies");

	for (size_t i = 0; i < config->policy_count; i++) {
		const struct policy *policy = &config->policies[i];
		const struct tree *errors = tree_member(
			tree_member(policies, policy->name), "errors");

		for (size_t k = 0; k < policy->error_count; k++)
			if (policy->errors[k].class == CLASS_PERMANENT)
				config_warn_idle(r, &errors->members[k],
						 policy->errors[k].name);
	}
}

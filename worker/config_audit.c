/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_audit.c - reads the group `audit`.
 */
#include <string.h>

#include "worker/config_draft.h"

/* The choices of the setting `audit` as a word, from 1. */
enum word {
	WORD_NONE,
	WORD_ALL,
	WORD_FAILURES,
	WORD_OFF,
	WORD_BEST_EFFORT,
	WORD_REQUIRED,
};

static void take_word(struct audit_config *audit, enum word word)
{
	switch (word) {
	case WORD_NONE:
	case WORD_ALL:
	case WORD_BEST_EFFORT:
		return; /* as by default */
	case WORD_FAILURES:
		audit->record = AUDIT_FAILURES;
		return;
	case WORD_OFF:
		audit->record = AUDIT_OFF;
		return;
	case WORD_REQUIRED:
		audit->mode = AUDIT_REQUIRED;
		return;
	}
}

static void warn_idle(struct reading *r, const struct tree *group,
		      const struct audit_config *audit)
{
	if (audit->record == AUDIT_OFF && audit->mode == AUDIT_REQUIRED)
		complain_warning(r->complaints, setting_place(group, "mode"),
				 "audit.mode = \"required\" means nothing, "
				 "since audit.record = \"off\" records "
				 "nothing.");
}

void config_read_audit(struct reading *r, const struct tree *top,
		       struct config *config)
{
	const struct tree *group = tree_member(top, "audit");

	setting_defaults(r, SCOPE_AUDIT, &config->audit);
	if (group != NULL && group->kind == TREE_GROUP &&
	    setting_read(r, SCOPE_AUDIT, group, &config->audit))
		warn_idle(r, group, &config->audit);
	take_word(&config->audit, (enum word)config->audit_word);
	config->audit_word = WORD_NONE;
	config->audit.exchange =
		arena_printf(r->arena, "%saudit", config->prefix);
}

void config_check_audit(struct reading *r, const struct tree *top,
			const struct config *config)
{
	const struct tree *pipelines = tree_member(top, "pipelines");
	const char *name = config->audit.exchange;

	for (size_t i = 0; i < config->pipeline_count; i++) {
		const struct pipeline_config *p = &config->pipelines[i];
		const struct tree *at =
			tree_member(tree_member(pipelines, p->name), "source");

		if (strcmp(p->queue, name) == 0 ||
		    (p->business_exchange != NULL &&
		     strcmp(p->business_exchange, name) == 0))
			complain(r->complaints, at,
				 "%s takes from %s, which holds the audit "
				 "trail. Take from something else, or set "
				 "another prefix.",
				 tree_path(r->arena, at), name);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_understand.c - reads the group `understand` of a downstream.
 */
#include <strings.h>

#include "worker/config_draft.h"
#include "worker/config_nearest.h"
#include "worker/fhir_issue.h"

static void complain_unknown(struct reading *r, const struct tree *at,
			     const char *code)
{
	struct nearest nearest;

	nearest_init(&nearest, code);
	for (size_t i = 0; fhir_issue_at(i) != NULL; i++)
		nearest_offer(&nearest, fhir_issue_at(i)->code);
	complain(r->complaints, at, "%s: \"%s\" is no issue type of FHIR R4.%s",
		 tree_path(r->arena, at), code,
		 nearest.name == NULL
			 ? ""
			 : arena_printf(r->arena, " The nearest is \"%s\".",
					nearest.name));
}

static bool is_in(const struct texts *list, const char *code)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcasecmp(list->list[i], code) == 0)
			return true;
	return false;
}

/* Each code means one thing, and in FHIR only those that there are. */
static void check_codes(struct reading *r, const struct tree *group,
			const char *name, const struct texts *codes,
			const struct texts *others,
			const struct understand_draft *draft)
{
	const struct tree *at = setting_place(group, name);

	for (size_t i = 0; i < codes->count; i++) {
		const struct tree *element = tree_element(at, i);
		const char *code = codes->list[i];

		if (draft->as == UNDERSTAND_FHIR &&
		    fhir_issue(text_of(code)) == NULL)
			complain_unknown(r, element, code);
		if (is_in(&others[0], code) || is_in(&others[1], code))
			complain(r->complaints, element,
				 "%s: \"%s\" stands in two of done, transient "
				 "and permanent. It can mean one thing only.",
				 tree_path(r->arena, element), code);
	}
}

static struct code_list list_of(const struct texts *texts)
{
	return (struct code_list){.codes = texts->list, .count = texts->count};
}

static void warn_of_nothing(struct reading *r, const struct tree *downstream,
			    const struct downstream_config *config)
{
	const char *path = tree_path(r->arena, downstream);

	if (config->understand.as == UNDERSTAND_NOTHING ||
	    config->response_limit > 0)
		return;
	complain_warning(r->complaints,
			 setting_place(downstream, "response_limit"),
			 "%s.response_limit keeps nothing of an answer, so "
			 "that %s.understand has nothing to read. Take it "
			 "away, or raise it.",
			 path, path);
}

static void read_group(struct reading *r, const struct tree *group,
		       struct downstream_config *into)
{
	struct understand_draft draft = {0};

	if (!setting_read(r, SCOPE_UNDERSTAND, group, &draft))
		return;
	const struct texts none = {0};
	const struct texts beside_transient[] = {draft.done, none};
	const struct texts beside_permanent[] = {draft.done, draft.transient};
	const struct texts beside_done[] = {none, none};

	check_codes(r, group, "done", &draft.done, beside_done, &draft);
	check_codes(r, group, "transient", &draft.transient, beside_transient,
		    &draft);
	check_codes(r, group, "permanent", &draft.permanent, beside_permanent,
		    &draft);
	into->understand = (struct understand_config){
		.as = draft.as,
		.done = list_of(&draft.done),
		.transient = list_of(&draft.transient),
		.permanent = list_of(&draft.permanent),
	};
}

void config_read_understand(struct reading *r, const struct tree *downstream,
			    struct downstream_config *into)
{
	const struct tree *group = tree_member(downstream, "understand");

	if (group != NULL && group->kind == TREE_GROUP)
		read_group(r, group, into);
	warn_of_nothing(r, downstream, into);
}

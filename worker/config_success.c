/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_success.c - reads the success rules of a downstream.
 */
#include "worker/config_draft.h"
#include "worker/matcher.h"

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
	if (!config_asks(group))
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
	rule->when.understood =
		config_read_names(r, tree_member(group, "understood"),
				  &rule->when.understood_count);
	config_read_matchers(r, config, group, &rule->when);
	if (r->complaints->errors == errors)
		check_success(r, group, rule);
}

/* --- rules that never hold ------------------------------------------------------- */

/* Success rules as far as config_taken_by looks at them. */
static const struct error_rule *as_error_rules(struct reading *r,
					       const struct downstream_rules *s)
{
	struct error_rule *rules =
		arena_array(r->arena, s->success_count + 1, sizeof(*rules));

	for (size_t i = 0; i < s->success_count; i++) {
		rules[i].when = s->success[i].when;
		rules[i].own.written = s->success[i].written;
	}
	return rules;
}

static void warn_taken(struct reading *r, const struct tree *list,
		       const struct downstream_rules *rules)
{
	const struct error_rule *all = as_error_rules(r, rules);

	for (size_t i = 0; i < rules->success_count; i++) {
		const struct error_rule *by =
			config_taken_by(all, i, &all[i].when);

		if (by != NULL)
			complain_warning(
				r->complaints, &list->members[i],
				"%s never holds: the rules up to %s (line %u) "
				"take all that it stands for. Put it before "
				"them, or take it away.",
				tree_path(r->arena, &list->members[i]),
				tree_path(r->arena, &list->members[by - all]),
				by->own.written.line);
	}
}

static void warn_unknown(struct reading *r, const struct tree *list,
			 const struct downstream_config *downstream)
{
	const struct downstream_rules *rules = &downstream->rules;

	for (size_t i = 0; i < rules->success_count; i++) {
		const struct condition *when = &rules->success[i].when;
		const struct tree *at =
			setting_place(&list->members[i], "understood");

		for (size_t k = 0; k < when->understood_count; k++)
			if (!config_body_gives(downstream, when->understood[k]))
				complain_warning(
					r->complaints, at,
					"%s: no body is understood as "
					"\"%.80s\", so that it never holds. "
					"The \"understand\" of this "
					"downstream says which names there "
					"are.",
					tree_path(r->arena, at),
					when->understood[k]);
	}
}

static bool looks_into_body(const struct config *config,
			    const struct condition *when)
{
	for (size_t i = 0; i < when->matcher_count; i++) {
		enum matcher_kind kind =
			config->matchers[when->matchers[i]].kind;

		if (kind == MATCHER_POINTER || kind == MATCHER_TEXT)
			return true;
	}
	return false;
}

static void warn_unread(struct reading *r, const struct config *config,
			const struct tree *list,
			const struct downstream_config *downstream)
{
	const struct downstream_rules *rules = &downstream->rules;

	for (size_t i = 0; i < rules->success_count; i++)
		if (downstream->response_limit == 0 &&
		    looks_into_body(config, &rules->success[i].when))
			complain_warning(
				r->complaints, &list->members[i],
				"%s looks into the body of an answer, of which "
				"response_limit = 0 keeps nothing. Raise it, "
				"or take the rule away.",
				tree_path(r->arena, &list->members[i]));
}

void config_read_success(struct reading *r, struct config *config,
			 const struct tree *list,
			 struct downstream_config *downstream)
{
	struct downstream_rules *rules = &downstream->rules;
	size_t errors = r->complaints->errors;
	struct success_rule *success;

	if (list == NULL || list->kind != TREE_LIST)
		return;
	success = arena_array(r->arena, list->count + 1, sizeof(*success));
	for (size_t i = 0; i < list->count; i++)
		if (config_check_group(r, &list->members[i]))
			read_success(r, config, &list->members[i],
				     &success[rules->success_count++]);
	rules->success = success;
	if (r->complaints->errors > errors)
		return;
	warn_taken(r, list, rules);
	warn_unknown(r, list, downstream);
	warn_unread(r, config, list, downstream);
}

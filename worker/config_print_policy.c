/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_print_policy.c - policies, and what they know of downstreams, as a
 * file would say it.
 */
#include "worker/config_draft.h"
#include "worker/setting_print.h"

static void print_schedule(const struct schedule *schedule, int indent,
			   FILE *to)
{
	const struct setting *row;

	if (schedule == NULL)
		return;
	setting_print_open("schedule", indent, to);
	for (size_t i = 0; (row = setting_at(i)) != NULL; i++)
		if (row->scope == SCOPE_SCHEDULE &&
		    config_schedule_uses(schedule->kind, row->name))
			setting_print_one(row, schedule, indent + 1, to);
	setting_print_close(indent, to);
}

static void print_quick(const struct tuning *tuning, int indent, FILE *to)
{
	if (tuning->no_quick) {
		setting_print_indent(indent, to);
		fputs("quick = false;\n", to);
	}
	if (tuning->quick.tries == 0)
		return;
	setting_print_open("quick", indent, to);
	setting_print(SCOPE_QUICK, &tuning->quick, indent + 1, to);
	setting_print_close(indent, to);
}

/* What setting_print leaves of SCOPE_TUNING. */
static void print_tuning_groups(const struct tuning *tuning, int indent,
				FILE *to)
{
	print_schedule(tuning->schedule, indent, to);
	print_quick(tuning, indent, to);
}

/* As a word, or as a group where it has settings of its own. */
static void print_ambiguous(const struct policy *policy, FILE *to)
{
	if (policy->ambiguous.written.file == NULL) {
		setting_print_one(setting_find(SCOPE_POLICY, "ambiguous"),
				  policy, 2, to);
		return;
	}
	setting_print_open("ambiguous", 2, to);
	setting_print(SCOPE_TUNING, &policy->ambiguous, 3, to);
	print_tuning_groups(&policy->ambiguous, 3, to);
	setting_print_close(2, to);
}

static void open_entry(int indent, FILE *to)
{
	setting_print_indent(indent, to);
	fputs("{\n", to);
}

static void close_entry(bool is_last, int indent, FILE *to)
{
	setting_print_indent(indent, to);
	fputs(is_last ? "}\n" : "},\n", to);
}

static void print_errors(const struct config *config,
			 const struct policy *policy, FILE *to)
{
	if (policy->error_count == 0)
		return;
	fputs("\t\terrors = (\n", to);
	for (size_t i = 0; i < policy->error_count; i++) {
		open_entry(3, to);
		setting_print(SCOPE_ERROR, &policy->errors[i], 4, to);
		config_print_condition(config, &policy->errors[i].when, 4, to);
		print_tuning_groups(&policy->errors[i].own, 4, to);
		close_entry(i + 1 == policy->error_count, 3, to);
	}
	fputs("\t\t);\n", to);
}

static void print_type_errors(const struct type_rule *rule, FILE *to)
{
	if (rule->error_count == 0)
		return;
	fputs("\t\t\t\terrors = (\n", to);
	for (size_t i = 0; i < rule->error_count; i++) {
		open_entry(5, to);
		setting_print(SCOPE_TYPE_ERROR, &rule->errors[i], 6, to);
		print_tuning_groups(&rule->errors[i].own, 6, to);
		close_entry(i + 1 == rule->error_count, 5, to);
	}
	fputs("\t\t\t\t);\n", to);
}

static void print_types(const struct policy *policy, FILE *to)
{
	if (policy->type_count == 0)
		return;
	fputs("\t\ttypes = (\n", to);
	for (size_t i = 0; i < policy->type_count; i++) {
		open_entry(3, to);
		setting_print(SCOPE_TYPE, &policy->types[i], 4, to);
		print_tuning_groups(&policy->types[i].own, 4, to);
		print_type_errors(&policy->types[i], to);
		close_entry(i + 1 == policy->type_count, 3, to);
	}
	fputs("\t\t);\n", to);
}

void config_print_policy(const struct config *config,
			 const struct policy *policy, FILE *to)
{
	setting_print_open(policy->name, 1, to);
	setting_print(SCOPE_POLICY, policy, 2, to);
	print_tuning_groups(&policy->own, 2, to);
	print_ambiguous(policy, to);
	print_errors(config, policy, to);
	print_types(policy, to);
	setting_print_close(1, to);
}

static struct texts codes_of(const struct code_list *list)
{
	return (struct texts){.list = (const char **)list->codes,
			      .count = list->count};
}

static void print_understand(const struct understand_config *understand,
			     FILE *to)
{
	const struct understand_draft draft = {
		.as = understand->as,
		.done = codes_of(&understand->done),
		.transient = codes_of(&understand->transient),
		.permanent = codes_of(&understand->permanent),
	};

	if (understand->as == UNDERSTAND_NOTHING)
		return;
	setting_print_open("understand", 2, to);
	setting_print(SCOPE_UNDERSTAND, &draft, 3, to);
	setting_print_close(2, to);
}

void config_print_rules(const struct config *config,
			const struct downstream_config *downstream, FILE *to)
{
	const struct downstream_rules *rules = &downstream->rules;

	setting_print_one(setting_find(SCOPE_DOWNSTREAM, "idempotent"),
			  downstream, 2, to);
	setting_print(SCOPE_TUNING, &rules->own, 2, to);
	print_tuning_groups(&rules->own, 2, to);
	config_print_success(config, rules, to);
	print_understand(&downstream->understand, to);
}

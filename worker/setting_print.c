/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_print.c - values as a file would say them, and what a setting takes
 * in words.
 */
#include "worker/setting_print.h"

#include <inttypes.h>
#include <string.h>

#include "policy/duration.h"
#include "policy/policy.h"
#include "worker/setting_value.h"

void setting_print_text(const char *text, FILE *to)
{
	putc('"', to);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(to, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", to);
		else if (c < ' ' || c == 0x7f)
			fprintf(to, "\\x%02x", c);
		else
			putc(c, to);
	}
	putc('"', to);
}

static const char *spell(struct arena *arena, const struct setting *setting,
			 int64_t value)
{
	char duration[DURATION_SPELLING_MAX];

	if (setting->kind == SETTING_DURATION ||
	    setting->kind == SETTING_FOREVER)
		return arena_printf(arena, "%s",
				    duration_spell(value, duration));
	if (setting->kind != SETTING_SIZE)
		return arena_printf(arena, "%" PRId64, value);
	if (value >= 1 << 20 && value % (1 << 20) == 0)
		return arena_printf(arena, "%" PRId64 "MiB", value >> 20);
	if (value >= 1 << 10 && value % (1 << 10) == 0)
		return arena_printf(arena, "%" PRId64 "KiB", value >> 10);
	return arena_printf(arena, "%" PRId64 "B", value);
}

/* "\"a\", \"b\" or \"c\"" */
static const char *spell_choices(struct arena *arena, const char *choices)
{
	const char *all = "";

	for (size_t i = 0; setting_choice_at(choices, i).len > 0; i++) {
		struct text choice = setting_choice_at(choices, i);
		bool is_last = setting_choice_at(choices, i + 1).len == 0;

		all = arena_printf(arena, "%s%s\"%.*s\"", all,
				   i == 0    ? ""
				   : is_last ? " or "
					     : ", ",
				   (int)choice.len, choice.at);
	}
	return all;
}

static const char *expected_range(struct arena *arena, const char *what,
				  const struct setting *setting,
				  const char *such_as)
{
	return arena_printf(arena, "%s from %s to %s%s", what,
			    spell(arena, setting, setting->min),
			    spell(arena, setting, setting->max), such_as);
}

/* A flat switch over the kinds. */
const char *setting_expected(struct arena *arena, const struct setting *setting)
{
	switch (setting->kind) {
	case SETTING_BOOL:
	case SETTING_MAYBE:
		return "true or false";
	case SETTING_COUNT:
		return expected_range(arena, "a whole number", setting, "");
	case SETTING_SIZE:
		return expected_range(arena, "a size", setting,
				      ", such as \"64KiB\"");
	case SETTING_DURATION:
		return expected_range(arena, "a duration", setting,
				      ", such as \"5s\" or \"1m30s\"");
	case SETTING_FOREVER:
		return expected_range(arena, "\"never\" or a duration", setting,
				      ", such as \"24h\"");
	case SETTING_FACTOR:
		return expected_range(arena, "a number", setting,
				      ", such as 1.5");
	case SETTING_PERCENT:
		return "\"none\", \"full\" or a percentage such as \"20%\"";
	case SETTING_TEXT:
	case SETTING_SECRET:
		return "a text in double quotes";
	case SETTING_PATH:
		return "the name of a file";
	case SETTING_CHOICE:
	case SETTING_OPTION:
	case SETTING_FLAG:
	case SETTING_WORD:
		return spell_choices(arena, setting->choices);
	case SETTING_TEXTS:
		return "one or more texts, such as [ \"a\", \"b\" ]";
	case SETTING_DURATIONS:
		return "durations from 1ms to 30d, such as [ \"1m\", \"5m\" ]";
	case SETTING_STATUSES:
		return "statuses from 100 to 599, such as [ \"429\", \"5xx\", "
		       "\"500-503\" ]";
	case SETTING_TRANSPORTS:
		return arena_printf(arena, "one or more of %s",
				    spell_choices(arena, setting->choices));
	case SETTING_GROUP:
		return "a group, { ... }";
	case SETTING_NAMED:
		return "a group of groups, { name = { ... }; }";
	case SETTING_LIST:
		return "a list of groups, ( { ... }, { ... } )";
	case SETTING_FREE:
		return "a group, { Name = \"value\"; }";
	case SETTING_UNLESS_FALSE:
		return "a group, { ... }, or false";
	case SETTING_OR_WORD:
		return arena_printf(arena, "%s, or a group, { ... }",
				    spell_choices(arena, setting->choices));
	case SETTING_MATCH:
		return setting->choices;
	case SETTING_LATER:
		break;
	}
	return "nothing";
}

static void print_texts(const struct texts *texts, FILE *to)
{
	fputs("[ ", to);
	for (size_t i = 0; i < texts->count; i++) {
		fputs(i == 0 ? "" : ", ", to);
		setting_print_text(texts->list[i], to);
	}
	fputs(" ]", to);
}

static void print_delays(const struct schedule *schedule, FILE *to)
{
	char duration[DURATION_SPELLING_MAX];

	fputs("[ ", to);
	for (size_t i = 0; i < schedule->delay_count; i++)
		fprintf(to, "%s\"%s\"", i == 0 ? "" : ", ",
			duration_spell(schedule->delays[i], duration));
	fputs(" ]", to);
}

static void print_statuses(const struct condition *rule, FILE *to)
{
	fputs("[ ", to);
	for (size_t i = 0; i < rule->status_count; i++) {
		const struct status_range *range = &rule->statuses[i];

		fprintf(to, "%s\"%d", i == 0 ? "" : ", ", range->first);
		if (range->last != range->first)
			fprintf(to, "-%d", range->last);
		putc('"', to);
	}
	fputs(" ]", to);
}

static void print_transports(uint32_t transports, FILE *to)
{
	const char *comma = "";

	fputs("[ ", to);
	for (int t = 0; t < TRANSPORT_COUNT; t++) {
		if ((transports >> t & 1) == 0)
			continue;
		fprintf(to, "%s\"%s\"", comma,
			transport_name((enum transport)t));
		comma = ", ";
	}
	fputs(" ]", to);
}

static void print_factor(uint32_t thousandths, FILE *to)
{
	fprintf(to, "%u", thousandths / 1000);
	if (thousandths % 1000 != 0)
		fprintf(to, ".%03u", thousandths % 1000);
}

static void print_choice(const struct setting *setting, int choice, FILE *to)
{
	struct text word = setting_choice_at(setting->choices, (size_t)choice);

	fprintf(to, "\"%.*s\"", (int)word.len, word.at);
}

static void print_number(const struct setting *setting, int64_t number,
			 FILE *to)
{
	struct arena arena;
	bool is_bare = setting->kind == SETTING_COUNT;

	arena_init(&arena);
	if (setting->kind == SETTING_FOREVER && number == POLICY_UNLIMITED_TIME)
		fputs("\"never\"", to);
	else
		fprintf(to, is_bare ? "%s" : "\"%s\"",
			spell(&arena, setting, number));
	arena_fini(&arena);
}

static bool is_flag(enum setting_kind kind)
{
	return kind == SETTING_BOOL || kind == SETTING_FLAG;
}

static bool is_string(enum setting_kind kind)
{
	return kind == SETTING_TEXT || kind == SETTING_PATH ||
	       kind == SETTING_SECRET || kind == SETTING_WORD;
}

/*
 * True if there is something to print: what has no default is printed only
 * where it was set, which is never zero.
 */
static bool is_set(const struct setting *setting, const void *from,
		   const void *at)
{
	switch (setting->kind) {
	case SETTING_TEXTS:
		return ((const struct texts *)at)->count > 0;
	case SETTING_DURATIONS:
		return ((const struct schedule *)from)->delay_count > 0;
	case SETTING_STATUSES:
		return ((const struct condition *)at)->status_count > 0;
	case SETTING_TRANSPORTS:
		return ((const struct condition *)at)->transports != 0;
	case SETTING_COUNT:
		return setting->fallback != NULL || *(const uint32_t *)at != 0;
	case SETTING_FOREVER:
		return *(const millis *)at != 0;
	case SETTING_DURATION:
		return setting->fallback != NULL || *(const millis *)at != 0;
	case SETTING_MAYBE:
	case SETTING_OPTION:
	case SETTING_OR_WORD:
		return *(const int *)at != 0;
	default:
		return !is_string(setting->kind) ||
		       *(const char *const *)at != NULL;
	}
}

/* A flat switch over the kinds. */
static void print_value(const struct setting *setting, const void *from,
			const void *at, FILE *to)
{
	if (is_flag(setting->kind)) {
		bool truth = *(const bool *)at;

		if (setting->kind == SETTING_FLAG)
			print_choice(setting, truth, to);
		else
			fputs(truth ? "true" : "false", to);
		return;
	}
	switch (setting->kind) {
	case SETTING_COUNT:
		print_number(setting, *(const uint32_t *)at, to);
		return;
	case SETTING_SIZE:
		print_number(setting, (int64_t) * (const uint64_t *)at, to);
		return;
	case SETTING_DURATION:
	case SETTING_FOREVER:
		print_number(setting, *(const millis *)at, to);
		return;
	case SETTING_FACTOR:
		print_factor(*(const uint32_t *)at, to);
		return;
	case SETTING_PERCENT:
		fprintf(to, "\"%u%%\"", *(const uint32_t *)at);
		return;
	case SETTING_SECRET:
		fputs("\"********\"", to);
		return;
	case SETTING_MAYBE:
		fputs(*(const enum honour *)at == HONOUR_YES ? "true" : "false",
		      to);
		return;
	case SETTING_CHOICE:
		print_choice(setting, *(const int *)at, to);
		return;
	case SETTING_OPTION:
	case SETTING_OR_WORD:
		print_choice(setting, *(const int *)at - 1, to);
		return;
	case SETTING_TEXTS:
		print_texts(at, to);
		return;
	case SETTING_DURATIONS:
		print_delays(from, to);
		return;
	case SETTING_STATUSES:
		print_statuses(at, to);
		return;
	case SETTING_TRANSPORTS:
		print_transports(((const struct condition *)at)->transports,
				 to);
		return;
	default:
		setting_print_text(*(const char *const *)at, to);
	}
}

void setting_print_indent(int indent, FILE *to)
{
	for (int i = 0; i < indent; i++)
		putc('\t', to);
}

void setting_print_open(const char *name, int indent, FILE *to)
{
	setting_print_indent(indent, to);
	fprintf(to, "%s = {\n", name);
}

void setting_print_close(int indent, FILE *to)
{
	setting_print_indent(indent, to);
	fputs("};\n", to);
}

void setting_print_one(const struct setting *setting, const void *from,
		       int indent, FILE *to)
{
	const void *at = (const char *)from + setting->offset;

	if (!is_set(setting, from, at))
		return;
	setting_print_indent(indent, to);
	fprintf(to, "%s = ", setting->name);
	print_value(setting, from, at, to);
	fputs(";\n", to);
}

static void print_scope(enum setting_scope scope, enum setting_scope unless,
			const void *from, int indent, FILE *to)
{
	const struct setting *row;

	for (size_t i = 0; (row = setting_at(i)) != NULL; i++)
		if (row->scope == scope && row->kind < SETTING_GROUP &&
		    (unless == scope ||
		     setting_find(unless, row->name) == NULL))
			setting_print_one(row, from, indent, to);
}

void setting_print(enum setting_scope scope, const void *from, int indent,
		   FILE *to)
{
	size_t base;

	print_scope(scope, scope, from, indent, to);
	if (setting_tuning(scope, &base))
		print_scope(SCOPE_TUNING, scope, (const char *)from + base,
			    indent, to);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_print_condition.c - what rules ask of an answer, as a file would say
 * it, and the success rules.
 */
#include <inttypes.h>
#include <string.h>

#include "worker/config_draft.h"
#include "worker/matcher.h"
#include "worker/setting_print.h"

static void print_names(const char *setting, const char *const *names,
			size_t count, int indent, FILE *to)
{
	if (count == 0)
		return;
	setting_print_indent(indent, to);
	fprintf(to, "%s = [ ", setting);
	for (size_t i = 0; i < count; i++) {
		fputs(i == 0 ? "" : ", ", to);
		setting_print_text(names[i], to);
	}
	fputs(" ];\n", to);
}

/* As libconfig reads it back: a number with a point or an exponent, to the last
   digit. */
static void print_number(double number, FILE *to)
{
	char text[40];

	snprintf(text, sizeof(text), "%.17g", number);
	fprintf(to, "%s%s", text, strpbrk(text, ".e") == NULL ? ".0" : "");
}

static void print_value(const struct matcher_value *value, FILE *to)
{
	switch (value->kind) {
	case VALUE_TEXT:
		setting_print_text(value->text.len == 0 ? "" : value->text.at,
				   to);
		return;
	case VALUE_INTEGER:
		fprintf(to, "%" PRId64, value->integer);
		return;
	case VALUE_NUMBER:
		print_number(value->number, to);
		return;
	case VALUE_TRUTH:
		fputs(value->truth ? "true" : "false", to);
		return;
	}
}

/* Values of several kinds stand in ( ), which holds anything. */
static void print_values(const struct matcher *matcher, FILE *to)
{
	fputs("( ", to);
	for (size_t i = 0; i < matcher->value_count; i++) {
		fputs(i == 0 ? "" : ", ", to);
		print_value(&matcher->values[i], to);
	}
	fputs(" )", to);
}

static void print_test(const struct matcher *matcher, FILE *to)
{
	switch (matcher->test) {
	case TEST_EXISTS:
	case TEST_ABSENT:
		fprintf(to, "exists = %s",
			matcher->test == TEST_EXISTS ? "true" : "false");
		return;
	case TEST_NULL:
	case TEST_NOT_NULL:
		fprintf(to, "is_null = %s",
			matcher->test == TEST_NULL ? "true" : "false");
		return;
	case TEST_IN:
		fputs(matcher->value_count == 1 ? "equals = " : "in = ", to);
		if (matcher->value_count == 1)
			print_value(&matcher->values[0], to);
		else
			print_values(matcher, to);
		return;
	case TEST_REGEX:
		fputs("regex = ", to);
		setting_print_text(matcher->pattern, to);
		return;
	}
}

static void print_group(const struct matcher *matcher, FILE *to)
{
	bool is_header = matcher->kind == MATCHER_HEADER;

	fprintf(to, " { %s = ", is_header ? "name" : "at");
	setting_print_text(matcher->place, to);
	fputs("; ", to);
	print_test(matcher, to);
	fputs("; }", to);
}

/* In a list of those of its kind, of which `count` stand there. */
static size_t print_listed(const struct matcher *matcher, size_t count,
			   int indent, FILE *to)
{
	if (count == 0) {
		setting_print_indent(indent, to);
		fprintf(to, "%s = (",
			matcher->kind == MATCHER_HEADER ? "header" : "pointer");
	} else {
		fputs(",", to);
	}
	print_group(matcher, to);
	return count + 1;
}

static void print_groups(const struct config *config,
			 const struct condition *when, enum matcher_kind kind,
			 int indent, FILE *to)
{
	size_t count = 0;

	for (size_t i = 0; i < when->matcher_count; i++) {
		const struct matcher *matcher =
			&config->matchers[when->matchers[i]];

		if (matcher->kind == kind)
			count = print_listed(matcher, count, indent, to);
	}
	if (count > 0)
		fputs(" );\n", to);
}

static void print_tests(const struct when *when, enum matcher_kind kind,
			int indent, FILE *to)
{
	size_t count = 0;

	for (size_t i = 0; i < when->matcher_count; i++)
		if (when->matchers[i].kind == kind)
			count = print_listed(&when->matchers[i], count, indent,
					     to);
	if (count > 0)
		fputs(" );\n", to);
}

void config_print_when(const struct when *when, int indent, FILE *to)
{
	setting_print_open("when", indent, to);
	print_names("type", when->types, when->type_count, indent + 1, to);
	print_tests(when, MATCHER_HEADER, indent + 1, to);
	print_tests(when, MATCHER_POINTER, indent + 1, to);
	setting_print_close(indent, to);
}

static void print_types(const struct matcher *matcher, FILE *to)
{
	fputs("content_type = [ ", to);
	for (size_t i = 0; i < matcher->value_count; i++) {
		struct text type = matcher->values[i].text;
		bool is_all = memchr(type.at, '/', type.len) == NULL;

		fprintf(to, "%s\"%.*s%s\"", i == 0 ? "" : ", ", (int)type.len,
			type.at, is_all ? "/*" : "");
	}
	fputs(" ]", to);
}

static void print_whole_body(const struct config *config,
			     const struct condition *when, int indent, FILE *to)
{
	for (size_t i = 0; i < when->matcher_count; i++) {
		const struct matcher *matcher =
			&config->matchers[when->matchers[i]];

		if (matcher->kind != MATCHER_TEXT &&
		    matcher->kind != MATCHER_CONTENT_TYPE)
			continue;
		setting_print_indent(indent, to);
		if (matcher->kind == MATCHER_CONTENT_TYPE) {
			print_types(matcher, to);
		} else {
			fputs("text = ", to);
			setting_print_text(matcher->pattern, to);
		}
		fputs(";\n", to);
	}
}

void config_print_condition(const struct config *config,
			    const struct condition *when, int indent, FILE *to)
{
	print_names("downstream", when->downstreams, when->downstream_count,
		    indent, to);
	print_names("understood", when->understood, when->understood_count,
		    indent, to);
	print_groups(config, when, MATCHER_HEADER, indent, to);
	print_groups(config, when, MATCHER_POINTER, indent, to);
	print_whole_body(config, when, indent, to);
}

void config_print_success(const struct config *config,
			  const struct downstream_rules *rules, FILE *to)
{
	if (rules->success_count == 0)
		return;
	fputs("\t\tsuccess = (\n", to);
	for (size_t i = 0; i < rules->success_count; i++) {
		struct success_draft draft = {.rule = rules->success[i]};

		if (draft.rule.has_class)
			draft.class = (int)draft.rule.class + 1;
		fputs("\t\t\t{\n", to);
		setting_print(SCOPE_SUCCESS, &draft, 4, to);
		config_print_condition(config, &draft.rule.when, 4, to);
		fputs(i + 1 == rules->success_count ? "\t\t\t}\n"
						    : "\t\t\t},\n",
		      to);
	}
	fputs("\t\t);\n", to);
}

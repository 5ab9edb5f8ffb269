/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_matcher.c - reads what a rule asks of header fields and of the body,
 * and gives each such matcher its number.
 */
#include <string.h>

#include "worker/config_draft.h"
#include "worker/json_pointer.h"
#include "worker/matcher.h"

#define TOKEN                                                                  \
	"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"                  \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Adds the matcher to the condition, under the number of one that is the same
   or under a new one. */
static void add(struct reading *r, struct config *config, const struct tree *at,
		const struct matcher *matcher, struct condition *into)
{
	uint16_t *numbers = arena_array(r->arena, into->matcher_count + 1,
					sizeof(*numbers));
	size_t number = 0;

	while (number < config->matcher_count &&
	       !matcher_same(&config->matchers[number], matcher))
		number++;
	if (number == MATCHERS_MAX) {
		complain(r->complaints, at,
			 "%s is one too many: all rules together may ask for "
			 "%d different things of a response.",
			 tree_path(r->arena, at), MATCHERS_MAX);
		return;
	}
	if (number == config->matcher_count)
		config_add_matcher(r, config, matcher);
	if (into->matcher_count > 0)
		memcpy(numbers, into->matchers,
		       into->matcher_count * sizeof(*numbers));
	numbers[into->matcher_count++] = (uint16_t)number;
	into->matchers = numbers;
}

/* --- patterns ------------------------------------------------------------------ */

/* False after a complaint. */
static bool compile(struct reading *r, const struct tree *at,
		    const char *pattern, struct matcher *matcher)
{
	const char *flaw;

	matcher->test = TEST_REGEX;
	matcher->pattern = pattern;
	matcher->regex = regex_new(text_of(pattern), r->arena, &flaw);
	if (matcher->regex != NULL)
		return true;
	complain(r->complaints, at,
		 "%s is no regular expression that can be used: \"%.200s\" %s. "
		 "A backslash is written twice in a configuration.",
		 tree_path(r->arena, at), pattern, flaw);
	return false;
}

static void read_text(struct reading *r, struct config *config,
		      const struct tree *member, struct condition *into)
{
	struct matcher matcher = {.kind = MATCHER_TEXT};

	if (member->kind != TREE_STRING || *member->string == '\0') {
		complain(r->complaints, member,
			 "%s must be a regular expression, such as \"(?i)out "
			 "of memory\", not %s.",
			 tree_path(r->arena, member),
			 tree_found(r->arena, member));
		return;
	}
	if (compile(r, member, arena_string(r->arena, text_of(member->string)),
		    &matcher))
		add(r, config, member, &matcher, into);
}

/* --- content types -------------------------------------------------------------- */

/* "text/html" as it is, "text/" and a star as "text". Empty: it is none. */
static struct text parse_type(const char *type)
{
	size_t main = strspn(type, TOKEN);
	size_t sub = type[main] == '/' ? strspn(type + main + 1, TOKEN) : 0;

	if (main == 0 || sub == 0 || type[main + 1 + sub] != '\0' ||
	    *type == '*')
		return (struct text){0};
	if (strcmp(type + main + 1, "*") == 0)
		return (struct text){type, main};
	return (struct text){type, main + 1 + sub};
}

static void read_content_type(struct reading *r, struct config *config,
			      const struct tree *member, struct condition *into)
{
	size_t count = member->kind == TREE_GROUP ? 0 : tree_elements(member);
	struct matcher matcher = {.kind = MATCHER_CONTENT_TYPE,
				  .test = TEST_IN};
	struct matcher_value *values =
		arena_array(r->arena, count + 1, sizeof(*values));

	for (size_t i = 0; i < count; i++) {
		const struct tree *type = tree_element(member, i);
		struct text parsed = {0};

		if (type->kind == TREE_STRING)
			parsed = parse_type(
				arena_string(r->arena, text_of(type->string)));
		if (parsed.len > 0)
			values[matcher.value_count++].text = parsed;
	}
	matcher.values = values;
	if (count > 0 && matcher.value_count == count) {
		add(r, config, member, &matcher, into);
		return;
	}
	complain(r->complaints, member,
		 "%s must be one or more content types without parameters, "
		 "such as \"application/json\" or \"text/*\", not %s.",
		 tree_path(r->arena, member), tree_found(r->arena, member));
}

/* --- tests ---------------------------------------------------------------------- */

static const char *const tests[] = {"equals", "in", "exists", "is_null",
				    "regex"};

/* The one test of a group; NULL after a complaint. */
static const struct tree *only_test(struct reading *r, const struct tree *group)
{
	const struct tree *found = NULL;

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		const struct tree *test = setting_place(group, tests[i]);

		if (test == group)
			continue;
		if (found == NULL) {
			found = test;
			continue;
		}
		complain(r->complaints, test,
			 "%s stands beside %s, and a group makes one test. "
			 "Write a list of two groups, which must both hold.",
			 tree_path(r->arena, test), found->name);
		return NULL;
	}
	if (found == NULL)
		complain(r->complaints, group,
			 "%s tests nothing: give it equals, in, exists or "
			 "regex.",
			 tree_path(r->arena, group));
	return found;
}

/* False after a complaint. A header's value is a text, and a number one too. */
static bool read_value(struct reading *r, const struct tree *at,
		       const struct tree *from, bool is_header,
		       struct matcher_value *value)
{
	*value = (struct matcher_value){.kind = VALUE_TEXT};
	if (from->kind == TREE_STRING)
		value->text = arena_text(r->arena, text_of(from->string));
	else if (from->kind == TREE_INTEGER && is_header)
		value->text = text_of(arena_printf(r->arena, "%lld",
						   (long long)from->integer));
	else if (from->kind == TREE_INTEGER)
		*value = (struct matcher_value){.kind = VALUE_INTEGER,
						.integer = from->integer};
	else if (from->kind == TREE_FLOAT && !is_header)
		*value = (struct matcher_value){.kind = VALUE_NUMBER,
						.number = from->number};
	else if (from->kind == TREE_BOOL && !is_header)
		*value = (struct matcher_value){.kind = VALUE_TRUTH,
						.truth = from->boolean};
	else {
		complain(r->complaints, from, "%s must be %s, not %s.",
			 tree_path(r->arena, at),
			 is_header ? "a text"
				   : "a text, a number, true or "
				     "false",
			 tree_found(r->arena, from));
		return false;
	}
	return true;
}

static bool read_values(struct reading *r, const struct tree *test,
			struct matcher *matcher)
{
	bool is_list = strcmp(test->name, "in") == 0;
	size_t count = test->kind == TREE_LIST ? test->count : 1;
	struct matcher_value *values =
		arena_array(r->arena, count + 1, sizeof(*values));

	if (is_list != (test->kind == TREE_LIST) || count == 0) {
		complain(r->complaints, test, "%s must be %s, not %s.",
			 tree_path(r->arena, test),
			 is_list ? "a list, such as [ \"a\", \"b\" ]"
				 : "one value; for several there is \"in\"",
			 count == 0 ? "an empty list"
				    : tree_found(r->arena, test));
		return false;
	}
	for (size_t i = 0; i < count; i++)
		if (!read_value(r, test, tree_element(test, i),
				matcher->kind == MATCHER_HEADER, &values[i]))
			return false;
	matcher->test = TEST_IN;
	matcher->values = values;
	matcher->value_count = count;
	return true;
}

/* What a group of SCOPE_HEADER or SCOPE_POINTER says by itself. */
static bool read_test(struct reading *r, const struct tree *group,
		      const struct test_draft *draft, struct matcher *matcher)
{
	const struct tree *test = only_test(r, group);

	if (test == NULL)
		return false;
	matcher->place = draft->place;
	if (draft->exists != HONOUR_UNSET)
		matcher->test =
			draft->exists == HONOUR_YES ? TEST_EXISTS : TEST_ABSENT;
	else if (draft->is_null != HONOUR_UNSET)
		matcher->test = draft->is_null == HONOUR_YES ? TEST_NULL
							     : TEST_NOT_NULL;
	else if (draft->regex != NULL)
		return compile(r, test, draft->regex, matcher);
	else
		return read_values(r, test, matcher);
	return true;
}

/* --- places --------------------------------------------------------------------- */

static const char *header_flaw(const char *name)
{
	return name[strspn(name, TOKEN)] == '\0'
		       ? NULL
		       : "is no name of a header field (RFC 9110, section 5.1)";
}

static const char *place_flaw(enum matcher_of of, enum matcher_kind kind,
			      const char *place)
{
	if (kind == MATCHER_POINTER)
		return json_pointer_flaw(text_of(place));
	return of == MATCHER_OF_ANSWER ? header_flaw(place) : NULL;
}

bool config_read_test(struct reading *r, const struct tree *group,
		      enum matcher_of of, enum matcher_kind kind,
		      struct matcher *matcher)
{
	bool is_header = kind == MATCHER_HEADER;
	struct test_draft draft = {0};
	const char *flaw;

	*matcher = (struct matcher){.kind = kind};
	if (!config_check_group(r, group) ||
	    !setting_read(r, is_header ? SCOPE_HEADER : SCOPE_POINTER, group,
			  &draft))
		return false;
	flaw = place_flaw(of, kind, draft.place);
	if (flaw == NULL)
		return read_test(r, group, &draft, matcher);
	complain(r->complaints, setting_place(group, is_header ? "name" : "at"),
		 "%s: \"%.80s\" %s.", tree_path(r->arena, group), draft.place,
		 flaw);
	return false;
}

static void read_group(struct reading *r, struct config *config,
		       const struct tree *group, enum matcher_kind kind,
		       struct condition *into)
{
	struct matcher matcher;

	if (config_read_test(r, group, MATCHER_OF_ANSWER, kind, &matcher))
		add(r, config, group, &matcher, into);
}

/* A group, or a list of groups that all must hold. */
static void read_groups(struct reading *r, struct config *config,
			const struct tree *member, enum matcher_kind kind,
			struct condition *into)
{
	if (member->kind != TREE_LIST) {
		read_group(r, config, member, kind, into);
		return;
	}
	for (size_t i = 0; i < member->count; i++)
		read_group(r, config, &member->members[i], kind, into);
}

void config_read_matchers(struct reading *r, struct config *config,
			  const struct tree *group, struct condition *into)
{
	const struct tree *header = tree_member(group, "header");
	const struct tree *pointer = tree_member(group, "pointer");
	const struct tree *text = tree_member(group, "text");
	const struct tree *type = tree_member(group, "content_type");

	if (header != NULL)
		read_groups(r, config, header, MATCHER_HEADER, into);
	if (pointer != NULL)
		read_groups(r, config, pointer, MATCHER_POINTER, into);
	if (text != NULL)
		read_text(r, config, text, into);
	if (type != NULL)
		read_content_type(r, config, type, into);
}

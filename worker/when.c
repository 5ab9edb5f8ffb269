/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/when.h"

#include <string.h>

#include "policy/pattern.h"
#include "worker/http_kept.h"

enum told {
	TOLD_NO,
	TOLD_YES,
	TOLD_NOT, /* it cannot be told */
};

bool when_same(const struct when *a, const struct when *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->type_count != b->type_count ||
	    a->matcher_count != b->matcher_count)
		return false;
	for (size_t i = 0; i < a->type_count; i++)
		if (strcmp(a->types[i], b->types[i]) != 0)
			return false;
	for (size_t i = 0; i < a->matcher_count; i++)
		if (!matcher_same(&a->matchers[i], &b->matchers[i]))
			return false;
	return true;
}

static bool type_holds(const struct when *when, struct text type)
{
	for (size_t i = 0; i < when->type_count; i++)
		if (pattern_matches(text_of(when->types[i]), type))
			return true;
	return when->type_count == 0;
}

static enum told tell(const struct matcher *matcher, struct response *of)
{
	if (matcher_holds(matcher, of))
		return TOLD_YES;
	return of->is_open ? TOLD_NOT : TOLD_NO;
}

/* A header that no text can be made of is there, and that is all. */
static enum told header_holds(const struct matcher *matcher,
			      struct message_view *view)
{
	struct message *message = view->message;
	struct http_header field = {.name = matcher->place};
	struct response one = {.fields = &field, .field_count = 1};
	bool has_text = message_header(message, matcher->place, &field.value);

	if (!has_text &&
	    (matcher->test == TEST_IN || matcher->test == TEST_REGEX ||
	     table_find(&message->headers, matcher->place) == NULL))
		one.field_count = 0;
	return tell(matcher, &one);
}

static enum told test(const struct matcher *matcher, struct message_view *view)
{
	return matcher->kind == MATCHER_HEADER ? header_holds(matcher, view)
					       : tell(matcher, &view->content);
}

static enum told all_hold(const struct when *when, struct message_view *view)
{
	enum told told = TOLD_YES;

	if (!type_holds(when, view->type))
		return TOLD_NO;
	for (size_t i = 0; i < when->matcher_count; i++) {
		enum told one = test(&when->matchers[i], view);

		if (one == TOLD_NO)
			return TOLD_NO;
		if (one == TOLD_NOT)
			told = TOLD_NOT;
	}
	return told;
}

bool when_holds(const struct when *when, struct message_view *view)
{
	return when == NULL || all_hold(when, view) != TOLD_NO;
}

bool when_is_open(const struct when *when, struct message_view *view)
{
	return when != NULL && all_hold(when, view) == TOLD_NOT;
}

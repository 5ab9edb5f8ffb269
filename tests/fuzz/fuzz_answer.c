/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_answer.c - the promises of worker/matcher.h, regex.h and json_pointer.h
 * for patterns, places and responses that nobody has looked at. Input: a byte
 * for the kind, one for the test, and then each with its length in a byte: a
 * place, a pattern or value, a header's name and value; the rest is the body.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "worker/json_pointer.h"
#include "worker/matcher.h"

struct question {
	struct matcher matcher;
	struct matcher_value value;
	struct http_header field;
	struct text body;
};

static struct text feed_some(struct feed *feed, struct arena *arena)
{
	return arena_text(arena, feed_text(feed, feed_byte(feed)));
}

/* Up to its first NUL, as the configuration's are. */
static const char *feed_string(struct feed *feed, struct arena *arena)
{
	return feed_some(feed, arena).at;
}

/* What the pattern or value is taken for; its own kind where it is a text. */
static void set_value(struct question *q, struct text text)
{
	struct matcher_value *value = &q->value;

	*value = (struct matcher_value){.kind = VALUE_TEXT, .text = text};
	q->matcher.values = value;
	q->matcher.value_count = 1;
	if (q->matcher.kind != MATCHER_POINTER || text.len == 0)
		return;
	if (text_is(text, "true") || text_is(text, "false")) {
		value->kind = VALUE_TRUTH;
		value->truth = text_is(text, "true");
	} else if (text.at[0] >= '0' && text.at[0] <= '9') {
		value->kind = VALUE_INTEGER;
		value->integer = strtoll(text.at, NULL, 10);
	} else if (text.at[0] == '.') {
		value->kind = VALUE_NUMBER;
		value->number = strtod(text.at, NULL);
	}
}

/* False if a configuration would have refused it. */
static bool make_matcher(struct question *q, struct feed *feed,
			 struct arena *arena)
{
	struct matcher *m = &q->matcher;
	const char *flaw = NULL;

	m->kind = (enum matcher_kind)(feed_byte(feed) %
				      (MATCHER_CONTENT_TYPE + 1));
	m->test = (enum matcher_test)(feed_byte(feed) % (TEST_REGEX + 1));
	if (m->kind == MATCHER_TEXT)
		m->test = TEST_REGEX;
	if (m->kind == MATCHER_CONTENT_TYPE)
		m->test = TEST_IN;
	m->place = feed_string(feed, arena);
	struct text text = feed_some(feed, arena);

	if (m->kind == MATCHER_POINTER &&
	    json_pointer_flaw(text_of(m->place)) != NULL)
		return false;
	if (m->kind == MATCHER_CONTENT_TYPE && text.len == 0)
		return false;
	if (m->test != TEST_REGEX) {
		set_value(q, text);
		return true;
	}
	m->pattern = text.at;
	m->regex = regex_new(text, arena, &flaw);
	fuzz_expect((m->regex == NULL) == (flaw != NULL),
		    "a pattern is compiled, or its flaw is told");
	return m->regex != NULL;
}

static bool ask(const struct question *q, bool *gave_up, bool *is_open)
{
	struct response response = {
		.fields = &q->field, .field_count = 1, .body = q->body};
	bool holds = matcher_holds(&q->matcher, &response);

	*gave_up = response.gave_up;
	*is_open = response.is_open;
	response_end(&response);
	return holds;
}

static void check(struct question *q)
{
	bool gave_up;
	bool again;
	bool is_open;
	bool holds = ask(q, &gave_up, &is_open);

	fuzz_expect(matcher_same(&q->matcher, &q->matcher),
		    "a matcher is the same as itself");
	fuzz_expect(!gave_up || is_open, "what was given up is left open");
	fuzz_expect(!holds || !is_open, "what is left open does not match");
	fuzz_expect(ask(q, &again, &is_open) == holds && again == gave_up,
		    "the same answer is judged the same");
	if (q->matcher.test != TEST_EXISTS && q->matcher.test != TEST_ABSENT)
		return;
	q->matcher.test =
		q->matcher.test == TEST_EXISTS ? TEST_ABSENT : TEST_EXISTS;
	fuzz_expect((ask(q, &again, &is_open) != holds) != is_open,
		    "a place is there, or it is not, or nobody can tell");
}

void fuzz_answer(struct text input)
{
	struct feed feed = {.rest = input};
	struct question q = {0};
	struct arena arena;

	arena_init(&arena);
	bool is_made = make_matcher(&q, &feed, &arena);

	q.field.name = feed_string(&feed, &arena);
	q.field.value = feed_some(&feed, &arena);
	q.body = feed.rest;
	if (is_made)
		check(&q);
	arena_fini(&arena);
}

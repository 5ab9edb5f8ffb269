/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_pattern.c - policy/pattern.h against a matcher that is as plain as the
   definition, and as slow. Input: a pattern, a line end, a subject; and perhaps
   another line end and another pattern. */
#include <stdlib.h>
#include <string.h>

#include "policy/pattern.h"
#include "tests/fuzz/fuzz.h"

#define WORDS_MAX 64

struct words {
	struct text words[WORDS_MAX];
	size_t count;
};

/* False where there are too many for the slow one. */
static bool split(struct text text, struct words *into)
{
	size_t begin = 0;

	into->count = 0;
	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.at[i] != '.')
			continue;
		if (into->count == WORDS_MAX)
			return false;
		into->words[into->count++] =
			(struct text){.at = begin == i ? "" : text.at + begin,
				      .len = i - begin};
		begin = i + 1;
	}
	return true;
}

/* matched[j]: do all words of the pattern so far match the first j? */
static bool matches_slowly(const struct words *pattern,
			   const struct words *subject)
{
	bool matched[WORDS_MAX + 1] = {true};

	for (size_t i = 0; i < pattern->count; i++) {
		struct text word = pattern->words[i];
		bool next[WORDS_MAX + 1] = {false};

		for (size_t j = 0; j <= subject->count; j++) {
			if (text_is(word, "#"))
				next[j] = matched[j] || (j > 0 && next[j - 1]);
			else if (j > 0 &&
				 (text_is(word, "*") ||
				  text_eq(word, subject->words[j - 1])))
				next[j] = matched[j - 1];
		}
		memcpy(matched, next, sizeof(matched));
	}
	return matched[subject->count];
}

static void compare_order(struct text a, struct text b)
{
	int order = pattern_compare(a, b);
	int reverse = pattern_compare(b, a);

	fuzz_expect((order > 0) == (reverse < 0) &&
			    (order == 0) == (reverse == 0),
		    "an order is the same from both sides");
}

/* What two patterns are to each other, as far as one subject tells. */
static void compare_sets(struct text a, struct text b, struct text subject)
{
	bool in_a = pattern_matches(a, subject);
	bool in_b = pattern_matches(b, subject);
	bool covers = pattern_covers(a, b);

	fuzz_expect(!covers || !in_b || in_a,
		    "what is covered has nothing of its own");
	fuzz_expect(!in_a || !in_b || pattern_overlaps(a, b),
		    "patterns that match the same overlap");
	fuzz_expect(!covers || pattern_overlaps(a, b),
		    "what is covered overlaps");
	fuzz_expect(pattern_overlaps(a, b) == pattern_overlaps(b, a),
		    "patterns overlap each other");
}

/* Cuts a text at its first line end: *rest gets what is behind it. False, and
   nothing cut, if there is none. */
static bool cut_line(struct text *text, struct text *rest)
{
	const char *end =
		text->len == 0 ? NULL : memchr(text->at, '\n', text->len);

	if (end == NULL)
		return false;
	size_t len = (size_t)(end - text->at);
	*rest = (struct text){.at = end + 1, .len = text->len - len - 1};
	text->len = len;
	return true;
}

void fuzz_pattern(struct text input)
{
	struct text pattern = input;
	struct text subject;
	struct text other;
	struct words pattern_words;
	struct words subject_words;
	struct words other_words;

	if (!cut_line(&pattern, &subject))
		return;
	bool has_other = cut_line(&subject, &other);
	if (!split(pattern, &pattern_words) || !split(subject, &subject_words))
		return;
	fuzz_expect(pattern_matches(pattern, subject) ==
			    matches_slowly(&pattern_words, &subject_words),
		    "a pattern matches what the definition says");
	compare_order(pattern, subject);
	if (has_other && split(other, &other_words))
		compare_sets(pattern, other, subject);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_pattern.c - policy/pattern.h against a matcher that is as plain as the
   definition, and as slow. Input: a pattern, a line end, a subject. */
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

void fuzz_pattern(struct text input)
{
	const char *end =
		input.len == 0 ? NULL : memchr(input.at, '\n', input.len);
	struct words pattern_words;
	struct words subject_words;

	if (end == NULL)
		return;
	struct text pattern = {.at = input.at, .len = (size_t)(end - input.at)};
	struct text subject = {.at = end + 1,
			       .len = input.len - pattern.len - 1};

	if (!split(pattern, &pattern_words) || !split(subject, &subject_words))
		return;
	fuzz_expect(pattern_matches(pattern, subject) ==
			    matches_slowly(&pattern_words, &subject_words),
		    "a pattern matches what the definition says");
	int order = pattern_compare(pattern, subject);
	int reverse = pattern_compare(subject, pattern);
	fuzz_expect((order > 0) == (reverse < 0) &&
			    (order == 0) == (reverse == 0),
		    "an order is the same from both sides");
}

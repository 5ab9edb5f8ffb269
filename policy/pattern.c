/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pattern.h"

#include <stddef.h>

/* A place in a text of words: what is left, and whether a word follows. The
   empty text has one word, which is empty; behind the last there is none. */
struct words {
	struct text rest;
	bool more;
};

static struct words words_of(struct text text)
{
	return (struct words){.rest = text, .more = true};
}

static struct text next_word(struct words *words)
{
	struct text word = {.at = words->rest.at, .len = 0};

	while (word.len < words->rest.len && word.at[word.len] != '.')
		word.len++;
	if (word.len == words->rest.len) {
		words->rest = (struct text){.at = NULL, .len = 0};
		words->more = false;
	} else {
		words->rest.at += word.len + 1;
		words->rest.len -= word.len + 1;
	}
	return word;
}

static bool is_wild(char c)
{
	return c == '*' || c == '#';
}

/*
 * A look at both ends, as far as the pattern spells them out: true if that
 * settles that it does not match. It is what most patterns of a policy come
 * to, so that a long list of them costs little.
 */
static bool is_out(struct text pattern, struct text subject)
{
	const char *p = pattern.at;
	const char *s = subject.at;
	size_t left = pattern.len < subject.len ? pattern.len : subject.len;
	size_t i = 0;

	while (i < left && p[i] == s[i] && !is_wild(p[i]))
		i++;
	/* Behind the end of the subject ".#" may follow, and nothing else. */
	if (i < pattern.len && !is_wild(p[i]))
		return i < subject.len || p[i] != '.';
	if (i == pattern.len)
		return i < subject.len;
	for (i = 1; i <= left; i++) {
		char c = p[pattern.len - i];

		if (is_wild(c) || c == '.')
			return false;
		if (c != s[subject.len - i])
			return true;
	}
	return false;
}

/*
 * One "#" is remembered at a time, with where the subject stood: an earlier
 * one never needs to take more once a later one has been reached, which keeps
 * the time to the product of the lengths.
 */
bool pattern_matches(struct text pattern, struct text subject)
{
	struct words p = words_of(pattern);
	struct words s = words_of(subject);
	struct words p_hash = {.more = false};
	struct words s_hash = {.more = false};
	bool has_hash = false;

	if (is_out(pattern, subject))
		return false;
	while (s.more) {
		struct words s_here = s;

		if (p.more) {
			struct text word = next_word(&p);

			if (text_is(word, "#")) {
				has_hash = true;
				p_hash = p;
				s_hash = s_here;
				continue;
			}
			struct text said = next_word(&s);

			if (text_is(word, "*") || text_eq(word, said))
				continue;
		}
		if (!has_hash)
			return false;
		(void)next_word(&s_hash);
		p = p_hash;
		s = s_hash;
	}
	while (p.more)
		if (!text_is(next_word(&p), "#"))
			return false;
	return true;
}

struct weight {
	int literals;
	int hashes;
	int stars;
};

static struct weight weigh(struct text pattern)
{
	struct weight weight = {0};
	struct words words = words_of(pattern);

	while (words.more) {
		struct text word = next_word(&words);

		if (text_is(word, "#"))
			weight.hashes++;
		else if (text_is(word, "*"))
			weight.stars++;
		else
			weight.literals++;
	}
	return weight;
}

int pattern_compare(struct text a, struct text b)
{
	struct weight wa = weigh(a);
	struct weight wb = weigh(b);

	if (wa.literals != wb.literals)
		return wa.literals > wb.literals ? 1 : -1;
	if (wa.hashes != wb.hashes)
		return wa.hashes < wb.hashes ? 1 : -1;
	if (wa.stars != wb.stars)
		return wa.stars > wb.stars ? 1 : -1;
	return 0;
}

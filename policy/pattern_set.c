/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern_set.c - patterns as sets of subjects: does one cover another, do two
 * meet?
 */
#include "policy/pattern.h"

#include <stddef.h>
#include <string.h>

#define HASHES_MAX  3
#define SAMPLES_MAX 4096
#define BYTES_MAX   1024

/* The words of a pattern, which is borrowed. */
struct split {
	struct text words[PATTERN_WORDS_MAX];
	size_t count;
	size_t hashes;
};

/* False if there are too many. */
static bool split(struct text pattern, struct split *into)
{
	size_t from = 0;

	*into = (struct split){.count = 0};
	for (size_t i = 0; i <= pattern.len; i++) {
		if (i < pattern.len && pattern.at[i] != '.')
			continue;
		if (into->count == PATTERN_WORDS_MAX)
			return false;
		struct text word = {.at = pattern.at + from, .len = i - from};
		into->words[into->count++] = word;
		into->hashes += text_is(word, "#") ? 1 : 0;
		from = i + 1;
	}
	return true;
}

/* A subject being written. */
struct sample {
	char bytes[BYTES_MAX + HASHES_MAX * 2 * (PATTERN_WORDS_MAX + 2)];
	size_t len;
	bool begun; /* a word is there, perhaps an empty one */
};

static void add_word(struct sample *sample, struct text word)
{
	if (sample->begun)
		sample->bytes[sample->len++] = '.';
	sample->begun = true;
	if (word.len > 0)
		memcpy(sample->bytes + sample->len, word.at, word.len);
	sample->len += word.len;
}

/*
 * A subject that the pattern matches, with counts[i] words for the i-th "#".
 * All words that the pattern leaves open are "*": as a subject that is a word
 * like any other, and one that no pattern can spell out.
 */
static struct text make_sample(const struct split *pattern,
			       const size_t counts[HASHES_MAX],
			       struct sample *sample)
{
	size_t hash = 0;

	sample->len = 0;
	sample->begun = false;
	for (size_t i = 0; i < pattern->count; i++) {
		if (!text_is(pattern->words[i], "#"))
			add_word(sample, pattern->words[i]);
		else
			for (size_t n = counts[hash++]; n > 0; n--)
				add_word(sample, TEXT("*"));
	}
	return (struct text){.at = sample->bytes, .len = sample->len};
}

/* The next of all combinations of counts up to `most`. False: that was all. */
static bool next_counts(size_t counts[HASHES_MAX], size_t hashes, size_t most)
{
	for (size_t i = 0; i < hashes; i++) {
		if (counts[i] < most) {
			counts[i]++;
			return true;
		}
		counts[i] = 0;
	}
	return false;
}

/*
 * Each "#" of `narrow` is tried with no word, with one, and so on, up to one
 * more than `wide` has words. Where that many are matched, a "#" of `wide` has
 * taken one of them, and takes any number more.
 */
bool pattern_covers(struct text wide, struct text narrow)
{
	struct split w;
	struct split n;
	struct sample sample;
	size_t counts[HASHES_MAX] = {0};
	size_t samples = 1;

	if (narrow.len > BYTES_MAX || !split(wide, &w) || !split(narrow, &n) ||
	    n.hashes > HASHES_MAX)
		return false;
	for (size_t i = 0; i < n.hashes; i++)
		samples *= w.count + 2;
	if (samples > SAMPLES_MAX)
		return false;
	do {
		if (!pattern_matches(wide, make_sample(&n, counts, &sample)))
			return false;
	} while (next_counts(counts, n.hashes, w.count + 1));
	return true;
}

/* Can the words i .. of `a` and j .. of `b` stand for the same, if it is known
   for later words? */
static bool can_meet(const struct split *a, size_t i, const struct split *b,
		     size_t j,
		     bool meet[PATTERN_WORDS_MAX + 1][PATTERN_WORDS_MAX + 1])
{
	bool has_a = i < a->count;
	bool has_b = j < b->count;

	if (has_a && text_is(a->words[i], "#"))
		return meet[i + 1][j] || (has_b && meet[i][j + 1]);
	if (has_b && text_is(b->words[j], "#"))
		return meet[i][j + 1] || (has_a && meet[i + 1][j]);
	if (!has_a || !has_b)
		return has_a == has_b;
	return meet[i + 1][j + 1] &&
	       (text_is(a->words[i], "*") || text_is(b->words[j], "*") ||
		text_eq(a->words[i], b->words[j]));
}

bool pattern_overlaps(struct text a, struct text b)
{
	struct split sa;
	struct split sb;
	bool meet[PATTERN_WORDS_MAX + 1][PATTERN_WORDS_MAX + 1];

	if (!split(a, &sa) || !split(b, &sb))
		return false;
	for (size_t i = sa.count + 1; i-- > 0;)
		for (size_t j = sb.count + 1; j-- > 0;)
			meet[i][j] = can_meet(&sa, i, &sb, j, meet);
	return meet[0][0];
}

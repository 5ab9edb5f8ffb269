/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/regex.h"

#include <stdint.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/*
 * PCRE2 counts its backtracking anew for each place that a match could begin
 * at, and not at all what a repeat runs over. So it is made to call back before
 * each item of a pattern (AUTO_CALLOUT), and the way since the last call is
 * counted here. Its own limits end what is between two calls; but for a back
 * reference, which may be compared at length in vain, so that for a pattern
 * with one each call counts for as much as the longest group has taken.
 */
#define MATCH_LIMIT 1000000
#define DEPTH_LIMIT 1000000
#define HEAP_KIB    16384

struct regex {
	pcre2_code *code;
	bool refers_back;
};

/* How far a search has come. */
struct effort {
	bool refers_back;
	size_t at; /* in the text, at the last call */
	size_t work;
};

/* Memory of a pattern is the arena's, and lives as long. */
static void *take(PCRE2_SIZE size, void *arena)
{
	return arena_alloc(arena, size);
}

static void leave(void *bytes, void *arena)
{
	(void)bytes;
	(void)arena;
}

static const char *describe(int code, size_t at, struct arena *arena)
{
	PCRE2_UCHAR message[256] = "";

	(void)pcre2_get_error_message(code, message, sizeof(message));
	return arena_printf(arena, "is wrong at byte %zu: %s", at,
			    (const char *)message);
}

static pcre2_compile_context *new_context(pcre2_general_context *memory)
{
	pcre2_compile_context *context = pcre2_compile_context_create(memory);

	if (context == NULL)
		abort();
	(void)pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
	(void)pcre2_set_bsr(context, PCRE2_BSR_ANYCRLF);
	(void)pcre2_set_parens_nest_limit(context, 100);
	return context;
}

struct regex *regex_new(struct text pattern, struct arena *arena,
			const char **flaw)
{
	struct regex *regex = arena_alloc(arena, sizeof(*regex));
	pcre2_general_context *memory =
		pcre2_general_context_create(take, leave, arena);
	int code = 0;
	PCRE2_SIZE at = 0;

	if (memory == NULL)
		abort();
	if (pattern.len > REGEX_PATTERN_MAX) {
		*flaw = "is longer than 4096 bytes";
		return NULL;
	}
	regex->code = pcre2_compile(
		(PCRE2_SPTR)(pattern.len == 0 ? "" : pattern.at), pattern.len,
		PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_AUTO_CALLOUT |
			PCRE2_NEVER_BACKSLASH_C,
		&code, &at, new_context(memory));
	if (regex->code == NULL) {
		*flaw = describe(code, at, arena);
		return NULL;
	}
	uint32_t highest = 0;

	(void)pcre2_pattern_info(regex->code, PCRE2_INFO_BACKREFMAX, &highest);
	regex->refers_back = highest > 0;
	return regex;
}

static size_t longest_group(const pcre2_callout_block *block)
{
	const PCRE2_SIZE *at = block->offset_vector;
	size_t longest = 0;

	for (size_t i = 1; i < block->capture_top; i++) {
		PCRE2_SIZE first = at[2 * i];
		PCRE2_SIZE last = at[2 * i + 1];

		if (first != PCRE2_UNSET && last > first &&
		    last - first > longest)
			longest = last - first;
	}
	return longest;
}

static int on_callout(pcre2_callout_block *block, void *context)
{
	struct effort *effort = context;
	size_t at = block->current_position;

	effort->work +=
		1 + (at > effort->at ? at - effort->at : effort->at - at);
	effort->at = at;
	if (effort->refers_back)
		effort->work += longest_group(block);
	return effort->work > REGEX_WORK_MAX ? PCRE2_ERROR_CALLOUT : 0;
}

/* The bounds of one search, on the heap. */
static pcre2_match_context *new_bounds(struct effort *effort)
{
	pcre2_match_context *bounds = pcre2_match_context_create(NULL);

	if (bounds == NULL)
		abort();
	(void)pcre2_set_match_limit(bounds, MATCH_LIMIT);
	(void)pcre2_set_depth_limit(bounds, DEPTH_LIMIT);
	(void)pcre2_set_heap_limit(bounds, HEAP_KIB);
	(void)pcre2_set_callout(bounds, on_callout, effort);
	return bounds;
}

enum regex_result regex_search(const struct regex *regex, struct text text)
{
	struct effort effort = {.refers_back = regex->refers_back};
	pcre2_match_context *bounds = new_bounds(&effort);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);

	if (data == NULL)
		abort();
	int found = pcre2_match(regex->code,
				(PCRE2_SPTR)(text.len == 0 ? "" : text.at),
				text.len, 0, 0, data, bounds);
	pcre2_match_data_free(data);
	pcre2_match_context_free(bounds);
	if (found >= 0)
		return REGEX_MATCH;
	return found == PCRE2_ERROR_NOMATCH ? REGEX_NONE : REGEX_BEYOND;
}

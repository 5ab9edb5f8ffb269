/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_understand.c - the promises of worker/understand.h.
 *
 * The first byte says how the downstream speaks and whether the configuration
 * says something of codes, the next two the status; then come the length of
 * what was sent, what was sent, and the body of the answer.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "worker/understand.h"
#include "worker/utf8.h"

static const char *const done[] = {"duplicate", "205", "gone"};
static const char *const transient[] = {"expired", "ar", "100"};
static const char *const permanent[] = {"transient", "207"};

static struct understand_config make_config(uint8_t byte)
{
	struct understand_config config = {
		.as = (enum understand_as)(byte % (UNDERSTAND_PROBLEM + 1))};

	if ((byte & 0x80) == 0)
		return config;
	config.done = (struct code_list){.codes = done, .count = 3};
	config.transient = (struct code_list){.codes = transient, .count = 3};
	config.permanent = (struct code_list){.codes = permanent, .count = 2};
	return config;
}

static bool is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= UNDERSTAND_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == len &&
	       name[0] >= 'a' && name[0] <= 'z';
}

static bool is_shown(struct text detail)
{
	for (size_t i = 0; i < detail.len;) {
		size_t len = utf8_sequence(detail.at + i, detail.len - i);

		if (len == 0 || (unsigned char)detail.at[i] < ' ' ||
		    detail.at[i] == 0x7f)
			return false;
		i += len;
	}
	return detail.len <= UNDERSTAND_DETAIL_MAX;
}

void fuzz_understand(struct text input)
{
	struct feed feed = {.rest = input};
	const struct understand_config config = make_config(feed_byte(&feed));
	struct understand_input read = {
		.status = (int)(100 + feed_number(&feed, 2) % 500),
		.content_type = TEXT("application/problem+json"),
	};
	struct arena arena;
	struct understanding it;

	read.sent = feed_text(&feed, feed_byte(&feed));
	read.body = feed.rest;
	arena_init(&arena);
	it = understand(&config, &read, &arena);
	fuzz_expect(it.error == NULL || is_name(it.error),
		    "an error is such as configuration could name it");
	fuzz_expect(is_shown(it.detail),
		    "a detail is bounded, and can be shown");
	fuzz_expect(config.as != UNDERSTAND_NOTHING || it.sense == SENSE_NONE,
		    "who understands nothing says nothing");
	fuzz_expect(it.sense != SENSE_NONE ||
			    (it.error == NULL && it.detail.len == 0),
		    "what says nothing names nothing");
	arena_fini(&arena);
}

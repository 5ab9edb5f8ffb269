/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

static const struct fuzz_target targets[] = {
	{"answer", fuzz_answer},
	{"config", fuzz_config},
	{"deadline", fuzz_deadline},
	{"duration", fuzz_duration},
	{"envelope", fuzz_envelope},
	{"exchange", fuzz_exchange},
	{"field", fuzz_field},
	{"json", fuzz_json},
	{"pattern", fuzz_pattern},
	{"table", fuzz_table},
	{"retry-after", fuzz_retry_after},
	{"understand", fuzz_understand},
};

const struct fuzz_target *fuzz_target_at(size_t i)
{
	return i < sizeof(targets) / sizeof(targets[0]) ? &targets[i] : NULL;
}

const struct fuzz_target *fuzz_target(const char *name)
{
	for (size_t i = 0; fuzz_target_at(i) != NULL; i++)
		if (text_is(text_of(name), targets[i].name))
			return &targets[i];
	return NULL;
}

void fuzz_expect(bool kept, const char *promise)
{
	if (kept)
		return;
	fprintf(stderr, "broken promise: %s\n", promise);
	abort();
}

uint8_t feed_byte(struct feed *feed)
{
	struct text byte = feed_text(feed, 1);

	return byte.len == 0 ? 0 : (uint8_t)byte.at[0];
}

uint64_t feed_number(struct feed *feed, unsigned bytes)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < bytes; i++)
		number = number << 8 | feed_byte(feed);
	return number;
}

struct text feed_text(struct feed *feed, size_t len)
{
	struct text taken = feed->rest;

	if (taken.len > len)
		taken.len = len;
	if (taken.len > 0) {
		feed->rest.at += taken.len;
		feed->rest.len -= taken.len;
	}
	return taken;
}

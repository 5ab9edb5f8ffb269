/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz.h - what is done with bytes that nobody has looked at.
 *
 * A target takes any bytes, uses one module with them, and aborts where a
 * promise of its header is broken. libFuzzer makes up the bytes
 * (tests/fuzz/run); `make check` replays those that are kept in
 * tests/fuzz/corpus, a folder for each target.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/text.h"

struct fuzz_target {
	const char *name; /* of its folder, too */
	void (*run)(struct text input);
};

/* The target of that name, or NULL. The i-th one, NULL behind the last. */
const struct fuzz_target *fuzz_target(const char *name);
const struct fuzz_target *fuzz_target_at(size_t i);

/* Aborts with the promise that was broken, unless it was kept. */
void fuzz_expect(bool kept, const char *promise);

/* Bytes that are taken from the front. What is behind the end is zero. */
struct feed {
	struct text rest;
};

uint8_t feed_byte(struct feed *feed);
uint64_t feed_number(struct feed *feed, unsigned bytes); /* big end first */

/* Up to `len` bytes; fewer where fewer are left. Borrowed from the input. */
struct text feed_text(struct feed *feed, size_t len);

void fuzz_answer(struct text input);
void fuzz_config(struct text input);
void fuzz_deadline(struct text input);
void fuzz_duration(struct text input);
void fuzz_envelope(struct text input);
void fuzz_exchange(struct text input);
void fuzz_field(struct text input);
void fuzz_json(struct text input);
void fuzz_pattern(struct text input);
void fuzz_retry_after(struct text input);
void fuzz_table(struct text input);
void fuzz_understand(struct text input);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_value.h - single values: from the tree into a struct and back.
 *
 * For setting_*.c alone.
 */
#ifndef WORKER_SETTING_VALUE_H
#define WORKER_SETTING_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/text.h"
#include "worker/setting.h"

/* "64KiB", "1MB", "512": bytes. False if it is none or over INT64_MAX. */
bool setting_parse_size(struct text text, int64_t *bytes);

/* The position of a word in "a|b|c"; -1: it is not there. */
int setting_choice(const char *choices, struct text word);

/* The i-th of "a|b|c"; empty behind the last. */
struct text setting_choice_at(const char *choices, size_t i);

/*
 * Stores `value` at its place in `into`, the struct of the setting's scope.
 * Complains on `at` (the member that was written, or its twin) where it
 * cannot, and returns false.
 */
bool setting_store(struct reading *r, const struct setting *setting,
		   const struct tree *value, const struct tree *at, void *into);

/* The same for kinds of several elements; called by setting_store. */
bool setting_store_list(struct reading *r, const struct setting *setting,
			const struct tree *value, const struct tree *at,
			void *into);

/* Complains that `value`, written at `at`, is not what was expected; returns
   false. `value` may be an element of `at`. */
bool setting_mismatch(struct reading *r, const struct setting *setting,
		      const struct tree *value, const struct tree *at);

#endif

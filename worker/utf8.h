/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8.h - text of others, made fit to be shown.
 */
#ifndef WORKER_UTF8_H
#define WORKER_UTF8_H

#include <stddef.h>

#include "policy/text.h"
#include "worker/arena.h"

/* The replacement character, U+FFFD, which stands for a bad byte. */
#define UTF8_BAD TEXT("\xef\xbf\xbd")

/*
 * The length of the UTF-8 sequence (RFC 3629) at the start of `len` >= 1
 * bytes, or 0 if they begin with none.
 */
size_t utf8_sequence(const char *at, size_t len);

/* The text without a byte order mark (EF BB BF) at its start. Borrowed. */
struct text utf8_unmarked(struct text text);

/*
 * At most `max` bytes of a text in the arena, for people: whole characters
 * alone, each bad byte made U+FFFD, each control character a space.
 */
struct text utf8_excerpt(struct arena *arena, struct text text, size_t max);

#endif

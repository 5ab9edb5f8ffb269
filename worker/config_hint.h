/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_hint.h - the usual causes of a bare "syntax error".
 */
#ifndef WORKER_CONFIG_HINT_H
#define WORKER_CONFIG_HINT_H

#include <stdbool.h>

#include "worker/arena.h"
#include "worker/config_text.h"

/* What probably is wrong, and on which line of the text. */
struct config_hint {
	unsigned line;    /* of the text, 1 .. */
	const char *text; /* one or two sentences */
};

/* `line` is where the parser stopped. The text lives in the arena. */
struct config_hint config_hint_find(const struct config_text *text,
				    unsigned line, struct arena *arena);

/* True if a line may hold a secret and is not to be shown. */
bool config_hint_is_secret(const char *line);

#endif

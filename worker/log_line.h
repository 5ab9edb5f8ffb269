/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_line.h - lines of JSON, one object each, gathered in memory.
 *
 *   {"at":"2026-11-24T09:41:32.123Z","event":"call","status":200}
 *
 * Two are written for each message, so they are put together here. A text that
 * takes more than quotes around it is left to worker/json.h, which knows how
 * to escape and mend it.
 */
#ifndef WORKER_LOG_LINE_H
#define WORKER_LOG_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/text.h"

/* All zeroes is an empty one. */
struct log_lines {
	char *bytes; /* on the heap */
	size_t len;
	size_t room;
};

void log_lines_fini(struct log_lines *lines);

void log_line_begin(struct log_lines *lines);
void log_line_end(struct log_lines *lines);

/* Members of the line that was begun. Keys are words of ours: letters and
   underscores. */
void log_line_text(struct log_lines *lines, const char *key, struct text value);
void log_line_string(struct log_lines *lines, const char *key,
		     const char *value); /* NULL: no member */
/* A value that is a word of ours, too: it is not looked at, which is dear. */
void log_line_word(struct log_lines *lines, const char *key, const char *value);
void log_line_integer(struct log_lines *lines, const char *key, int64_t value);
void log_line_bool(struct log_lines *lines, const char *key, bool value);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_settings.h - the settings that hold for a case, in words, and who has
 * said each of them.
 */
#ifndef OPERATOR_EXPLAIN_SETTINGS_H
#define OPERATOR_EXPLAIN_SETTINGS_H

#include "operator/explain_case.h"
#include "worker/json.h"

#define EXPLAIN_SETTINGS 10

struct explain_setting {
	const char *name;  /* as a configuration spells it */
	const char *value; /* for people */
	enum level level;  /* where it was said */
	const char *by;    /* the same for people: "type \"lab.#\"" */
	struct source_line written;
};

/* Those of a failure. Texts are in the arena or static. */
void explain_settings(const struct explain_case *c,
		      struct explain_setting settings[EXPLAIN_SETTINGS]);

/* "exponential: 2s, times 3, at most 30m, jitter 50%". In the arena. */
const char *explain_schedule_words(const struct schedule *schedule,
				   struct arena *arena);

/* A text from outside as it can be shown: UTF-8, without control bytes. In the
   arena. */
const char *explain_clean(struct text text, struct arena *arena);

/* A duration in the arena. */
const char *explain_duration(millis duration, struct arena *arena);

/* The same to the second, from a minute on. */
const char *explain_about(millis duration, struct arena *arena);

/* "FILE:LINE", or "built in". In the arena, or static. */
const char *explain_line(struct source_line line, struct arena *arena);

/* Puts "file" and "line", if it was written anywhere. */
void explain_put_line(struct json *object, struct source_line line);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - what happened, a line each, on standard output.
 *
 * Two forms: JSON, one object a line, for programs; and one for people. Never
 * a body, a query string, a path of a url, a secret. Field names:
 *
 *   at           when, UTC, "2026-11-24T09:41:32.123Z"
 *   event        "call", "verdict" or "state"
 *   pipeline, id, type, attempt, downstream, bytes (of the body)
 *   status, transport, error, class, duration_ms, detail, reused   of a call
 *   verdict      "done", "retry", "quick", "park"; "void": the delivery's
 *                connection is gone, and the broker delivers the message again
 *   delay_ms, lane   of a retry; a quick one has no lane
 *   reason       of parking
 *   parked_as    the policy's word for it (park_as)
 *   part, state, text   of a state: "config", "downstream", "intake", "outlet",
 *                "topology", "worker"
 */
#ifndef WORKER_LOG_H
#define WORKER_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "worker/config.h"
#include "worker/engine.h"

struct log;

/* `format` is not LOG_AUTO. Colours are for LOG_HUMAN. Never NULL. */
struct log *log_new(FILE *to, enum log_format format, bool has_colours);
void log_free(struct log *log); /* flushes; takes NULL */

/* What a process should use that writes to `fd`: human on a terminal. */
enum log_format log_format_for(enum log_format wanted, int fd);

void log_report(struct log *log, const struct report *report);

/* A change of state. `pipeline` and `text`, a sentence, may be NULL. */
void log_state(struct log *log, const char *part, const char *pipeline,
	       const char *state, const char *text);

/* The same of a downstream. */
void log_downstream(struct log *log, const char *downstream, const char *state,
		    const char *text);

/* Lines are kept until this is called, at the end of each turn of the loop: a
   process that crashes has said what it had done before that turn. Many of
   them (64 KiB) are written sooner. */
void log_flush(struct log *log);

#endif

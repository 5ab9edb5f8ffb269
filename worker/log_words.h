/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_words.h - what the log calls that which the engine reports. All static.
 */
#ifndef WORKER_LOG_WORDS_H
#define WORKER_LOG_WORDS_H

#include "worker/engine.h"

/* "call", "verdict", or "state": of the engine itself. */
const char *log_event_of(enum report_kind kind);

/* The name of a state; NULL for the others. */
const char *log_state_of(enum report_kind kind);

/* A sentence for people about a state; NULL for the others. */
const char *log_text_of(enum report_kind kind);

#endif

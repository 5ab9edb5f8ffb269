/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_state.h - what the log says of the states that the engine reports.
 */
#ifndef WORKER_LOG_STATE_H
#define WORKER_LOG_STATE_H

#include "worker/engine.h"

/* NULL: that is no state. */
const char *log_state_name(enum report_kind kind);
/* A sentence. */
const char *log_state_text(enum report_kind kind);

#endif

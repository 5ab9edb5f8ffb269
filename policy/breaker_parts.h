/* SPDX-License-Identifier: Apache-2.0 */
/*
 * breaker_parts.h - what breaker*.c share, and nobody else includes.
 */
#ifndef POLICY_BREAKER_PARTS_H
#define POLICY_BREAKER_PARTS_H

#include "policy/breaker.h"

/* The one place where the state changes. */
void breaker_change(struct breaker *b, enum breaker_state to,
		    enum breaker_cause cause, millis now);

/* Calls have failed: shuts it, OPEN or STORM, for its time. */
void breaker_shut(struct breaker *b, enum breaker_state to,
		  enum breaker_cause cause, millis now, uint32_t dice);

/* There is a storm, of that error type. */
void breaker_begin_storm(struct breaker *b, struct text error);

void breaker_half_open(struct breaker *b, enum breaker_cause cause, millis now);

/* True if the error is of a storm, which shuts the breaker if it is not.
   `is_fresh`: the call began after the last change. */
bool breaker_of_storm(struct breaker *b, bool is_fresh, struct text error,
		      uint64_t message, millis now, uint32_t dice);

#endif

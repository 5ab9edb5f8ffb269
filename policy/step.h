/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step.h - how far a message has come with one downstream of its route.
 *
 * The steps of a message travel in its headers (docs/headers.md); here they
 * are plain values that the policy reads and advances.
 */
#ifndef POLICY_STEP_H
#define POLICY_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "policy/text.h"

/* Error types that one step counts apart; later ones share the last place. */
#define STEP_ERRORS_MAX 32

enum step_state {
	STEP_WAITING, /* not finished: to be called (again) */
	STEP_DONE,    /* the downstream has accepted the message */
	STEP_FAILED,  /* a permanent error, or tries or time used up */
	STEP_UNDONE,  /* was done, and has been taken back */
};

struct step_errors {
	struct text error; /* error type; borrowed from headers or policy */
	uint32_t count;    /* failures of that type so far; the position in
	                      that type's schedule */
};

struct step {
	struct text name; /* the step's, which is its downstream's */
	enum step_state state;
	uint32_t attempts; /* calls made that count; the first included */
	struct step_errors failures[STEP_ERRORS_MAX];
	size_t failure_count; /* entries used, 0 .. STEP_ERRORS_MAX */
	millis rest;          /* still to wait after the lane it is in, >= 0 */
	millis at_wall;       /* when the state was last set; 0: never */
	int status;           /* HTTP status of the last call; 0: none */
	struct text error;    /* error type of the last call; empty: none */
};

/* "waiting", "done", "failed", "undone": as the header spells it. Static. */
const char *step_state_name(enum step_state state);

/* The reverse. False, and *state alone, if no state has that name. */
bool step_state_parse(struct text name, enum step_state *state);

/* Failures of that error type so far. */
uint32_t step_failures(const struct step *step, struct text error);

/*
 * Counts one more failure of that type (clamped at UINT32_MAX). `error` is
 * kept, not copied: it must live as long as the step.
 */
void step_count_failure(struct step *step, struct text error);

#endif

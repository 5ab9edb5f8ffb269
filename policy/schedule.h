/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schedule.h - failures so far -> how long to wait.
 *
 *   kind         1        2            3             n
 *   exponential  first    first * f    first * f^2   first * f^(n-1) <= max
 *   linear       first    first + s    first + 2 s   first + (n-1) s <= max
 *   fixed        first    first        first         first
 *   custom       [0]      [1]          [2]           the last, or give up
 *
 * Jitter comes after the cap and only shortens: each wait is one of three,
 * the whole wait, the wait less half its share, the wait less its whole share
 * (rounded up to a millisecond, never below 1 ms). Three fixed steps, because
 * each of them is a queue of its own on the broker.
 *
 * Pure: no clock, no dice, no state, no allocation.
 */
#ifndef POLICY_SCHEDULE_H
#define POLICY_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"

#define SCHEDULE_DELAY_MAX    (30 * MILLIS_PER_DAY)
#define SCHEDULE_CUSTOM_MAX   64
#define SCHEDULE_FACTOR_UNIT  1000 /* a factor of 1000 thousandths is 1 */
#define SCHEDULE_JITTER_STEPS 3

enum schedule_kind {
	SCHEDULE_EXPONENTIAL,
	SCHEDULE_LINEAR,
	SCHEDULE_FIXED,
	SCHEDULE_CUSTOM,
};

struct schedule {
	enum schedule_kind kind;
	millis first;        /* all but custom; 1 .. max */
	millis max;          /* exponential, linear; .. SCHEDULE_DELAY_MAX */
	millis step;         /* linear; 0 .. SCHEDULE_DELAY_MAX */
	uint32_t factor;     /* exponential; thousandths, 1000 .. 100000 */
	uint32_t jitter_pct; /* largest share to cut; 0 .. 100 */
	millis delays[SCHEDULE_CUSTOM_MAX]; /* custom; each 1 .. DELAY_MAX */
	size_t delay_count;                 /* custom; 1 .. CUSTOM_MAX */
	bool then_park; /* custom: after the last, give up, not repeat it */
};

/*
 * Says what is wrong with the settings, as a phrase for the operator ("first
 * must be at least 1ms"), or returns NULL if they are sound. Static.
 */
const char *schedule_flaw(const struct schedule *s);

/*
 * The wait after the latest of `failures` (>= 1) failures, 1 ms ..
 * SCHEDULE_DELAY_MAX. `dice`, uniform over uint32_t, draws the jitter step:
 * the lowest third cuts nothing, the highest cuts the whole share.
 * False, and *wait alone, if the schedule gives up here (custom, then_park).
 * The settings must be sound and `failures` positive, or it aborts.
 */
bool schedule_wait(const struct schedule *s, uint32_t failures, uint32_t dice,
		   millis *wait);

/*
 * All waits that schedule_wait can give for that number of failures, into
 * waits[0 .. SCHEDULE_JITTER_STEPS-1], longest first, without repeats.
 * Returns how many: 0 if the schedule gives up, else 1 .. 3.
 */
size_t schedule_waits(const struct schedule *s, uint32_t failures,
		      millis waits[SCHEDULE_JITTER_STEPS]);

/*
 * The number of failures from which on the waits no longer change (or the
 * schedule gives up), so that all waits can be listed: 1 .. UINT32_MAX.
 */
uint32_t schedule_settles(const struct schedule *s);

const char *schedule_kind_name(enum schedule_kind kind);

#endif

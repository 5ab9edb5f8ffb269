/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quick.h - quick retries: a few more calls at once, while the message is held.
 *
 * For what is urgent: a failure that is over in a second need not go through a
 * delay queue. Each time that a message is taken from its queue, up to `tries`
 * more calls are made within `within` of its first failure; only then does it
 * wait by its schedule. The waits double, and together they fill the time:
 *
 *   tries = 3, within = 2 s:  285 ms, 571 ms, 1142 ms after the failures
 *
 * What calls take themselves shortens the wait that would end too late: the
 * last call begins when the time is over, and none does after it.
 *
 * A quick retry is a call, so it counts as an attempt; it does not move the
 * message on in its schedule.
 */
#ifndef POLICY_QUICK_H
#define POLICY_QUICK_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/millis.h"

#define QUICK_TRIES_MAX  10
#define QUICK_WITHIN_MAX MILLIS_PER_MINUTE

struct quick {
	uint32_t tries; /* 1 .. QUICK_TRIES_MAX; 0: no quick retries */
	millis within;  /* 1 .. QUICK_WITHIN_MAX */
};

/*
 * How long to wait, >= 1, before the next quick retry, after `made` of them
 * and `spent` (>= 0) milliseconds since the first failure. False, and *wait
 * alone, if there is none: all were made, or the time is over.
 */
bool quick_wait(const struct quick *quick, uint32_t made, millis spent,
		millis *wait);

#endif

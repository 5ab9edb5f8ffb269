/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_axis.h - a time axis on which seconds and days are both legible.
 *
 * Logarithmic beyond the first wait, and about linear before it, so that the
 * first call, at 0, has a place:
 *
 *   0s    2s   6s  20s   1m  5m  20m  1h      1d
 */
#ifndef OPERATOR_EXPLAIN_AXIS_H
#define OPERATOR_EXPLAIN_AXIS_H

#include <stddef.h>

#include "policy/millis.h"

#define EXPLAIN_TICKS_MAX 40

struct explain_axis {
	millis end;  /* its right end, >= 1 */
	millis unit; /* where it turns, >= 1 */
};

/* `end` and `first_wait` may be 0. */
struct explain_axis explain_axis(millis end, millis first_wait);

/* Where a time, >= 0, stands: 0 .. 1; the end if it is beyond. */
double explain_axis_at(const struct explain_axis *axis, millis time);

/* Round times from 0 on, ascending, at least `gap` (> 0) apart on the axis.
   Returns how many: 1 .. EXPLAIN_TICKS_MAX. */
size_t explain_axis_ticks(const struct explain_axis *axis, double gap,
			  millis ticks[EXPLAIN_TICKS_MAX]);

#endif

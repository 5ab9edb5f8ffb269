/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold.h - planned windows in which nothing is delivered to a downstream.
 *
 * A window is once, between two instants, or comes back on days of the week, from
 * a time of the day until another: the next day's, if that is not later. Days and
 * times are UTC, so that no window is cut or doubled when clocks change.
 */
#ifndef POLICY_HOLD_H
#define POLICY_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "policy/text.h"

#define HOLD_EVERY_DAY 0x7f

struct hold_window {
	uint8_t days;       /* bit 0: Monday; 0: once */
	millis from;        /* of the day; once: wall instant */
	millis until;       /* the same; once: > from */
	const char *reason; /* for people, or NULL */
};

/* Reads "22:00" as a time of the day. False, and *time alone, if it is none. */
bool hold_time_parse(struct text written, millis *time);

/* Reads "mon", "tue" ... "sun" as its bit. False, and *day alone, if none. */
bool hold_day_parse(struct text written, uint8_t *day);

/* The window that holds at `wall` (>= 0), the one that ends last if there are several,
   and in *until the instant of its end; NULL: none does. */
const struct hold_window *hold_window_at(const struct hold_window *windows,
					 size_t count, millis wall,
					 millis *until);

/* How long after `wall` one begins or ends next, > 0; -1: none ever does. */
millis hold_window_next(const struct hold_window *windows, size_t count,
			millis wall);

#endif

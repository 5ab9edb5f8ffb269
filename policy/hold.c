/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/hold.h"

static bool digits(const char *at, int64_t most, int64_t *value)
{
	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
		return false;
	*value = 10 * (at[0] - '0') + (at[1] - '0');
	return *value <= most;
}

bool hold_time_parse(struct text written, millis *time)
{
	int64_t hours;
	int64_t minutes;

	if (written.len != 5 || written.at[2] != ':' ||
	    !digits(written.at, 23, &hours) ||
	    !digits(written.at + 3, 59, &minutes))
		return false;
	*time = hours * MILLIS_PER_HOUR + minutes * MILLIS_PER_MINUTE;
	return true;
}

bool hold_day_parse(struct text written, uint8_t *day)
{
	static const char *const names[] = {"mon", "tue", "wed", "thu",
					    "fri", "sat", "sun"};

	for (unsigned i = 0; i < 7; i++) {
		if (text_is(written, names[i])) {
			*day = (uint8_t)(1U << i);
			return true;
		}
	}
	return false;
}

/* 1970-01-01 was a Thursday. */
static bool is_on(const struct hold_window *w, int64_t day)
{
	return day >= 0 && (w->days >> ((day + 3) % 7) & 1) != 0;
}

/* The window as it begins on that day: its ends, wall instants. */
static void ends_of(const struct hold_window *w, int64_t day, millis *from,
		    millis *until)
{
	*from = day * MILLIS_PER_DAY + w->from;
	*until = day * MILLIS_PER_DAY + w->until;
	if (*until <= *from)
		*until += MILLIS_PER_DAY;
}

/* True if it holds; *until gets its end. */
static bool holds(const struct hold_window *w, millis wall, millis *until)
{
	int64_t today = wall / MILLIS_PER_DAY;

	if (w->days == 0) {
		*until = w->until;
		return wall >= w->from && wall < w->until;
	}
	for (int64_t day = today; day >= today - 1; day--) {
		millis from;

		ends_of(w, day, &from, until);
		if (is_on(w, day) && wall >= from && wall < *until)
			return true;
	}
	return false;
}

const struct hold_window *hold_window_at(const struct hold_window *windows,
					 size_t count, millis wall,
					 millis *until)
{
	const struct hold_window *found = NULL;

	for (size_t i = 0; i < count; i++) {
		millis end;

		if (!holds(&windows[i], wall, &end) ||
		    (found != NULL && end <= *until))
			continue;
		found = &windows[i];
		*until = end;
	}
	return found;
}

static void note(millis at, millis wall, millis *next)
{
	if (at > wall && (*next < 0 || at - wall < *next))
		*next = at - wall;
}

millis hold_window_next(const struct hold_window *windows, size_t count,
			millis wall)
{
	millis next = -1;

	for (size_t i = 0; i < count; i++) {
		const struct hold_window *w = &windows[i];
		int64_t today = wall / MILLIS_PER_DAY;

		if (w->days == 0) {
			note(w->from, wall, &next);
			note(w->until, wall, &next);
		}
		for (int64_t day = today - 1; day <= today + 7; day++) {
			millis from;
			millis until;

			if (!is_on(w, day))
				continue;
			ends_of(w, day, &from, &until);
			note(from, wall, &next);
			note(until, wall, &next);
		}
	}
	return next;
}

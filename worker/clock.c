/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static millis read_clock(clockid_t id)
{
	struct timespec at;

	if (clock_gettime(id, &at) != 0)
		abort();
	return (millis)at.tv_sec * MILLIS_PER_SECOND + at.tv_nsec / 1000000;
}

millis clock_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

millis clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

/* Many are thrown, so that the system is asked for many at a time. */
uint32_t dice_throw(void)
{
	static _Thread_local uint32_t dice[64];
	static _Thread_local size_t left;

	/* Up to 256 bytes come whole and without EINTR (getrandom(2)). */
	if (left == 0) {
		if (getrandom(dice, sizeof(dice), 0) != sizeof(dice))
			abort();
		left = sizeof(dice) / sizeof(dice[0]);
	}
	return dice[--left];
}

char *clock_spell(millis wall, char buffer[32])
{
	time_t seconds = (time_t)(wall / MILLIS_PER_SECOND);
	struct tm utc;
	char date[24];

	if (wall < 0 || gmtime_r(&seconds, &utc) == NULL ||
	    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc) == 0)
		snprintf(buffer, 32, "?");
	else
		snprintf(buffer, 32, "%s.%03dZ", date,
			 (int)(wall % MILLIS_PER_SECOND));
	return buffer;
}

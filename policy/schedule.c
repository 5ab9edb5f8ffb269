/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/schedule.h"

#include <assert.h>

static const char *flaw_of_custom(const struct schedule *s)
{
	if (s->delay_count == 0)
		return "delays must hold at least one duration";
	if (s->delay_count > SCHEDULE_CUSTOM_MAX)
		return "delays must hold at most 64 durations";
	for (size_t i = 0; i < s->delay_count; i++)
		if (s->delays[i] < 1 || s->delays[i] > SCHEDULE_DELAY_MAX)
			return "each of delays must be from 1ms to 30d";
	return NULL;
}

const char *schedule_flaw(const struct schedule *s)
{
	if (s->jitter_pct > 100)
		return "jitter must be from 0% to 100%";
	if (s->kind == SCHEDULE_CUSTOM)
		return flaw_of_custom(s);
	if (s->first < 1 || s->first > SCHEDULE_DELAY_MAX)
		return "first must be from 1ms to 30d";
	if (s->kind == SCHEDULE_FIXED)
		return NULL;
	if (s->max < s->first || s->max > SCHEDULE_DELAY_MAX)
		return "max must be from first to 30d";
	if (s->kind == SCHEDULE_LINEAR)
		return s->step < 0 || s->step > SCHEDULE_DELAY_MAX
			       ? "step must be from 0s to 30d"
			       : NULL;
	if (s->factor < SCHEDULE_FACTOR_UNIT ||
	    s->factor > 100 * SCHEDULE_FACTOR_UNIT)
		return "factor must be from 1 to 100";
	return NULL;
}

/*
 * first * factor^(failures - 1), capped; rounded down after each factor. The
 * loop ends as soon as the cap is met or nothing grows any more.
 */
static millis exponential(const struct schedule *s, uint32_t failures)
{
	millis wait = s->first;

	for (uint32_t n = 1; n < failures; n++) {
		/* At most 30 d * 100 000 < 2^53: no overflow. */
		millis grown = wait * s->factor / SCHEDULE_FACTOR_UNIT;

		if (grown >= s->max)
			return s->max;
		if (grown == wait)
			return wait;
		wait = grown;
	}
	return wait;
}

static millis linear(const struct schedule *s, uint32_t failures)
{
	millis steps = (millis)failures - 1;

	if (s->step == 0)
		return s->first;
	if (steps > (s->max - s->first) / s->step)
		return s->max;
	return s->first + steps * s->step;
}

/* The wait before jitter. False where the schedule gives up. */
static bool whole_wait(const struct schedule *s, uint32_t failures,
		       millis *wait)
{
	switch (s->kind) {
	case SCHEDULE_EXPONENTIAL:
		*wait = exponential(s, failures);
		return true;
	case SCHEDULE_LINEAR:
		*wait = linear(s, failures);
		return true;
	case SCHEDULE_FIXED:
		*wait = s->first;
		return true;
	case SCHEDULE_CUSTOM:
		break;
	}
	if (failures > s->delay_count && s->then_park)
		return false;
	size_t i = failures < s->delay_count ? failures : s->delay_count;
	*wait = s->delays[i - 1];
	return true;
}

/* The wait less `step` halves of its share, rounded up, at least 1 ms. */
static millis shorten(const struct schedule *s, millis wait, uint32_t step)
{
	millis left = 200 - (millis)(s->jitter_pct * step);
	millis cut = (wait * left + 199) / 200;

	return cut < 1 ? 1 : cut;
}

bool schedule_wait(const struct schedule *s, uint32_t failures, uint32_t dice,
		   millis *wait)
{
	millis whole;

	assert(schedule_flaw(s) == NULL);
	assert(failures >= 1);
	if (!whole_wait(s, failures, &whole))
		return false;
	uint32_t step =
		(uint32_t)(((uint64_t)dice * SCHEDULE_JITTER_STEPS) >> 32);
	*wait = shorten(s, whole, step);
	return true;
}

size_t schedule_waits(const struct schedule *s, uint32_t failures,
		      millis waits[SCHEDULE_JITTER_STEPS])
{
	millis whole;
	size_t count = 0;

	assert(schedule_flaw(s) == NULL);
	assert(failures >= 1);
	if (!whole_wait(s, failures, &whole))
		return 0;
	for (uint32_t step = 0; step < SCHEDULE_JITTER_STEPS; step++) {
		millis wait = shorten(s, whole, step);

		if (count == 0 || waits[count - 1] != wait)
			waits[count++] = wait;
	}
	return count;
}

static uint32_t exponential_settles(const struct schedule *s)
{
	uint32_t n = 1;
	millis wait = s->first;

	for (;;) {
		millis next = exponential(s, n + 1);

		if (next == wait)
			return n;
		wait = next;
		n++;
	}
}

static uint32_t linear_settles(const struct schedule *s)
{
	if (s->step == 0)
		return 1;
	/* At most 30 d / 1 ms, rounded up: fits 32 bits. */
	return (uint32_t)((s->max - s->first + s->step - 1) / s->step) + 1;
}

uint32_t schedule_settles(const struct schedule *s)
{
	assert(schedule_flaw(s) == NULL);
	switch (s->kind) {
	case SCHEDULE_EXPONENTIAL:
		return exponential_settles(s);
	case SCHEDULE_LINEAR:
		return linear_settles(s);
	case SCHEDULE_FIXED:
		return 1;
	case SCHEDULE_CUSTOM:
		break;
	}
	return (uint32_t)s->delay_count + (s->then_park ? 1 : 0);
}

const char *schedule_kind_name(enum schedule_kind kind)
{
	switch (kind) {
	case SCHEDULE_EXPONENTIAL:
		return "exponential";
	case SCHEDULE_LINEAR:
		return "linear";
	case SCHEDULE_FIXED:
		return "fixed";
	case SCHEDULE_CUSTOM:
		return "custom";
	}
	return "?";
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * breaker_word.c - what others say: the health probe, the pool, people.
 */
#include "policy/breaker_parts.h"

#include <assert.h>

bool breaker_healthy(struct breaker *b, millis now)
{
	if (b->state != BREAKER_OPEN || now < b->heed_probe)
		return false;
	breaker_half_open(b, BREAKER_BY_HEALTH, now);
	return true;
}

bool breaker_hear_open(struct breaker *b, millis wait, struct text error,
		       millis now)
{
	bool is_storm = error.len > 0 && b->rules.storm > 0;

	if (b->rules.is_off || breaker_is_shut(b) || now < b->heed_words)
		return false;
	if (wait < 0)
		wait = 0;
	if (wait > b->rules.open_max)
		wait = b->rules.open_max;
	breaker_change(b, is_storm ? BREAKER_STORM : BREAKER_OPEN,
		       BREAKER_BY_WORD, now);
	if (is_storm)
		breaker_begin_storm(b, error);
	b->due = now + wait;
	b->is_by_word = true;
	b->is_by_health = false;
	return true;
}

bool breaker_hear_closed(struct breaker *b, millis now)
{
	if (b->state != BREAKER_OPEN && b->state != BREAKER_STORM)
		return false;
	breaker_half_open(b, BREAKER_BY_WORD, now);
	return true;
}

void breaker_hold(struct breaker *b, millis until, enum breaker_cause cause,
		  millis now)
{
	breaker_change(b, BREAKER_HELD, cause, now);
	b->due = until < 0 ? -1 : until;
}

bool breaker_resume(struct breaker *b, enum breaker_cause cause, millis now)
{
	if (!breaker_is_shut(b))
		return false;
	breaker_half_open(b, cause, now);
	return true;
}

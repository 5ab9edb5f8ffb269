/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/breaker_parts.h"

#include <assert.h>
#include <string.h>

static void forget_calls(struct breaker *b)
{
	memset(b->slices, 0, sizeof(b->slices));
	b->row = 0;
}

static void forget_errors(struct breaker *b)
{
	b->message_count = 0;
	b->error_len = 0;
	b->is_storm = false;
}

static bool may_follow(enum breaker_state from, enum breaker_state to)
{
	switch (to) {
	case BREAKER_CLOSED:
		return from == BREAKER_RAMP;
	case BREAKER_OPEN:
		return from == BREAKER_CLOSED || from == BREAKER_HALF_OPEN ||
		       from == BREAKER_RAMP;
	case BREAKER_HALF_OPEN:
		return from == BREAKER_OPEN || from == BREAKER_STORM ||
		       from == BREAKER_HELD;
	case BREAKER_RAMP:
		return from == BREAKER_HALF_OPEN;
	case BREAKER_STORM:
		return from == BREAKER_CLOSED || from == BREAKER_HALF_OPEN ||
		       from == BREAKER_RAMP;
	case BREAKER_HELD:
		return true;
	}
	return false;
}

void breaker_change(struct breaker *b, enum breaker_state to,
		    enum breaker_cause cause, millis now)
{
	assert(may_follow(b->state, to));
	b->state = to;
	b->cause = cause;
	b->since = now;
	b->step = now;
	b->changes++;
	b->let = 0;
	b->done = 0;
	if (to == BREAKER_CLOSED) {
		forget_calls(b);
		forget_errors(b);
		b->reopened = 0;
		b->lies = 0;
		b->is_by_health = false;
	}
}

static millis doubled(millis first, uint32_t times, millis max)
{
	while (times-- > 0 && first < max)
		first = first > max / 2 ? max : 2 * first;
	return first;
}

/* Less a share of it that is drawn, and never 0. */
static millis jittered(millis wait, uint32_t pct, uint32_t dice)
{
	millis most = wait / 100 * pct + wait % 100 * pct / 100;

	/* In two parts, so that nothing overflows. */
	most = (most >> 32) * dice + (((most & UINT32_MAX) * dice) >> 32);
	return wait - most < 1 ? 1 : wait - most;
}

void breaker_shut(struct breaker *b, enum breaker_state to,
		  enum breaker_cause cause, millis now, uint32_t dice)
{
	millis wait;

	if (b->state != BREAKER_CLOSED && b->reopened < UINT32_MAX)
		b->reopened++;
	if (b->is_by_health && b->lies < UINT32_MAX)
		b->lies++;
	if (b->lies > 0)
		b->heed_probe = now + doubled(b->rules.open, b->lies - 1,
					      b->rules.open_max);
	wait = doubled(b->rules.open, b->reopened, b->rules.open_max);
	breaker_change(b, to, cause, now);
	b->due = now + jittered(wait, b->rules.jitter_pct, dice);
	b->is_by_word = false;
}

void breaker_half_open(struct breaker *b, enum breaker_cause cause, millis now)
{
	breaker_change(b, BREAKER_HALF_OPEN, cause, now);
	b->is_by_health = cause == BREAKER_BY_HEALTH;
}

static void begin_ramp(struct breaker *b, millis now)
{
	uint32_t probes = b->rules.probes;

	breaker_change(b, BREAKER_RAMP, BREAKER_BY_ANSWERS, now);
	b->limit = probes < b->full ? probes : b->full;
	if (b->is_by_word)
		b->heed_words = now + b->rules.open_max;
	b->is_by_word = false;
}

void breaker_init(struct breaker *b, const struct breaker_rules *rules,
		  uint32_t full, millis now)
{
	*b = (struct breaker){.rules = *rules,
			      .full = full,
			      .since = now,
			      .heed_probe = now,
			      .heed_words = now};
	assert(breaker_flaw(b) == NULL);
}

void breaker_set_full(struct breaker *b, uint32_t full)
{
	assert(full >= 1);
	b->full = full;
	if (b->state == BREAKER_RAMP && b->limit > full)
		b->limit = full;
}

/* --- the ramp ------------------------------------------------------------- */

static void climb(struct breaker *b, millis now)
{
	b->step = now;
	b->done = 0;
	if (b->limit >= b->full - b->limit)
		breaker_change(b, BREAKER_CLOSED, BREAKER_FINE, now);
	else
		b->limit *= 2;
}

/* The share of full that the time since b->step allows. */
static bool follow_time(struct breaker *b, millis now)
{
	millis spent = now - b->step;
	uint32_t least = b->limit;

	if (spent >= b->rules.ramp) {
		breaker_change(b, BREAKER_CLOSED, BREAKER_FINE, now);
		return true;
	}
	b->limit = (uint32_t)(spent * b->full / b->rules.ramp);
	if (b->limit < least)
		b->limit = least;
	return false;
}

/* A failure: at once, so much less. False if there is no step further back. */
static bool fall(struct breaker *b, millis now)
{
	if (b->limit <= b->rules.probes || b->limit == 1)
		return false;
	b->limit /= 2;
	if (b->limit < b->rules.probes)
		b->limit = b->rules.probes;
	b->done = 0;
	/* Over time, it goes on from where that share stands. */
	b->step = now -
		  (b->rules.ramp > 0 ? b->rules.ramp / b->full * b->limit : 0);
	return true;
}

/* --- time ----------------------------------------------------------------- */

bool breaker_tick(struct breaker *b, millis now)
{
	uint32_t changes = b->changes;

	assert(breaker_flaw(b) == NULL);
	switch (b->state) {
	case BREAKER_CLOSED:
	case BREAKER_HALF_OPEN:
		break;
	case BREAKER_OPEN:
	case BREAKER_STORM:
		if (now >= b->due)
			breaker_half_open(b, BREAKER_BY_TIME, now);
		break;
	case BREAKER_HELD:
		if (b->due >= 0 && now >= b->due)
			breaker_half_open(b, BREAKER_BY_TIME, now);
		break;
	case BREAKER_RAMP:
		if (b->rules.ramp > 0)
			(void)follow_time(b, now);
		else if (now - b->step >= b->rules.window)
			climb(b, now);
		break;
	}
	return b->changes != changes;
}

millis breaker_next(const struct breaker *b)
{
	switch (b->state) {
	case BREAKER_CLOSED:
	case BREAKER_HALF_OPEN:
		return -1;
	case BREAKER_OPEN:
	case BREAKER_STORM:
	case BREAKER_HELD:
		return b->due;
	case BREAKER_RAMP:
		break;
	}
	if (b->rules.ramp == 0)
		return b->step + b->rules.window;
	/* When the share has room for one more, rounded up. */
	return b->step +
	       (b->rules.ramp * ((millis)b->limit + 1) + b->full - 1) / b->full;
}

/* --- calls ---------------------------------------------------------------- */

bool breaker_is_shut(const struct breaker *b)
{
	return b->state == BREAKER_OPEN || b->state == BREAKER_STORM ||
	       b->state == BREAKER_HELD;
}

uint32_t breaker_room(const struct breaker *b, uint32_t calling)
{
	switch (b->state) {
	case BREAKER_CLOSED:
		return calling < b->full ? b->full - calling : 0;
	case BREAKER_RAMP:
		return calling < b->limit ? b->limit - calling : 0;
	case BREAKER_HALF_OPEN:
		return b->rules.probes - b->let;
	case BREAKER_OPEN:
	case BREAKER_STORM:
	case BREAKER_HELD:
		break;
	}
	return 0;
}

struct breaker_ticket breaker_take(struct breaker *b)
{
	assert(!breaker_is_shut(b));
	if (b->state == BREAKER_HALF_OPEN) {
		assert(b->let < b->rules.probes);
		b->let++;
	}
	return (struct breaker_ticket){.changes = b->changes};
}

void breaker_give_back(struct breaker *b, struct breaker_ticket ticket)
{
	if (ticket.changes == b->changes && b->state == BREAKER_HALF_OPEN)
		b->let--;
}

static void count_call(struct breaker *b, bool is_failure, millis now)
{
	int64_t number = now / (b->rules.window / BREAKER_SLICES);
	struct breaker_slice *slice = &b->slices[number % BREAKER_SLICES];

	if (slice->number != number)
		*slice = (struct breaker_slice){.number = number};
	slice->calls++;
	slice->failures += is_failure;
	b->row = is_failure ? b->row + (b->row < UINT32_MAX) : 0;
}

/* A failure has been counted while it was closed. */
static void consider(struct breaker *b, millis now, uint32_t dice)
{
	int64_t oldest =
		now / (b->rules.window / BREAKER_SLICES) - BREAKER_SLICES + 1;
	uint64_t calls = 0;
	uint64_t failures = 0;

	for (size_t i = 0; i < BREAKER_SLICES; i++) {
		if (b->slices[i].number < oldest)
			continue;
		calls += b->slices[i].calls;
		failures += b->slices[i].failures;
	}
	if (b->rules.row > 0 && b->row >= b->rules.row)
		breaker_shut(b, BREAKER_OPEN, BREAKER_BY_ROW, now, dice);
	else if (calls >= b->rules.calls &&
		 failures * 100 >= calls * b->rules.share_pct)
		breaker_shut(b, BREAKER_OPEN, BREAKER_BY_SHARE, now, dice);
}

static void failed(struct breaker *b, millis now, uint32_t dice)
{
	switch (b->state) {
	case BREAKER_CLOSED:
		count_call(b, true, now);
		consider(b, now, dice);
		return;
	case BREAKER_HALF_OPEN:
		breaker_shut(b, BREAKER_OPEN, BREAKER_BY_PROBE, now, dice);
		return;
	case BREAKER_RAMP:
		if (!fall(b, now))
			breaker_shut(b, BREAKER_OPEN, BREAKER_BY_PROBE, now,
				     dice);
		return;
	case BREAKER_OPEN:
	case BREAKER_STORM:
	case BREAKER_HELD:
		return;
	}
}

/* Somebody answers. */
static void answered(struct breaker *b, millis now)
{
	b->done++;
	if (b->state == BREAKER_HALF_OPEN && b->done >= b->rules.probes)
		begin_ramp(b, now);
	else if (b->state == BREAKER_RAMP && b->rules.ramp == 0 &&
		 b->done >= b->limit)
		climb(b, now);
}

bool breaker_answered(struct breaker *b, struct breaker_ticket ticket,
		      enum breaker_answer answer, struct text error,
		      uint64_t message, millis now, uint32_t dice)
{
	bool is_fresh = ticket.changes == b->changes && !breaker_is_shut(b);

	assert(breaker_flaw(b) == NULL);
	if (answer == BREAKER_PERMANENT &&
	    breaker_of_storm(b, is_fresh, error, message, now, dice))
		return true;
	if (!is_fresh)
		return false;
	if (answer == BREAKER_FAILURE && !b->rules.is_off) {
		failed(b, now, dice);
		return false;
	}
	if (answer == BREAKER_SUCCESS && b->state == BREAKER_CLOSED) {
		count_call(b, false, now);
		forget_errors(b);
	}
	if (b->state != BREAKER_CLOSED)
		answered(b, now);
	return false;
}

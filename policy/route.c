/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/route.h"

#include <assert.h>

#define BIT(i) (UINT32_C(1) << (i))

/* No step. */
#define NONE ROUTE_STEPS_MAX

/* What a look at all places, or all until one that holds up the rest, found. */
struct survey {
	uint32_t due;   /* bit i: to be called now */
	bool is_going;  /* a call is under way */
	size_t waiting; /* the first to be due, of those that wait; or NONE */
	millis wait;    /* how long that one has */
	size_t failed;  /* failed for good; or NONE */
};

static struct route_place *place_of(struct route_progress *p, size_t i)
{
	return p->state == ROUTE_COMPENSATING ? &p->undos[i] : &p->steps[i];
}

static bool is_for_it(const struct route_progress *p, size_t i)
{
	return (p->applies & BIT(i)) != 0;
}

static bool has_undo(const struct route_progress *p, size_t i)
{
	return (p->route.undo_able & BIT(i)) != 0;
}

/* --- what there is -------------------------------------------------------- */

static millis wait_of(const struct route_place *place, millis now)
{
	millis wait = place->is_new ? place->delay : place->due - now;

	return wait < 1 ? 1 : wait;
}

/* Of two that are due at once, the one that has a lane of its own. */
static bool is_sooner(const struct route_place *place, millis wait,
		      const struct route_place *best, millis least)
{
	return wait < least ||
	       (wait == least && !place->by_ladder && best->by_ladder);
}

static void see_waiting(struct survey *s, struct route_progress *p, size_t i,
			millis now)
{
	struct route_place *place = place_of(p, i);
	millis wait = wait_of(place, now);

	if (!place->is_new && place->due <= now) {
		s->due |= BIT(i);
		return;
	}
	/* What is left of a wait is no wait of a schedule. */
	if (!place->is_new)
		place->by_ladder = true;
	if (s->waiting == NONE ||
	    is_sooner(place, wait, place_of(p, s->waiting), s->wait)) {
		s->waiting = i;
		s->wait = wait;
	}
}

/* What failed in this attempt speaks before what had failed already. */
static void see_failed(struct survey *s, const struct route_place *places,
		       size_t i)
{
	if (s->failed == NONE ||
	    (places[i].is_new && !places[s->failed].is_new))
		s->failed = i;
}

/* False if there is nothing more to be had of it in this state. */
static bool see(struct survey *s, struct route_progress *p, size_t i,
		millis now)
{
	const struct route_place *place = place_of(p, i);

	switch (place->state) {
	case STEP_DONE:
		return false;
	case STEP_FAILED:
	case STEP_UNDONE:
		see_failed(s, place_of(p, 0), i);
		return true;
	case STEP_WAITING:
		break;
	}
	if (place->is_called)
		s->is_going = true;
	else
		see_waiting(s, p, i, now);
	return true;
}

static struct survey look_at_steps(struct route_progress *p, millis now)
{
	struct survey s = {.waiting = NONE, .failed = NONE};

	for (size_t i = 0; i < p->route.step_count; i++) {
		if (is_for_it(p, i) && see(&s, p, i, now) &&
		    p->route.order == ROUTE_SEQUENTIAL)
			break;
	}
	return s;
}

/* One at a time, the last one first; only one that failed for good lets those
   before it pass, if their order does not matter. */
static struct survey look_at_undos(struct route_progress *p, millis now)
{
	struct survey s = {.waiting = NONE, .failed = NONE};

	for (size_t i = p->route.step_count; i-- > 0;) {
		if (p->steps[i].state != STEP_DONE || !has_undo(p, i))
			continue;
		if (see(&s, p, i, now) && (p->undos[i].state == STEP_WAITING ||
					   p->route.order == ROUTE_SEQUENTIAL))
			break;
	}
	return s;
}

/* --- what follows --------------------------------------------------------- */

/* The attempt is over: waits that were decided in it begin. */
static void begin_waits(struct route_progress *p, millis now)
{
	for (size_t i = 0; i < p->route.step_count; i++) {
		struct route_place *place = place_of(p, i);

		if (place->state == STEP_WAITING && place->is_new)
			place->due = now + place->delay;
	}
}

/* The only change of state. */
static void begin_compensating(struct route_progress *p, millis now)
{
	assert(p->state == ROUTE_DELIVERING);
	p->state = ROUTE_COMPENSATING;
	for (size_t i = 0; i < p->route.step_count; i++)
		p->undos[i] = (struct route_place){.due = now};
}

static struct route_effect parked(const struct route_place *places, size_t step,
				  bool is_undo)
{
	struct route_effect effect = {
		.end = ROUTE_PARKED,
		.is_undo = is_undo,
		.step = step,
	};

	if (step == NONE) /* it is of the route no more */
		return effect;
	effect.has_reason =
		places[step].state == STEP_FAILED && places[step].is_new;
	effect.reason = places[step].reason;
	return effect;
}

/* What a survey says is still to be done. False: nothing. */
static bool goes_on(struct route_progress *p, const struct survey *s,
		    millis now, struct route_effect *effect)
{
	*effect = (struct route_effect){
		.end = ROUTE_ON,
		.call = s->due,
		.is_undo = p->state == ROUTE_COMPENSATING,
	};
	for (size_t i = 0; i < p->route.step_count; i++)
		if ((s->due & BIT(i)) != 0)
			place_of(p, i)->is_called = true;
	if (s->due != 0 || s->is_going)
		return true;
	if (s->waiting == NONE)
		return false;
	begin_waits(p, now);
	effect->end = ROUTE_RETRY;
	effect->step = s->waiting;
	effect->delay = s->wait;
	effect->by_ladder = place_of(p, s->waiting)->by_ladder;
	return true;
}

static struct route_effect compensate(struct route_progress *p, millis now)
{
	struct survey s = look_at_undos(p, now);
	struct route_effect effect;

	if (goes_on(p, &s, now, &effect))
		return effect;
	if (s.failed != NONE)
		return parked(p->undos, s.failed, true);
	/* All is undone: what it was for. */
	for (size_t i = 0; i < p->route.step_count; i++) {
		if (is_for_it(p, i) && p->steps[i].state == STEP_FAILED)
			see_failed(&s, p->steps, i);
	}
	return parked(p->steps, s.failed, false);
}

static struct route_effect deliver(struct route_progress *p, millis now)
{
	struct survey s = look_at_steps(p, now);
	struct route_effect effect;

	if (goes_on(p, &s, now, &effect))
		return effect;
	if (s.failed == NONE)
		return (struct route_effect){.end = ROUTE_DONE};
	if (p->route.on_failure == ROUTE_PARK)
		return parked(p->steps, s.failed, false);
	begin_compensating(p, now);
	return compensate(p, now);
}

/* --- events --------------------------------------------------------------- */

static bool is_sane(const struct route_progress *p)
{
	return p->route.step_count <= ROUTE_STEPS_MAX;
}

struct route_effect route_begin(struct route_progress *p, millis now)
{
	assert(is_sane(p));
	p->applies &= BIT(p->route.step_count) - 1;
	if (p->state == ROUTE_COMPENSATING)
		return compensate(p, now);
	if (p->applies == 0)
		return (struct route_effect){.end = ROUTE_NONE};
	return deliver(p, now);
}

static void take(struct route_place *place, const struct verdict *verdict)
{
	place->is_called = false;
	place->is_new = true;
	switch (verdict->kind) {
	case VERDICT_DONE:
		place->state = STEP_DONE;
		return;
	case VERDICT_PARK:
		place->state = STEP_FAILED;
		place->reason = verdict->reason;
		return;
	case VERDICT_RETRY:
		place->delay = verdict->delay;
		place->by_ladder = verdict->by_server;
		return;
	case VERDICT_QUICK:
		assert(false);
		return;
	}
}

struct route_effect route_answered(struct route_progress *p, size_t step,
				   bool is_undo, const struct verdict *verdict,
				   millis now)
{
	struct route_place *place = place_of(p, step);

	assert(is_sane(p));
	assert(step < p->route.step_count && place->is_called);
	assert(is_undo == (p->state == ROUTE_COMPENSATING));
	take(place, verdict);
	if (!is_undo)
		return deliver(p, now);
	if (place->state == STEP_DONE)
		p->steps[step].state = STEP_UNDONE;
	return compensate(p, now);
}

millis route_rest(const struct route_place *place, millis now, millis trip)
{
	millis left = place->due - now - trip;

	return left < 0 ? 0 : left;
}

/* --- what has become of it ------------------------------------------------ */

uint32_t route_missing(const struct route_progress *p)
{
	uint32_t missing = 0;

	for (size_t i = 0; i < p->route.step_count; i++) {
		enum step_state state = p->steps[i].state;

		if (is_for_it(p, i) && state != STEP_DONE &&
		    (state != STEP_UNDONE || p->state == ROUTE_DELIVERING))
			missing |= BIT(i);
	}
	return missing;
}

uint32_t route_standing(const struct route_progress *p)
{
	uint32_t standing = 0;

	for (size_t i = 0; i < p->route.step_count; i++)
		if (p->steps[i].state == STEP_DONE)
			standing |= BIT(i);
	return standing;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/health.h"

#include <stdio.h>
#include <stdlib.h>

#include "policy/bucket.h"
#include "policy/hold.h"
#include "policy/share.h"
#include "worker/mem.h"

/* One downstream. */
struct patient {
	const struct downstream_config *config;
	struct breaker breaker;
	struct bucket bucket;
	uint32_t changes; /* of the breaker, as last told */
	bool is_told;     /* the last was by another's word */
	/* A person's hold. */
	bool is_held;
	millis until_wall; /* -1: until resumed */
	char reason[HEALTH_REASON_MAX];
	/* What holds it now, if its breaker is HELD. */
	bool by_window;
	const char *window_reason;
};

struct health {
	const struct config *config;
	struct health_ports ports;
	uint32_t workers;
	uint32_t rank;
	bool has_begun;           /* a tick has said when */
	struct patient *patients; /* one a downstream */
};

static uint32_t share(const struct health *h, const struct patient *p)
{
	return share_of(p->config->concurrency, h->workers, h->rank);
}

struct health *health_new(const struct config *config,
			  const struct health_ports *ports, millis now)
{
	struct health *h = mem_new(sizeof(*h));

	h->config = config;
	h->ports = *ports;
	h->workers = 1;
	h->patients =
		mem_array(config->downstream_count + 1, sizeof(*h->patients));
	for (size_t i = 0; i < config->downstream_count; i++) {
		struct patient *p = &h->patients[i];
		const struct health_config *rules =
			&config->downstreams[i].health;

		p->config = &config->downstreams[i];
		breaker_init(&p->breaker, &rules->breaker, share(h, p), now);
		bucket_init(&p->bucket, &rules->rate, rules->burst, now);
	}
	return h;
}

void health_free(struct health *h)
{
	if (h == NULL)
		return;
	free(h->patients);
	free(h);
}

/* Says so if the state has changed. */
static void tell(struct health *h, size_t downstream, bool is_told)
{
	struct patient *p = &h->patients[downstream];

	if (p->changes == p->breaker.changes)
		return;
	p->changes = p->breaker.changes;
	p->is_told = is_told;
	h->ports.changed(h->ports.context, downstream);
}

static uint32_t throw(const struct health *h)
{
	return h->ports.dice(h->ports.context);
}

/* --- calls ---------------------------------------------------------------- */

bool health_is_shut(const struct health *h, size_t downstream)
{
	return breaker_is_shut(&h->patients[downstream].breaker);
}

millis health_shut_for(const struct health *h, size_t downstream, millis now)
{
	const struct breaker *b = &h->patients[downstream].breaker;

	if (!breaker_is_shut(b))
		return 0;
	if (b->due < 0)
		return INT64_MAX;
	return b->due > now ? b->due - now : 0;
}

uint32_t health_width(const struct health *h, size_t downstream)
{
	const struct breaker *b = &h->patients[downstream].breaker;

	switch (b->state) {
	case BREAKER_CLOSED:
		break;
	case BREAKER_HALF_OPEN:
		return b->rules.probes;
	case BREAKER_RAMP:
		return 2 * b->limit;
	case BREAKER_OPEN:
	case BREAKER_STORM:
	case BREAKER_HELD:
		return 0;
	}
	return UINT32_MAX;
}

bool health_take(struct health *h, size_t downstream, uint32_t calling,
		 millis now, struct breaker_ticket *ticket)
{
	struct patient *p = &h->patients[downstream];

	if (breaker_room(&p->breaker, calling) == 0 ||
	    !bucket_take(&p->bucket, now))
		return false;
	*ticket = breaker_take(&p->breaker);
	return true;
}

millis health_wait(const struct health *h, size_t downstream, millis now)
{
	return bucket_wait(&h->patients[downstream].bucket, now);
}

bool health_is_late(const struct health *h, size_t downstream, uint32_t calling,
		    millis now)
{
	const struct patient *p = &h->patients[downstream];

	return breaker_room(&p->breaker, calling) > 0 &&
	       bucket_wait(&p->bucket, now) > 0;
}

bool health_answered(struct health *h, size_t downstream,
		     struct breaker_ticket ticket, enum breaker_answer answer,
		     struct text error, uint64_t message, millis now)
{
	bool is_held =
		breaker_answered(&h->patients[downstream].breaker, ticket,
				 answer, error, message, now, throw(h));

	tell(h, downstream, false);
	return is_held;
}

void health_give_back(struct health *h, size_t downstream,
		      struct breaker_ticket ticket, bool was_made)
{
	if (!was_made)
		bucket_give_back(&h->patients[downstream].bucket);
	breaker_give_back(&h->patients[downstream].breaker, ticket);
}

/* --- holds ---------------------------------------------------------------- */

/* The end of what holds it at `wall`, a wall instant; -1: none. False if nothing
   does. */
static bool find_hold(struct patient *p, millis wall, millis *until)
{
	const struct hold_window *window;

	if (p->is_held && p->until_wall >= 0 && p->until_wall <= wall)
		p->is_held = false;
	p->by_window = false;
	*until = p->until_wall;
	if (p->is_held)
		return true;
	window = hold_window_at(p->config->health.windows,
				p->config->health.window_count, wall, until);
	if (window == NULL)
		return false;
	p->by_window = true;
	p->window_reason = window->reason;
	return true;
}

/* Brings the breaker in line with what holds it. */
static void follow_holds(struct health *h, struct patient *p, millis now)
{
	struct breaker *b = &p->breaker;
	bool was_window = p->by_window;
	millis wall = h->ports.wall(h->ports.context);
	millis until;

	if (!find_hold(p, wall, &until)) {
		if (b->state == BREAKER_HELD)
			(void)breaker_resume(b,
					     was_window ? BREAKER_BY_WINDOW
							: BREAKER_BY_OPERATOR,
					     now);
		return;
	}
	if (until >= 0)
		until = now + (until - wall);
	if (b->state != BREAKER_HELD || was_window != p->by_window)
		breaker_hold(b, until,
			     p->by_window ? BREAKER_BY_WINDOW
					  : BREAKER_BY_OPERATOR,
			     now);
	else
		b->due = until;
}

void health_hold(struct health *h, size_t downstream, millis until_wall,
		 const char *reason, millis now)
{
	struct patient *p = &h->patients[downstream];

	p->is_held = true;
	p->until_wall = until_wall < 0 ? -1 : until_wall;
	snprintf(p->reason, sizeof(p->reason), "%s",
		 reason == NULL ? "" : reason);
	follow_holds(h, p, now);
	tell(h, downstream, true);
}

void health_resume(struct health *h, size_t downstream, millis now)
{
	struct patient *p = &h->patients[downstream];

	p->is_held = false;
	follow_holds(h, p, now);
	if (p->breaker.state != BREAKER_HELD)
		(void)breaker_resume(&p->breaker, BREAKER_BY_OPERATOR, now);
	tell(h, downstream, true);
}

/* --- time ------------------------------------------------------------------- */

static void note(millis wait, millis *next)
{
	if (wait < 0)
		wait = 0;
	if (*next < 0 || wait < *next)
		*next = wait;
}

/* How long until a window begins or ends, or a hold is looked at again. */
static void note_holds(const struct health *h, const struct patient *p,
		       millis *next)
{
	millis wall = h->ports.wall(h->ports.context);
	millis wait = hold_window_next(p->config->health.windows,
				       p->config->health.window_count, wall);

	if (wait >= 0)
		note(wait < HEALTH_HOLD_TICK ? wait : HEALTH_HOLD_TICK, next);
	if (p->is_held)
		note(HEALTH_HOLD_TICK, next);
}

millis health_tick(struct health *h, millis now)
{
	millis next = -1;

	for (size_t i = 0; i < h->config->downstream_count; i++) {
		struct patient *p = &h->patients[i];

		if (!h->has_begun)
			p->breaker.since = now;
		if (p->is_held || p->config->health.window_count > 0)
			follow_holds(h, p, now);
		while (breaker_tick(&p->breaker, now))
			;
		tell(h, i, false);
		if (breaker_next(&p->breaker) >= 0)
			note(breaker_next(&p->breaker) - now, &next);
		note_holds(h, p, &next);
	}
	h->has_begun = true;
	return next;
}

/* --- what others say -------------------------------------------------------- */

void health_workers(struct health *h, uint32_t workers, uint32_t rank,
		    millis now)
{
	h->workers = workers < 1 ? 1 : workers;
	h->rank = rank;
	for (size_t i = 0; i < h->config->downstream_count; i++) {
		struct patient *p = &h->patients[i];

		breaker_set_full(&p->breaker, share(h, p));
		bucket_share(&p->bucket, h->workers, now);
	}
}

void health_probed(struct health *h, size_t downstream, bool is_healthy,
		   millis now)
{
	if (is_healthy)
		(void)breaker_healthy(&h->patients[downstream].breaker, now);
	tell(h, downstream, false);
}

void health_heard(struct health *h, size_t downstream, enum breaker_state state,
		  millis wait, struct text error, millis now)
{
	struct breaker *b = &h->patients[downstream].breaker;

	switch (state) {
	case BREAKER_OPEN:
	case BREAKER_STORM:
		(void)breaker_hear_open(b, wait, error, now);
		break;
	case BREAKER_RAMP:
	case BREAKER_CLOSED:
		(void)breaker_hear_closed(b, now);
		break;
	case BREAKER_HALF_OPEN:
	case BREAKER_HELD:
		break;
	}
	tell(h, downstream, true);
}

bool health_wants_probe(const struct health *h, size_t downstream)
{
	const struct patient *p = &h->patients[downstream];

	if (p->config->health.probe.url == NULL)
		return false;
	return p->config->health.probe.always ||
	       p->breaker.state == BREAKER_OPEN;
}

struct health_state health_state(const struct health *h, size_t downstream,
				 millis now)
{
	const struct patient *p = &h->patients[downstream];
	const struct breaker *b = &p->breaker;
	millis until = health_shut_for(h, downstream, now);
	struct health_state s = {
		.state = b->state,
		.cause = b->cause,
		.since_wall =
			h->ports.wall(h->ports.context) - (now - b->since),
		.until = !breaker_is_shut(b) || until == INT64_MAX ? -1 : until,
		.room = breaker_room(b, 0),
		.share = b->full,
		.is_told = p->is_told,
	};

	if (b->state == BREAKER_HELD)
		s.reason = p->by_window ? p->window_reason : p->reason;
	if (b->state == BREAKER_STORM)
		s.error = (struct text){b->error, b->error_len};
	return s;
}

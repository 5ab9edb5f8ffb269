/* SPDX-License-Identifier: Apache-2.0 */
/*
 * health.h - the health of all downstreams, as one worker sees it.
 *
 * It joins what policy/ decides: the breaker of each downstream, its rate, its share
 * of the pool, and what holds it: a person's word or a planned window. The engine asks
 * it before each call and tells it what came of it; the core tells it what others
 * say. It has neither clock nor dice nor library of its own.
 *
 * All calls are the core thread's. `now` is on the loop's monotonic clock.
 * Downstreams are named by their index in the configuration.
 */
#ifndef WORKER_HEALTH_H
#define WORKER_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/breaker.h"
#include "policy/millis.h"
#include "policy/text.h"
#include "worker/config.h"

/* A tick comes at least so often while a hold is in force: wall clocks are set. */
#define HEALTH_HOLD_TICK (10 * MILLIS_PER_SECOND)

#define HEALTH_REASON_MAX 200 /* bytes, with the NUL */

struct health_ports {
	void *context;
	/* The state of a breaker has changed. May ask for it, and no more. */
	void (*changed)(void *context, size_t downstream);
	uint32_t (*dice)(void *context);
	millis (*wall)(void *context);
};

/* What is known of a downstream, for people. */
struct health_state {
	enum breaker_state state;
	enum breaker_cause cause;
	millis since_wall; /* when it came into it */
	millis until; /* how long it is shut at most, >= 0; -1: not shut, or
	                      until resumed */
	const char *reason; /* of the hold; or NULL. Lent until a tick */
	struct text error;  /* of a storm; or empty. Lent likewise */
	uint32_t room;      /* calls at once that it allows now */
	uint32_t share;     /* and would, were it closed */
	bool is_told;       /* it changed by another's word */
};

struct health;

/* All closed at `now`; a worker alone, until told otherwise. The configuration is
   borrowed. */
struct health *health_new(const struct config *config,
			  const struct health_ports *ports, millis now);
void health_free(struct health *health); /* takes NULL */

/* --- calls ----------------------------------------------------------------- */

/* No call is made to it for now: those who wait for one are to be held. */
bool health_is_shut(const struct health *health, size_t downstream);

/* How long for, at most: >= 0. Unknown (a hold without an end): INT64_MAX. */
millis health_shut_for(const struct health *health, size_t downstream,
		       millis now);

/* Deliveries that are of use in hand: none while it is shut, its probes when half
   open, twice what it takes in its ramp; UINT32_MAX when closed. */
uint32_t health_width(const struct health *health, size_t downstream);

/* Begins a call, `calling` being under way. False if none may begin now. */
bool health_take(struct health *health, size_t downstream, uint32_t calling,
		 millis now, struct breaker_ticket *ticket);

/* How long until its rate lets another begin, >= 0. */
millis health_wait(const struct health *health, size_t downstream, millis now);

/* True if calls wait for the rate alone, `calling` being under way. */
bool health_is_late(const struct health *health, size_t downstream,
		    uint32_t calling, millis now);

/* A call has ended as breaker_answered says, which see for the result. */
bool health_answered(struct health *health, size_t downstream,
		     struct breaker_ticket ticket, enum breaker_answer answer,
		     struct text error, uint64_t message, millis now);

/* A call has ended without an answer that counts; or was never made. */
void health_give_back(struct health *health, size_t downstream,
		      struct breaker_ticket ticket, bool was_made);

/* --- what others say ------------------------------------------------------- */

/* Does what is due; returns how long to wait until the next, or -1. */
millis health_tick(struct health *health, millis now);

/* So many workers are seen, of which this is the `rank`-th, from 0. */
void health_workers(struct health *health, uint32_t workers, uint32_t rank,
		    millis now);

/* What the health probe has found. */
void health_probed(struct health *health, size_t downstream, bool is_healthy,
		   millis now);

/* Another worker's breaker has come into that state, which lasts `wait` more (OPEN
   and STORM, which has an error type) at most. HELD says nothing: holds come by health_hold. */
void health_heard(struct health *health, size_t downstream,
		  enum breaker_state state, millis wait, struct text error,
		  millis now);

/* A person holds it until `until_wall` (-1: until resumed), for a reason, which is
   copied; NULL: none. */
void health_hold(struct health *health, size_t downstream, millis until_wall,
		 const char *reason, millis now);

/* A person resumes it: ends a hold of a person's, and the time that a breaker is
   open; not a planned window. */
void health_resume(struct health *health, size_t downstream, millis now);

/* True while its health probe is to be asked. */
bool health_wants_probe(const struct health *health, size_t downstream);

struct health_state health_state(const struct health *health, size_t downstream,
				 millis now);

#endif

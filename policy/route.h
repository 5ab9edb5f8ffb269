/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route.h - how a message gets through the steps of its route.
 *
 * A pure state machine: events in, effects out. It is made anew for each
 * delivery, from what the message carries, and forgotten with it; what lasts is
 * in the steps of the message (step.h).
 *
 *   DELIVERING --all that apply are done--------------------------> end: DONE
 *       |
 *       |  one failed for good, none of the rest has to be tried
 *       |      on_failure = park --------------------------------> end: PARK
 *       |      on_failure = compensate
 *       v
 *   COMPENSATING --every finished step that can be is undone-----> end: PARK,
 *       |                                                    "compensated"
 *       +-- an undo failed for good -----------------------------> end: PARK,
 *                                                     "compensation-failed"
 *
 * In both states an attempt that leaves something to be tried again ends with
 * RETRY, through a delay queue, and the next delivery goes on from there.
 *
 * Parallel: all steps that are due are called in one attempt. One that fails
 * for good does not stop the others: they are finished first.
 * Sequential: a step is called when those before it that apply are done; one
 * that fails for good ends it.
 * Compensating: the undo of each finished step that has one is called, one at a
 * time, the last step of the route first. In a sequential route an undo that
 * fails for good ends it, since what an earlier step did may be needed by the
 * later one that still stands; in a parallel route the others are undone first.
 * A step without undo is left as it is.
 *
 * A step waits until its own time. The message goes to the delay queue of what
 * is due first; how long the others have to wait beyond that is kept for each
 * (`rest`), as a duration, so that no two clocks are compared.
 *
 * Nothing is allocated; `now` is any clock that does not jump.
 */
#ifndef POLICY_ROUTE_H
#define POLICY_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "policy/policy.h"
#include "policy/step.h"

#define ROUTE_STEPS_MAX 16 /* of one route */

enum route_order {
	ROUTE_PARALLEL,
	ROUTE_SEQUENTIAL,
};

enum route_failure {
	ROUTE_PARK,
	ROUTE_COMPENSATE,
};

/* What the machine has to know of a route. */
struct route {
	enum route_order order;
	enum route_failure on_failure;
	size_t step_count;  /* 0 .. ROUTE_STEPS_MAX */
	uint32_t undo_able; /* bit i: step i has an undo */
};

/* What a message is at; rebound-state of the headers. */
enum route_state {
	ROUTE_DELIVERING,
	ROUTE_COMPENSATING,
};

/* One step, or the undo of one. */
struct route_place {
	enum step_state state;   /* WAITING, DONE, FAILED or UNDONE */
	bool is_called;          /* a call of it is under way */
	bool is_new;             /* its wait was decided in this attempt */
	millis due;              /* WAITING: not before, by `now` */
	bool by_ladder;          /* that wait goes through the ladder */
	enum park_reason reason; /* FAILED in this attempt: why */
};

/* What is to be done. */
enum route_end {
	ROUTE_ON,     /* calls are under way, or are to be begun: `call` */
	ROUTE_DONE,   /* everything is done: ack */
	ROUTE_NONE,   /* no step applies */
	ROUTE_RETRY,  /* wait `delay` in a delay queue */
	ROUTE_PARKED, /* park because of `reason`, for what `step` came to */
};

struct route_effect {
	enum route_end end;
	uint32_t call;   /* ON: bit i: call step i now; or its undo, if
			    is_undo. 0: wait for those under way */
	bool is_undo;    /* `call`, `step`: undos, and not steps */
	size_t step;     /* RETRY: what is due first. PARKED: what ended it */
	millis delay;    /* RETRY: >= 1 */
	bool by_ladder;  /* RETRY: `delay` is no wait of its schedule */
	bool has_reason; /* PARKED: it ended in this attempt, and has `reason`;
			    else it had ended before */
	enum park_reason reason;
};

/* One message on its route. Plain: copied and thrown away at will. */
struct route_progress {
	struct route route;
	enum route_state state;
	uint32_t applies; /* bit i: step i is for this message */
	struct route_place steps[ROUTE_STEPS_MAX];
	struct route_place undos[ROUTE_STEPS_MAX];
};

/*
 * Begins with a delivery: fill in route, state, applies, and of each place the
 * state and `due` (`now` + what the message says is left to wait; <= now: due);
 * the rest is to be zero. Steps that do not apply are never called; those among
 * them that are done are undone like all others.
 */
struct route_effect route_begin(struct route_progress *progress, millis now);

/*
 * A call of step `step` (of its undo, if is_undo) has come to `verdict`, which
 * is not QUICK: that one is called again as if nothing had happened. RETRY
 * starts its wait now; it is not called again in this delivery.
 */
struct route_effect route_answered(struct route_progress *progress, size_t step,
				   bool is_undo, const struct verdict *verdict,
				   millis now);

/*
 * What place has still to wait after a delay queue of `trip` that is entered
 * now (`trip` <= the RETRY's delay): >= 0, 0: due with it. Goes into the
 * headers for each place that is WAITING.
 */
millis route_rest(const struct route_place *place, millis now, millis trip);

/* "delivering", "compensating"; "parallel", "sequential"; "park",
   "compensate": as headers and configuration spell them. Static. */
const char *route_state_name(enum route_state state);
bool route_state_parse(struct text name, enum route_state *state);
const char *route_order_name(enum route_order order);
const char *route_failure_name(enum route_failure failure);

#endif

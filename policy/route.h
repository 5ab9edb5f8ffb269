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
 *       |  one failed for good, and nothing that is left has to be tried
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
 * An undo that has to wait is waited for before the next one is called.
 *
 * A step waits until its own time, and one that failed in this attempt gets its
 * whole delay from the end of the attempt, so that the delay has a lane of its
 * own. The message goes to the delay queue of what is due first; how long the
 * others have to wait beyond that is kept for each (`rest`), as a duration, so
 * that no two clocks are compared. A message on which nothing is due when it
 * comes back goes on to the next rung of the ladder without a call.
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
#include "policy/text.h"

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

#define ROUTE_STATE_COUNT (ROUTE_COMPENSATING + 1)

/* One step, or the undo of one. */
struct route_place {
	enum step_state state;   /* WAITING, DONE, FAILED or UNDONE */
	bool is_called;          /* a call of it is under way */
	bool is_new;             /* its state was decided in this attempt */
	millis due;              /* WAITING: not before, by `now` */
	millis delay;            /* WAITING and is_new: its wait, >= 1, which
				    begins at the end of the attempt */
	bool by_ladder;          /* that wait goes through the ladder */
	enum park_reason reason; /* FAILED and is_new: why */
};

/* What is to be done. */
enum route_end {
	ROUTE_ON,     /* calls are under way, or are to be begun: `call` */
	ROUTE_DONE,   /* everything is done: ack */
	ROUTE_NONE,   /* no step applies */
	ROUTE_RETRY,  /* wait `delay` in a delay queue */
	ROUTE_PARKED, /* park, for what `step` came to */
};

struct route_effect {
	enum route_end end;
	uint32_t call;   /* ON: bit i: call step i now; or its undo, if
			    is_undo. 0: wait for those under way */
	bool is_undo;    /* `call`, `step`: undos, and not steps */
	size_t step;     /* RETRY: what is due first. PARKED: what failed for
			    good; if COMPENSATING and not is_undo, all that
			    could be undone is: "compensated"; if is_undo,
			    "compensation-failed", by this undo.
			    ROUTE_STEPS_MAX: a step that is of the route no
			    more */
	millis delay;    /* RETRY: >= 1 */
	bool by_ladder;  /* RETRY: `delay` is no wait of its schedule */
	bool has_reason; /* PARKED: `step` failed in this attempt, and has
			    `reason`; else it had failed before */
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
 *
 * A message that is DELIVERING while a step of it is UNDONE is taken for one
 * that has FAILED: its downstream may answer the same key with what it did
 * before. Whoever begins a message anew begins that step anew, as WAITING.
 */
struct route_effect route_begin(struct route_progress *progress, millis now);

/*
 * A call of step `step` (of its undo, if is_undo), which is under way, has come
 * to `verdict`. That is not QUICK: such a call is made again as if nothing had
 * happened, and stays under way. A step that comes to RETRY is not called again
 * in this delivery.
 */
struct route_effect route_answered(struct route_progress *progress, size_t step,
				   bool is_undo, const struct verdict *verdict,
				   millis now);

/*
 * After RETRY: what place has still to wait after a delay queue of `trip` that
 * is entered now: >= 0, 0: due with it. Goes into the headers for each place
 * that is WAITING.
 */
millis route_rest(const struct route_place *place, millis now, millis trip);

/* Bit i: step i applies, and its downstream does not have the message: it is
   not done, and was not taken back by a compensation. */
uint32_t route_missing(const struct route_progress *progress);

/* Bit i: step i is done and stands. */
uint32_t route_standing(const struct route_progress *progress);

/* "delivering", "compensating"; "parallel", "sequential"; "park",
   "compensate": as headers and configuration spell them. Static. */
const char *route_state_name(enum route_state state);
bool route_state_parse(struct text name, enum route_state *state);
const char *route_order_name(enum route_order order);
const char *route_failure_name(enum route_failure failure);

#endif

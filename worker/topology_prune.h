/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology_prune.h - when a delay queue that no setting uses may be removed.
 *
 *   BOUND --unbound--> DRAINING --ready--> READY --deleted--> REMOVED
 *                         |
 *                         +--bound again--> KEPT: somebody uses it
 *
 * What it held when it was unbound comes back within its delay. After that it
 * must have been seen empty for a while that covers the broker's retries of a
 * dead letter that found no way (180 s): one that is stuck is in the queue, and
 * shown by the management API alone. A look that shows a message, or somebody
 * who consumes, begins that while anew.
 *
 * Pure: `now` is on one monotonic clock.
 */
#ifndef WORKER_TOPOLOGY_PRUNE_H
#define WORKER_TOPOLOGY_PRUNE_H

#include "policy/millis.h"
#include "worker/topology_stray.h"

#define PRUNE_SETTLE (180 * MILLIS_PER_SECOND)

enum prune_state {
	PRUNE_BOUND,
	PRUNE_DRAINING,
	PRUNE_READY,
	PRUNE_REMOVED, /* by us or by others */
	PRUNE_KEPT,
};

struct prune_lane {
	struct stray_lane lane; /* as seen last */
	enum prune_state state;
	millis unbound;     /* when; DRAINING and later */
	millis empty_since; /* the first look of those that showed it empty, once
	                       its delay was over; -1: none yet */
};

/* It has been unbound: DRAINING. */
void prune_unbound(struct prune_lane *lane, millis now);

/* A look at the broker; `seen` NULL: the queue is not there any more. Nothing
   for one that is not DRAINING. */
void prune_look(struct prune_lane *lane, const struct stray_lane *seen,
		millis settle, millis now);

/* How long it is DRAINING at least, from now on; 0 for any other state. */
millis prune_left(const struct prune_lane *lane, millis settle, millis now);

const char *prune_state_name(enum prune_state state);

#endif

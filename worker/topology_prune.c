/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/topology_prune.h"

#include <assert.h>

void prune_unbound(struct prune_lane *lane, millis now)
{
	assert(lane->state == PRUNE_BOUND);
	lane->state = PRUNE_DRAINING;
	lane->unbound = now;
	lane->empty_since = -1;
}

void prune_look(struct prune_lane *lane, const struct stray_lane *seen,
		millis settle, millis now)
{
	if (lane->state != PRUNE_DRAINING)
		return;
	if (seen == NULL) {
		lane->state = PRUNE_REMOVED;
		return;
	}
	lane->lane = *seen;
	if (seen->is_bound) {
		lane->state = PRUNE_KEPT;
		return;
	}
	if (now - lane->unbound < seen->delay)
		return;
	if (seen->messages != 0 || seen->consumers != 0)
		lane->empty_since = -1;
	else if (lane->empty_since < 0)
		lane->empty_since = now;
	else if (now - lane->empty_since >= settle)
		lane->state = PRUNE_READY;
}

millis prune_left(const struct prune_lane *lane, millis settle, millis now)
{
	millis drained = lane->unbound + lane->lane.delay;
	millis from = lane->empty_since;

	if (lane->state != PRUNE_DRAINING)
		return 0;
	if (from < 0)
		from = drained > now ? drained : now;
	return from + settle > now ? from + settle - now : 0;
}

const char *prune_state_name(enum prune_state state)
{
	switch (state) {
	case PRUNE_BOUND:
		return "unused";
	case PRUNE_DRAINING:
	case PRUNE_READY:
		return "draining";
	case PRUNE_REMOVED:
		return "removed";
	case PRUNE_KEPT:
		return "kept";
	}
	return "?";
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lanes.h - which delay queues (lanes) a policy needs, and which one is next.
 *
 * A schedule's waits are known beforehand, so each has a lane of its own and
 * takes one trip. What a server asks for (Retry-After) is not, and goes
 * through a ladder of lanes that double: 1 s, 2 s, 4 s, ... up to the longest
 * that is not longer than the ceiling.
 *
 *   asked 47 s: rounded up to 48 s, then 32 s + 16 s
 *
 * The request is first rounded up to a multiple of the largest rung that is
 * at most an eighth of it (or of 1 s, if that is more), so that what is left
 * after each trip is again a sum of rungs. It is then never early, late by
 * less than an eighth or 1 s, and takes at most four trips.
 */
#ifndef POLICY_LANES_H
#define POLICY_LANES_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/millis.h"
#include "policy/policy.h"

#define LANES_MAX        4096              /* that a caller may ask for */
#define LADDER_FIRST     MILLIS_PER_SECOND /* the shortest rung */
#define LADDER_RUNGS_MAX 24

/*
 * All waits that the schedules can give before they give up for one downstream,
 * by any rule and type of the policy, the built-in rules and what an
 * understanding names: ascending, without repeats,
 * into delays[0 .. room-1] (room <= LANES_MAX). Returns how many were written,
 * or room + 1 if there are more; what was written is then unspecified.
 */
size_t lanes_of_policy(const struct policy *policy,
		       const struct downstream_rules *downstream,
		       millis *delays, size_t room);

/* The longest Retry-After that is honoured in any case of the policy at that
   downstream, and waited for in full: 0 if none is. */
millis lanes_longest_asked(const struct policy *policy,
			   const struct downstream_rules *downstream);

/*
 * The rungs of a ladder up to `ceiling` (>= 1 s), ascending, into rungs.
 * Returns how many: 1 .. LADDER_RUNGS_MAX.
 */
size_t ladder_rungs(millis ceiling, millis rungs[LADDER_RUNGS_MAX]);

/* What a request of `wait` (>= 1) is rounded up to; see above. */
millis ladder_round(millis wait);

/*
 * The next trip for what is left to wait (>= 1 ms): the longest of `rungs`
 * (ascending, count >= 1) that is not longer, or the shortest of all.
 * *rest gets what is left after it, >= 0.
 */
millis ladder_next(const millis *rungs, size_t count, millis left,
		   millis *rest);

/*
 * The lane for a message that is held for `wait` (>= 0) more: the shortest that is not
 * shorter, or else the longest. `lanes` ascend; at least one.
 */
millis lane_for_hold(const millis *lanes, size_t count, millis wait);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather.h - how long acks may wait for others to go with them.
 *
 * Each time that acks are handed to another thread it wakes, and sends frames:
 * for one as for many. So they wait, but
 *
 *   no longer than GATHER_WAIT, by the clock of the loop;
 *   not at all when no other can be on its way;
 *   not once they are a quarter of the prefetch: the broker sends no more than
 *   that before it has them.
 */
#ifndef WORKER_GATHER_H
#define WORKER_GATHER_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/millis.h"

#define GATHER_WAIT 1

struct gather {
	uint32_t count; /* that wait */
	millis since;   /* when the first of them came */
};

/* So many are enough. */
uint32_t gather_enough(uint32_t prefetch);

/* One more has come. */
void gather_add(struct gather *gather, millis now);

/*
 * True if they are to go now: then none waits any more. False if there are
 * none, or they may wait; until then ask again after GATHER_WAIT. `is_idle`:
 * no other is on its way.
 */
bool gather_take(struct gather *gather, uint32_t prefetch, bool is_idle,
		 millis now);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/share.h"

#include <assert.h>

uint32_t share_of(uint32_t total, uint32_t workers, uint32_t rank)
{
	uint32_t share;

	if (workers <= 1)
		return total;
	share = total / workers + (rank < total % workers);
	return share < 1 ? 1 : share;
}

static uint32_t highest(const struct turn *turn, uint32_t waiting,
			uint32_t patience)
{
	for (uint32_t p = PRIORITY_COUNT; p-- > 0;)
		if ((waiting >> p & 1) != 0 && turn->passed[p] >= patience)
			return p;
	return PRIORITY_COUNT;
}

uint32_t turn_next(struct turn *turn, uint32_t waiting)
{
	uint32_t next = highest(turn, waiting, PRIORITY_PATIENCE - 1);

	if (next == PRIORITY_COUNT)
		next = highest(turn, waiting, 0);
	assert(next < PRIORITY_COUNT);
	for (uint32_t p = 0; p < PRIORITY_COUNT; p++) {
		if ((waiting >> p & 1) == 0 || p == next)
			turn->passed[p] = 0;
		else
			turn->passed[p]++;
	}
	return next;
}

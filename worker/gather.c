/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/gather.h"

uint32_t gather_enough(uint32_t prefetch)
{
	return (prefetch + 3) / 4;
}

void gather_add(struct gather *gather, millis now)
{
	if (gather->count++ == 0)
		gather->since = now;
}

bool gather_take(struct gather *gather, uint32_t prefetch, bool is_idle,
		 millis now)
{
	bool is_due = is_idle || gather->count >= gather_enough(prefetch) ||
		      now - gather->since >= GATHER_WAIT;

	if (gather->count == 0 || !is_due)
		return false;
	gather->count = 0;
	return true;
}

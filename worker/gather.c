/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/gather.h"

void gather_add(struct gather *gather, millis now)
{
	if (gather->count++ == 0)
		gather->since = now;
}

bool gather_take(struct gather *gather, uint32_t prefetch, bool is_idle,
		 millis now)
{
	bool is_due = is_idle || gather->count >= (prefetch + 3) / 4 ||
		      now - gather->since >= GATHER_WAIT;

	if (gather->count == 0 || !is_due)
		return false;
	gather->count = 0;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/explain_axis.h"

#include <math.h>

#define S MILLIS_PER_SECOND
#define M MILLIS_PER_MINUTE
#define H MILLIS_PER_HOUR
#define D MILLIS_PER_DAY

/* Times that people think in. */
static const millis round_times[] = {
	1,      2,      5,       10,      20,     50,     100,    200,
	500,    S,      2 * S,   5 * S,   10 * S, 20 * S, 30 * S, M,
	2 * M,  5 * M,  10 * M,  20 * M,  30 * M, H,      2 * H,  4 * H,
	8 * H,  12 * H, D,       2 * D,   4 * D,  7 * D,  14 * D, 30 * D,
	60 * D, 90 * D, 180 * D, 365 * D,
};

struct explain_axis explain_axis(millis end, millis first_wait)
{
	return (struct explain_axis){
		.end = end < 1 ? 1 : end,
		.unit = first_wait < 1 ? S : first_wait,
	};
}

double explain_axis_at(const struct explain_axis *axis, millis time)
{
	double unit = (double)axis->unit;

	if (time >= axis->end)
		return 1;
	return log1p((double)time / unit) / log1p((double)axis->end / unit);
}

size_t explain_axis_ticks(const struct explain_axis *axis, double gap,
			  millis ticks[EXPLAIN_TICKS_MAX])
{
	size_t count = 1;
	double last = 0;

	ticks[0] = 0;
	for (size_t i = 0; i < sizeof(round_times) / sizeof(round_times[0]);
	     i++) {
		double at = explain_axis_at(axis, round_times[i]);

		if (round_times[i] > axis->end || count == EXPLAIN_TICKS_MAX)
			break;
		if (at - last < gap)
			continue;
		ticks[count++] = round_times[i];
		last = at;
	}
	return count;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forecast.h - the future of a message whose calls keep ending the same way.
 *
 *   call --policy_decide--> wait --> call --> ... --> parked, or done
 *
 * Each call asks policy_decide itself and counts with policy_count, as a worker
 * does, so that a forecast cannot say anything else than what happens. Time is
 * pretended: a call takes the duration of the outcome, and a wait what the
 * verdict says. What the broker adds, milliseconds, is left out.
 *
 * Jitter: `dice` is the same for every call. FORECAST_LONGEST draws the whole
 * wait each time, FORECAST_SHORTEST the shortest, FORECAST_MEAN the one in the
 * middle, which is the mean of the three.
 */
#ifndef POLICY_FORECAST_H
#define POLICY_FORECAST_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/policy.h"

#define FORECAST_LONGEST  UINT32_C(0)
#define FORECAST_MEAN     (UINT32_C(1) << 31)
#define FORECAST_SHORTEST UINT32_MAX

/* Where a message stands between two calls. A plain value, and may be copied:
   a copy goes its own way. */
struct forecast {
	const struct policy *policy;               /* borrowed */
	const struct downstream_rules *downstream; /* borrowed */
	const struct outcome *outcome;             /* of each call; borrowed */
	struct message_facts facts;                /* when the next begins */
	struct step step;                          /* its counts so far */
	millis at;                                 /* since the first began */
	bool has_ended;                            /* no call follows */
};

/* One call of it. */
struct forecast_call {
	uint32_t attempt; /* which of the message's calls, from 1 */
	millis at;        /* when it began, since the first of the walk; >= 0 */
	millis ended;     /* and ended: `at` and the outcome's duration */
	struct verdict verdict;
};

/* Before the next call, which finds `facts` and `step` as they are; both are
   copied. Quick retries are made if facts.may_quick says so. */
void forecast_init(struct forecast *forecast, const struct policy *policy,
		   const struct downstream_rules *downstream,
		   const struct outcome *outcome,
		   const struct message_facts *facts, const struct step *step);

/*
 * The next call. False, and *call alone, after the one that ended it: every
 * forecast ends, since calls are counted and max_attempts has a bound.
 */
bool forecast_next(struct forecast *forecast, uint32_t dice,
		   struct forecast_call *call);

/* All of it at once: how many calls there are, and the last of them. */
uint32_t forecast_run(struct forecast *forecast, uint32_t dice,
		      struct forecast_call *last);

#endif

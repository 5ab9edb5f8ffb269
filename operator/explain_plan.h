/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_plan.h - what follows the call of a case: quick retries, the wait and
 * its queue by each jitter, and the end if every call ends so.
 */
#ifndef OPERATOR_EXPLAIN_PLAN_H
#define OPERATOR_EXPLAIN_PLAN_H

#include "operator/explain_case.h"

/* What may follow. The three throws of the jitter are equally likely. */
struct explain_way {
	struct verdict verdict;
	uint32_t attempt;  /* of the call that it follows */
	unsigned thirds;   /* of the chance: 1 .. 3 */
	const char *queue; /* where it waits, or is parked; NULL: done */
	const char *trips; /* retry by the server: "32s + 16s"; or NULL */
};

/* The end of a message whose calls all end so. */
struct explain_end {
	uint32_t calls; /* from this one on, with it */
	struct forecast_call last;
};

struct explain_plan {
	millis quick[QUICK_TRIES_MAX]; /* waits of quick retries that come
					  first; quick_count */
	size_t quick_count;
	struct explain_way ways[SCHEDULE_JITTER_STEPS]; /* longest first */
	size_t way_count;                               /* >= 1 */
	struct explain_end longest; /* by each throw, all along */
	struct explain_end mean;
	struct explain_end shortest;
};

/* Texts are in the arena of the case, or the configuration's. */
void explain_plan_make(const struct explain_case *c, struct explain_plan *plan);

/* The queue that a message waits in after such a verdict. In the arena. */
const char *explain_queue(const struct explain_case *c,
			  const struct verdict *verdict);

#endif

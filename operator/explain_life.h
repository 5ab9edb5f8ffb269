/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_life.h - whole lives of messages, call by call, to be shown.
 */
#ifndef OPERATOR_EXPLAIN_LIFE_H
#define OPERATOR_EXPLAIN_LIFE_H

#include "operator/explain_case.h"

/* By one throw of the jitter all along. */
struct explain_walk {
	struct forecast_call *calls; /* call_count of them, >= 1 */
	size_t call_count;
};

/* Of one message type. */
struct explain_life {
	const char *label; /* for people */
	bool is_asked;     /* it is the type that was asked about */
	struct explain_walk longest;
	struct explain_walk mean;
	struct explain_walk shortest;
};

struct explain_lives {
	struct explain_life *list; /* >= 1; the last may be "other types" */
	size_t count;
	millis end;        /* of the longest of all, since the first call */
	millis first_wait; /* the shortest before a second call; 0: no call
			      is followed by one */
};

/* Of the type that was asked about. In the arena of the case. */
struct explain_life explain_life(const struct explain_case *c);

/* Of all entries of `types`, and of what none of them names; an entry that
   others leave nothing for is left out. In the arena of the case. */
struct explain_lives explain_lives(const struct explain_case *c);

/* Why a walk ends: the verdict of its last call. */
const struct verdict *explain_walk_end(const struct explain_walk *walk);

#endif

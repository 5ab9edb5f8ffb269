/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.h - what a downstream gets when many messages fail together.
 *
 * All messages are called at the same moment, and every call ends the same way.
 * Jitter spreads them: of each group a third goes each of the three waits. So
 * many groups come of it that close ones are merged, at their mean time:
 *
 *   10000 at 0s --> 3333 at 1s, 3333 at 1.5s, 3333 at 2s --> ...
 *
 * What is counted is retries in each minute, expected values, without the
 * calls that failed first.
 */
#ifndef POLICY_LOAD_H
#define POLICY_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "policy/forecast.h"

#define LOAD_GROUPS_MAX   243  /* 3^5: five waits of three are exact */
#define LOAD_ATTEMPTS_MAX 2000 /* calls of a message that are looked at */

struct load_group {
	struct forecast forecast; /* of each of its messages */
	double messages;
};

/* The memory of it, the caller's; nothing in it is to be set before. */
struct load_room {
	struct load_group now[LOAD_GROUPS_MAX];
	struct load_group next[LOAD_GROUPS_MAX * SCHEDULE_JITTER_STEPS];
};

struct load {
	double retries;      /* in all, of what was looked at */
	double later;        /* of these, beyond the minutes that there is room
	                       for */
	size_t minute_count; /* up to the last with a retry */
	size_t busiest;      /* the minute with most; the first of equals */
	millis last;         /* when the last retry is made */
	bool is_cut;         /* messages go on beyond LOAD_ATTEMPTS_MAX */
};

/*
 * `first` is one message before its call that fails; `messages` (> 0) are like
 * it. minutes[0 .. room-1] gets the retries of each minute since then.
 */
struct load load_forecast(const struct forecast *first, double messages,
			  struct load_room *memory, double *minutes,
			  size_t room);

#endif

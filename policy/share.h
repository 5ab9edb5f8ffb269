/* SPDX-License-Identifier: Apache-2.0 */
/*
 * share.h - who gets how much of a downstream: workers of a pool, and pipelines of
 * a worker.
 */
#ifndef POLICY_SHARE_H
#define POLICY_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#define PRIORITY_COUNT   10 /* 0 .. 9, the highest first */
#define PRIORITY_DEFAULT 4
/* A place in so many goes to one that was passed over all the time. */
#define PRIORITY_PATIENCE 10

/*
 * The share of the worker that is `rank`-th (from 0) of `workers` in `total` (>=
 * 1) places: what is left over goes to the first. Never less than one, so that
 * more workers than places have more places between them. No workers count as
 * one.
 */
uint32_t share_of(uint32_t total, uint32_t workers, uint32_t rank);

/* Whose turn it is at one downstream. All 0 at first. */
struct turn {
	uint32_t passed[PRIORITY_COUNT]; /* so often in a row, while waiting */
};

/*
 * The priority that gets the next place, of those that wait: a bit each, bit 0 for
 * priority 0; at least one. The highest gets it; but one that was passed over
 * PRIORITY_PATIENCE - 1 times in a row does not wait longer.
 */
uint32_t turn_next(struct turn *turn, uint32_t waiting);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bucket.h - how often calls may begin: a token bucket.
 *
 * A call takes a token. Tokens come at the rate, and at most `burst` are kept, so
 * that this many calls may begin at once after a pause. Several workers that share
 * a rate get tokens that much more slowly, to the last fraction, and keep their
 * share of the burst, but room for one token in any case.
 *
 * Whole numbers alone, so that nothing is lost or gained over time.
 */
#ifndef POLICY_BUCKET_H
#define POLICY_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/millis.h"
#include "policy/text.h"

#define RATE_COUNT_MAX     1000000
#define BUCKET_BURST_MAX   1000000
#define BUCKET_WORKERS_MAX 10000

/* `count` in each `per`: 200/s, 30/m. */
struct rate {
	uint32_t count; /* 1 .. RATE_COUNT_MAX; 0: no limit */
	millis per;     /* a second, a minute or an hour */
};

struct bucket {
	struct rate rate;
	uint32_t burst;   /* tokens at most; 1 .. BUCKET_BURST_MAX */
	uint32_t workers; /* that share it; 1 .. BUCKET_WORKERS_MAX */
	int64_t level;    /* in parts of which a token has per * workers */
	millis at;        /* when that was so */
};

/* Reads "200/s", "30/m" or "1000/h". False, and *rate alone, if it is none. */
bool rate_parse(struct text written, struct rate *rate);

/* Full at `now`. `burst` 0: what comes in a second, and at least one. */
void bucket_init(struct bucket *bucket, const struct rate *rate, uint32_t burst,
		 millis now);

/* So many share it from `now` on; clamped to the range. */
void bucket_share(struct bucket *bucket, uint32_t workers, millis now);

/* Takes a token. False if there is none. */
bool bucket_take(struct bucket *bucket, millis now);

/* Gives the last one back: no call was made. */
void bucket_give_back(struct bucket *bucket);

/* How long until there is one, >= 0, rounded up. */
millis bucket_wait(const struct bucket *bucket, millis now);

#endif

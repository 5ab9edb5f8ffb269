/* SPDX-License-Identifier: Apache-2.0 */
/*
 * millis.h - the one unit of time.
 *
 * Every duration and every instant in this program is a `millis`: a signed
 * count of milliseconds. An instant is on the monotonic clock unless its name
 * says `wall`; a wall instant counts from 1970-01-01T00:00:00Z. Signed, so
 * that `due - now` keeps its meaning once it is past.
 */
#ifndef POLICY_MILLIS_H
#define POLICY_MILLIS_H

#include <stdint.h>

typedef int64_t millis;

#define MILLIS_PER_SECOND ((millis)1000)
#define MILLIS_PER_MINUTE (60 * MILLIS_PER_SECOND)
#define MILLIS_PER_HOUR   (60 * MILLIS_PER_MINUTE)
#define MILLIS_PER_DAY    (24 * MILLIS_PER_HOUR)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - the one reader of clocks, and the one thrower of dice.
 */
#ifndef WORKER_CLOCK_H
#define WORKER_CLOCK_H

#include <stdint.h>

#include "policy/millis.h"

millis clock_monotonic(void);
millis clock_wall(void); /* since 1970-01-01T00:00:00Z */

/* Uniform over uint32_t, from the system's generator. Any thread. */
uint32_t dice_throw(void);

/* "2026-11-24T09:41:32.123Z" into buffer (>= 32 bytes); returns it. */
char *clock_spell(millis wall, char buffer[32]);

#endif

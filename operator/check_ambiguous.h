/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_ambiguous.h - what ambiguous answers come to, for rebound check.
 *
 * A request that was sent and got no whole answer may have been carried out.
 * Where the downstream is not idempotent, another try may do it twice.
 */
#ifndef OPERATOR_CHECK_AMBIGUOUS_H
#define OPERATOR_CHECK_AMBIGUOUS_H

#include "worker/config.h"
#include "worker/json.h"

/* Prints a line for each policy that delivers to a downstream which is not
   idempotent; nothing for one that is. */
void check_say_ambiguous(const struct config *config,
			 const struct downstream_config *downstream);

/* Puts "idempotent", and for one that is not "ambiguous": a list of
   {"policy", "comes_to": "retry", "park" or "both"}. */
void check_put_ambiguous(struct json *json, const struct config *config,
			 const struct downstream_config *downstream);

#endif

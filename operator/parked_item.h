/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parked_item.h - what is known of a parked message, whoever parked it.
 *
 * A worker says why in rebound-parked-*. The broker parks too (delivery limit,
 * expired, no route) and says so in x-death, newest first, which no copy of a
 * worker has; a message that has neither was unroutable.
 */
#ifndef OPERATOR_PARKED_ITEM_H
#define OPERATOR_PARKED_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "policy/text.h"
#include "worker/config.h"
#include "worker/message.h"

#define PARKED_UNKNOWN (-1) /* of an instant or a number */

struct parked_item {
	struct message *message; /* borrowed; all that is here lives in it */
	struct text id;          /* never empty: "sha256:..." where none is */
	struct text type;
	struct text reason;     /* never empty */
	struct text as;         /* park_as of the policy; or empty */
	struct text class;      /* or empty, as those that follow */
	struct text error;      /* error type of the last call */
	struct text downstream; /* the step that ended it */
	int64_t attempts;       /* of all steps; 0: never called */
	millis first_seen_wall; /* or PARKED_UNKNOWN */
	millis parked_wall;     /* or PARKED_UNKNOWN */
	size_t size;            /* bytes of the body */
	bool is_by_broker;
	const struct table *steps;   /* rebound-steps, or NULL */
	const struct table *journal; /* rebound-journal, or NULL */
};

/* Reads a message of the pipeline's parking queue. */
void parked_item_read(struct parked_item *item,
		      const struct pipeline_config *pipeline,
		      struct message *message);

/* The instant as clock_spell has it; "-" for PARKED_UNKNOWN. */
const char *parked_instant(millis wall, char buffer[32]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prune.h - `rebound topology prune`: what former settings have left on the
 * broker is removed, once nothing is in it.
 */
#ifndef OPERATOR_PRUNE_H
#define OPERATOR_PRUNE_H

#include <stdbool.h>

#include "worker/config.h"
#include "worker/topology.h"

struct prune_order {
	const struct config *config;
	const struct topology *topology; /* what is to stay */
	bool is_dry;                     /* only says what it would do */
	bool is_sure;                    /* asks nobody */
	bool json;
	millis settle; /* how long a queue must be seen empty; >= 0 */
	millis wait; /* how long it may take in all; -1: as long as it takes */
};

/*
 * Bindings of former keys are removed at once; delay queues that no setting
 * uses are unbound, watched (topology_prune.h) and deleted. Returns an exit
 * code: EX_TEMPFAIL where something is left.
 */
int prune(const struct prune_order *order);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology_compare.h - a plan against what the management API shows.
 */
#ifndef WORKER_TOPOLOGY_COMPARE_H
#define WORKER_TOPOLOGY_COMPARE_H

#include "worker/json.h"
#include "worker/topology.h"

/* The answers to GET /api/exchanges/VHOST, /api/queues/VHOST and
   /api/bindings/VHOST: arrays of objects. */
struct topology_seen {
	struct json *exchanges;
	struct json *queues;
	struct json *bindings;
};

/*
 * Adds a finding for each object of the plan, and for each that should not be
 * there: bindings to and from what is ours that no setting makes, and delay
 * queues that no setting makes any longer. Broker policies that make an object
 * lose messages are differences too.
 */
void topology_compare(const struct topology *topology,
		      const struct topology_seen *seen, struct arena *arena,
		      struct findings *findings);

#endif

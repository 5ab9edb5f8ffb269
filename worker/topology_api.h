/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology_api.h - what the management API shows of a vhost and its nodes.
 */
#ifndef WORKER_TOPOLOGY_API_H
#define WORKER_TOPOLOGY_API_H

#include "worker/topology_compare.h"

/*
 * Asks for exchanges, queues and bindings, as admin, or else operator, or else
 * the workers' user; broker.management is set. On BROKER_OK *seen is to be
 * freed. Counts of messages are some seconds late.
 */
enum broker_status topology_see(const struct config *config,
				struct arena *arena, struct topology_seen *seen,
				struct broker_problem *problem);

/*
 * Asks for the nodes of the cluster, an array of objects: alarms and limits.
 * Needs the tag monitoring. On BROKER_OK *nodes is to be freed.
 */
enum broker_status topology_see_nodes(const struct config *config,
				      struct arena *arena, struct json **nodes,
				      struct broker_problem *problem);

void topology_seen_free(struct topology_seen *seen);

#endif

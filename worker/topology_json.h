/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology_json.h - a plan as the broker's own definitions file.
 */
#ifndef WORKER_TOPOLOGY_JSON_H
#define WORKER_TOPOLOGY_JSON_H

#include "worker/json.h"
#include "worker/topology.h"
#include "worker/topology_permissions.h"

/*
 * What `rabbitmqctl import_definitions` takes (RabbitMQ, "Schema Definition
 * Export and Import"): exchanges, queues and bindings of ours, and with
 * `permissions`, if not NULL, those of users that the configuration names;
 * they must exist. Owned by the caller.
 */
struct json *
topology_definitions(const struct topology *topology, const char *vhost,
		     const struct topology_permissions *permissions);

/* An argument as JSON writes it. Owned by the caller. */
struct json *topology_argument(const struct field *field);

#endif

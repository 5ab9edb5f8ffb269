/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology_permissions.h - what each user needs on the broker, and no more.
 *
 * Permissions are three regular expressions a user and vhost (RabbitMQ,
 * "Access Control"). Binding takes write on the destination and read on the
 * source; declaring takes configure, and where it names a dead-letter or
 * alternate exchange also read on what is declared and write on that exchange.
 */
#ifndef WORKER_TOPOLOGY_PERMISSIONS_H
#define WORKER_TOPOLOGY_PERMISSIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "worker/arena.h"
#include "worker/config.h"

enum topology_role {
	ROLE_DECLARER,  /* rebound topology apply */
	ROLE_WORKER,    /* rebound run */
	ROLE_OPERATOR,  /* reads and replays parked messages, releases lanes,
	                   writes and reads the audit trail */
	ROLE_AUDITOR,   /* reads parked messages and the audit trail */
	ROLE_PUBLISHER, /* publishes to the pipelines */
};

#define ROLE_COUNT 5

struct topology_permission {
	const char *user;   /* of the configuration, or a name for a new one */
	bool is_configured; /* the former */
	const char *roles;  /* "worker", "declarer, worker" */
	const char *configure;
	const char *write;
	const char *read;
};

struct topology_permissions {
	struct topology_permission list[ROLE_COUNT];
	size_t count;
};

/*
 * One entry a user: with `declare` on and no broker.admin, the worker is the
 * declarer too, and roles with the same login are one. Login guest counts as
 * none: it belongs to the broker. For all pipelines, or the one named: set_permissions replaces what a user had before. Lives in
 * the arena.
 */
struct topology_permissions
topology_permissions(const struct config *config,
		     const struct pipeline_config *only, struct arena *arena);

const char *topology_role_name(enum topology_role role);

#endif

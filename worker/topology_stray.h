/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology_stray.h - what is on the broker, concerns us and is in no plan:
 * bindings that messages take astray, delay queues of former settings.
 */
#ifndef WORKER_TOPOLOGY_STRAY_H
#define WORKER_TOPOLOGY_STRAY_H

#include "worker/topology_compare.h"

/* A binding to or from what is ours. Borrowed from what was seen. */
struct stray_binding {
	const char *source;
	const char *destination;
	const char *key;
	/* It brings messages of an exchange to a source exchange, as those of
	   `keys` do: settings have made it once. */
	bool is_of_keys;
};

/* A delay queue that no setting uses. Borrowed from what was seen and from the
   plan. */
struct stray_lane {
	const char *name;
	const char *exchange; /* the delay exchange that it is of */
	const char *lane;     /* "v1.ehr.5s" */
	millis delay;         /* its time to live; 0: it has none */
	int64_t messages;     /* -1: not known yet */
	int64_t consumers;
	bool is_bound; /* to any exchange but the default one */
};

struct topology_strays {
	struct stray_binding *bindings;
	size_t binding_count;
	struct stray_lane *lanes;
	size_t lane_count;
};

/* Lists are in the arena. */
struct topology_strays topology_strays(const struct topology *topology,
				       const struct topology_seen *seen,
				       struct arena *arena);

#endif

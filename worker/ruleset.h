/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ruleset.h - one reading of the policies, for as long as anybody goes by it.
 *
 * Policies change under a running worker, and what is in flight ends under the
 * policy it began with. So each reading is a set that counts its users: the
 * pipelines that go by it, and the deliveries that were taken while they did.
 * The last one to leave frees it.
 *
 *   set 1 <-- pipeline a   <-- deliveries of a that came before
 *   set 2 <-- pipeline b   <-- deliveries of b
 *
 * A reading that does not know a running pipeline leaves it with the set that
 * it has. All calls are the core thread's.
 */
#ifndef WORKER_RULESET_H
#define WORKER_RULESET_H

#include <stddef.h>

#include "worker/config.h"

struct ruleset {
	const struct config *config; /* as it was read */
	char version[POLICY_VERSION_MAX];
	size_t users;         /* >= 1 */
	struct config *owned; /* NULL: the configuration is borrowed */
};

/* What one pipeline goes by, or one delivery of it. */
struct ruling {
	struct ruleset *set;
	const struct pipeline_config *pipeline; /* in its configuration */
};

/* A set with one user. The configuration is borrowed, or owned by the set. */
struct ruleset *ruleset_new(const struct config *config);
struct ruleset *ruleset_own(struct config *config);

/* One user more; the same set. */
struct ruleset *ruleset_keep(struct ruleset *set);
/* One less; the last frees it. Takes NULL. */
void ruleset_drop(struct ruleset *set);

/*
 * The pipeline of the set that a running one can go by: it has its name, and
 * delivers to a downstream of the same name. NULL if there is none.
 */
const struct pipeline_config *
ruleset_pipeline(const struct ruleset *set,
		 const struct pipeline_config *running);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rulings.h - what all pipelines of a worker go by, and the delay queues that
 * this takes.
 */
#ifndef WORKER_RULINGS_H
#define WORKER_RULINGS_H

#include <stdbool.h>

#include "worker/arena.h"
#include "worker/ruleset.h"

/* One ruling for each pipeline of the running configuration, in its order;
   each is a user of its set. */
struct rulings {
	const struct config *running; /* borrowed */
	struct ruling *list;
};

/* All go by the set, which is of the running configuration. */
struct rulings rulings_begin(const struct config *running, struct ruleset *set);

/* Each goes by the set where it can (ruleset_pipeline), and else by what it has
   gone by. */
struct rulings rulings_renew(const struct rulings *old, struct ruleset *set);

/* No users of their sets any longer. Takes what is empty, and leaves that. */
void rulings_free(struct rulings *rulings);

/*
 * The running configuration, with the delay queues that the rulings take, in
 * the arena; the rest of it is borrowed from the running one. It is for
 * topology_plan, and good without the rulings.
 */
const struct config *rulings_needs(const struct rulings *rulings,
				   struct arena *arena);

/* How many delay queues these take that the old ones do not; `only`, of the
   running configuration: of that pipeline alone, or NULL. */
size_t rulings_new_lanes(const struct rulings *rulings,
			 const struct rulings *old,
			 const struct pipeline_config *only);

#endif

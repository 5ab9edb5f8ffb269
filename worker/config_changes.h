/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_changes.h - what one configuration says other than another.
 *
 * Their effective forms are compared, so that neither order nor comments nor a
 * default that is spelt out make a difference. Secrets are compared by
 * themselves, since they are masked there.
 */
#ifndef WORKER_CONFIG_CHANGES_H
#define WORKER_CONFIG_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "worker/arena.h"
#include "worker/config.h"

enum change_kind {
	CHANGE_CHANGED,
	CHANGE_ADDED,
	CHANGE_REMOVED,
};

struct config_change {
	/* "policies.careful", "pipelines.lab.prefetch", "broker.heartbeat",
	   "log_format": the least group or setting that the difference is in. */
	const char *path;
	enum change_kind kind;
	/* A running worker can take it: it is of policies, or of what they know
	   of downstreams. What is not waits for a restart. */
	bool is_live;
};

struct config_changes {
	const struct config_change *list;
	size_t count;
};

/* Lives in the arena. A pipeline that is to deliver elsewhere changes as a
   whole at a restart, its policy too. */
struct config_changes config_changes(const struct config *from,
				     const struct config *to,
				     struct arena *arena);

/*
 * "policies.careful, pipelines.rad (new) and downstreams.ehr.url (gone)", of
 * those that are live or those that are not; "" if there are none.
 */
const char *config_changes_words(const struct config_changes *changes,
				 bool is_live, struct arena *arena);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/ruleset.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "worker/mem.h"

struct ruleset *ruleset_new(const struct config *config)
{
	struct ruleset *set = mem_new(sizeof(*set));

	set->config = config;
	set->users = 1;
	(void)config_policy_version(config, set->version);
	return set;
}

struct ruleset *ruleset_own(struct config *config)
{
	struct ruleset *set = ruleset_new(config);

	set->owned = config;
	return set;
}

struct ruleset *ruleset_keep(struct ruleset *set)
{
	assert(set->users > 0);
	set->users++;
	return set;
}

void ruleset_drop(struct ruleset *set)
{
	if (set == NULL)
		return;
	assert(set->users > 0);
	if (--set->users > 0)
		return;
	config_free(set->owned);
	free(set);
}

const struct pipeline_config *
ruleset_pipeline(const struct ruleset *set,
		 const struct pipeline_config *running)
{
	const struct pipeline_config *found =
		config_pipeline(set->config, running->name);

	if (found == NULL || strcmp(found->deliver_to[0]->name,
				    running->deliver_to[0]->name) != 0)
		return NULL;
	return found;
}

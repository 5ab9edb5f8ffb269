/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/ruleset.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/digest.h"
#include "worker/mem.h"

#define VERSION_LEN 12

/* The beginning of a hash of what the configuration says. */
static void name_version(struct ruleset *set)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	char hex[SHA256_HEX_MAX];

	if (to == NULL)
		mem_exhausted();
	config_print(set->config, to);
	if (ferror(to) | fclose(to))
		mem_exhausted();
	digest_sha256((struct text){.at = text, .len = len}, hex);
	memcpy(set->version, hex, VERSION_LEN);
	free(text);
}

struct ruleset *ruleset_new(const struct config *config)
{
	struct ruleset *set = mem_new(sizeof(*set));

	set->config = config;
	set->users = 1;
	name_version(set);
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

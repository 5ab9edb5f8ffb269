/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_version.c - the name of what a configuration decides by.
 */
#include <stdlib.h>
#include <string.h>

#include "worker/config_draft.h"
#include "worker/digest.h"
#include "worker/mem.h"

/* Which members of an array there are, to be put in the order of their names. */
struct named {
	const char *name;
	const void *what;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name,
		      ((const struct named *)b)->name);
}

static void print_policies(const struct config *config, struct named *list,
			   FILE *to)
{
	for (size_t i = 0; i < config->policy_count; i++)
		list[i] = (struct named){.name = config->policies[i].name,
					 .what = &config->policies[i]};
	qsort(list, config->policy_count, sizeof(*list), by_name);
	for (size_t i = 0; i < config->policy_count; i++)
		config_print_policy(config, list[i].what, to);
}

static void print_downstreams(const struct config *config, struct named *list,
			      FILE *to)
{
	for (size_t i = 0; i < config->downstream_count; i++)
		list[i] = (struct named){.name = config->downstreams[i].name,
					 .what = &config->downstreams[i]};
	qsort(list, config->downstream_count, sizeof(*list), by_name);
	for (size_t i = 0; i < config->downstream_count; i++) {
		fprintf(to, "downstream %s\n", list[i].name);
		config_print_rules(config, list[i].what, to);
	}
}

static void print_pipelines(const struct config *config, struct named *list,
			    FILE *to)
{
	for (size_t i = 0; i < config->pipeline_count; i++)
		list[i] = (struct named){.name = config->pipelines[i].name,
					 .what = config->pipelines[i].policy};
	qsort(list, config->pipeline_count, sizeof(*list), by_name);
	for (size_t i = 0; i < config->pipeline_count; i++) {
		const struct policy *policy = list[i].what;

		fprintf(to, "pipeline %s %s\n", list[i].name, policy->name);
	}
}

char *config_policy_version(const struct config *config,
			    char buffer[POLICY_VERSION_MAX])
{
	size_t most = config->policy_count + config->downstream_count +
		      config->pipeline_count;
	struct named *list = mem_array(most + 1, sizeof(*list));
	char hex[SHA256_HEX_MAX];
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	if (to == NULL)
		mem_exhausted();
	print_policies(config, list, to);
	print_downstreams(config, list, to);
	print_pipelines(config, list, to);
	if (ferror(to) | fclose(to) || text == NULL)
		mem_exhausted();
	digest_sha256((struct text){.at = text, .len = len}, hex);
	memcpy(buffer, hex, POLICY_VERSION_MAX - 1);
	buffer[POLICY_VERSION_MAX - 1] = '\0';
	free(text);
	free(list);
	return buffer;
}

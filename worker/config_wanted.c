/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_wanted.c - what follows from rules: which matchers an answer is tried
 * against, which of its header fields are kept for them, and their numbers.
 */
#include <string.h>
#include <strings.h>

#include "worker/config_draft.h"
#include "worker/matcher.h"

void config_add_matcher(struct reading *r, struct config *config,
			const struct matcher *matcher)
{
	size_t count = config->matcher_count;

	/* Room is doubled whenever the count is a power of two. */
	if ((count & (count - 1)) == 0) {
		struct matcher *longer = arena_array(
			r->arena, count == 0 ? 1 : 2 * count, sizeof(*longer));

		if (count > 0)
			memcpy(longer, config->matchers,
			       count * sizeof(*longer));
		config->matchers = longer;
	}
	config->matchers[config->matcher_count++] = *matcher;
}

static void want_all(const struct condition *when, struct facts *wanted)
{
	for (size_t i = 0; i < when->matcher_count; i++)
		facts_add(wanted, when->matchers[i]);
}

/* Is the rule for one of the downstreams that the pipeline delivers to? */
static bool is_for(const struct condition *when,
		   const struct pipeline_config *pipeline)
{
	for (size_t i = 0; i < when->downstream_count; i++)
		for (size_t k = 0; k < pipeline->deliver_to_count; k++)
			if (strcmp(when->downstreams[i],
				   pipeline->deliver_to[k]->name) == 0)
				return true;
	return when->downstream_count == 0;
}

static struct facts wanted_by(const struct pipeline_config *pipeline)
{
	const struct policy *policy = pipeline->policy;
	struct facts wanted = {0};

	for (size_t i = 0; i < policy->error_count; i++)
		if (is_for(&policy->errors[i].when, pipeline))
			want_all(&policy->errors[i].when, &wanted);
	for (size_t i = 0; i < pipeline->deliver_to_count; i++) {
		const struct downstream_rules *rules =
			&pipeline->deliver_to[i]->rules;

		for (size_t k = 0; k < rules->success_count; k++)
			want_all(&rules->success[k].when, &wanted);
	}
	return wanted;
}

/* --- header fields ------------------------------------------------------------- */

static bool is_kept(const struct downstream_config *downstream,
		    const char *name)
{
	static const char *const always[] = {"Content-Type", "Date",
					     "Retry-After"};

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (strcasecmp(always[i], name) == 0)
			return true;
	for (size_t i = 0; i < downstream->wanted_count; i++)
		if (strcasecmp(downstream->wanted[i], name) == 0)
			return true;
	return false;
}

/* Adds the fields that the matchers look at to those of the downstream. */
static void keep_fields(struct reading *r, const struct config *config,
			const struct pipeline_config *pipeline,
			struct downstream_config *downstream)
{
	size_t room = downstream->wanted_count + pipeline->matcher_count;
	const char **wanted = arena_array(r->arena, room + 1, sizeof(*wanted));

	if (downstream->wanted_count > 0)
		memcpy(wanted, downstream->wanted,
		       downstream->wanted_count * sizeof(*wanted));
	downstream->wanted = wanted;
	for (size_t i = 0; i < pipeline->matcher_count; i++) {
		const struct matcher *matcher =
			&config->matchers[pipeline->matchers[i]];

		if (matcher->kind == MATCHER_HEADER &&
		    !is_kept(downstream, matcher->place))
			wanted[downstream->wanted_count++] = matcher->place;
	}
}

void config_derive_matchers(struct reading *r, const struct config *config,
			    struct pipeline_config *pipeline)
{
	const struct facts wanted = wanted_by(pipeline);
	uint16_t *numbers = arena_array(r->arena, config->matcher_count + 1,
					sizeof(*numbers));

	for (size_t i = 0; i < config->matcher_count; i++)
		if (facts_has(&wanted, i))
			numbers[pipeline->matcher_count++] = (uint16_t)i;
	pipeline->matchers = numbers;
	for (size_t i = 0; i < pipeline->deliver_to_count; i++)
		keep_fields(r, config, pipeline, pipeline->deliver_to[i]);
}

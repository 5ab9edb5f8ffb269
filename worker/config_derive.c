/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_derive.c - what follows from a configuration: names on the broker,
 * delay queues, and whether they are too many or meet each other.
 */
#include <string.h>

#include "policy/duration.h"
#include "policy/lanes.h"
#include "worker/config_draft.h"

#define BROKER_NAME_MAX 255 /* bytes: AMQP 0-9-1, shortstr */

static const struct tree *policy_group(const struct tree *top,
				       const struct policy *policy)
{
	return tree_member(tree_member(top, "policies"), policy->name);
}

/* The schedule that makes the most delay queues, and where it stands. */
struct worst {
	const struct tree *at; /* NULL: none yet */
	size_t count;
};

/* How many waits one schedule has by itself under these limits. */
static size_t count_waits(struct arena *arena, const struct policy *policy,
			  const struct schedule *schedule, uint32_t attempts,
			  millis give_up_after)
{
	millis *delays = arena_array(arena, LANES_MAX, sizeof(*delays));
	struct policy alone = *policy;

	alone.errors = NULL;
	alone.error_count = 0;
	alone.types = NULL;
	alone.type_count = 0;
	alone.schedule = *schedule;
	alone.max_attempts = attempts;
	alone.give_up_after = give_up_after;
	return lanes_of_policy(&alone, delays, LANES_MAX);
}

static void offer(struct worst *worst, const struct tree *at, size_t count)
{
	if (worst->at != NULL && count <= worst->count)
		return;
	worst->at = at;
	worst->count = count;
}

static const struct tree *rule_place(const struct tree *policy,
				     const char *list, size_t i)
{
	const struct tree *rules = tree_member(policy, list);
	const struct tree *rule = &rules->members[i];

	return setting_place(rule, setting_is_given(rule, "schedule")
					   ? "schedule"
					   : "max_attempts");
}

static struct worst find_worst(struct arena *arena, const struct policy *p,
			       const struct tree *group)
{
	struct worst worst = {0};

	offer(&worst, setting_place(group, "schedule"),
	      count_waits(arena, p, &p->schedule, p->max_attempts,
			  p->give_up_after));
	for (size_t i = 0; i < p->error_count; i++) {
		const struct error_rule *rule = &p->errors[i];

		if (rule->schedule != NULL && rule->class != CLASS_PERMANENT)
			offer(&worst, rule_place(group, "errors", i),
			      count_waits(arena, p, rule->schedule,
					  policy_max_attempts(p, rule, NULL),
					  p->give_up_after));
	}
	for (size_t i = 0; i < p->type_count; i++) {
		const struct type_rule *type = &p->types[i];

		offer(&worst, rule_place(group, "types", i),
		      count_waits(arena, p, policy_schedule(p, NULL, type),
				  policy_max_attempts(p, NULL, type),
				  policy_give_up_after(p, type)));
	}
	return worst;
}

static void complain_lanes(struct reading *r, const struct tree *group,
			   const struct tree *top,
			   const struct pipeline_config *pipeline, size_t count)
{
	const struct policy *policy = pipeline->policy;
	const struct tree *policy_tree = policy_group(top, policy);
	const char *many = count > LANES_MAX
				   ? "more than 4096"
				   : arena_printf(r->arena, "%zu", count);
	const char *most = "";

	if (policy_tree != NULL) {
		struct worst worst = find_worst(r->arena, policy, policy_tree);

		most = arena_printf(
			r->arena,
			" Most come from %s (line %u), which makes %zu.",
			tree_path(r->arena, worst.at), worst.at->line,
			worst.count);
	}
	complain(r->complaints, setting_place(group, "max_lanes"),
		 "%s needs %s delay queues (lanes) for the policy \"%s\", and "
		 "max_lanes is %u.%s %zu serve Retry-After.",
		 tree_path(r->arena, group), many, policy->name,
		 pipeline->max_lanes, most, pipeline->ladder_count);
}

/* The longest that any message of the policy may live. */
static millis longest_life(const struct policy *policy)
{
	millis longest = policy->give_up_after;

	for (size_t i = 0; i < policy->type_count; i++) {
		millis life = policy_give_up_after(policy, &policy->types[i]);

		if (life > longest)
			longest = life;
	}
	return longest;
}

static void derive_ladder(struct reading *r, struct pipeline_config *pipeline)
{
	const struct policy *policy = pipeline->policy;
	millis ceiling = longest_life(policy);
	millis *rungs;

	if (policy->ignore_retry_after)
		return;
	if (ceiling > policy->retry_after_ceiling)
		ceiling = policy->retry_after_ceiling;
	if (ceiling < LADDER_FIRST)
		ceiling = LADDER_FIRST;
	rungs = arena_array(r->arena, LADDER_RUNGS_MAX, sizeof(*rungs));
	pipeline->ladder_count = ladder_rungs(ceiling, rungs);
	pipeline->ladder = rungs;
}

static void derive_lanes(struct reading *r, const struct tree *group,
			 const struct tree *top,
			 struct pipeline_config *pipeline)
{
	millis *lanes = arena_array(r->arena, LANES_MAX, sizeof(*lanes));
	size_t count = lanes_of_policy(pipeline->policy, lanes, LANES_MAX);

	derive_ladder(r, pipeline);
	if (count > LANES_MAX ||
	    count + pipeline->ladder_count > pipeline->max_lanes) {
		complain_lanes(r, group, top, pipeline,
			       count + pipeline->ladder_count);
		return;
	}
	pipeline->lanes = lanes;
	pipeline->lane_count = count;
}

static void derive_names(struct reading *r, const struct config *config,
			 struct pipeline_config *pipeline)
{
	const char *name =
		arena_printf(r->arena, "%s%s", config->prefix, pipeline->name);

	pipeline->exchange = name;
	if (pipeline->queue_is_ours)
		pipeline->queue = name;
	pipeline->delay_exchange = arena_printf(r->arena, "%s.delay", name);
	pipeline->parking = arena_printf(r->arena, "%s.parking", name);
	if (pipeline->business_is_ours)
		pipeline->business_exchange =
			arena_printf(r->arena, "%s.in", name);
}

/* The longest name that the pipeline makes is that of a lane. */
static void check_length(struct reading *r, const struct tree *group,
			 const struct pipeline_config *pipeline)
{
	size_t longest = 0;
	size_t len;

	for (size_t i = 0; i < pipeline->lane_count; i++) {
		char spelling[DURATION_SPELLING_MAX];
		size_t spelt =
			strlen(duration_spell(pipeline->lanes[i], spelling));

		longest = spelt > longest ? spelt : longest;
	}
	len = strlen(pipeline->delay_exchange) + strlen(".v1.") +
	      strlen(pipeline->deliver_to[0]->name) + 1 + longest;
	if (len > BROKER_NAME_MAX)
		complain(r->complaints, group,
			 "%s makes queue names of %zu bytes, and the broker "
			 "takes 255. Shorten the prefix, or the name of the "
			 "pipeline or its downstream.",
			 tree_path(r->arena, group), len);
}

void config_derive(struct reading *r, const struct tree *top,
		   const struct config *config,
		   struct pipeline_config *pipeline)
{
	const struct tree *group =
		tree_member(tree_member(top, "pipelines"), pipeline->name);

	derive_names(r, config, pipeline);
	derive_lanes(r, group, top, pipeline);
	check_length(r, group, pipeline);
}

static const char *met_by(const struct pipeline_config *p, const char *exchange)
{
	if (strcmp(p->exchange, exchange) == 0)
		return "source exchange";
	if (strcmp(p->delay_exchange, exchange) == 0)
		return "delay exchange";
	if (strcmp(p->parking, exchange) == 0)
		return "parking exchange";
	return NULL;
}

static void check_exchange(struct reading *r, const struct tree *source,
			   const struct pipeline_config *a,
			   const struct pipeline_config *b)
{
	const struct tree *at = setting_place(source, "exchange");
	const char *met = met_by(b, a->business_exchange);

	if (met != NULL)
		complain(r->complaints, at,
			 "%s is \"%s\", the %s of the pipeline \"%s\", which "
			 "only copies of its own go to.",
			 tree_path(r->arena, at), a->business_exchange, met,
			 b->name);
}

static void check_queue(struct reading *r, const struct tree *source,
			const struct pipeline_config *a,
			const struct pipeline_config *b)
{
	const struct tree *at = setting_place(source, "queue");

	if (a != b && strcmp(a->queue, b->queue) == 0)
		complain(
			r->complaints, at,
			"%s is \"%s\", which the pipeline \"%s\" consumes too: "
			"each would take the other's messages.",
			tree_path(r->arena, at), a->queue, b->name);
	else if (strcmp(a->queue, b->parking) == 0)
		complain(r->complaints, at,
			 "%s is \"%s\", where the pipeline \"%s\" parks "
			 "messages for a person.",
			 tree_path(r->arena, at), a->queue, b->name);
}

/* What one pipeline takes from the broker, against the names of another. */
static void check_pair(struct reading *r, const struct tree *pipelines,
		       const struct pipeline_config *a,
		       const struct pipeline_config *b)
{
	const struct tree *source =
		tree_member(tree_member(pipelines, a->name), "source");

	if (a->business_exchange != NULL && !a->business_is_ours)
		check_exchange(r, source, a, b);
	if (!a->queue_is_ours)
		check_queue(r, source, a, b);
}

void config_check_names(struct reading *r, const struct tree *top,
			const struct config *config)
{
	const struct tree *pipelines = tree_member(top, "pipelines");
	size_t count = config->pipeline_count;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++)
			check_pair(r, pipelines, &config->pipelines[i],
				   &config->pipelines[k]);
}

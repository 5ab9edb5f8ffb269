/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_derive.c - what follows from a configuration: names on the broker,
 * delay queues, and whether they are too many or meet each other.
 */
#include <string.h>

#include "policy/duration.h"
#include "policy/lanes.h"
#include "worker/config_case.h"
#include "worker/config_draft.h"

#define BROKER_NAME_MAX 255 /* bytes: AMQP 0-9-1, shortstr */

/* The case that makes the most delay queues, and the place that says so. */
struct worst {
	const struct tree *top;
	const struct tree *at; /* NULL: nothing of the file */
	size_t count;
	millis *delays; /* LANES_MAX of them, to work in */
};

/* How many waits one case has by itself. */
static size_t count_waits(const struct settled *settled, millis *delays)
{
	const struct downstream_rules any = {0};
	const struct policy alone = {
		.own = {.schedule = settled->schedule,
			.max_attempts = settled->max_attempts,
			.give_up_after = settled->give_up_after}};

	return lanes_of_policy(&alone, &any, delays, LANES_MAX);
}

static void look_at(void *context, const struct config_case *c)
{
	struct worst *worst = context;
	const struct settled *s = &c->settled;
	size_t count = count_waits(s, worst->delays);
	bool by_schedule = s->schedule_by <= s->max_attempts_by;
	const struct tree *at = config_case_place(
		worst->top, c,
		by_schedule ? s->schedule_by : s->max_attempts_by);

	if (count <= worst->count || at == NULL)
		return;
	worst->count = count;
	worst->at =
		setting_place(at, by_schedule ? "schedule" : "max_attempts");
}

static struct worst find_worst(struct arena *arena, const struct tree *top,
			       const struct pipeline_config *pipeline)
{
	struct worst worst = {.top = top};

	worst.delays = arena_array(arena, LANES_MAX, sizeof(*worst.delays));
	config_visit_cases(pipeline->policy, &pipeline->deliver_to[0]->rules,
			   look_at, &worst);
	return worst;
}

static void complain_lanes(struct reading *r, const struct tree *group,
			   const struct tree *top,
			   const struct pipeline_config *pipeline, size_t count)
{
	const struct policy *policy = pipeline->policy;
	const struct worst worst = find_worst(r->arena, top, pipeline);
	const char *many = count > LANES_MAX
				   ? "more than 4096"
				   : arena_printf(r->arena, "%zu", count);
	const char *most = "";

	if (worst.at != NULL)
		most = arena_printf(
			r->arena,
			" Most come from %s (line %u), which makes %zu.",
			tree_path(r->arena, worst.at), worst.at->line,
			worst.count);
	complain(r->complaints, setting_place(group, "max_lanes"),
		 "%s needs %s delay queues (lanes) for the policy \"%s\", and "
		 "max_lanes is %u.%s %zu serve Retry-After.",
		 tree_path(r->arena, group), many, policy->name,
		 pipeline->max_lanes, most, pipeline->ladder_count);
}

static void derive_ladder(struct reading *r, struct pipeline_config *pipeline)
{
	millis ceiling = lanes_longest_asked(pipeline->policy,
					     &pipeline->deliver_to[0]->rules);
	millis *rungs;

	if (ceiling == 0)
		return;
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
	size_t count = lanes_of_policy(pipeline->policy,
				       &pipeline->deliver_to[0]->rules, lanes,
				       LANES_MAX);

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

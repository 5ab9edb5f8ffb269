/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/explain_case.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "operator/commands.h"
#include "operator/explain_answer.h"
#include "worker/answer.h"
#include "worker/clock.h"
#include "worker/config_nearest.h"

/* --- where it goes -------------------------------------------------------------- */

static bool delivers_to(const struct pipeline_config *pipeline,
			const char *downstream)
{
	for (size_t i = 0; i < pipeline->deliver_to_count; i++)
		if (strcmp(pipeline->deliver_to[i]->name, downstream) == 0)
			return true;
	return false;
}

static bool is_meant(const struct explain_options *o,
		     const struct pipeline_config *pipeline)
{
	return (o->pipeline == NULL ||
		strcmp(pipeline->name, o->pipeline) == 0) &&
	       (o->downstream == NULL || delivers_to(pipeline, o->downstream));
}

/* "a, b and c", of the pipelines that may be meant. */
static const char *list_pipelines(const struct explain_options *o,
				  const struct config *config,
				  struct arena *arena)
{
	const char *list = "";
	size_t left = 0;

	for (size_t i = 0; i < config->pipeline_count; i++)
		left += is_meant(o, &config->pipelines[i]);
	for (size_t i = 0; i < config->pipeline_count; i++) {
		if (!is_meant(o, &config->pipelines[i]))
			continue;
		left--;
		list = arena_printf(arena, "%s%s%s", list,
				    config->pipelines[i].name,
				    left > 1    ? ", "
				    : left == 1 ? " and "
						: "");
	}
	return list;
}

static int unknown(const char *what, const char *name,
		   const struct nearest *nearest)
{
	if (nearest->name != NULL)
		return command_usage("explain",
				     "the configuration has no %s \"%s\" (did "
				     "you mean \"%s\"?)",
				     what, name, nearest->name);
	return command_usage("explain", "the configuration has no %s \"%s\"",
			     what, name);
}

/* There is such a downstream, and nothing is delivered to it. */
static int not_delivered(const struct explain_options *o)
{
	if (o->pipeline != NULL)
		return command_usage("explain",
				     "pipeline \"%s\" does not deliver to "
				     "\"%s\"",
				     o->pipeline, o->downstream);
	return command_usage("explain", "no pipeline delivers to \"%s\"",
			     o->downstream);
}

/* Why no pipeline is meant. */
static int none_meant(const struct explain_options *o,
		      const struct config *config)
{
	struct nearest nearest;

	if (o->pipeline != NULL &&
	    config_pipeline(config, o->pipeline) == NULL) {
		nearest_init(&nearest, o->pipeline);
		for (size_t i = 0; i < config->pipeline_count; i++)
			nearest_offer(&nearest, config->pipelines[i].name);
		return unknown("pipeline", o->pipeline, &nearest);
	}
	nearest_init(&nearest, o->downstream);
	for (size_t i = 0; i < config->downstream_count; i++) {
		const char *name = config->downstreams[i].name;

		if (strcmp(name, o->downstream) == 0)
			return not_delivered(o);
		nearest_offer(&nearest, name);
	}
	return unknown("downstream", o->downstream, &nearest);
}

static int choose_pipeline(struct explain_case *c)
{
	const struct explain_options *o = c->options;
	size_t count = 0;

	for (size_t i = 0; i < c->config->pipeline_count; i++) {
		if (!is_meant(o, &c->config->pipelines[i]))
			continue;
		c->pipeline = &c->config->pipelines[i];
		count++;
	}
	if (count == 0)
		return none_meant(o, c->config);
	if (count > 1)
		return command_usage("explain",
				     "say which pipeline is meant, with -p: %s",
				     list_pipelines(o, c->config, c->arena));
	c->policy = c->pipeline->policy;
	c->downstream = c->pipeline->deliver_to[0];
	for (size_t i = 0; i < c->pipeline->deliver_to_count; i++)
		if (o->downstream != NULL &&
		    strcmp(c->pipeline->deliver_to[i]->name, o->downstream) ==
			    0)
			c->downstream = c->pipeline->deliver_to[i];
	return -1;
}

/* --- how it stands -------------------------------------------------------------- */

static void judge(struct explain_case *c)
{
	const struct judgement *j = &c->judgement;

	c->judgement =
		policy_judge(c->policy, &c->downstream->rules, &c->outcome);
	c->type = policy_type(c->policy, c->facts.type);
	if (c->judgement.is_done)
		return;
	c->levels = policy_levels(c->policy, &c->downstream->rules, j->rule,
				  j->error, j->class, c->type);
	c->settled = tuning_settle(&c->levels);
}

/* So many failures of the same kind, as its headers would have them. */
static void set_step(struct explain_case *c)
{
	c->step = (struct step){.name = text_of(c->downstream->name),
				.attempts = c->options->attempts};
	if (c->judgement.is_done || c->options->failures == 0)
		return;
	c->step.failures[0] =
		(struct step_errors){.error = text_of(c->judgement.error),
				     .count = c->options->failures};
	c->step.failure_count = 1;
}

/* How old it is once it has failed so often: as its waits have taken. */
static millis age_of(const struct explain_case *c)
{
	struct forecast f;
	struct forecast_call call = {0};

	forecast_init(&f, c->policy, &c->downstream->rules, &c->outcome,
		      &(struct message_facts){.type = c->facts.type,
					      .may_quick = true},
		      &(struct step){.name = c->step.name});
	while (f.step.attempts < c->options->attempts)
		if (!forecast_next(&f, FORECAST_MEAN, &call))
			break;
	return f.at;
}

static void set_facts(struct explain_case *c)
{
	const struct explain_options *o = c->options;

	c->facts = (struct message_facts){.type = text_of(o->type),
					  .may_quick = true,
					  .has_deadline = o->has_deadline,
					  .to_deadline = o->deadline};
}

int explain_case_make(const struct explain_options *options,
		      const struct config *config, struct arena *arena,
		      struct explain_case *c)
{
	struct explain_answer answer;
	int code;

	*c = (struct explain_case){.options = options,
				   .config = config,
				   .arena = arena,
				   .now = clock_wall()};
	code = choose_pipeline(c);
	if (code >= 0)
		return code;
	code = explain_answer_make(options, c->downstream->response_limit,
				   arena, &answer);
	if (code >= 0)
		return code;
	answer_read(config, c->pipeline, c->downstream, &answer.answer,
		    answer.sent, arena, &c->outcome);
	set_facts(c);
	judge(c);
	set_step(c);
	c->facts.age = options->has_age ? options->age : age_of(c);
	return -1;
}

struct forecast explain_forecast_type(const struct explain_case *c,
				      struct text type)
{
	struct forecast f;
	struct message_facts facts = c->facts;

	facts.type = type;
	forecast_init(&f, c->policy, &c->downstream->rules, &c->outcome, &facts,
		      &c->step);
	return f;
}

struct forecast explain_forecast(const struct explain_case *c)
{
	return explain_forecast_type(c, c->facts.type);
}

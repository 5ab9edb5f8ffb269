/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_json.c - a case and what follows, as JSON.
 */
#include "operator/explain_settings.h"
#include "operator/explain_words.h"

static struct json *json_of_message(const struct explain_case *c)
{
	struct json *json = json_new_object();

	json_put_text(json, "type", c->facts.type);
	if (c->type != NULL)
		json_put_string(json, "types_entry", c->type->match);
	json_put_string(json, "pipeline", c->pipeline->name);
	json_put_string(json, "downstream", c->downstream->name);
	json_put_bool(json, "idempotent", c->downstream->rules.is_idempotent);
	json_put_string(json, "policy", c->policy->name);
	json_put_integer(json, "attempts", c->step.attempts);
	json_put_integer(json, "failures", c->options->failures);
	json_put_integer(json, "age_ms", c->facts.age);
	if (c->facts.has_deadline)
		json_put_integer(json, "deadline_ms", c->facts.to_deadline);
	return json;
}

static struct json *json_of_outcome(const struct explain_case *c)
{
	const struct outcome *o = &c->outcome;
	struct json *json = json_new_object();

	json_put_string(json, "transport", transport_name(o->transport));
	if (o->transport == TRANSPORT_COMPLETE)
		json_put_integer(json, "status", o->status);
	if (o->retry_after >= 0)
		json_put_integer(json, "retry_after_ms", o->retry_after);
	if (o->understood.error != NULL)
		json_put_string(json, "understood", o->understood.error);
	if (o->understood.detail.len > 0)
		json_put_text(json, "detail", o->understood.detail);
	return json;
}

void explain_put_case(struct json *object, const struct explain_case *c)
{
	json_put(object, "message", json_of_message(c));
	json_put(object, "outcome", json_of_outcome(c));
}

static struct json *json_of_success(const struct success_rule *rule)
{
	struct json *json = json_new_object();

	json_put_string(json, "means", success_meaning_name(rule->meaning));
	explain_put_line(json, rule->written);
	return json;
}

static struct json *json_of_judgement(const struct explain_case *c)
{
	const struct judgement *j = &c->judgement;
	struct json *json = json_new_object();

	json_put_bool(json, "done", j->is_done);
	if (j->is_done)
		json_put_bool(json, "already", j->is_already);
	json_put_string(json, "by", judged_by_name(j->by));
	json_put_string(json, "why", explain_judge(c));
	if (j->rule != NULL) {
		json_put_string(json, "rule", j->rule->name);
		explain_put_line(json, j->rule->own.written);
	}
	if (j->success != NULL)
		json_put(json, "success_rule", json_of_success(j->success));
	if (!j->is_done) {
		json_put_string(json, "error", j->error);
		json_put_string(json, "class", error_class_name(j->class));
	}
	return json;
}

static struct json *json_of_way(const struct explain_way *way)
{
	const struct verdict *v = &way->verdict;
	struct json *json = json_new_object();

	json_put_string(json, "verdict", verdict_kind_name(v->kind));
	json_put_integer(json, "thirds", way->thirds);
	if (v->kind == VERDICT_RETRY) {
		json_put_integer(json, "delay_ms", v->delay);
		json_put_bool(json, "by_server", v->by_server);
	}
	if (way->queue != NULL)
		json_put_string(json, "queue", way->queue);
	if (v->kind == VERDICT_PARK) {
		json_put_string(json, "reason", park_reason_name(v->reason));
		if (v->park_as != NULL)
			json_put_string(json, "park_as", v->park_as);
	}
	return json;
}

static struct json *json_of_end(const struct explain_plan *plan)
{
	const struct explain_end *longest = &plan->longest;
	struct json *json = json_new_object();

	json_put_integer(json, "calls", longest->calls);
	json_put_integer(json, "earliest_ms", plan->shortest.last.ended);
	json_put_integer(json, "mean_ms", plan->mean.last.ended);
	json_put_integer(json, "latest_ms", longest->last.ended);
	json_put_string(json, "reason",
			park_reason_name(longest->last.verdict.reason));
	return json;
}

static struct json *json_of_settings(const struct explain_case *c)
{
	struct explain_setting settings[EXPLAIN_SETTINGS];
	struct json *list = json_new_array();

	explain_settings(c, settings);
	for (size_t i = 0; i < EXPLAIN_SETTINGS; i++) {
		const struct explain_setting *s = &settings[i];
		struct json *json = json_new_object();

		json_put_string(json, "name", s->name);
		json_put_string(json, "value", s->value);
		json_put_string(json, "level", level_name(s->level));
		json_put_string(json, "by", s->by);
		explain_put_line(json, s->written);
		json_append(list, json);
	}
	return list;
}

struct json *explain_json(const struct explain_case *c,
			  const struct explain_plan *plan)
{
	struct json *json = json_new_object();
	struct json *quick = json_new_array();
	struct json *ways = json_new_array();

	explain_put_case(json, c);
	json_put(json, "judgement", json_of_judgement(c));
	for (size_t i = 0; i < plan->quick_count; i++)
		json_append(quick, json_of_integer(plan->quick[i]));
	for (size_t i = 0; i < plan->way_count; i++)
		json_append(ways, json_of_way(&plan->ways[i]));
	json_put(json, "quick_ms", quick);
	json_put(json, "verdicts", ways);
	if (c->judgement.is_done)
		return json;
	json_put(json, "end", json_of_end(plan));
	json_put(json, "settings", json_of_settings(c));
	return json;
}

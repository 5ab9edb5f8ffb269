/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/explain_table.h"

#include <string.h>

#include "operator/explain_plan.h"
#include "operator/explain_settings.h"
#include "operator/explain_words.h"
#include "worker/clock.h"

/* Of a life of more calls, the first and the last are shown. */
#define ROWS_MAX   40
#define ROWS_FIRST 30
#define ROWS_LAST  5

#define UNKNOWN "-" /* by that throw there is no such call */

static size_t row_count(const struct explain_life *life)
{
	size_t count = life->longest.call_count;

	if (life->mean.call_count > count)
		count = life->mean.call_count;
	if (life->shortest.call_count > count)
		count = life->shortest.call_count;
	return count;
}

static const struct forecast_call *call_at(const struct explain_walk *walk,
					   size_t i)
{
	return i < walk->call_count ? &walk->calls[i] : NULL;
}

/* The call by the mean throw, or else by any that comes so far. */
static const struct forecast_call *any_call(const struct explain_life *life,
					    size_t i)
{
	const struct forecast_call *call = call_at(&life->mean, i);

	if (call == NULL)
		call = call_at(&life->longest, i);
	return call != NULL ? call : call_at(&life->shortest, i);
}

static bool has_jitter(const struct explain_life *life)
{
	const struct explain_walk *a = &life->longest;
	const struct explain_walk *b = &life->shortest;

	return a->call_count != b->call_count ||
	       a->calls[a->call_count - 1].at != b->calls[b->call_count - 1].at;
}

/* --- for people ------------------------------------------------------------------ */

static const char *after(const struct explain_case *c,
			 const struct explain_walk *walk, size_t i)
{
	const struct forecast_call *call = call_at(walk, i);

	return call == NULL ? UNKNOWN : explain_about(call->at, c->arena);
}

/* "11-24 09:41:32" */
static const char *clock_of(const struct explain_case *c, millis at)
{
	char spelling[32];

	clock_spell(c->now + at, spelling);
	return arena_printf(c->arena, "%.5s %.8s", spelling + 5, spelling + 11);
}

static const char *wait_of(const struct explain_case *c,
			   const struct explain_life *life, size_t i)
{
	const struct forecast_call *low = call_at(&life->shortest, i);
	const struct forecast_call *high = call_at(&life->longest, i);
	const char *mean =
		explain_about(any_call(life, i)->verdict.delay, c->arena);

	if (any_call(life, i)->verdict.delay == 0)
		return "";
	if (low == NULL || high == NULL || low->verdict.delay == 0 ||
	    low->verdict.delay == high->verdict.delay)
		return mean;
	return arena_printf(c->arena, "%s to %s",
			    explain_about(low->verdict.delay, c->arena),
			    explain_about(high->verdict.delay, c->arena));
}

static const char *then_of(const struct explain_case *c,
			   const struct verdict *verdict)
{
	switch (verdict->kind) {
	case VERDICT_DONE:
		return "done";
	case VERDICT_RETRY:
		return verdict->by_server ? "as Retry-After asks" : "retry";
	case VERDICT_PARK:
		return arena_printf(c->arena, "parked: %s",
				    park_reason_name(verdict->reason));
	case VERDICT_QUICK:
		return "quick retry, while held";
	}
	return "?";
}

static void print_row(const struct explain_case *c,
		      const struct explain_life *life, size_t i, FILE *to)
{
	const struct forecast_call *call = any_call(life, i);

	fprintf(to, "%5u  ", call->attempt);
	if (has_jitter(life))
		fprintf(to, "%-9s  %-9s  %-9s  ", after(c, &life->shortest, i),
			after(c, &life->mean, i), after(c, &life->longest, i));
	else
		fprintf(to, "%-9s  ", after(c, &life->mean, i));
	fprintf(to, "%s  %-*s  %s\n", clock_of(c, call->at),
		has_jitter(life) ? 16 : 10, wait_of(c, life, i),
		then_of(c, &call->verdict));
}

static void print_table(const struct explain_case *c,
			const struct explain_life *life, FILE *to)
{
	size_t count = row_count(life);

	if (has_jitter(life))
		fprintf(to, "%5s  %-9s  %-9s  %-9s  %-14s  %-16s  then\n",
			"call", "earliest", "mean", "latest", "mean, UTC",
			"wait");
	else
		fprintf(to, "%5s  %-9s  %-14s  %-10s  then\n", "call", "after",
			"UTC", "wait");
	for (size_t i = 0; i < count; i++) {
		if (count > ROWS_MAX && i == ROWS_FIRST) {
			i = count - ROWS_LAST;
			fprintf(to, "  ...  %zu calls more\n",
				count - ROWS_FIRST - ROWS_LAST);
		}
		print_row(c, life, i, to);
	}
}

static const char *end_time(const struct explain_case *c,
			    const struct explain_walk *walk)
{
	return explain_about(walk->calls[walk->call_count - 1].ended, c->arena);
}

static void print_end(const struct explain_case *c,
		      const struct explain_life *life, FILE *to)
{
	const struct explain_walk *mean = &life->mean;
	const struct verdict *end = explain_walk_end(mean);
	uint32_t attempt = mean->calls[mean->call_count - 1].attempt;
	const char *soonest = end_time(c, &life->shortest);
	const char *latest = end_time(c, &life->longest);

	if (end->kind != VERDICT_PARK) {
		fprintf(to, "\nDone: nothing is tried again.\n");
		return;
	}
	fprintf(to, "\nParked after %zu call%s, ", mean->call_count,
		mean->call_count == 1 ? "" : "s");
	if (strcmp(soonest, latest) == 0)
		fprintf(to, "%s from now", latest);
	else
		fprintf(to, "%s to %s from now", soonest, latest);
	fprintf(to, ", because of %s: %s.\n", park_reason_name(end->reason),
		explain_reason(c, end->reason, attempt));
}

void explain_print_life(const struct explain_case *c,
			const struct explain_life *life, FILE *to)
{
	fprintf(to,
		"A message %s in pipeline %s, if every call of %s ends with "
		"%s.\n",
		explain_type(c), c->pipeline->name, c->downstream->name,
		explain_outcome(c));
	fprintf(to, "Judged by %s", explain_judge(c));
	if (!c->judgement.is_done)
		fprintf(to, "; error %s, %s", c->judgement.error,
			error_class_name(c->judgement.class));
	fprintf(to, ".\n\n");
	print_table(c, life, to);
	print_end(c, life, to);
}

/* --- as JSON ----------------------------------------------------------------------- */

static void put_at(struct json *json, const char *key,
		   const struct explain_walk *walk, size_t i)
{
	const struct forecast_call *call = call_at(walk, i);

	if (call != NULL)
		json_put_integer(json, key, call->at);
}

static void put_wait(struct json *json, const char *key,
		     const struct explain_walk *walk, size_t i)
{
	const struct forecast_call *call = call_at(walk, i);

	if (call != NULL && call->verdict.delay > 0)
		json_put_integer(json, key, call->verdict.delay);
}

static struct json *json_of_row(const struct explain_case *c,
				const struct explain_life *life, size_t i)
{
	const struct forecast_call *call = any_call(life, i);
	struct json *json = json_new_object();
	const char *queue = explain_queue(c, &call->verdict);
	char at[32];

	json_put_integer(json, "call", call->attempt);
	put_at(json, "earliest_ms", &life->shortest, i);
	put_at(json, "mean_ms", &life->mean, i);
	put_at(json, "latest_ms", &life->longest, i);
	json_put_string(json, "at", clock_spell(c->now + call->at, at));
	json_put_string(json, "verdict", verdict_kind_name(call->verdict.kind));
	put_wait(json, "shortest_wait_ms", &life->shortest, i);
	put_wait(json, "mean_wait_ms", &life->mean, i);
	put_wait(json, "longest_wait_ms", &life->longest, i);
	if (queue != NULL)
		json_put_string(json, "queue", queue);
	if (call->verdict.kind == VERDICT_PARK)
		json_put_string(json, "reason",
				park_reason_name(call->verdict.reason));
	return json;
}

static struct json *json_of_end(const struct explain_walk *walk)
{
	const struct verdict *end = explain_walk_end(walk);
	struct json *json = json_new_object();

	json_put_string(json, "verdict", verdict_kind_name(end->kind));
	json_put_integer(json, "calls", (int64_t)walk->call_count);
	json_put_integer(json, "after_ms",
			 walk->calls[walk->call_count - 1].ended);
	if (end->kind == VERDICT_PARK)
		json_put_string(json, "reason", park_reason_name(end->reason));
	return json;
}

void explain_put_life(struct json *object, const struct explain_case *c,
		      const struct explain_life *life)
{
	struct json *calls = json_new_array();
	struct json *ends = json_new_object();

	if (!c->judgement.is_done) {
		json_put_string(object, "error", c->judgement.error);
		json_put_string(object, "class",
				error_class_name(c->judgement.class));
	}
	for (size_t i = 0; i < row_count(life); i++)
		json_append(calls, json_of_row(c, life, i));
	json_put(object, "calls", calls);
	json_put(ends, "earliest", json_of_end(&life->shortest));
	json_put(ends, "mean", json_of_end(&life->mean));
	json_put(ends, "latest", json_of_end(&life->longest));
	json_put(object, "end", ends);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_advice.c - warns of limits and schedules that contradict each other.
 *
 * Each case of a policy is looked at (config_case.h). What is said names the
 * most specific place that has a part in it, so that one mistake is said once,
 * whichever cases it shows in.
 */
#include <string.h>

#include "policy/duration.h"
#include "worker/config_case.h"
#include "worker/config_draft.h"

/* What RabbitMQ takes for consumer_timeout unless it is told otherwise. */
#define CONSUMER_TIMEOUT (30 * MILLIS_PER_MINUTE)

/* A place that sets max_attempts. */
struct limit {
	const struct tree *node;
	uint32_t max;
	bool is_reached; /* in one case at least */
	const char *why; /* it is not */
	struct limit *next;
};

struct advice {
	struct reading *r;
	const struct tree *top;
	const struct downstream_config *downstream; /* NULL: none is known */
	struct limit *limits;
};

/* --- the first wait ------------------------------------------------------------ */

static void check_first_wait(const struct advice *a,
			     const struct config_case *c)
{
	const struct settled *s = &c->settled;
	bool by_schedule = s->schedule_by < s->give_up_after_by;
	millis waits[SCHEDULE_JITTER_STEPS];
	size_t count = schedule_waits(s->schedule, 1, waits);
	char first[DURATION_SPELLING_MAX];
	char limit[DURATION_SPELLING_MAX];
	const struct tree *at = config_case_place(
		a->top, c, by_schedule ? s->schedule_by : s->give_up_after_by);

	if (s->max_attempts == 1 || at == NULL ||
	    waits[count - 1] <= s->give_up_after)
		return;
	complain_warning(
		a->r->complaints,
		setting_place(at, by_schedule ? "schedule" : "give_up_after"),
		"%s never tries again by its schedule: give_up_after (%s) is "
		"shorter than the first wait (%s). Raise the one, or shorten "
		"the other.",
		tree_path(a->r->arena, at),
		duration_spell(s->give_up_after, limit),
		duration_spell(waits[count - 1], first));
}

/* --- quick retries --------------------------------------------------------------- */

static void check_quick(const struct advice *a, const struct config_case *c)
{
	const struct quick *quick = &c->settled.quick;
	const struct tree *at =
		config_case_place(a->top, c, c->settled.quick_by);
	uint32_t calls = quick->tries + 1;
	char held[DURATION_SPELLING_MAX];
	char timeout[DURATION_SPELLING_MAX];

	if (quick->tries == 0 || at == NULL || a->downstream == NULL)
		return;
	if (calls > c->settled.max_attempts)
		calls = c->settled.max_attempts;
	millis longest = calls * a->downstream->timeout + quick->within;
	if (longest <= CONSUMER_TIMEOUT)
		return;
	complain_warning(
		a->r->complaints, setting_place(at, "quick"),
		"%s.quick may hold a message for %s, with %u calls of up to "
		"%s each (downstreams.%s.timeout). A broker whose "
		"consumer_timeout is the usual 30m then closes the channel, "
		"and delivers all in hand again. Make fewer tries, or shorten "
		"the timeout.",
		tree_path(a->r->arena, at), duration_spell(longest, held),
		calls, duration_spell(a->downstream->timeout, timeout),
		a->downstream->name);
}

/* --- limits that nothing reaches --------------------------------------------------- */

/* The least time that `count` waits take, one after the other. */
static millis least_wait(const struct schedule *schedule, uint32_t count)
{
	uint32_t settles = schedule_settles(schedule);
	millis sum = 0;

	for (uint32_t n = 1; n <= count; n++) {
		millis waits[SCHEDULE_JITTER_STEPS];
		size_t kinds = schedule_waits(schedule, n, waits);

		if (kinds == 0)
			return sum;
		if (n >= settles) /* at most 10^5 times 30 d: no overflow */
			return sum + (count - n + 1) * waits[kinds - 1];
		sum += waits[kinds - 1];
	}
	return sum;
}

/* Why max_attempts is not reached while one error repeats; NULL: it is. */
static const char *why_not(struct arena *arena, const struct settled *s)
{
	const struct schedule *schedule = s->schedule;
	uint32_t waits = (s->max_attempts - 1) / (s->quick.tries + 1);
	char least[DURATION_SPELLING_MAX];
	char limit[DURATION_SPELLING_MAX];
	millis sum;

	if (s->max_attempts == ATTEMPTS_MAX)
		return NULL;
	if (schedule->kind == SCHEDULE_CUSTOM && schedule->then_park &&
	    waits > schedule->delay_count)
		return arena_printf(
			arena,
			"the schedule gives up after %zu wait%s (then = "
			"\"park\"). Add delays, or lower max_attempts to %zu.",
			schedule->delay_count,
			schedule->delay_count == 1 ? "" : "s",
			(schedule->delay_count + 1) * (s->quick.tries + 1));
	sum = least_wait(schedule, waits);
	if (sum <= s->give_up_after)
		return NULL;
	return arena_printf(
		arena,
		"its waits take %s at least, and give_up_after is %s. Raise "
		"give_up_after, or lower max_attempts; 100000 says that only "
		"give_up_after counts.",
		duration_spell(sum, least),
		duration_spell(s->give_up_after, limit));
}

static struct limit *limit_at(struct advice *a, const struct tree *node,
			      uint32_t max)
{
	struct limit *limit = a->limits;

	while (limit != NULL && limit->node != node)
		limit = limit->next;
	if (limit != NULL)
		return limit;
	limit = arena_alloc(a->r->arena, sizeof(*limit));
	*limit = (struct limit){.node = node, .max = max, .next = a->limits};
	a->limits = limit;
	return limit;
}

static void note_limit(struct advice *a, const struct config_case *c)
{
	const struct tree *node =
		config_case_place(a->top, c, c->settled.max_attempts_by);

	if (node == NULL)
		return;
	struct limit *limit = limit_at(a, node, c->settled.max_attempts);
	const char *why =
		limit->is_reached ? NULL : why_not(a->r->arena, &c->settled);
	if (why == NULL)
		limit->is_reached = true;
	else if (limit->why == NULL)
		limit->why = why;
}

static void warn_limits(const struct advice *a)
{
	for (const struct limit *l = a->limits; l != NULL; l = l->next)
		if (!l->is_reached)
			complain_warning(
				a->r->complaints,
				setting_place(l->node, "max_attempts"),
				"%s.max_attempts (%u) is not reached while one "
				"error repeats: %s",
				tree_path(a->r->arena, l->node), l->max,
				l->why);
}

/* --- the whole ----------------------------------------------------------------------- */

static void look_at(void *context, const struct config_case *c)
{
	struct advice *a = context;

	if (c->class == CLASS_AMBIGUOUS &&
	    c->settled.ambiguous == AMBIGUOUS_PARK)
		return;
	check_first_wait(a, c);
	check_quick(a, c);
	note_limit(a, c);
}

static bool is_used(const struct config *config, const struct policy *policy)
{
	for (size_t i = 0; i < config->pipeline_count; i++)
		if (config->pipelines[i].policy == policy)
			return true;
	return false;
}

void config_advise(struct reading *r, const struct tree *top,
		   const struct config *config)
{
	static const struct downstream_rules any;
	struct advice a = {.r = r, .top = top};

	for (size_t i = 0; i < config->pipeline_count; i++) {
		a.downstream = config->pipelines[i].deliver_to[0];
		config_visit_cases(config->pipelines[i].policy,
				   &a.downstream->rules, look_at, &a);
	}
	a.downstream = NULL;
	for (size_t i = 0; i < config->policy_count; i++)
		if (!is_used(config, &config->policies[i]))
			config_visit_cases(&config->policies[i], &any, look_at,
					   &a);
	warn_limits(&a);
}

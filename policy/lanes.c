/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/lanes.h"

#include <assert.h>
#include <stdint.h>

/* A growing list of delays, kept sorted; `over` once one did not fit. */
struct list {
	millis *delays;
	size_t count;
	size_t room;
	bool over;
};

static void insert(struct list *list, millis delay)
{
	size_t at = 0;
	size_t end = list->count;

	while (at < end) {
		size_t middle = at + (end - at) / 2;

		if (list->delays[middle] < delay)
			at = middle + 1;
		else
			end = middle;
	}
	if (at < list->count && list->delays[at] == delay)
		return;
	if (list->count == list->room) {
		list->over = true;
		return;
	}
	for (size_t i = list->count; i > at; i--)
		list->delays[i] = list->delays[i - 1];
	list->delays[at] = delay;
	list->count++;
}

/*
 * The waits of one schedule under the limits that end it: with max_attempts
 * calls there are at most one failure less that is waited for, and no wait is
 * longer than the time in which the message is given up.
 */
static void add_schedule(struct list *list, const struct schedule *schedule,
			 uint32_t max_attempts, millis give_up_after)
{
	uint32_t last = schedule_settles(schedule);

	if (last > max_attempts - 1)
		last = max_attempts - 1;
	for (uint32_t n = 1; n <= last && !list->over; n++) {
		millis waits[SCHEDULE_JITTER_STEPS];
		size_t count = schedule_waits(schedule, n, waits);

		for (size_t i = 0; i < count; i++)
			if (waits[i] <= give_up_after)
				insert(list, waits[i]);
	}
}

/* Something that is done for each case that the settings tell apart. */
typedef void visit(void *context, const struct settled *settled);

/* An error of that name and class, of one message type or none. */
static void visit_case(const struct policy *policy,
		       const struct downstream_rules *downstream,
		       const struct error_rule *rule, const char *error,
		       enum error_class class, const struct type_rule *type,
		       visit *do_it, void *context)
{
	struct settled settled;

	if (class == CLASS_PERMANENT)
		return;
	settled = policy_settle(policy, downstream, rule, error, class, type);
	if (class == CLASS_AMBIGUOUS && settled.ambiguous == AMBIGUOUS_PARK)
		return;
	do_it(context, &settled);
}

static void visit_rules(const struct policy *policy,
			const struct downstream_rules *downstream,
			const struct type_rule *type,
			const struct error_rule *rules, size_t count,
			visit *do_it, void *context)
{
	for (size_t i = 0; i < count; i++)
		visit_case(policy, downstream, &rules[i], rules[i].name,
			   rules[i].class, type, do_it, context);
}

/*
 * An error that a success rule or an understanding names has no rule of its
 * own, or a built-in one, and perhaps settings of the message type. A built-in
 * rule sets nothing, so one of each class stands for all.
 */
static void visit_named(const struct policy *policy,
			const struct downstream_rules *downstream,
			const struct type_rule *type, const char *error,
			visit *do_it, void *context)
{
	visit_case(policy, downstream, NULL, error, CLASS_TRANSIENT, type,
		   do_it, context);
	visit_case(policy, downstream, NULL, error, CLASS_AMBIGUOUS, type,
		   do_it, context);
}

static void visit_type(const struct policy *policy,
		       const struct downstream_rules *downstream,
		       const struct type_rule *type, visit *do_it,
		       void *context)
{
	visit_rules(policy, downstream, type, policy->errors,
		    policy->error_count, do_it, context);
	visit_named(policy, downstream, type, NULL, do_it, context);
	for (size_t i = 0; type != NULL && i < type->error_count; i++)
		visit_named(policy, downstream, type, type->errors[i].error,
			    do_it, context);
}

static void visit_all(const struct policy *policy,
		      const struct downstream_rules *downstream, visit *do_it,
		      void *context)
{
	visit_type(policy, downstream, NULL, do_it, context);
	for (size_t i = 0; i < policy->type_count; i++)
		visit_type(policy, downstream, &policy->types[i], do_it,
			   context);
}

static void add_case(void *context, const struct settled *settled)
{
	add_schedule(context, settled->schedule, settled->max_attempts,
		     settled->give_up_after);
}

size_t lanes_of_policy(const struct policy *policy,
		       const struct downstream_rules *downstream,
		       millis *delays, size_t room)
{
	struct list list = {.delays = delays, .room = room};

	assert(room <= LANES_MAX);
	visit_all(policy, downstream, add_case, &list);
	return list.over ? room + 1 : list.count;
}

static void longest_asked(void *context, const struct settled *settled)
{
	millis *longest = context;
	millis asked = settled->retry_after_ceiling;

	if (!settled->honours_retry_after || settled->max_attempts < 2)
		return;
	if (asked > settled->give_up_after)
		asked = settled->give_up_after;
	if (asked > *longest)
		*longest = asked;
}

millis lanes_longest_asked(const struct policy *policy,
			   const struct downstream_rules *downstream)
{
	millis longest = 0;

	visit_all(policy, downstream, longest_asked, &longest);
	return longest;
}

size_t ladder_rungs(millis ceiling, millis rungs[LADDER_RUNGS_MAX])
{
	size_t count = 0;

	assert(ceiling >= LADDER_FIRST);
	for (millis rung = LADDER_FIRST;
	     rung <= ceiling && count < LADDER_RUNGS_MAX; rung *= 2)
		rungs[count++] = rung;
	return count;
}

millis ladder_round(millis wait)
{
	millis grain = LADDER_FIRST;

	assert(wait >= 1);
	while (grain <= wait / 16)
		grain *= 2;
	if (wait > INT64_MAX - grain)
		return wait - wait % grain;
	return (wait + grain - 1) / grain * grain;
}

millis ladder_next(const millis *rungs, size_t count, millis left, millis *rest)
{
	size_t i = count - 1;

	assert(count >= 1);
	while (i > 0 && rungs[i] > left)
		i--;
	*rest = left > rungs[i] ? left - rungs[i] : 0;
	return rungs[i];
}

millis lane_for_hold(const millis *lanes, size_t count, millis wait)
{
	for (size_t i = 0; i < count; i++)
		if (lanes[i] >= wait)
			return lanes[i];
	return lanes[count - 1];
}

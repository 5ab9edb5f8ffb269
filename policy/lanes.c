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

static void add_pair(struct list *list, const struct policy *policy,
		     const struct error_rule *error,
		     const struct type_rule *type)
{
	if (error->class == CLASS_PERMANENT ||
	    (error->class == CLASS_AMBIGUOUS &&
	     policy->ambiguous == AMBIGUOUS_PARK))
		return;
	add_schedule(list, policy_schedule(policy, error, type),
		     policy_max_attempts(policy, error, type),
		     policy_give_up_after(policy, type));
}

static void add_rules(struct list *list, const struct policy *policy,
		      const struct error_rule *rules, size_t count)
{
	for (size_t i = 0; i < count && !list->over; i++) {
		add_pair(list, policy, &rules[i], NULL);
		for (size_t t = 0; t < policy->type_count; t++)
			add_pair(list, policy, &rules[i], &policy->types[t]);
	}
}

size_t lanes_of_policy(const struct policy *policy, millis *delays, size_t room)
{
	struct list list = {.delays = delays, .room = room};
	size_t built_in_count;
	const struct error_rule *built_in =
		policy_built_in_rules(&built_in_count);

	assert(room <= LANES_MAX);
	add_rules(&list, policy, policy->errors, policy->error_count);
	add_rules(&list, policy, built_in, built_in_count);
	return list.over ? room + 1 : list.count;
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

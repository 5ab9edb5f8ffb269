/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/load.h"

#include <assert.h>

/* The dice that draw each of the three waits. */
static const uint32_t dice[SCHEDULE_JITTER_STEPS] = {
	FORECAST_SHORTEST,
	FORECAST_MEAN,
	FORECAST_LONGEST,
};

/* What is being added up. */
struct sum {
	struct load load;
	double *minutes;
	size_t room;
};

static void count_retry(struct sum *sum, const struct load_group *group)
{
	uint64_t minute = (uint64_t)(group->forecast.at / MILLIS_PER_MINUTE);

	sum->load.retries += group->messages;
	if (group->forecast.at > sum->load.last)
		sum->load.last = group->forecast.at;
	if (minute >= sum->room) {
		sum->load.later += group->messages;
		return;
	}
	sum->minutes[minute] += group->messages;
	if (minute + 1 > sum->load.minute_count)
		sum->load.minute_count = (size_t)minute + 1;
}

/* Appends a group, or adds it to the last one if they are at one moment. */
static size_t append(struct load_group *to, size_t count,
		     const struct load_group *group)
{
	if (count > 0 && to[count - 1].forecast.at == group->forecast.at) {
		to[count - 1].messages += group->messages;
		return count;
	}
	to[count] = *group;
	return count + 1;
}

/* The earliest of what is left of the three branches. */
static size_t earliest(const struct load_group branch[SCHEDULE_JITTER_STEPS],
		       const bool has[SCHEDULE_JITTER_STEPS])
{
	size_t best = SCHEDULE_JITTER_STEPS;

	for (size_t i = 0; i < SCHEDULE_JITTER_STEPS; i++)
		if (has[i] &&
		    (best == SCHEDULE_JITTER_STEPS ||
		     branch[i].forecast.at < branch[best].forecast.at))
			best = i;
	return best;
}

/* The next group of `now`, from *at on, that goes on by that branch. */
static bool take(const struct load_group *now, size_t count, size_t *at,
		 uint32_t thrown, struct load_group *group)
{
	while (*at < count) {
		struct forecast_call call;

		*group = now[(*at)++];
		group->messages /= SCHEDULE_JITTER_STEPS;
		(void)forecast_next(&group->forecast, thrown, &call);
		if (!group->forecast.has_ended)
			return true;
	}
	return false;
}

/*
 * One call of every group. The groups are in order of time, and so are those
 * that went the same branch, since all wait as long: merging the branches
 * keeps the order.
 */
static size_t step_all(struct load_room *memory, size_t count)
{
	struct load_group branch[SCHEDULE_JITTER_STEPS];
	bool has[SCHEDULE_JITTER_STEPS];
	size_t at[SCHEDULE_JITTER_STEPS] = {0};
	size_t made = 0;

	for (size_t i = 0; i < SCHEDULE_JITTER_STEPS; i++)
		has[i] = take(memory->now, count, &at[i], dice[i], &branch[i]);
	for (;;) {
		size_t i = earliest(branch, has);

		if (i == SCHEDULE_JITTER_STEPS)
			return made;
		made = append(memory->next, made, &branch[i]);
		has[i] = take(memory->now, count, &at[i], dice[i], &branch[i]);
	}
}

/* Moves a group in time, and all that depends on it. */
static void shift(struct forecast *f, millis by)
{
	f->at += by;
	f->facts.age += by;
	f->facts.to_deadline -= by;
}

/* Two neighbours become one, at their mean. */
static struct load_group merge(const struct load_group *a,
			       const struct load_group *b)
{
	struct load_group both = *a;
	double share = b->messages / (a->messages + b->messages);

	both.messages += b->messages;
	shift(&both.forecast,
	      (millis)((double)(b->forecast.at - a->forecast.at) * share));
	return both;
}

/* So few that there is room for the next call. The first and the last stay as
   they are, so that the bounds are exact. */
static size_t thin(struct load_room *memory, size_t count)
{
	struct load_group *all = memory->next;

	while (count > LOAD_GROUPS_MAX) {
		size_t made = 1;
		size_t i = 1;

		for (; i + 2 < count; i += 2)
			all[made++] = merge(&all[i], &all[i + 1]);
		for (; i < count; i++)
			all[made++] = all[i];
		count = made;
	}
	for (size_t i = 0; i < count; i++)
		memory->now[i] = all[i];
	return count;
}

static size_t busiest(const struct sum *sum)
{
	size_t best = 0;

	for (size_t i = 1; i < sum->load.minute_count; i++)
		if (sum->minutes[i] > sum->minutes[best])
			best = i;
	return best;
}

struct load load_forecast(const struct forecast *first, double messages,
			  struct load_room *memory, double *minutes,
			  size_t room)
{
	struct sum sum = {.minutes = minutes, .room = room};
	size_t count = 1;

	assert(messages > 0 && !first->has_ended);
	for (size_t i = 0; i < room; i++)
		minutes[i] = 0;
	memory->now[0] = (struct load_group){*first, messages};
	for (uint32_t n = 1; count > 0; n++) {
		if (n > LOAD_ATTEMPTS_MAX) {
			sum.load.is_cut = true;
			break;
		}
		count = step_all(memory, count);
		for (size_t i = 0; i < count; i++)
			count_retry(&sum, &memory->next[i]);
		count = thin(memory, count);
	}
	sum.load.busiest = busiest(&sum);
	return sum.load;
}

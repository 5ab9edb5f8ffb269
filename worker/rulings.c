/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/rulings.h"

#include <stdlib.h>
#include <string.h>

#include "worker/mem.h"

static struct rulings new_rulings(const struct config *running)
{
	return (struct rulings){.running = running,
				.list = mem_array(running->pipeline_count,
						  sizeof(struct ruling))};
}

struct rulings rulings_begin(const struct config *running, struct ruleset *set)
{
	struct rulings rulings = new_rulings(running);

	for (size_t i = 0; i < running->pipeline_count; i++)
		rulings.list[i] =
			(struct ruling){.set = ruleset_keep(set),
					.pipeline = &running->pipelines[i]};
	return rulings;
}

struct rulings rulings_renew(const struct rulings *old, struct ruleset *set)
{
	const struct config *running = old->running;
	struct rulings rulings = new_rulings(running);

	for (size_t i = 0; i < running->pipeline_count; i++) {
		const struct pipeline_config *found =
			ruleset_pipeline(set, &running->pipelines[i]);
		struct ruling *ruling = &rulings.list[i];

		*ruling = old->list[i];
		if (found != NULL)
			*ruling =
				(struct ruling){.set = set, .pipeline = found};
		ruleset_keep(ruling->set);
	}
	return rulings;
}

void rulings_free(struct rulings *rulings)
{
	if (rulings->list == NULL)
		return;
	for (size_t i = 0; i < rulings->running->pipeline_count; i++)
		ruleset_drop(rulings->list[i].set);
	free(rulings->list);
	*rulings = (struct rulings){0};
}

static const millis *copy(const millis *from, size_t count, struct arena *arena)
{
	millis *to = arena_array(arena, count + 1, sizeof(*to));

	if (count > 0)
		memcpy(to, from, count * sizeof(*to));
	return to;
}

const struct config *rulings_needs(const struct rulings *rulings,
				   struct arena *arena)
{
	struct config *needs = arena_alloc(arena, sizeof(*needs));
	size_t count = rulings->running->pipeline_count;

	*needs = *rulings->running;
	needs->pipelines = arena_array(arena, count, sizeof(*needs->pipelines));
	for (size_t i = 0; i < count; i++) {
		const struct pipeline_config *from = rulings->list[i].pipeline;
		struct pipeline_config *to = &needs->pipelines[i];

		*to = rulings->running->pipelines[i];
		to->lanes = copy(from->lanes, from->lane_count, arena);
		to->lane_count = from->lane_count;
		to->ladder = copy(from->ladder, from->ladder_count, arena);
		to->ladder_count = from->ladder_count;
	}
	return needs;
}

/* How many of the delays are not among the old ones; both ascend. */
static size_t count_new(const millis *list, size_t count, const millis *old,
			size_t old_count)
{
	size_t found = 0;

	for (size_t i = 0, k = 0; i < count; i++) {
		while (k < old_count && old[k] < list[i])
			k++;
		found += k == old_count || old[k] != list[i];
	}
	return found;
}

size_t rulings_new_lanes(const struct rulings *rulings,
			 const struct rulings *old,
			 const struct pipeline_config *only)
{
	const struct config *running = rulings->running;
	size_t count = 0;

	for (size_t i = 0; i < running->pipeline_count; i++) {
		const struct pipeline_config *a = rulings->list[i].pipeline;
		const struct pipeline_config *b = old->list[i].pipeline;

		if (only != NULL && only != &running->pipelines[i])
			continue;
		count += count_new(a->lanes, a->lane_count, b->lanes,
				   b->lane_count);
		count += count_new(a->ladder, a->ladder_count, b->ladder,
				   b->ladder_count);
	}
	return count;
}

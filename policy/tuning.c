/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/tuning.h"

static const struct schedule built_in_schedule = {
	.kind = SCHEDULE_EXPONENTIAL,
	.first = 2 * MILLIS_PER_SECOND,
	.factor = 3 * SCHEDULE_FACTOR_UNIT,
	.max = 30 * MILLIS_PER_MINUTE,
};

static const struct tuning built_in = {
	.schedule = &built_in_schedule,
	.max_attempts = 8,
	.give_up_after = MILLIS_PER_DAY,
	.honour = HONOUR_YES,
	.retry_after_ceiling = MILLIS_PER_HOUR,
	.ambiguous = AMBIGUOUS_RETRY,
	.no_quick = true,
	.count_hold = HONOUR_NO,
};

const struct tuning *tuning_built_in(void)
{
	return &built_in;
}

/* Takes from a place what nothing more specific has set. */
static void take_limits(struct settled *s, const struct tuning *from,
			enum level level)
{
	if (s->schedule == NULL && from->schedule != NULL) {
		s->schedule = from->schedule;
		s->schedule_by = level;
	}
	if (s->max_attempts == 0 && from->max_attempts != 0) {
		s->max_attempts = from->max_attempts;
		s->max_attempts_by = level;
	}
	if (s->give_up_after == 0 && from->give_up_after != 0) {
		s->give_up_after = from->give_up_after;
		s->give_up_after_by = level;
	}
	if (s->ambiguous == AMBIGUOUS_UNSET) {
		s->ambiguous = from->ambiguous;
		s->ambiguous_by = level;
	}
	if (s->park_as == NULL && from->park_as != NULL) {
		s->park_as = from->park_as;
		s->park_as_by = level;
	}
}

static void take_retry_after(struct settled *s, enum honour *honour,
			     const struct tuning *from, enum level level)
{
	if (*honour == HONOUR_UNSET && from->honour != HONOUR_UNSET) {
		*honour = from->honour;
		s->honour_by = level;
	}
	if (s->retry_after_floor == 0 && from->retry_after_floor != 0) {
		s->retry_after_floor = from->retry_after_floor;
		s->floor_by = level;
	}
	if (s->retry_after_ceiling == 0 && from->retry_after_ceiling != 0) {
		s->retry_after_ceiling = from->retry_after_ceiling;
		s->ceiling_by = level;
	}
}

static void take_hold(struct settled *s, enum honour *counts,
		      const struct tuning *from, enum level level)
{
	if (*counts != HONOUR_UNSET || from->count_hold == HONOUR_UNSET)
		return;
	*counts = from->count_hold;
	s->counts_hold = *counts == HONOUR_YES;
	s->count_hold_by = level;
}

static void take_quick(struct settled *s, bool *has_quick,
		       const struct tuning *from, enum level level)
{
	if (*has_quick || (from->quick.tries == 0 && !from->no_quick))
		return;
	*has_quick = true;
	if (!from->no_quick)
		s->quick = from->quick;
	s->quick_by = level;
}

struct settled tuning_settle(const struct levels *levels)
{
	struct settled s = {.floor_by = LEVEL_BUILT_IN,
			    .park_as_by = LEVEL_BUILT_IN};
	enum honour honour = HONOUR_UNSET;
	enum honour counts_hold = HONOUR_UNSET;
	bool has_quick = false;

	for (int i = 0; i < LEVEL_COUNT; i++) {
		enum level level = (enum level)i;
		const struct tuning *from =
			level == LEVEL_BUILT_IN ? &built_in : levels->at[level];

		if (from == NULL)
			continue;
		take_limits(&s, from, level);
		take_retry_after(&s, &honour, from, level);
		take_quick(&s, &has_quick, from, level);
		take_hold(&s, &counts_hold, from, level);
	}
	s.honours_retry_after = honour == HONOUR_YES;
	/* A place that raises the one alone means the other to follow. */
	if (s.retry_after_floor > s.retry_after_ceiling) {
		if (s.floor_by < s.ceiling_by)
			s.retry_after_ceiling = s.retry_after_floor;
		else
			s.retry_after_floor = s.retry_after_ceiling;
	}
	return s;
}

const char *level_name(enum level level)
{
	switch (level) {
	case LEVEL_TYPE_ERROR:
		return "message type with error";
	case LEVEL_ERROR:
		return "error";
	case LEVEL_AMBIGUOUS:
		return "ambiguous answers";
	case LEVEL_TYPE:
		return "message type";
	case LEVEL_DOWNSTREAM:
		return "downstream";
	case LEVEL_POLICY:
		return "policy";
	case LEVEL_BUILT_IN:
		return "built in";
	}
	return "?";
}

const char *ambiguous_rule_name(enum ambiguous_rule rule)
{
	switch (rule) {
	case AMBIGUOUS_UNSET:
		return "";
	case AMBIGUOUS_RETRY:
		return "retry";
	case AMBIGUOUS_PARK:
		return "park";
	}
	return "?";
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/explain_settings.h"

#include "policy/duration.h"

const char *explain_duration(millis duration, struct arena *arena)
{
	char spelling[DURATION_SPELLING_MAX];

	if (duration == POLICY_UNLIMITED_TIME)
		return "never";
	return arena_string(arena, text_of(duration_spell(duration, spelling)));
}

const char *explain_about(millis duration, struct arena *arena)
{
	if (duration >= MILLIS_PER_MINUTE &&
	    duration <= INT64_MAX - MILLIS_PER_SECOND)
		duration = (duration + MILLIS_PER_SECOND / 2) /
			   MILLIS_PER_SECOND * MILLIS_PER_SECOND;
	return explain_duration(duration, arena);
}

const char *explain_clean(struct text text, struct arena *arena)
{
	struct json *mended = json_of_text(text);
	char *clean = arena_string(arena, text_of(json_string(mended)));

	json_free(mended);
	for (char *c = clean; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
	return clean;
}

const char *explain_line(struct source_line line, struct arena *arena)
{
	return line.file == NULL
		       ? "built in"
		       : arena_printf(arena, "%s:%u", line.file, line.line);
}

void explain_put_line(struct json *object, struct source_line line)
{
	if (line.file == NULL)
		return;
	json_put_string(object, "file", line.file);
	json_put_integer(object, "line", line.line);
}

/* --- a schedule ------------------------------------------------------------------ */

/* Thousandths, without zeros at their end. */
static const char *factor(uint32_t thousandths, struct arena *arena)
{
	uint32_t whole = thousandths / SCHEDULE_FACTOR_UNIT;
	uint32_t rest = thousandths % SCHEDULE_FACTOR_UNIT;
	int digits = 3;

	if (rest == 0)
		return arena_printf(arena, "%u", whole);
	while (rest % 10 == 0) {
		rest /= 10;
		digits--;
	}
	return arena_printf(arena, "%u.%0*u", whole, digits, rest);
}

static const char *custom(const struct schedule *s, struct arena *arena)
{
	const char *list = "";

	for (size_t i = 0; i < s->delay_count; i++)
		list = arena_printf(arena, "%s%s, ", list,
				    explain_duration(s->delays[i], arena));
	return arena_printf(arena, "custom: %s%s", list,
			    s->then_park ? "then parking"
					 : "then the last again");
}

static const char *without_jitter(const struct schedule *s, struct arena *arena)
{
	const char *first = explain_duration(s->first, arena);

	switch (s->kind) {
	case SCHEDULE_EXPONENTIAL:
		return arena_printf(arena,
				    "exponential: %s, times %s, at most %s",
				    first, factor(s->factor, arena),
				    explain_duration(s->max, arena));
	case SCHEDULE_LINEAR:
		return arena_printf(arena, "linear: %s, plus %s, at most %s",
				    first, explain_duration(s->step, arena),
				    explain_duration(s->max, arena));
	case SCHEDULE_FIXED:
		return arena_printf(arena, "fixed: %s", first);
	case SCHEDULE_CUSTOM:
		break;
	}
	return custom(s, arena);
}

const char *explain_schedule_words(const struct schedule *schedule,
				   struct arena *arena)
{
	const char *words = without_jitter(schedule, arena);

	if (schedule->jitter_pct == 0)
		return words;
	return arena_printf(arena, "%s, jitter %u%%", words,
			    schedule->jitter_pct);
}

/* --- who has said it --------------------------------------------------------------- */

static const char *level_words(const struct explain_case *c, enum level level)
{
	const char *type = c->type == NULL ? "" : c->type->match;

	switch (level) {
	case LEVEL_TYPE_ERROR:
		return arena_printf(c->arena, "type \"%s\", error \"%s\"", type,
				    c->judgement.error);
	case LEVEL_ERROR:
		return arena_printf(c->arena, "error rule \"%s\"",
				    c->judgement.error);
	case LEVEL_AMBIGUOUS:
		return arena_printf(c->arena, "ambiguous of policy \"%s\"",
				    c->policy->name);
	case LEVEL_TYPE:
		return arena_printf(c->arena, "type \"%s\"", type);
	case LEVEL_DOWNSTREAM:
		return arena_printf(c->arena, "downstream \"%s\"",
				    c->downstream->name);
	case LEVEL_POLICY:
		return arena_printf(c->arena, "policy \"%s\"", c->policy->name);
	case LEVEL_BUILT_IN:
		break;
	}
	return level_name(level);
}

static struct explain_setting setting(const struct explain_case *c,
				      const char *name, const char *value,
				      enum level level)
{
	const struct tuning *at = c->levels.at[level];

	return (struct explain_setting){
		.name = name,
		.value = value,
		.level = level,
		.by = level_words(c, level),
		.written = at != NULL ? at->written : (struct source_line){0},
	};
}

static const char *quick_words(const struct quick *quick, struct arena *arena)
{
	if (quick->tries == 0)
		return "none";
	return arena_printf(arena, "%u within %s", quick->tries,
			    explain_duration(quick->within, arena));
}

void explain_settings(const struct explain_case *c,
		      struct explain_setting settings[EXPLAIN_SETTINGS])
{
	const struct settled *s = &c->settled;
	struct arena *arena = c->arena;
	size_t i = 0;

	settings[i++] = setting(c, "schedule",
				explain_schedule_words(s->schedule, arena),
				s->schedule_by);
	settings[i++] = setting(c, "max_attempts",
				arena_printf(arena, "%u", s->max_attempts),
				s->max_attempts_by);
	settings[i++] = setting(c, "give_up_after",
				explain_duration(s->give_up_after, arena),
				s->give_up_after_by);
	settings[i++] = setting(c, "honour_retry_after",
				s->honours_retry_after ? "true" : "false",
				s->honour_by);
	settings[i++] = setting(c, "retry_after_floor",
				explain_duration(s->retry_after_floor, arena),
				s->floor_by);
	settings[i++] = setting(c, "retry_after_ceiling",
				explain_duration(s->retry_after_ceiling, arena),
				s->ceiling_by);
	settings[i++] =
		setting(c, "ambiguous", ambiguous_rule_name(s->ambiguous),
			s->ambiguous_by);
	settings[i++] =
		setting(c, "quick", quick_words(&s->quick, arena), s->quick_by);
	settings[i++] =
		setting(c, "park_as", s->park_as != NULL ? s->park_as : "none",
			s->park_as_by);
	settings[i++] =
		setting(c, "count_hold", s->counts_hold ? "true" : "false",
			s->count_hold_by);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_list.c - values of several elements: texts, delays, statuses,
 * transports.
 */
#include "worker/setting_value.h"

#include <string.h>

#include "policy/duration.h"
#include "policy/condition.h"

/* One status in at most three digits, or -1. */
static int status_of(struct text text)
{
	int status = 0;

	if (text.len != 3)
		return -1;
	for (size_t i = 0; i < 3; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return -1;
		status = 10 * status + (text.at[i] - '0');
	}
	return status;
}

/* "429", "5xx", "500-503" */
static bool parse_range(struct text text, struct status_range *range)
{
	if (text.len == 3 && text.at[1] == 'x' && text.at[2] == 'x') {
		range->first = (text.at[0] - '0') * 100;
		range->last = range->first + 99;
	} else if (text.len == 7 && text.at[3] == '-') {
		range->first = status_of((struct text){text.at, 3});
		range->last = status_of((struct text){text.at + 4, 3});
	} else {
		range->first = status_of(text);
		range->last = range->first;
	}
	return range->first >= 100 && range->last <= 599 &&
	       range->first <= range->last;
}

static bool range_in(const struct tree *value, struct status_range *range)
{
	if (value->kind == TREE_STRING)
		return parse_range(text_of(value->string), range);
	if (value->kind != TREE_INTEGER || value->integer < 100 ||
	    value->integer > 599)
		return false;
	range->first = (int)value->integer;
	range->last = range->first;
	return true;
}

static bool add_status(struct reading *r, const struct tree *value,
		       struct condition *rule, bool is_error, bool *is_said)
{
	struct status_range range;

	if (!range_in(value, &range))
		return false;
	if (rule->status_count == CONDITION_STATUSES_MAX ||
	    (is_error && range.first >= 200 && range.last <= 299)) {
		*is_said = true;
		complain(r->complaints, value,
			 rule->status_count == CONDITION_STATUSES_MAX
				 ? "%s is one too many: a rule takes at most "
				   "32 statuses. Use ranges (\"500-503\")."
				 : "%s is a success by itself. A rule in the "
				   "downstream's \"success\" can say what "
				   "makes it a failure, and give it a name.",
			 tree_path(r->arena, value));
		return false;
	}
	rule->statuses[rule->status_count++] = range;
	return true;
}

static bool add_transport(const struct tree *value, struct condition *rule)
{
	enum transport transport;

	if (value->kind != TREE_STRING ||
	    !transport_parse(text_of(value->string), &transport) ||
	    transport == TRANSPORT_COMPLETE)
		return false;
	rule->transports |= UINT32_C(1) << transport;
	return true;
}

static bool add_delay(struct reading *r, const struct tree *value,
		      struct schedule *schedule, bool *is_said)
{
	millis delay;

	if (value->kind != TREE_STRING ||
	    !duration_parse(text_of(value->string), &delay) || delay < 1 ||
	    delay > SCHEDULE_DELAY_MAX)
		return false;
	if (schedule->delay_count == SCHEDULE_CUSTOM_MAX) {
		*is_said = true;
		complain(r->complaints, value,
			 "%s is one too many: there are at most 64 delays.",
			 tree_path(r->arena, value));
		return false;
	}
	schedule->delays[schedule->delay_count++] = delay;
	return true;
}

static bool add_text(struct reading *r, const struct tree *value,
		     struct texts *texts)
{
	if (value->kind != TREE_STRING || *value->string == '\0')
		return false;
	texts->list[texts->count++] =
		arena_string(r->arena, text_of(value->string));
	return true;
}

/* Adds an element. *is_said: why not was complained about already. */
static bool add(struct reading *r, const struct setting *setting,
		const struct tree *value, void *into, bool *is_said)
{
	void *place = (char *)into + setting->offset;

	switch (setting->kind) {
	case SETTING_STATUSES:
		return add_status(r, value, place,
				  setting->scope == SCOPE_ERROR, is_said);
	case SETTING_TRANSPORTS:
		return add_transport(value, place);
	case SETTING_DURATIONS:
		return add_delay(r, value, into, is_said);
	default:
		return add_text(r, value, place);
	}
}

/* A text list begins anew: what is written replaces the default. */
static void begin(struct reading *r, const struct setting *setting,
		  size_t count, void *into)
{
	struct texts *texts = (void *)((char *)into + setting->offset);

	if (setting->kind != SETTING_TEXTS)
		return;
	texts->count = 0;
	texts->list = arena_array(r->arena, count + 1, sizeof(*texts->list));
}

bool setting_store_list(struct reading *r, const struct setting *setting,
			const struct tree *value, const struct tree *at,
			void *into)
{
	size_t count = tree_elements(value);
	bool done = count > 0;

	if (count == 0 || value->kind == TREE_GROUP)
		return setting_mismatch(r, setting, value, at);
	begin(r, setting, count, into);
	for (size_t i = 0; i < count; i++) {
		const struct tree *element = tree_element(value, i);
		bool is_said = false;

		if (add(r, setting, element, into, &is_said))
			continue;
		if (!is_said)
			setting_mismatch(r, setting, element, at);
		done = false;
	}
	return done;
}

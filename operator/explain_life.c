/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/explain_life.h"

#include <string.h>

#include "operator/explain_settings.h"

#define OTHER_TYPES "other types"

static struct explain_walk walk(const struct explain_case *c, struct text type,
				uint32_t dice)
{
	struct forecast f = explain_forecast_type(c, type);
	struct forecast_call last;
	struct explain_walk walk = {.call_count =
					    forecast_run(&f, dice, &last)};

	walk.calls =
		arena_array(c->arena, walk.call_count, sizeof(*walk.calls));
	f = explain_forecast_type(c, type);
	for (size_t i = 0; i < walk.call_count; i++)
		(void)forecast_next(&f, dice, &walk.calls[i]);
	return walk;
}

static struct explain_life life_of(const struct explain_case *c,
				   struct text type, const char *label)
{
	return (struct explain_life){
		.label = label,
		.is_asked = policy_type(c->policy, type) == c->type,
		.longest = walk(c, type, FORECAST_LONGEST),
		.mean = walk(c, type, FORECAST_MEAN),
		.shortest = walk(c, type, FORECAST_SHORTEST),
	};
}

struct explain_life explain_life(const struct explain_case *c)
{
	return life_of(c, c->facts.type,
		       explain_clean(c->facts.type, c->arena));
}

const struct verdict *explain_walk_end(const struct explain_walk *walk)
{
	return &walk->calls[walk->call_count - 1].verdict;
}

/* --- a type for each pattern ----------------------------------------------------- */

/* The pattern with `many` for each "#" and a word for each "*"; empty words
   are left out. */
static struct text fill_in(struct arena *arena, const char *pattern,
			   const char *many)
{
	const char *type = "";

	while (*pattern != '\0') {
		size_t len = strcspn(pattern, ".");
		struct text word = {.at = pattern, .len = len};

		if (text_is(word, "#"))
			word = text_of(many);
		else if (text_is(word, "*"))
			word = TEXT("any");
		if (word.len > 0)
			type = arena_printf(arena, "%s%s%.*s", type,
					    *type != '\0' ? "." : "",
					    (int)word.len, word.at);
		pattern += len;
		pattern += *pattern == '.';
	}
	return text_of(type);
}

/* A type that this entry is the one for. False if there seems to be none. */
static bool example(const struct explain_case *c, const struct type_rule *entry,
		    struct text *type)
{
	static const char *const many[] = {"", "any", "any.other",
					   "any.other.one"};

	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		*type = fill_in(c->arena, entry->match, many[i]);
		if (policy_type(c->policy, *type) == entry)
			return true;
	}
	return false;
}

/* A type that no entry names. */
static bool other_type(const struct explain_case *c, struct text *type)
{
	static const char *const tries[] = {"", "other", "any.other",
					    "any.other.one"};

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		*type = text_of(tries[i]);
		if (policy_type(c->policy, *type) == NULL)
			return true;
	}
	return false;
}

static void add(const struct explain_case *c, struct explain_lives *lives,
		struct text type, const char *label)
{
	struct explain_life life = life_of(c, type, label);
	const struct explain_walk *longest = &life.longest;
	millis end = longest->calls[longest->call_count - 1].ended;

	if (end > lives->end)
		lives->end = end;
	if (life.shortest.call_count > 1) {
		millis first = life.shortest.calls[1].at;

		if (lives->first_wait == 0 || first < lives->first_wait)
			lives->first_wait = first < 1 ? 1 : first;
	}
	lives->list[lives->count++] = life;
}

struct explain_lives explain_lives(const struct explain_case *c)
{
	const struct policy *policy = c->policy;
	struct explain_lives lives = {0};
	struct text type;

	lives.list = arena_array(c->arena, policy->type_count + 2,
				 sizeof(*lives.list));
	for (size_t i = 0; i < policy->type_count; i++)
		if (example(c, &policy->types[i], &type))
			add(c, &lives, type,
			    explain_clean(text_of(policy->types[i].match),
					  c->arena));
	if (other_type(c, &type))
		add(c, &lives, type,
		    lives.count > 0 ? OTHER_TYPES : "all types");
	/* All is shadowed by what cannot be spelt: the one that was asked. */
	if (lives.count == 0)
		add(c, &lives, c->facts.type, OTHER_TYPES);
	return lives;
}

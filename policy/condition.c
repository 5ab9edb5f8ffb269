/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/condition.h"

#include <string.h>

bool condition_is_empty(const struct condition *condition)
{
	return condition->status_count == 0 && condition->transports == 0 &&
	       condition->downstream_count == 0 &&
	       condition->understood_count == 0 &&
	       condition->matcher_count == 0;
}

static bool has_status(const struct condition *condition, int status)
{
	for (size_t i = 0; i < condition->status_count; i++)
		if (status >= condition->statuses[i].first &&
		    status <= condition->statuses[i].last)
			return true;
	return false;
}

/* Status and transport are one part: an answer has the one or the other. */
static bool came_so(const struct condition *condition,
		    const struct outcome *outcome)
{
	if (condition->status_count == 0 && condition->transports == 0)
		return true;
	if (outcome->transport == TRANSPORT_COMPLETE)
		return has_status(condition, outcome->status);
	return (condition->transports >> outcome->transport & 1) != 0;
}

static bool is_among(const char *const *names, size_t count, const char *name)
{
	if (count == 0)
		return true;
	for (size_t i = 0; name != NULL && i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static bool all_match(const struct condition *condition,
		      const struct facts *facts)
{
	for (size_t i = 0; i < condition->matcher_count; i++)
		if (!facts_has(facts, condition->matchers[i]))
			return false;
	return true;
}

static bool all_may_match(const struct condition *condition,
			  const struct facts *facts)
{
	for (size_t i = 0; i < condition->matcher_count; i++)
		if (!facts_has(facts, condition->matchers[i]) &&
		    !facts_is_open(facts, condition->matchers[i]))
			return false;
	return true;
}

/* All parts but the matchers. */
static bool holds_else(const struct condition *condition,
		       const char *downstream, const char *understood,
		       const struct outcome *outcome)
{
	return came_so(condition, outcome) &&
	       is_among(condition->downstreams, condition->downstream_count,
			downstream) &&
	       is_among(condition->understood, condition->understood_count,
			understood);
}

bool condition_holds(const struct condition *condition, const char *downstream,
		     const char *understood, const struct outcome *outcome)
{
	return holds_else(condition, downstream, understood, outcome) &&
	       all_match(condition, &outcome->facts);
}

bool condition_may_hold(const struct condition *condition,
			const char *downstream, const char *understood,
			const struct outcome *outcome)
{
	return holds_else(condition, downstream, understood, outcome) &&
	       all_may_match(condition, &outcome->facts);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy.h"

#include <assert.h>

#include "policy/lanes.h"
#include "policy/pattern.h"

static bool rule_matches(const struct error_rule *rule,
			 const struct outcome *outcome)
{
	if (outcome->transport != TRANSPORT_COMPLETE)
		return (rule->transports >> outcome->transport & 1) != 0;
	for (size_t i = 0; i < rule->status_count; i++)
		if (outcome->status >= rule->statuses[i].first &&
		    outcome->status <= rule->statuses[i].last)
			return true;
	return false;
}

static const struct error_rule *find_rule(const struct error_rule *rules,
					  size_t count,
					  const struct outcome *outcome)
{
	for (size_t i = 0; i < count; i++)
		if (rule_matches(&rules[i], outcome))
			return &rules[i];
	return NULL;
}

const struct error_rule *policy_classify(const struct policy *policy,
					 const struct outcome *outcome)
{
	size_t count;
	const struct error_rule *built_in = policy_built_in_rules(&count);
	const struct error_rule *rule;

	assert(!outcome_is_success(outcome));
	rule = find_rule(policy->errors, policy->error_count, outcome);
	if (rule == NULL)
		rule = find_rule(built_in, count, outcome);
	/* The last built-in rule takes what is left: a status out of range. */
	return rule != NULL ? rule : &built_in[count - 1];
}

const struct type_rule *policy_type(const struct policy *policy,
				    struct text type)
{
	const struct type_rule *best = NULL;

	for (size_t i = 0; i < policy->type_count; i++) {
		const struct type_rule *rule = &policy->types[i];

		if (!pattern_matches(text_of(rule->match), type))
			continue;
		if (best == NULL || pattern_compare(text_of(rule->match),
						    text_of(best->match)) > 0)
			best = rule;
	}
	return best;
}

uint32_t policy_max_attempts(const struct policy *policy,
			     const struct error_rule *error,
			     const struct type_rule *type)
{
	if (error != NULL && error->max_attempts != 0)
		return error->max_attempts;
	if (type != NULL && type->max_attempts != 0)
		return type->max_attempts;
	return policy->max_attempts;
}

const struct schedule *policy_schedule(const struct policy *policy,
				       const struct error_rule *error,
				       const struct type_rule *type)
{
	if (error != NULL && error->schedule != NULL)
		return error->schedule;
	if (type != NULL && type->schedule != NULL)
		return type->schedule;
	return &policy->schedule;
}

millis policy_give_up_after(const struct policy *policy,
			    const struct type_rule *type)
{
	if (type != NULL && type->give_up_after != 0)
		return type->give_up_after;
	return policy->give_up_after;
}

static struct verdict park(const struct error_rule *rule,
			   enum park_reason reason)
{
	return (struct verdict){
		.kind = VERDICT_PARK,
		.error = rule->name,
		.class = rule->class,
		.reason = reason,
		.rule = rule,
	};
}

/* What a server asked for, within floor and ceiling, as the ladder gives it;
   0 if nothing that is honoured. */
static millis server_wait(const struct policy *policy,
			  const struct error_rule *rule,
			  const struct outcome *outcome)
{
	millis asked = outcome->retry_after;

	if (asked < 0 || policy->ignore_retry_after || rule->ignore_retry_after)
		return 0;
	if (asked < policy->retry_after_floor)
		asked = policy->retry_after_floor;
	if (asked > policy->retry_after_ceiling)
		asked = policy->retry_after_ceiling;
	return asked < 1 ? 0 : ladder_round(asked);
}

static struct verdict
retry_or_give_up(const struct policy *policy, const struct message_facts *facts,
		 const struct step *step, const struct outcome *outcome,
		 const struct error_rule *rule, uint32_t dice)
{
	const struct type_rule *type = policy_type(policy, facts->type);
	const struct schedule *schedule = policy_schedule(policy, rule, type);
	uint32_t max = policy_max_attempts(policy, rule, type);
	uint32_t failures = step_failures(step, text_of(rule->name));
	millis limit = policy_give_up_after(policy, type);
	millis wait;

	if (step->attempts >= max - 1)
		return park(rule, PARK_ATTEMPTS);
	if (failures < UINT32_MAX)
		failures++;
	if (!schedule_wait(schedule, failures, dice, &wait))
		return park(rule, PARK_ATTEMPTS);

	millis asked = server_wait(policy, rule, outcome);
	bool by_server = asked > wait;

	if (by_server)
		wait = asked;
	if (facts->age >= limit || wait > limit - facts->age)
		return park(rule, PARK_AGE);
	return (struct verdict){
		.kind = VERDICT_RETRY,
		.error = rule->name,
		.class = rule->class,
		.delay = wait,
		.by_server = by_server,
		.rule = rule,
	};
}

struct verdict policy_decide(const struct policy *policy,
			     const struct message_facts *facts,
			     const struct step *step,
			     const struct outcome *outcome, uint32_t dice)
{
	if (outcome_is_success(outcome))
		return (struct verdict){.kind = VERDICT_DONE};

	const struct error_rule *rule = policy_classify(policy, outcome);

	switch (rule->class) {
	case CLASS_PERMANENT:
		return park(rule, PARK_PERMANENT);
	case CLASS_AMBIGUOUS:
		if (policy->ambiguous == AMBIGUOUS_PARK)
			return park(rule, PARK_AMBIGUOUS);
		break;
	case CLASS_TRANSIENT:
		break;
	}
	return retry_or_give_up(policy, facts, step, outcome, rule, dice);
}

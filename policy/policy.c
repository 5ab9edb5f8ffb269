/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.c - what holds for an error, and what follows.
 */
#include "policy/policy.h"

#include <assert.h>
#include <string.h>

#include "policy/lanes.h"
#include "policy/pattern.h"

/* --- what holds for it ------------------------------------------------------- */

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

static const struct tuning *type_error(const struct type_rule *type,
				       const char *error)
{
	if (error == NULL)
		return NULL;
	for (size_t i = 0; i < type->error_count; i++)
		if (strcmp(type->errors[i].error, error) == 0)
			return &type->errors[i].own;
	return NULL;
}

struct levels policy_levels(const struct policy *policy,
			    const struct downstream_rules *downstream,
			    const struct error_rule *rule, const char *error,
			    enum error_class class,
			    const struct type_rule *type)
{
	struct levels levels = {
		.at =
			{
				[LEVEL_DOWNSTREAM] = &downstream->own,
				[LEVEL_POLICY] = &policy->own,
			},
	};

	if (rule != NULL)
		levels.at[LEVEL_ERROR] = &rule->own;
	if (class == CLASS_AMBIGUOUS)
		levels.at[LEVEL_AMBIGUOUS] = &policy->ambiguous;
	if (type != NULL) {
		levels.at[LEVEL_TYPE] = &type->own;
		levels.at[LEVEL_TYPE_ERROR] = type_error(type, error);
	}
	return levels;
}

struct settled policy_settle(const struct policy *policy,
			     const struct downstream_rules *downstream,
			     const struct error_rule *rule, const char *error,
			     enum error_class class,
			     const struct type_rule *type)
{
	const struct levels levels =
		policy_levels(policy, downstream, rule, error, class, type);

	return tuning_settle(&levels);
}

/* --- what follows ------------------------------------------------------------ */

/* All that a decision looks at. */
struct question {
	const struct settled *settled;
	const struct message_facts *facts;
	const struct step *step;
	const struct outcome *outcome;
	const struct judgement *judgement;
	uint32_t dice;
};

static struct verdict park(const struct question *q, enum park_reason reason)
{
	return (struct verdict){
		.kind = VERDICT_PARK,
		.error = q->judgement->error,
		.class = q->judgement->class,
		.reason = reason,
		.park_as = q->settled->park_as,
		.is_exempt = q->judgement->rule != NULL &&
			     q->judgement->rule->storm == HONOUR_NO,
	};
}

static struct verdict again(const struct question *q, enum verdict_kind kind,
			    millis delay)
{
	return (struct verdict){
		.kind = kind,
		.error = q->judgement->error,
		.class = q->judgement->class,
		.delay = delay,
	};
}

/* What a server asked for, within floor and ceiling, as the ladder gives it;
   0 if nothing that is honoured. */
static millis server_wait(const struct settled *settled,
			  const struct outcome *outcome)
{
	millis asked = outcome->retry_after;

	if (asked < 0 || !settled->honours_retry_after)
		return 0;
	if (asked < settled->retry_after_floor)
		asked = settled->retry_after_floor;
	if (asked > settled->retry_after_ceiling)
		asked = settled->retry_after_ceiling;
	return asked < 1 ? 0 : ladder_round(asked);
}

/* Is it too late for a call after that wait? */
static bool is_too_old(const struct question *q, millis wait)
{
	millis limit = q->settled->give_up_after;
	millis age = q->facts->age;

	if (!q->settled->counts_hold)
		age = age > q->facts->held ? age - q->facts->held : 0;
	return age >= limit || wait > limit - age;
}

static bool is_past_deadline(const struct question *q, millis wait)
{
	return q->facts->has_deadline && wait > q->facts->to_deadline;
}

static bool quick_delay(const struct question *q, millis asked, millis *wait)
{
	return q->facts->may_quick &&
	       quick_wait(&q->settled->quick, q->facts->quick_made,
			  q->facts->quick_spent, wait) &&
	       asked <= *wait && !is_too_old(q, *wait) &&
	       !is_past_deadline(q, *wait);
}

static struct verdict retry_or_give_up(const struct question *q)
{
	uint32_t failures =
		step_failures(q->step, text_of(q->judgement->error));
	millis asked = server_wait(q->settled, q->outcome);
	struct verdict verdict;
	millis wait;

	if (q->step->attempts >= q->settled->max_attempts - 1)
		return park(q, PARK_ATTEMPTS);
	if (quick_delay(q, asked, &wait))
		return again(q, VERDICT_QUICK, wait);
	if (failures < UINT32_MAX)
		failures++;
	if (!schedule_wait(q->settled->schedule, failures, q->dice, &wait))
		return park(q, PARK_ATTEMPTS);
	verdict = again(q, VERDICT_RETRY, asked > wait ? asked : wait);
	verdict.by_server = asked > wait;
	if (is_too_old(q, verdict.delay))
		return park(q, PARK_AGE);
	if (is_past_deadline(q, verdict.delay))
		return park(q, PARK_DEADLINE);
	return verdict;
}

struct verdict policy_decide(const struct policy *policy,
			     const struct downstream_rules *downstream,
			     const struct message_facts *facts,
			     const struct step *step,
			     const struct outcome *outcome, uint32_t dice)
{
	const struct judgement judgement =
		policy_judge(policy, downstream, outcome);
	struct settled settled;
	struct question question = {.settled = &settled,
				    .facts = facts,
				    .step = step,
				    .outcome = outcome,
				    .judgement = &judgement,
				    .dice = dice};

	if (judgement.is_done)
		return (struct verdict){.kind = VERDICT_DONE,
					.is_already = judgement.is_already};
	settled = policy_settle(policy, downstream, judgement.rule,
				judgement.error, judgement.class,
				policy_type(policy, facts->type));
	if (judgement.class == CLASS_PERMANENT)
		return park(&question, PARK_PERMANENT);
	if (judgement.class == CLASS_AMBIGUOUS &&
	    settled.ambiguous == AMBIGUOUS_PARK)
		return park(&question, PARK_AMBIGUOUS);
	return retry_or_give_up(&question);
}

void policy_count(struct step *step, const struct verdict *verdict)
{
	assert(verdict->kind != VERDICT_DONE);
	if (verdict->class == CLASS_PERMANENT)
		return;
	if (step->attempts < UINT32_MAX)
		step->attempts++;
	if (verdict->kind != VERDICT_QUICK)
		step_count_failure(step, text_of(verdict->error));
}

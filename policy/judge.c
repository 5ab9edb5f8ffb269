/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge.c - what the outcome of a call is: done, or an error with a name and a
 * class.
 */
#include "policy/policy.h"

/* The rule that holds, or NULL. *doubt is the first before it that may hold and
   calls the answer a failure, or NULL. */
static const struct success_rule *
success_rule(const struct downstream_rules *downstream,
	     const struct outcome *outcome, const struct success_rule **doubt)
{
	const char *name = downstream->name;
	const char *understood = outcome->understood.error;

	*doubt = NULL;
	if (outcome->transport != TRANSPORT_COMPLETE)
		return NULL;
	for (size_t i = 0; i < downstream->success_count; i++) {
		const struct success_rule *rule = &downstream->success[i];

		if (condition_holds(&rule->when, name, understood, outcome))
			return rule;
		if (*doubt == NULL && rule->meaning == SUCCESS_FAILED &&
		    condition_may_hold(&rule->when, name, understood, outcome))
			*doubt = rule;
	}
	return NULL;
}

/* What an answer claims about itself, before any error rule is asked. */
struct claim {
	bool is_done;
	bool is_already;
	const char *error; /* NULL: it gives no name */
	bool has_class;
	enum error_class class;
	enum judged_by by;
	const struct success_rule *success;
};

static struct claim claim_of_body(const struct understanding *understood)
{
	struct claim claim = {
		.error = understood->error,
		.by = JUDGED_BY_UNDERSTANDING,
	};

	switch (understood->sense) {
	case SENSE_NONE:
	case SENSE_FAILED:
		break;
	case SENSE_DONE:
		claim.is_done = true;
		break;
	case SENSE_ALREADY:
		claim.is_done = true;
		claim.is_already = true;
		break;
	case SENSE_TRANSIENT:
	case SENSE_PERMANENT:
	case SENSE_AMBIGUOUS:
		claim.has_class = true;
		break;
	}
	if (understood->sense == SENSE_PERMANENT)
		claim.class = CLASS_PERMANENT;
	else if (understood->sense == SENSE_AMBIGUOUS)
		claim.class = CLASS_AMBIGUOUS;
	return claim;
}

/* A rule that calls it a failure, and no more, leaves the rest to the body. */
static struct claim claim_of_rule(const struct success_rule *rule,
				  const struct outcome *outcome)
{
	struct claim claim = claim_of_body(&outcome->understood);

	claim.is_done = rule->meaning != SUCCESS_FAILED;
	claim.is_already = rule->meaning == SUCCESS_ALREADY;
	claim.by = JUDGED_BY_SUCCESS_RULE;
	claim.success = rule;
	if (rule->error != NULL)
		claim.error = rule->error;
	if (rule->has_class) {
		claim.has_class = true;
		claim.class = rule->class;
	}
	return claim;
}

/* By the first that has something to say. */
static struct claim first_claim(const struct success_rule *rule,
				const struct outcome *outcome)
{
	if (rule != NULL)
		return claim_of_rule(rule, outcome);
	if (outcome->transport == TRANSPORT_COMPLETE &&
	    outcome->understood.sense != SENSE_NONE)
		return claim_of_body(&outcome->understood);
	return (struct claim){.is_done = outcome_is_success(outcome)};
}

static struct claim claim_of(const struct downstream_rules *downstream,
			     const struct outcome *outcome)
{
	const struct success_rule *doubt;
	const struct success_rule *rule =
		success_rule(downstream, outcome, &doubt);
	struct claim claim = first_claim(rule, outcome);

	if (!claim.is_done || doubt == NULL)
		return claim;
	return (struct claim){.error = SUCCESS_UNREAD,
			      .has_class = true,
			      .class = CLASS_AMBIGUOUS,
			      .by = JUDGED_BY_SUCCESS_RULE,
			      .success = doubt};
}

static const struct error_rule *find_rule(const struct error_rule *rules,
					  size_t count, const char *downstream,
					  const char *understood,
					  const struct outcome *outcome)
{
	for (size_t i = 0; i < count; i++)
		if (condition_holds(&rules[i].when, downstream, understood,
				    outcome))
			return &rules[i];
	return NULL;
}

/* The built-in rule that holds. The last one takes what is left: a status out
   of range. */
static const struct error_rule *built_in_rule(const struct outcome *outcome)
{
	size_t count;
	const struct error_rule *rules = policy_built_in_rules(&count);
	const struct error_rule *rule =
		find_rule(rules, count, NULL, NULL, outcome);

	return rule != NULL ? rule : &rules[count - 1];
}

static struct judgement judge_failure(const struct policy *policy,
				      const struct downstream_rules *downstream,
				      const struct claim *claim,
				      const struct outcome *outcome)
{
	struct judgement j = {.success = claim->success};

	j.rule = find_rule(policy->errors, policy->error_count,
			   downstream->name, claim->error, outcome);
	if (j.rule != NULL) {
		j.by = JUDGED_BY_RULE;
		j.error = j.rule->name;
		j.class = j.rule->class;
		return j;
	}
	if (claim->has_class) {
		j.by = claim->by;
		j.error = claim->error != NULL ? claim->error : "refused";
		j.class = claim->class;
		return j;
	}
	j.rule = built_in_rule(outcome);
	j.by = JUDGED_BY_BUILT_IN;
	j.error = claim->error != NULL ? claim->error : j.rule->name;
	j.class = j.rule->class;
	return j;
}

struct judgement policy_judge(const struct policy *policy,
			      const struct downstream_rules *downstream,
			      const struct outcome *outcome)
{
	const struct claim claim = claim_of(downstream, outcome);

	if (claim.is_done)
		return (struct judgement){
			.is_done = true,
			.is_already = claim.is_already,
			.by = claim.by,
			.success = claim.success,
		};
	return judge_failure(policy, downstream, &claim, outcome);
}

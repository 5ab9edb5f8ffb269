/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/check_ambiguous.h"

#include <stdio.h>

#include "worker/config_case.h"

/* What the cases of one policy come to. */
struct tally {
	bool retries;
	bool parks;
};

static void look_at(void *context, const struct config_case *c)
{
	struct tally *tally = context;

	if (c->class != CLASS_AMBIGUOUS)
		return;
	if (c->settled.ambiguous == AMBIGUOUS_PARK ||
	    c->settled.max_attempts == 1)
		tally->parks = true;
	else
		tally->retries = true;
}

/* The policies that deliver to a downstream, each once: the i-th pipeline's,
   if no pipeline before has it. NULL: skip it. */
static const struct policy *policy_at(const struct config *config,
				      const struct downstream_config *to,
				      size_t i)
{
	const struct pipeline_config *p = &config->pipelines[i];

	if (p->deliver_to[0] != to)
		return NULL;
	for (size_t k = 0; k < i; k++)
		if (config->pipelines[k].deliver_to[0] == to &&
		    config->pipelines[k].policy == p->policy)
			return NULL;
	return p->policy;
}

static struct tally tally_of(const struct policy *policy,
			     const struct downstream_config *downstream)
{
	struct tally tally = {0};

	config_visit_cases(policy, &downstream->rules, look_at, &tally);
	return tally;
}

static void say(const struct policy *policy, struct tally tally)
{
	const char *what = "are tried again, and may be carried out twice";

	if (tally.parks && !tally.retries)
		what = "are parked, for a person to look at";
	else if (tally.parks)
		what = "are tried again, and may be carried out twice,\n"
		       "      or are parked, by the error and the message type";
	printf("      requests without an answer %s\n      (policy \"%s\")\n",
	       what, policy->name);
}

void check_say_ambiguous(const struct config *config,
			 const struct downstream_config *downstream)
{
	if (downstream->rules.is_idempotent)
		return;
	for (size_t i = 0; i < config->pipeline_count; i++) {
		const struct policy *policy = policy_at(config, downstream, i);

		if (policy != NULL)
			say(policy, tally_of(policy, downstream));
	}
}

void check_put_ambiguous(struct json *json, const struct config *config,
			 const struct downstream_config *downstream)
{
	bool is_idempotent = downstream->rules.is_idempotent;

	json_put_bool(json, "idempotent", is_idempotent);
	if (is_idempotent)
		return;
	struct json *list = json_new_array();
	for (size_t i = 0; i < config->pipeline_count; i++) {
		const struct policy *policy = policy_at(config, downstream, i);

		if (policy == NULL)
			continue;
		struct tally tally = tally_of(policy, downstream);
		struct json *one = json_new_object();
		json_put_string(one, "policy", policy->name);
		json_put_string(one, "comes_to",
				!tally.parks     ? "retry"
				: !tally.retries ? "park"
						 : "both");
		json_append(list, one);
	}
	json_put(json, "ambiguous", list);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/forecast.h"

#include <assert.h>

void forecast_init(struct forecast *forecast, const struct policy *policy,
		   const struct downstream_rules *downstream,
		   const struct outcome *outcome,
		   const struct message_facts *facts, const struct step *step)
{
	assert(facts->age >= 0);
	assert(outcome->duration >= 0);
	*forecast = (struct forecast){.policy = policy,
				      .downstream = downstream,
				      .outcome = outcome,
				      .facts = *facts,
				      .step = *step};
}

static millis later(millis time, millis wait)
{
	return wait > INT64_MAX - time ? INT64_MAX : time + wait;
}

/* Lets time go by. */
static void pass(struct forecast *f, millis wait)
{
	f->at = later(f->at, wait);
	f->facts.age = later(f->facts.age, wait);
	if (f->facts.to_deadline < INT64_MIN + wait)
		f->facts.to_deadline = INT64_MIN;
	else
		f->facts.to_deadline -= wait;
}

/* A quick retry is made in hand; else the message is taken anew. The time of
   quick retries runs from the end of the first call that failed. */
static void note_quick(struct forecast *f, const struct verdict *verdict)
{
	if (verdict->kind != VERDICT_QUICK) {
		f->facts.quick_made = 0;
		f->facts.quick_spent = 0;
		return;
	}
	f->facts.quick_made++;
	f->facts.quick_spent =
		later(f->facts.quick_spent,
		      later(verdict->delay, f->outcome->duration));
}

bool forecast_next(struct forecast *forecast, uint32_t dice,
		   struct forecast_call *call)
{
	if (forecast->has_ended)
		return false;
	call->at = forecast->at;
	pass(forecast, forecast->outcome->duration);
	call->ended = forecast->at;
	call->attempt = forecast->step.attempts < UINT32_MAX
				? forecast->step.attempts + 1
				: UINT32_MAX;
	call->verdict = policy_decide(forecast->policy, forecast->downstream,
				      &forecast->facts, &forecast->step,
				      forecast->outcome, dice);
	if (call->verdict.kind != VERDICT_DONE)
		policy_count(&forecast->step, &call->verdict);
	forecast->has_ended = call->verdict.kind == VERDICT_DONE ||
			      call->verdict.kind == VERDICT_PARK;
	if (!forecast->has_ended) {
		note_quick(forecast, &call->verdict);
		pass(forecast, call->verdict.delay);
	}
	return true;
}

uint32_t forecast_run(struct forecast *forecast, uint32_t dice,
		      struct forecast_call *last)
{
	uint32_t calls = 0;

	while (forecast_next(forecast, dice, last))
		calls++;
	return calls;
}

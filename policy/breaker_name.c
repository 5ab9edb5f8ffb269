/* SPDX-License-Identifier: Apache-2.0 */
/*
 * breaker_name.c - names, and what is wrong with a breaker.
 */
#include "policy/breaker.h"

const char *breaker_state_name(enum breaker_state state)
{
	switch (state) {
	case BREAKER_CLOSED:
		return "closed";
	case BREAKER_OPEN:
		return "open";
	case BREAKER_HALF_OPEN:
		return "half-open";
	case BREAKER_RAMP:
		return "ramp";
	case BREAKER_STORM:
		return "storm";
	case BREAKER_HELD:
		return "held";
	}
	return "?";
}

bool breaker_state_parse(struct text name, enum breaker_state *state)
{
	for (int i = 0; i < BREAKER_STATE_COUNT; i++) {
		if (text_is(name, breaker_state_name((enum breaker_state)i))) {
			*state = (enum breaker_state)i;
			return true;
		}
	}
	return false;
}

const char *breaker_cause_name(enum breaker_cause cause)
{
	switch (cause) {
	case BREAKER_FINE:
		return "fine";
	case BREAKER_BY_SHARE:
		return "share-of-failures";
	case BREAKER_BY_ROW:
		return "failures-in-a-row";
	case BREAKER_BY_PROBE:
		return "failed-again";
	case BREAKER_BY_ERRORS:
		return "permanent-errors-in-a-row";
	case BREAKER_BY_WORD:
		return "another-worker";
	case BREAKER_BY_TIME:
		return "time";
	case BREAKER_BY_HEALTH:
		return "health-probe";
	case BREAKER_BY_ANSWERS:
		return "answers";
	case BREAKER_BY_OPERATOR:
		return "operator";
	case BREAKER_BY_WINDOW:
		return "planned-window";
	}
	return "?";
}

bool breaker_cause_parse(struct text name, enum breaker_cause *cause)
{
	for (int i = 0; i < BREAKER_CAUSE_COUNT; i++) {
		if (text_is(name, breaker_cause_name((enum breaker_cause)i))) {
			*cause = (enum breaker_cause)i;
			return true;
		}
	}
	return false;
}

static const char *rules_flaw(const struct breaker_rules *r)
{
	if (r->window < BREAKER_SLICES)
		return "window";
	if (r->calls < 1 || r->share_pct < 1 || r->share_pct > 100)
		return "share";
	if (r->open < 1 || r->open_max < r->open || r->jitter_pct > 100)
		return "open";
	if (r->probes < 1 || r->probes > BREAKER_PROBES_MAX)
		return "probes";
	if (r->ramp < 0)
		return "ramp";
	if (r->storm == 1 || r->storm > BREAKER_STORM_MAX)
		return "storm";
	return NULL;
}

const char *breaker_flaw(const struct breaker *b)
{
	if (rules_flaw(&b->rules) != NULL)
		return rules_flaw(&b->rules);
	if (b->full < 1)
		return "full";
	if (b->let > b->rules.probes ||
	    (b->state == BREAKER_HALF_OPEN && b->done >= b->rules.probes))
		return "probes of half-open";
	if (b->state == BREAKER_RAMP && (b->limit < 1 || b->limit > b->full))
		return "limit of the ramp";
	if (b->message_count > BREAKER_STORM_MAX ||
	    b->error_len > BREAKER_ERROR_MAX)
		return "errors in a row";
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core_health.c - the health of downstreams: what is said of it, and who asks.
 */
#include <inttypes.h>
#include <stdio.h>

#include "policy/duration.h"
#include "worker/core_parts.h"
#include "worker/health.h"

/* What it means, for people. */
static const char *meaning(enum breaker_state state)
{
	switch (state) {
	case BREAKER_CLOSED:
		return "It is called as ever";
	case BREAKER_OPEN:
		return "It is not called for now, and its messages wait";
	case BREAKER_HALF_OPEN:
		return "A few calls are let through to see";
	case BREAKER_RAMP:
		return "It answers, and is called more and more";
	case BREAKER_STORM:
		return "It refuses one message after the other with the same "
		       "permanent error, which is not theirs: it is not "
		       "called for now, and they wait";
	case BREAKER_HELD:
		return "It is held: not called, and its messages wait";
	}
	return "?";
}

static const char *why(enum breaker_cause cause)
{
	switch (cause) {
	case BREAKER_FINE:
		return "all is well";
	case BREAKER_BY_SHARE:
		return "too large a share of the calls failed";
	case BREAKER_BY_ROW:
		return "calls failed one after the other";
	case BREAKER_BY_PROBE:
		return "a call failed that was let through to see";
	case BREAKER_BY_ERRORS:
		return "permanent errors one after the other";
	case BREAKER_BY_WORD:
		return "another worker says so";
	case BREAKER_BY_TIME:
		return "its time is over";
	case BREAKER_BY_HEALTH:
		return "the health probe says that it is healthy";
	case BREAKER_BY_ANSWERS:
		return "calls were answered";
	case BREAKER_BY_OPERATOR:
		return "an operator says so";
	case BREAKER_BY_WINDOW:
		return "a planned window";
	}
	return "?";
}

static void say(struct core *core, size_t downstream,
		const struct health_state *s)
{
	char until[DURATION_SPELLING_MAX + 20] = "";
	char spelling[DURATION_SPELLING_MAX];
	char text[600];

	if (s->until >= 0)
		snprintf(until, sizeof(until), " For %s at most.",
			 duration_spell(s->until, spelling));
	snprintf(text, sizeof(text), "%s: %s%s%.*s%s%s%s.%s", meaning(s->state),
		 why(s->cause), s->error.len > 0 ? ", " : "", (int)s->error.len,
		 s->error.len > 0 ? s->error.at : "",
		 s->reason != NULL && *s->reason != '\0' ? " (" : "",
		 s->reason != NULL ? s->reason : "",
		 s->reason != NULL && *s->reason != '\0' ? ")" : "", until);
	log_downstream(core->log, core->config->downstreams[downstream].name,
		       breaker_state_name(s->state), text);
}

void core_health_changed(struct core *core, size_t downstream)
{
	const struct health *health = engine_health(core->engine);
	const struct health_state s =
		health_state(health, downstream, loop_now(core->loop));

	say(core, downstream, &s);
	probes_want(core->probes, downstream,
		    health_wants_probe(health, downstream));
}

static void on_found(void *context, size_t downstream, bool is_healthy)
{
	struct core *core = context;

	health_probed(engine_health(core->engine), downstream, is_healthy,
		      loop_now(core->loop));
	core_tick(core);
}

void core_health_begin(struct core *core)
{
	const struct health *health = engine_health(core->engine);

	core->probes = probes_new(core->loop, core->http, core->config,
				  on_found, core);
	for (size_t i = 0; i < core->config->downstream_count; i++)
		probes_want(core->probes, i, health_wants_probe(health, i));
}

void core_health_end(struct core *core)
{
	probes_free(core->probes);
}

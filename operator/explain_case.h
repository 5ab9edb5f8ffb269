/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_case.h - one case: a message, and what a call of it came to, with all
 * that the policy says about it.
 */
#ifndef OPERATOR_EXPLAIN_CASE_H
#define OPERATOR_EXPLAIN_CASE_H

#include "operator/explain_options.h"
#include "policy/forecast.h"
#include "worker/arena.h"
#include "worker/config.h"

struct explain_case {
	const struct explain_options *options;
	const struct config *config;
	const struct pipeline_config *pipeline;
	const struct downstream_config *downstream;
	const struct policy *policy;
	struct arena *arena;
	millis now; /* since 1970: when it is asked */
	/* The message before the call. */
	struct message_facts facts;
	struct step step;
	const struct type_rule *type; /* NULL: no entry of types */
	/* The call, and what it is; settings only if it is no success. */
	struct outcome outcome;
	struct judgement judgement;
	struct levels levels;
	struct settled settled;
};

/* A future of such a message, beginning with the call of the case. */
struct forecast explain_forecast(const struct explain_case *c);

/* The same for a message of another type that stands where it does. */
struct forecast explain_forecast_type(const struct explain_case *c,
				      struct text type);

/*
 * Chooses pipeline and downstream, reads the answer and judges it. What it
 * makes is in the arena, or points to options and configuration. -1 to go on;
 * else the exit code, after it was said what is wrong.
 */
int explain_case_make(const struct explain_options *options,
		      const struct config *config, struct arena *arena,
		      struct explain_case *c);

#endif

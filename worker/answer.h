/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.h - reads an answer for the policy.
 *
 * The policy asks for facts: what was understood of the body, and which
 * matchers of the configuration match. This is where they are found.
 */
#ifndef WORKER_ANSWER_H
#define WORKER_ANSWER_H

#include "policy/outcome.h"
#include "policy/text.h"
#include "worker/arena.h"
#include "worker/config.h"
#include "worker/http.h"

/*
 * *outcome gets the outcome of a call of `pipeline` to `downstream`, with
 * `understood` and `facts` filled in; they are empty unless the response is
 * complete. It is large, and made where it stays. `sent` is the body of the
 * request. What the result points to is in the arena, static, or the
 * configuration's.
 */
void answer_read(const struct config *config,
		 const struct pipeline_config *pipeline,
		 const struct downstream_config *downstream,
		 const struct http_answer *answer, struct text sent,
		 struct arena *arena, struct outcome *outcome);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/answer.h"

#include "worker/understand.h"

struct outcome answer_read(const struct config *config,
			   const struct pipeline_config *pipeline,
			   const struct downstream_config *downstream,
			   const struct http_answer *answer, struct text sent,
			   struct arena *arena)
{
	const struct understand_input input = {.status = answer->outcome.status,
					       .body = answer->body,
					       .sent = sent};
	struct outcome outcome = answer->outcome;

	(void)config;
	(void)pipeline;
	if (outcome.transport == TRANSPORT_COMPLETE)
		outcome.understood =
			understand(&downstream->understand, &input, arena);
	return outcome;
}

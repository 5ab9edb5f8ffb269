/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/answer.h"

#include "worker/matcher.h"
#include "worker/understand.h"

static void read_facts(const struct config *config,
		       const struct pipeline_config *pipeline,
		       const struct http_answer *answer, struct facts *facts)
{
	struct response response = {.fields = answer->fields,
				    .field_count = answer->field_count,
				    .body = answer->body};

	for (size_t i = 0; i < pipeline->matcher_count; i++) {
		uint16_t number = pipeline->matchers[i];

		if (matcher_holds(&config->matchers[number], &response))
			facts_add(facts, number);
		else if (response.is_open)
			facts_leave_open(facts, number);
	}
	facts->gave_up = response.gave_up;
	response_end(&response);
}

static void read_body(const struct downstream_config *downstream,
		      const struct http_answer *answer, struct text sent,
		      struct arena *arena, struct outcome *outcome)
{
	const struct understand_input input = {
		.status = answer->outcome.status,
		.content_type = http_header_value(
			answer->fields, answer->field_count, "Content-Type"),
		.body = answer->body,
		.sent = sent};

	outcome->understood =
		understand(&downstream->understand, &input, arena);
}

void answer_read(const struct config *config,
		 const struct pipeline_config *pipeline,
		 const struct downstream_config *downstream,
		 const struct http_answer *answer, struct text sent,
		 struct arena *arena, struct outcome *outcome)
{
	*outcome = answer->outcome;
	if (outcome->transport != TRANSPORT_COMPLETE)
		return;
	if (downstream->understand.as != UNDERSTAND_NOTHING)
		read_body(downstream, answer, sent, arena, outcome);
	if (pipeline->matcher_count > 0)
		read_facts(config, pipeline, answer, &outcome->facts);
}

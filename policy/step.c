/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/step.h"

#include <stdbool.h>

const char *step_state_name(enum step_state state)
{
	switch (state) {
	case STEP_WAITING:
		return "waiting";
	case STEP_DONE:
		return "done";
	case STEP_FAILED:
		return "failed";
	case STEP_UNDONE:
		return "undone";
	}
	return "?";
}

bool step_state_parse(struct text name, enum step_state *state)
{
	for (int s = STEP_WAITING; s <= STEP_UNDONE; s++) {
		if (text_is(name, step_state_name((enum step_state)s))) {
			*state = (enum step_state)s;
			return true;
		}
	}
	return false;
}

uint32_t step_failures(const struct step *step, struct text error)
{
	for (size_t i = 0; i < step->failure_count; i++)
		if (text_eq(step->failures[i].error, error))
			return step->failures[i].count;
	if (step->failure_count == STEP_ERRORS_MAX)
		return step->failures[STEP_ERRORS_MAX - 1].count;
	return 0;
}

void step_count_failure(struct step *step, struct text error)
{
	size_t i = 0;

	while (i < step->failure_count &&
	       !text_eq(step->failures[i].error, error))
		i++;
	if (i == STEP_ERRORS_MAX)
		i = STEP_ERRORS_MAX - 1;
	if (i == step->failure_count) {
		step->failures[i] = (struct step_errors){.error = error};
		step->failure_count++;
	}
	if (step->failures[i].count < UINT32_MAX)
		step->failures[i].count++;
}

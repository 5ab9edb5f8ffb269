/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/understand.h"

struct understanding understand(const struct understand_config *config,
				const struct understand_input *input,
				struct arena *arena)
{
	(void)input;
	(void)arena;
	switch (config->as) {
	case UNDERSTAND_NOTHING:
	case UNDERSTAND_FHIR:
	case UNDERSTAND_HL7V2:
	case UNDERSTAND_PROBLEM:
		break;
	}
	return (struct understanding){.sense = SENSE_NONE};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/understand.h"

#include <string.h>
#include <strings.h>

#include "worker/understand_parts.h"
#include "worker/utf8.h"

static bool is_listed(const struct code_list *list, struct text code)
{
	for (size_t i = 0; i < list->count; i++)
		if (strlen(list->codes[i]) == code.len &&
		    strncasecmp(list->codes[i], code.at, code.len) == 0)
			return true;
	return false;
}

enum sense understand_listed(const struct understand_config *config,
			     struct text code)
{
	if (code.len == 0)
		return SENSE_NONE;
	if (is_listed(&config->done, code))
		return SENSE_ALREADY;
	if (is_listed(&config->transient, code))
		return SENSE_TRANSIENT;
	if (is_listed(&config->permanent, code))
		return SENSE_PERMANENT;
	return SENSE_NONE;
}

static int weight(enum sense sense)
{
	switch (sense) {
	case SENSE_NONE:
		return 0;
	case SENSE_DONE:
		return 1;
	case SENSE_ALREADY:
		return 2;
	case SENSE_TRANSIENT:
		return 3;
	case SENSE_FAILED:
		return 4;
	case SENSE_PERMANENT:
		return 5;
	case SENSE_AMBIGUOUS:
		return 6;
	}
	return 0;
}

bool understand_outweighs(enum sense a, enum sense b)
{
	return weight(a) > weight(b);
}

/* What stands for a byte in a name; '-' for all that has no place in one. */
static char name_byte(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')
		return c;
	return '-';
}

const char *understand_name(struct arena *arena, const char *prefix,
			    struct text code)
{
	char *name = arena_alloc(arena, UNDERSTAND_NAME_MAX + 1);
	size_t len = strlen(prefix);
	size_t begin = len;

	memcpy(name, prefix, len);
	for (size_t i = 0; i < code.len && len < UNDERSTAND_NAME_MAX; i++) {
		char c = name_byte(code.at[i]);

		if (c != '-' || (len > begin && name[len - 1] != '-'))
			name[len++] = c;
	}
	while (len > begin && name[len - 1] == '-')
		len--;
	name[len] = '\0';
	return len > begin ? name : NULL;
}

struct text understand_detail(struct arena *arena, struct text text)
{
	return utf8_excerpt(arena, text, UNDERSTAND_DETAIL_MAX);
}

struct text understand_details(struct arena *arena, struct text head,
			       struct text more)
{
	struct text first = understand_detail(arena, head);
	struct text second = understand_detail(arena, more);

	if (first.len == 0 || second.len == 0)
		return first.len == 0 ? second : first;
	return understand_detail(
		arena,
		text_of(arena_printf(arena, "%.*s: %.*s", (int)first.len,
				     first.at, (int)second.len, second.at)));
}

struct understanding understand(const struct understand_config *config,
				const struct understand_input *input,
				struct arena *arena)
{
	switch (config->as) {
	case UNDERSTAND_FHIR:
		return understand_fhir(config, input, arena);
	case UNDERSTAND_HL7V2:
		return understand_hl7v2(config, input, arena);
	case UNDERSTAND_PROBLEM:
		return understand_problem(config, input, arena);
	case UNDERSTAND_NOTHING:
		break;
	}
	return (struct understanding){.sense = SENSE_NONE};
}

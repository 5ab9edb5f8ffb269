/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/explain_defaults.h"

#include "operator/explain_settings.h"
#include "worker/json.h"

/* "408", "413-414, 431", "transport dns". In the arena. */
static const char *condition_words(const struct condition *when,
				   struct arena *arena)
{
	const char *words = "";

	for (size_t i = 0; i < when->status_count; i++) {
		const struct status_range *range = &when->statuses[i];

		words = arena_printf(arena, "%s%s%d", words,
				     *words != '\0' ? ", " : "", range->first);
		if (range->last > range->first)
			words = arena_printf(arena, "%s-%d", words,
					     range->last);
	}
	for (int t = 0; t < TRANSPORT_COUNT; t++)
		if ((when->transports & UINT32_C(1) << t) != 0)
			words = arena_printf(arena, "%s%stransport %s", words,
					     *words != '\0' ? ", " : "",
					     transport_name((enum transport)t));
	return words;
}

/* A case that nothing but what is built in speaks for. */
static struct explain_case nothing_set(struct arena *arena)
{
	struct explain_case c = {.arena = arena};

	c.settled = tuning_settle(&c.levels);
	return c;
}

static void print_words(struct arena *arena, FILE *to)
{
	struct explain_setting settings[EXPLAIN_SETTINGS];
	const struct explain_case c = nothing_set(arena);
	size_t count;
	const struct error_rule *rules = policy_built_in_rules(&count);

	fprintf(to, "Rules, behind those of every policy; the first that holds "
		    "decides:\n\n");
	fprintf(to, "%-20s %-10s %s\n", "error", "class", "when");
	for (size_t i = 0; i < count; i++)
		fprintf(to, "%-20s %-10s %s\n", rules[i].name,
			error_class_name(rules[i].class),
			condition_words(&rules[i].when, arena));
	fprintf(to, "\nWhat no rule knows is a server-error too. A complete "
		    "response of 200 to 299 is a\nsuccess, unless a rule of "
		    "the downstream or the body says otherwise.\n");
	fprintf(to, "\nSettings, where no other place sets them:\n\n");
	explain_settings(&c, settings);
	for (size_t i = 0; i < EXPLAIN_SETTINGS; i++)
		fprintf(to, "%-20s %s\n", settings[i].name, settings[i].value);
}

static void print_json(struct arena *arena, FILE *to)
{
	struct explain_setting settings[EXPLAIN_SETTINGS];
	const struct explain_case c = nothing_set(arena);
	struct json *json = json_new_object();
	struct json *rule_list = json_new_array();
	struct json *values = json_new_object();
	size_t count;
	const struct error_rule *rules = policy_built_in_rules(&count);

	for (size_t i = 0; i < count; i++) {
		struct json *rule = json_new_object();

		json_put_string(rule, "error", rules[i].name);
		json_put_string(rule, "class",
				error_class_name(rules[i].class));
		json_put_string(rule, "when",
				condition_words(&rules[i].when, arena));
		json_append(rule_list, rule);
	}
	explain_settings(&c, settings);
	for (size_t i = 0; i < EXPLAIN_SETTINGS; i++)
		json_put_string(values, settings[i].name, settings[i].value);
	json_put(json, "rules", rule_list);
	json_put(json, "settings", values);
	json_print_pretty(json, to);
	json_free(json);
}

void explain_defaults(bool as_json, FILE *to)
{
	struct arena arena;

	arena_init(&arena);
	if (as_json)
		print_json(&arena, to);
	else
		print_words(&arena, to);
	arena_fini(&arena);
}

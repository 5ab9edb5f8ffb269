/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.c - rebound explain: what would become of a message, and why?
 */
#include <sysexits.h>

#include "operator/commands.h"
#include "operator/explain_defaults.h"
#include "operator/explain_options.h"
#include "operator/explain_schedule.h"
#include "operator/explain_words.h"

static void explain_one(const struct explain_case *c)
{
	struct explain_plan plan;

	explain_plan_make(c, &plan);
	if (c->options->json) {
		struct json *json = explain_json(c, &plan);

		json_print_pretty(json, stdout);
		json_free(json);
	} else {
		explain_print(c, &plan, stdout);
	}
}

static int explain(const struct explain_options *options,
		   const struct config *config)
{
	struct arena arena;
	struct explain_case c;
	int code;

	arena_init(&arena);
	code = explain_case_make(options, config, &arena, &c);
	if (code < 0 && options->schedule) {
		code = explain_schedule(&c);
	} else if (code < 0) {
		explain_one(&c);
		code = EX_OK;
	}
	arena_fini(&arena);
	return code;
}

int command_explain(int argc, char **argv)
{
	struct explain_options options = {0};
	struct config *config;
	int code = explain_options_parse(argc, argv, &options);

	if (code >= 0)
		return code;
	if (options.defaults) {
		explain_defaults(options.json, stdout);
		return EX_OK;
	}
	config = command_config(options.file);
	if (config == NULL)
		return EX_CONFIG;
	code = explain(&options, config);
	config_free(config);
	return code;
}

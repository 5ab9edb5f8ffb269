/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c - rebound check: is the configuration right, and what does it make?
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "operator/check_ambiguous.h"
#include "operator/commands.h"
#include "worker/json.h"
#include "worker/setting_print.h"

#define QUEUES_BESIDE 1 /* of a pipeline: its parking */

struct options {
	const char *file; /* NULL: the usual one */
	bool print;
	bool json;
	bool reference;
	bool tried; /* for a worker that reads its configuration again */
};

static const char help[] =
	"Usage: rebound check [-c FILE] [--print] [--json]\n"
	"\n"
	"Reads a configuration, without speaking to a broker or a downstream. "
	"Prints\n"
	"what it makes, or all that is wrong with it: then the exit code is "
	"78.\n"
	"\n"
	"  -c, --config FILE  the configuration; otherwise $REBOUND_CONFIG, or "
	"else\n"
	"                     /etc/rebound/rebound.cfg\n"
	"      --print        print the effective configuration, defaults "
	"included and\n"
	"                     secrets masked, in the syntax of a configuration "
	"file\n"
	"      --json         print JSON: pipelines, downstreams, errors and "
	"warnings\n"
	"      --reference    print the reference of all settings, as "
	"Markdown\n"
	"  -h, --help         print this\n"
	"\n"
	"Exit codes: 0 the configuration is right, 64 wrong usage, 78 it is "
	"wrong.\n"
	"Each line of an error begins with FILE:LINE. See rebound.cfg(5).\n";

static void take_option(struct options *options, int option)
{
	switch (option) {
	case 'P':
		options->print = true;
		break;
	case 'j':
		options->json = true;
		break;
	case 'r':
		options->reference = true;
		break;
	case 't':
		options->tried = true;
		break;
	}
}

/* -1: go on; else the exit code. */
static int parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		COMMAND_OPTION_CONFIG,
		{"print", no_argument, NULL, 'P'},
		{"json", no_argument, NULL, 'j'},
		{"reference", no_argument, NULL, 'r'},
		{"try", no_argument, NULL, 't'},
		COMMAND_OPTION_HELP,
		{NULL, 0, NULL, 0},
	};
	struct command_line line = {.command = "check",
				    .help = help,
				    .shorts = ":c:h",
				    .longs = longs,
				    .argc = argc,
				    .argv = argv};
	int option;

	while ((option = command_option(&line)) != 0)
		take_option(options, option);
	if (line.has_ended)
		return line.code;
	options->file = line.file;
	if (optind < argc)
		return command_usage("check", "\"%s\" is one argument too many",
				     argv[optind]);
	if (options->print && options->json)
		return command_usage("check",
				     "--print and --json exclude each other");
	return -1;
}

/* Queues that a pipeline makes: its own, its parking, lanes and ladder. */
static size_t count_queues(const struct pipeline_config *pipeline)
{
	return QUEUES_BESIDE + (size_t)(pipeline->queue_is_ours ? 1 : 0) +
	       pipeline->lane_count + pipeline->ladder_count;
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void say_pipeline(const struct pipeline_config *p)
{
	size_t queues = count_queues(p);

	printf("  %s: ", p->name);
	if (p->business_exchange != NULL)
		printf("exchange \"%s\"%s", p->business_exchange,
		       p->business_is_ours ? " (to publish to)" : "");
	if (p->business_exchange != NULL && !p->queue_is_ours)
		printf(" by ");
	if (!p->queue_is_ours)
		printf("queue \"%s\"", p->queue);
	printf(" -> %s, policy \"%s\"\n", p->deliver_to[0]->name,
	       p->policy->name);
	printf("    %zu queue%s: %zu delay queue%s (lane%s) for the policy, "
	       "%zu for Retry-After,\n    at most %u; and%s parking (DLQ)\n",
	       queues, plural(queues), p->lane_count, plural(p->lane_count),
	       plural(p->lane_count), p->ladder_count, p->max_lanes,
	       p->queue_is_ours ? " the source queue and" : "");
}

static void say(const struct config *config)
{
	char version[POLICY_VERSION_MAX];
	size_t queues = 0;

	printf("%s is right: %zu pipeline%s, %zu downstream%s.\n", config->file,
	       config->pipeline_count, plural(config->pipeline_count),
	       config->downstream_count, plural(config->downstream_count));
	printf("\nPipelines:\n");
	for (size_t i = 0; i < config->pipeline_count; i++) {
		say_pipeline(&config->pipelines[i]);
		queues += count_queues(&config->pipelines[i]);
	}
	printf("\nDownstreams:\n");
	for (size_t i = 0; i < config->downstream_count; i++) {
		const struct downstream_config *d = &config->downstreams[i];

		printf("  %s: %s%s, at most %u at once\n", d->name, d->method,
		       d->rules.is_idempotent ? ", idempotent"
					      : ", not idempotent",
		       d->concurrency);
		check_say_ambiguous(config, d);
	}
	printf("\n%zu queue%s on the broker in all. The version of the "
	       "policies "
	       "is %s.\n",
	       queues, plural(queues), config_policy_version(config, version));
}

static struct json *json_of_pipeline(const struct pipeline_config *pipeline)
{
	struct json *json = json_new_object();

	json_put_string(json, "name", pipeline->name);
	json_put_string(json, "exchange", pipeline->exchange);
	if (pipeline->business_exchange != NULL)
		json_put_string(json, "business_exchange",
				pipeline->business_exchange);
	json_put_string(json, "queue", pipeline->queue);
	json_put_bool(json, "queue_is_ours", pipeline->queue_is_ours);
	json_put_string(json, "parking", pipeline->parking);
	json_put_string(json, "deliver_to", pipeline->deliver_to[0]->name);
	json_put_string(json, "policy", pipeline->policy->name);
	json_put_integer(json, "prefetch", pipeline->prefetch);
	json_put_integer(json, "in_flight_bytes",
			 (int64_t)pipeline->in_flight_bytes);
	json_put_integer(json, "lanes", (int64_t)pipeline->lane_count);
	json_put_integer(json, "ladder", (int64_t)pipeline->ladder_count);
	json_put_integer(json, "max_lanes", pipeline->max_lanes);
	json_put_integer(json, "queues", (int64_t)count_queues(pipeline));
	return json;
}

static struct json *json_of_errors(const struct config_errors *errors,
				   bool warnings)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < errors->count; i++) {
		const struct config_error *e = &errors->errors[i];

		if (e->is_warning != warnings)
			continue;
		struct json *json = json_new_object();
		json_put_string(json, "file", e->file);
		json_put_integer(json, "line", e->line);
		json_put_string(json, "text", e->text);
		json_append(list, json);
	}
	return list;
}

static void put_config(struct json *json, const struct config *config)
{
	char version[POLICY_VERSION_MAX];
	struct json *pipelines = json_new_array();
	struct json *downstreams = json_new_array();

	for (size_t i = 0; i < config->pipeline_count; i++)
		json_append(pipelines, json_of_pipeline(&config->pipelines[i]));
	for (size_t i = 0; i < config->downstream_count; i++) {
		const struct downstream_config *d = &config->downstreams[i];
		struct json *downstream = json_new_object();

		json_put_string(downstream, "name", d->name);
		json_put_string(downstream, "method", d->method);
		json_put_integer(downstream, "concurrency", d->concurrency);
		check_put_ambiguous(downstream, config, d);
		json_append(downstreams, downstream);
	}
	json_put_string(json, "policy_version",
			config_policy_version(config, version));
	json_put(json, "pipelines", pipelines);
	json_put(json, "downstreams", downstreams);
}

static int check_json(const char *file)
{
	struct config_errors errors;
	struct config *config = config_load(command_file(file), &errors);
	int code = config == NULL ? EX_CONFIG : EX_OK;
	struct json *json = json_new_object();

	json_put_string(json, "file", command_file(file));
	json_put_bool(json, "ok", config != NULL);
	json_put(json, "errors", json_of_errors(&errors, false));
	if (errors.more > 0)
		json_put_integer(json, "more_errors", (int64_t)errors.more);
	json_put(json, "warnings", json_of_errors(&errors, true));
	if (config != NULL)
		put_config(json, config);
	json_print_pretty(json, stdout);
	json_free(json);
	config_errors_free(&errors);
	config_free(config);
	return code;
}

static int check(const struct options *options)
{
	struct config *config = command_config(options->file);

	if (config == NULL)
		return EX_CONFIG;
	if (options->print)
		config_print(config, stdout);
	else
		say(config);
	config_free(config);
	return EX_OK;
}

/* Not in the help: what config_reader.h runs. The text that was tried goes to
   standard output, what is wrong with it to standard error. */
static int check_for_worker(const char *file)
{
	struct config_errors errors;
	bool is_right = config_try(command_file(file), stdout, &errors);

	config_errors_print(&errors, stderr);
	config_errors_free(&errors);
	return is_right ? EX_OK : EX_CONFIG;
}

int command_check(int argc, char **argv)
{
	struct options options = {0};
	int code = parse(argc, argv, &options);

	if (code >= 0)
		return code;
	if (options.tried)
		return check_for_worker(options.file);
	if (options.json)
		return check_json(options.file);
	if (!options.reference)
		return check(&options);
	setting_print_reference(stdout);
	return EX_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.c - `rebound run`: the worker.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "operator/commands.h"
#include "worker/core.h"

static const char help[] =
	"rebound run delivers messages until it is told to stop.\n"
	"\n"
	"Usage: rebound run [-c FILE] [--pipeline P] [--log-format FORMAT]\n"
	"\n"
	"  -c, --config FILE     the configuration\n"
	"  -p, --pipeline P      run this pipeline alone, so that pools of\n"
	"                        workers can be sized apart\n"
	"      --log-format F    json, human, or auto: human on a terminal;\n"
	"                        wins over log_format of the configuration\n"
	"  -h, --help            print this\n"
	"\n"
	"It declares what is missing on the broker, unless declare = false;\n"
	"then it compares instead. Each call and each verdict is a line on\n"
	"standard output.\n"
	"\n"
	"SIGTERM and SIGINT stop it: no more messages are taken, what is in\n"
	"flight is finished within shutdown_grace, the rest stays with the\n"
	"broker. A second signal leaves at once; nothing is lost by that.\n"
	"\n"
	"SIGHUP, or a change of the configuration's files, has policies read\n"
	"again. Wrong ones change nothing, and what is wrong is said; all "
	"else\n"
	"that has changed waits for a restart.\n"
	"\n"
	"Exit codes: 0 stopped, 64 wrong usage, 77 the broker refuses the\n"
	"credentials or a right is missing, 78 the configuration is wrong or\n"
	"the broker has something else than it wants.\n";

struct options {
	const char *file;
	const char *pipeline;
	enum log_format format;
	bool has_format;
};

static bool parse_format(const char *name, struct options *options)
{
	static const struct {
		const char *name;
		enum log_format format;
	} formats[] = {
		{"auto", LOG_AUTO}, {"json", LOG_JSON}, {"human", LOG_HUMAN}};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(name, formats[i].name) != 0)
			continue;
		options->format = formats[i].format;
		options->has_format = true;
		return true;
	}
	return false;
}

/* -1: go on; else the exit code. */
static int parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		COMMAND_OPTION_CONFIG,
		COMMAND_OPTION_PIPELINE,
		{"log-format", required_argument, NULL, 'l'},
		COMMAND_OPTION_HELP,
		{NULL, 0, NULL, 0},
	};
	struct command_line line = {.command = "run",
				    .help = help,
				    .shorts = ":c:p:h",
				    .longs = longs,
				    .argc = argc,
				    .argv = argv};

	while (command_option(&line) != 0)
		if (!parse_format(optarg, options))
			return command_usage("run",
					     "--log-format is \"auto\", "
					     "\"json\" or \"human\", not "
					     "\"%s\"",
					     optarg);
	if (line.has_ended)
		return line.code;
	options->file = line.file;
	options->pipeline = line.pipeline;
	if (optind < argc)
		return command_usage("run", "\"%s\" is one argument too many",
				     argv[optind]);
	return -1;
}

/* What is run unchecked is said at every start. */
static void say_insecure(const struct config *config, struct log *log)
{
	char text[300];

	if (config->broker.insecure_skip_verify)
		log_state(log, "worker", NULL, "insecure",
			  "The certificates of the broker are not checked: "
			  "broker.insecure_skip_verify = true.");
	for (size_t i = 0; i < config->downstream_count; i++) {
		const struct downstream_config *d = &config->downstreams[i];

		if (!d->insecure_skip_verify)
			continue;
		snprintf(text, sizeof(text),
			 "The certificate of the downstream %s is not checked: "
			 "downstreams.%s.insecure_skip_verify = true.",
			 d->name, d->name);
		log_state(log, "worker", NULL, "insecure", text);
	}
}

static int run(const struct config *config, const struct options *options)
{
	const struct pipeline_config *only = NULL;
	enum log_format format =
		options->has_format ? options->format : config->log_format;
	struct log *log;
	int code;

	code = command_pipeline("run", config, options->pipeline, &only);
	if (code >= 0)
		return code;
	log = log_new(stdout, log_format_for(format, STDOUT_FILENO),
		      command_has_colours());
	say_insecure(config, log);
	code = core_run(config, only, log);
	log_free(log);
	return code;
}

int command_run(int argc, char **argv)
{
	struct options options = {0};
	struct config *config;
	int code = parse(argc, argv, &options);

	if (code >= 0)
		return code;
	config = command_config(options.file);
	if (config == NULL)
		return EX_CONFIG;
	code = run(config, &options);
	config_free(config);
	return code;
}

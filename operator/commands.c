/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/commands.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define DEFAULT_FILE "/etc/rebound/rebound.cfg"

const char *command_file(const char *file)
{
	if (file == NULL)
		file = getenv("REBOUND_CONFIG");
	return file == NULL ? DEFAULT_FILE : file;
}

struct config *command_config(const char *file)
{
	struct config_errors errors;
	struct config *config = config_load(command_file(file), &errors);

	config_errors_print(&errors, stderr);
	config_errors_free(&errors);
	return config;
}

int command_pipeline(const char *command, const struct config *config,
		     const char *name, const struct pipeline_config **pipeline)
{
	*pipeline = name != NULL ? config_pipeline(config, name) : NULL;
	if (name == NULL || *pipeline != NULL)
		return -1;
	return command_usage(command,
			     "the configuration has no pipeline \"%s\"", name);
}

int command_one_pipeline(const char *command, const struct config *config,
			 const char *name,
			 const struct pipeline_config **pipeline)
{
	int code = command_pipeline(command, config, name, pipeline);

	if (code >= 0 || *pipeline != NULL)
		return code;
	if (config->pipeline_count != 1)
		return command_usage(command,
				     "say which pipeline: --pipeline P");
	*pipeline = &config->pipelines[0];
	return -1;
}

int command_end(struct command_line *line, int code)
{
	line->has_ended = true;
	line->code = code;
	return 0;
}

/* Of a short option that is unknown, getopt tells the letter alone; of a long
   one that is given a value it has no use for, the letter that stands for it. */
static int refuse_option(struct command_line *line)
{
	const char *last = line->argv[optind - 1];
	bool is_long = strncmp(last, "--", 2) == 0;

	if (optopt != 0 && !(is_long && strchr(last, '=') != NULL))
		return command_usage(line->command, "there is no option -%c",
				     optopt);
	return command_usage(line->command, "there is no option %s%s", last,
			     optopt != 0 ? " with a value" : "");
}

int command_option(struct command_line *line)
{
	if (!line->has_begun) {
		line->has_begun = true;
		optind = 1;
		opterr = 0;
	}
	for (;;) {
		int option = getopt_long(line->argc, line->argv, line->shorts,
					 line->longs, NULL);

		switch (option) {
		case -1:
			return 0;
		case 'c':
			line->file = optarg;
			break;
		case 'p':
			line->pipeline = optarg;
			break;
		case 'h':
			fputs(line->help, stdout);
			return command_end(line, EX_OK);
		case ':':
			return command_end(
				line,
				command_usage(line->command, "%s needs a value",
					      line->argv[optind - 1]));
		case '?':
			return command_end(line, refuse_option(line));
		default:
			return option;
		}
	}
}

int command_exit_code(enum broker_status status)
{
	switch (status) {
	case BROKER_OK:
		return EX_OK;
	case BROKER_CREDENTIALS:
	case BROKER_VHOST:
	case BROKER_FORBIDDEN:
		return EX_NOPERM;
	case BROKER_MISSING:
	case BROKER_CONFLICT:
		return EX_CONFIG;
	case BROKER_TOO_BIG:
	case BROKER_BAD_DATA:
		return EX_DATAERR;
	case BROKER_TIMEOUT:
	case BROKER_UNREACHABLE:
	case BROKER_LOST:
	case BROKER_FAILED:
		return EX_UNAVAILABLE;
	}
	return EX_SOFTWARE;
}

int command_usage(const char *command, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "rebound %s: ", command);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, ". See rebound %s --help.\n", command);
	return EX_USAGE;
}

bool command_has_colours(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) &&
	       (no_color == NULL || *no_color == '\0') &&
	       (term == NULL || strcmp(term, "dumb") != 0);
}

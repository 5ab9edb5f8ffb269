/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/publish_options.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "operator/commands.h"

#define SHORT_STRING_MAX 255 /* AMQP 0-9-1, section 4.2.5.3 */

static const char help[] =
	"rebound publish sends files to a pipeline, one message each.\n"
	"\n"
	"Usage: rebound publish [-c FILE] -p PIPELINE [OPTION]... FILE...\n"
	"\n"
	"  -c, --config FILE        the configuration\n"
	"  -p, --pipeline P         the pipeline; not needed if there is one\n"
	"  -t, --type TYPE          message type\n"
	"  -k, --key KEY            routing key; default: the pipeline's "
	"first\n"
	"                           key, its wildcards filled in\n"
	"  -H, --header NAME=VALUE  a header, a string; may be repeated\n"
	"      --id ID              message id, of a single file; default: a\n"
	"                           random UUID for each\n"
	"      --content-type T     default: by suffix (.json, .xml, .hl7,\n"
	"                           .txt, .csv)\n"
	"      --json               print the result as JSON\n"
	"  -h, --help               print this\n"
	"\n"
	"FILE - is standard input. Messages go to the pipeline's business\n"
	"exchange, persistent, and each is confirmed by the broker. The login\n"
	"is broker.publisher, or else the workers', and has to have the rights "
	"of\n"
	"a publisher: rebound topology print --permissions. If a file cannot "
	"be\n"
	"read, that is said, and nothing is published. Ctrl-C (or SIGTERM)\n"
	"stops it: no more is sent, confirms under way are waited for, and it\n"
	"says what is confirmed; a second one ends it at once.\n"
	"\n"
	"Exit codes: 0 all are confirmed, 64 wrong usage, 65 headers are too\n"
	"long, 66 a file cannot be read, 69 the broker is out of reach, or\n"
	"did not take a message, which is then named; 77 the broker refuses\n"
	"the credentials or a right is missing, 78 the configuration is wrong\n"
	"or does not fit the broker, 130 Ctrl-C came first (143: SIGTERM).\n";

/* -1, or the exit code of a usage error. */
static int add_header(struct publish_options *options, const char *argument)
{
	const char *equals = strchr(argument, '=');
	struct text name;

	if (equals == NULL || equals == argument ||
	    equals - argument > SHORT_STRING_MAX)
		return command_usage("publish",
				     "--header takes NAME=VALUE, with a name "
				     "of 1 to %d bytes, not \"%s\"",
				     SHORT_STRING_MAX, argument);
	name = (struct text){.at = argument,
			     .len = (size_t)(equals - argument)};
	table_add(&options->headers, &options->arena, name, FIELD_STRING)
		->as.text = text_of(equals + 1);
	return -1;
}

/* Sets one of the options that are short strings on the wire. */
static int set_short(const char **option, const char *name, const char *value)
{
	if (strlen(value) > SHORT_STRING_MAX)
		return command_usage("publish",
				     "%s is longer than the %d bytes that "
				     "AMQP allows",
				     name, SHORT_STRING_MAX);
	*option = value;
	return -1;
}

/* Flat: one case an option. -1: go on; else the exit code. */
static int take_option(struct publish_options *o, int option)
{
	switch (option) {
	case 't':
		return set_short(&o->type, "--type", optarg);
	case 'k':
		return set_short(&o->key, "--key", optarg);
	case 'H':
		return add_header(o, optarg);
	case 'i':
		return set_short(&o->id, "--id", optarg);
	case 'T':
		return set_short(&o->content_type, "--content-type", optarg);
	case 'j':
		o->json = true;
		return -1;
	}
	return -1;
}

static int check_files(const struct publish_options *o)
{
	size_t stdins = 0;

	if (o->file_count == 0)
		return command_usage("publish",
				     "name the files to publish, or - for "
				     "standard input");
	if (o->id != NULL && o->file_count > 1)
		return command_usage("publish", "--id goes with one file");
	for (size_t i = 0; i < o->file_count; i++)
		stdins += strcmp(o->files[i], "-") == 0;
	if (stdins > 1)
		return command_usage("publish",
				     "standard input can be read once");
	return -1;
}

int publish_options_parse(int argc, char **argv, struct publish_options *o)
{
	static const struct option longs[] = {
		COMMAND_OPTION_CONFIG,
		COMMAND_OPTION_PIPELINE,
		{"type", required_argument, NULL, 't'},
		{"key", required_argument, NULL, 'k'},
		{"header", required_argument, NULL, 'H'},
		{"id", required_argument, NULL, 'i'},
		{"content-type", required_argument, NULL, 'T'},
		{"json", no_argument, NULL, 'j'},
		COMMAND_OPTION_HELP,
		{NULL, 0, NULL, 0},
	};
	struct command_line line = {.command = "publish",
				    .help = help,
				    .shorts = ":c:p:t:k:H:h",
				    .longs = longs,
				    .argc = argc,
				    .argv = argv};
	int option;

	while ((option = command_option(&line)) != 0) {
		int code = take_option(o, option);

		if (code >= 0)
			return code;
	}
	if (line.has_ended)
		return line.code;
	o->file = line.file;
	o->pipeline = line.pipeline;
	o->files = argv + optind;
	o->file_count = (size_t)(argc - optind);
	return check_files(o);
}

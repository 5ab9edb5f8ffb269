/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/explain_options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "operator/commands.h"
#include "policy/duration.h"
#include "policy/tuning.h"
#include "worker/config_nearest.h"

enum {
	OPTION_BODY = 1000,
	OPTION_TRANSPORT,
	OPTION_RESPONSE,
	OPTION_RETRY_AFTER,
	OPTION_TOOK,
	OPTION_FAILURES,
	OPTION_ATTEMPTS,
	OPTION_AGE,
	OPTION_DEADLINE,
	OPTION_SCHEDULE,
	OPTION_CHART,
	OPTION_SVG,
	OPTION_MESSAGES,
	OPTION_DEFAULTS,
	OPTION_JSON,
};

static const struct option longs[] = {
	{"config", required_argument, NULL, 'c'},
	{"type", required_argument, NULL, 't'},
	{"pipeline", required_argument, NULL, 'p'},
	{"downstream", required_argument, NULL, 'd'},
	{"body", required_argument, NULL, OPTION_BODY},
	{"status", required_argument, NULL, 's'},
	{"transport", required_argument, NULL, OPTION_TRANSPORT},
	{"response", required_argument, NULL, OPTION_RESPONSE},
	{"header", required_argument, NULL, 'H'},
	{"retry-after", required_argument, NULL, OPTION_RETRY_AFTER},
	{"took", required_argument, NULL, OPTION_TOOK},
	{"failures", required_argument, NULL, OPTION_FAILURES},
	{"attempts", required_argument, NULL, OPTION_ATTEMPTS},
	{"age", required_argument, NULL, OPTION_AGE},
	{"deadline", required_argument, NULL, OPTION_DEADLINE},
	{"schedule", no_argument, NULL, OPTION_SCHEDULE},
	{"chart", no_argument, NULL, OPTION_CHART},
	{"svg", required_argument, NULL, OPTION_SVG},
	{"messages", required_argument, NULL, OPTION_MESSAGES},
	{"defaults", no_argument, NULL, OPTION_DEFAULTS},
	{"json", no_argument, NULL, OPTION_JSON},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static int wrong_number(const char *option, const char *value, long least,
			long most)
{
	return command_usage("explain",
			     "%s wants a whole number from %ld to %ld, not "
			     "\"%s\"",
			     option, least, most, value);
}

/* Digits alone. */
static bool read_number(const char *text, long least, long most, long *number)
{
	long value = 0;

	if (*text == '\0')
		return false;
	for (const char *c = text; *c != '\0'; c++) {
		if (*c < '0' || *c > '9')
			return false;
		value = value * 10 + (*c - '0');
		if (value > most)
			return false;
	}
	*number = value;
	return value >= least;
}

static int take_count(const char *option, const char *text, long least,
		      long most, uint32_t *count)
{
	long number;

	if (!read_number(text, least, most, &number))
		return wrong_number(option, text, least, most);
	*count = (uint32_t)number;
	return -1;
}

static int take_status(struct explain_options *o, const char *text)
{
	long number;

	if (!read_number(text, 100, 599, &number))
		return wrong_number("--status", text, 100, 599);
	o->status = (int)number;
	return -1;
}

static int take_duration(const char *option, const char *text, millis *value)
{
	if (duration_parse(text_of(text), value))
		return -1;
	return command_usage("explain",
			     "%s wants a duration, as 250ms, 30s or 1h30m, not "
			     "\"%s\"",
			     option, text);
}

static int take_transport(struct explain_options *o, const char *text)
{
	struct nearest nearest;

	o->has_transport = true;
	if (transport_parse(text_of(text), &o->transport) &&
	    o->transport != TRANSPORT_COMPLETE)
		return -1;
	if (strcmp(text, transport_name(TRANSPORT_COMPLETE)) == 0)
		return command_usage("explain",
				     "a complete response has a status: give "
				     "--status instead of --transport");
	nearest_init(&nearest, text);
	for (int t = TRANSPORT_COMPLETE + 1; t < TRANSPORT_COUNT; t++)
		nearest_offer(&nearest, transport_name((enum transport)t));
	if (nearest.name != NULL)
		return command_usage("explain",
				     "there is no transport \"%s\" (did you "
				     "mean \"%s\"?)",
				     text, nearest.name);
	return command_usage("explain",
			     "there is no transport \"%s\". There are dns, "
			     "connect, tls, timeout-before-send, "
			     "timeout-after-send, reset-before-send, "
			     "reset-after-send, protocol, cut-response, header "
			     "and template",
			     text);
}

static int take_header(struct explain_options *o, const char *text)
{
	const char *equals = strchr(text, '=');

	if (equals == NULL || equals == text)
		return command_usage("explain",
				     "--header wants NAME=VALUE, not \"%s\"",
				     text);
	if (o->header_count == EXPLAIN_HEADERS_MAX)
		return command_usage("explain",
				     "--header can be given %d times at most",
				     EXPLAIN_HEADERS_MAX);
	o->headers[o->header_count++] = (struct explain_header){
		.name = {.at = text, .len = (size_t)(equals - text)},
		.value = text_of(equals + 1),
	};
	return -1;
}

/* The option that was probably meant. */
static int unknown_option(const char *word)
{
	struct nearest nearest;

	nearest_init(&nearest, strncmp(word, "--", 2) == 0 ? word + 2 : word);
	for (const struct option *o = longs; o->name != NULL; o++)
		nearest_offer(&nearest, o->name);
	if (strncmp(word, "--", 2) == 0 && nearest.name != NULL &&
	    nearest.edits > 0)
		return command_usage("explain",
				     "there is no option %s (did you mean "
				     "--%s?)",
				     word, nearest.name);
	return command_usage(
		"explain", "\"%s\" is not an option, or lacks its value", word);
}

/* Of the message and what became of it. */
static int take_message(struct explain_options *o, int option)
{
	switch (option) {
	case OPTION_FAILURES:
		o->has_failures = true;
		return take_count("--failures", optarg, 0, ATTEMPTS_MAX,
				  &o->failures);
	case OPTION_ATTEMPTS:
		o->has_attempts = true;
		return take_count("--attempts", optarg, 0, ATTEMPTS_MAX,
				  &o->attempts);
	case OPTION_AGE:
		o->has_age = true;
		return take_duration("--age", optarg, &o->age);
	case OPTION_DEADLINE:
		o->has_deadline = true;
		return take_duration("--deadline", optarg, &o->deadline);
	case OPTION_TOOK:
		return take_duration("--took", optarg, &o->took);
	default:
		return -2;
	}
}

/* Of what the call came to. */
static int take_outcome(struct explain_options *o, int option)
{
	switch (option) {
	case 's':
		return take_status(o, optarg);
	case OPTION_TRANSPORT:
		return take_transport(o, optarg);
	case OPTION_RESPONSE:
		o->response = optarg;
		return -1;
	case OPTION_BODY:
		o->body = optarg;
		return -1;
	case 'H':
		return take_header(o, optarg);
	case OPTION_RETRY_AFTER:
		o->retry_after = optarg;
		return -1;
	default:
		return -2;
	}
}

/* Of what is shown; the rest. */
static int take_rest(struct explain_options *o, int option)
{
	switch (option) {
	case 'c':
		o->file = optarg;
		return -1;
	case 't':
		o->type = optarg;
		return -1;
	case 'p':
		o->pipeline = optarg;
		return -1;
	case 'd':
		o->downstream = optarg;
		return -1;
	case OPTION_SCHEDULE:
		o->schedule = true;
		return -1;
	case OPTION_CHART:
		o->chart = true;
		return -1;
	case OPTION_SVG:
		o->svg = optarg;
		return -1;
	case OPTION_MESSAGES:
		return take_count("--messages", optarg, 1, EXPLAIN_MESSAGES_MAX,
				  &o->messages);
	case OPTION_DEFAULTS:
		o->defaults = true;
		return -1;
	case OPTION_JSON:
		o->json = true;
		return -1;
	default:
		fputs(explain_help, stdout);
		return EX_OK;
	}
}

static int take_option(struct explain_options *o, int option, char **argv)
{
	int code;

	if (option == '?')
		return unknown_option(argv[optind - 1]);
	code = take_message(o, option);
	if (code == -2)
		code = take_outcome(o, option);
	if (code == -2)
		code = take_rest(o, option);
	return code;
}

static bool is_stdin(const char *file)
{
	return file != NULL && strcmp(file, "-") == 0;
}

static int check_outcome(const struct explain_options *o)
{
	bool has_response = o->status != 0 || o->response != NULL;

	if (!has_response && !o->has_transport)
		return command_usage("explain",
				     "say what the call came to: --status, "
				     "--transport or --response");
	if (has_response && o->has_transport)
		return command_usage("explain",
				     "--transport is for a call without a "
				     "complete response: it excludes --status "
				     "and --response");
	if (o->has_transport && o->header_count > 0)
		return command_usage("explain",
				     "--header is for a response, and "
				     "--transport is for a call without one");
	if (is_stdin(o->response) && is_stdin(o->body))
		return command_usage("explain",
				     "standard input can be read once");
	return -1;
}

static int check(struct explain_options *o)
{
	if (o->chart || o->svg != NULL || o->messages > 0)
		o->schedule = true;
	if (o->defaults && o->schedule)
		return command_usage("explain",
				     "--defaults goes with --json alone");
	if (o->defaults)
		return -1;
	if (o->json && o->chart)
		return command_usage("explain",
				     "--json and --chart exclude each other");
	if (o->json && is_stdin(o->svg))
		return command_usage("explain",
				     "--json and --svg - exclude each other: "
				     "name a file for the picture");
	if (!o->has_attempts)
		o->attempts = o->failures;
	if (o->attempts < o->failures)
		return command_usage("explain",
				     "--attempts counts all calls, so it "
				     "cannot be less than --failures");
	return check_outcome(o);
}

int explain_options_parse(int argc, char **argv, struct explain_options *o)
{
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "c:t:p:d:s:H:h", longs,
				     NULL)) != -1) {
		int code = take_option(o, option, argv);

		if (code >= 0)
			return code;
	}
	if (optind < argc)
		return command_usage("explain",
				     "\"%s\" is one argument too many",
				     argv[optind]);
	return check(o);
}

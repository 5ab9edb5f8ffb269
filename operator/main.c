/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - finds the command and hands over to it.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "operator/commands.h"

struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
};

/* Ends with an entry without a name. */
static const struct command commands[] = {
	{"run", "deliver messages until told to stop", command_run},
	{"check", "check a configuration, and show what it makes",
	 command_check},
	{"topology",
	 "print, declare, verify or prune what the broker must have",
	 command_topology},
	{"doctor", "examine a broker: what is unsafe, and what mends it",
	 command_doctor},
	{"explain", "say what would become of a message, and why",
	 command_explain},
	{"parked", "list, count and show what waits for a person",
	 command_parked},
	{"publish", "publish files as messages, to try things out",
	 command_publish},
	{"audit", "check the audit trail, and write it out", command_audit},
	{NULL, NULL, NULL},
};

static void help(FILE *to)
{
	fprintf(to, "rebound delivers messages from RabbitMQ to HTTP services "
		    "and loses none.\n\n"
		    "Usage: rebound COMMAND [OPTION]...\n\nCommands:\n");
	for (const struct command *c = commands; c->name != NULL; c++)
		fprintf(to, "  %-10s %s\n", c->name, c->summary);
	fprintf(to,
		"\nrebound COMMAND --help describes a command.\n"
		"rebound --version prints the version.\n\n"
		"Every command that reads a configuration takes -c FILE; "
		"without it, the file is\n$REBOUND_CONFIG, or else "
		"/etc/rebound/rebound.cfg.\n\n"
		"Exit codes: 0 done, 64 wrong usage, 65 bad input, 66 a file "
		"cannot be read, 69\nthe broker is out of reach, 70 an error "
		"of the program, 73 a file cannot\nbe written, 75 something "
		"is left, 77 a credential or permission is refused, 78\nthe "
		"configuration is wrong.\n\nSee rebound(1) and "
		"rebound.cfg(5).\n");
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		help(stderr);
		return EX_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("rebound %s\n", REBOUND_VERSION);
		return EX_OK;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		help(stdout);
		return EX_OK;
	}
	for (const struct command *c = commands; c->name != NULL; c++)
		if (strcmp(argv[1], c->name) == 0)
			return c->run(argc - 1, argv + 1);
	fprintf(stderr,
		"rebound: there is no command \"%s\". See rebound --help.\n",
		argv[1]);
	return EX_USAGE;
}

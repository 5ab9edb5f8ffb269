/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands.h - the subcommands of rebound, and what they share.
 *
 * Each command is a function in a file of its own. It gets its arguments with
 * its own name first, as main would, and returns an exit code of <sysexits.h>:
 * 0, EX_USAGE (64), EX_DATAERR (65), EX_NOINPUT (66), EX_UNAVAILABLE (69),
 * EX_SOFTWARE (70), EX_CANTCREAT (73), EX_TEMPFAIL (75), EX_NOPERM (77),
 * EX_CONFIG (78); or 128 and the number of the signal that cut it short.
 */
#ifndef OPERATOR_COMMANDS_H
#define OPERATOR_COMMANDS_H

#include <getopt.h>
#include <stdbool.h>

#include "worker/broker.h"
#include "worker/config.h"

int command_run(int argc, char **argv);
int command_check(int argc, char **argv);
int command_topology(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_parked(int argc, char **argv);
int command_publish(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_audit(int argc, char **argv);

/* The configuration file that is meant: `file`, or else $REBOUND_CONFIG, or
   else /etc/rebound/rebound.cfg. */
const char *command_file(const char *file);

/*
 * Reads the configuration; NULL after all that is wrong with it was printed
 * on standard error: the command then returns EX_CONFIG. Warnings are printed
 * there too. `file` as for command_file.
 */
struct config *command_config(const char *file);

/*
 * The pipeline of that name into *pipeline; NULL, all of them, without a name.
 * -1: go on; else EX_USAGE, and it was said that there is none.
 */
int command_pipeline(const char *command, const struct config *config,
		     const char *name, const struct pipeline_config **pipeline);

/* The same where one is needed: without a name it is the only one there is. */
int command_one_pipeline(const char *command, const struct config *config,
			 const char *name,
			 const struct pipeline_config **pipeline);

/* The options that most commands have, for a list of struct option. */
#define COMMAND_OPTION_CONFIG                                                  \
	{                                                                      \
		"config", required_argument, NULL, 'c'                         \
	}
#define COMMAND_OPTION_PIPELINE                                                \
	{                                                                      \
		"pipeline", required_argument, NULL, 'p'                       \
	}
#define COMMAND_OPTION_HELP                                                    \
	{                                                                      \
		"help", no_argument, NULL, 'h'                                 \
	}

/* A command's arguments, on their way. What it has is borrowed. */
struct command_line {
	const char *command; /* its name */
	const char *help;    /* all that -h prints */
	const char *shorts;  /* for getopt_long, after a colon: ":c:p:h" */
	const struct option *longs;
	int argc;
	char **argv;
	/* What was found. */
	const char *file;     /* -c, or NULL */
	const char *pipeline; /* -p, or NULL */
	bool has_ended;       /* the command ends, with `code` */
	int code;
	bool has_begun;
};

/*
 * The next option that is the command's own, with its value in optarg; 0 when
 * there are no more: argv[optind] is then the first argument that is none.
 * Those above are seen to: help is printed, what is unknown or lacks its value
 * is said; the command then ends.
 */
int command_option(struct command_line *line);

/* Ends a command, which says 0 as command_option does. */
int command_end(struct command_line *line, int code);

/* The exit code that goes with a problem of the broker. */
int command_exit_code(enum broker_status status);

/*
 * Says on standard error that the arguments are wrong, and where help is;
 * returns EX_USAGE. `format` is a sentence without its full stop.
 */
int command_usage(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* True where people look: standard output is a terminal, and neither NO_COLOR
   is set nor TERM is "dumb". */
bool command_has_colours(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands.h - the subcommands of rebound, and what they share.
 *
 * Each command is a function in a file of its own. It gets its arguments with
 * its own name first, as main would, and returns an exit code of <sysexits.h>:
 * 0, EX_USAGE (64), EX_DATAERR (65), EX_NOINPUT (66), EX_UNAVAILABLE (69),
 * EX_SOFTWARE (70), EX_CANTCREAT (73), EX_NOPERM (77), EX_CONFIG (78); or 128 and the number of
 * the signal that cut it short.
 */
#ifndef OPERATOR_COMMANDS_H
#define OPERATOR_COMMANDS_H

#include <stdbool.h>

#include "worker/broker.h"
#include "worker/config.h"

int command_run(int argc, char **argv);
int command_check(int argc, char **argv);
int command_topology(int argc, char **argv);
int command_publish(int argc, char **argv);
int command_explain(int argc, char **argv);

/* The configuration file that is meant: `file`, or else $REBOUND_CONFIG, or
   else /etc/rebound/rebound.cfg. */
const char *command_file(const char *file);

/*
 * Reads the configuration; NULL after all that is wrong with it was printed
 * on standard error: the command then returns EX_CONFIG. Warnings are printed
 * there too. `file` as for command_file.
 */
struct config *command_config(const char *file);

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

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_print.h - settings in words: their values, what they take, and the
 * reference of them all.
 */
#ifndef WORKER_SETTING_PRINT_H
#define WORKER_SETTING_PRINT_H

#include <stdio.h>

#include "worker/arena.h"
#include "worker/setting.h"

/* "a duration from 1s to 1m, such as \"30s\"": what a setting takes. */
const char *setting_expected(struct arena *arena,
			     const struct setting *setting);

/* Prints "name = value;" for each value of a scope that is set, each line
   after `indent` tabs. Groups and lists are left to their owners. */
void setting_print(enum setting_scope scope, const void *from, int indent,
		   FILE *to);

/* The same for one setting. */
void setting_print_one(const struct setting *setting, const void *from,
		       int indent, FILE *to);

/* So many tabs; "NAME = {" and "};" in lines of their own after so many. */
void setting_print_indent(int indent, FILE *to);
void setting_print_open(const char *name, int indent, FILE *to);
void setting_print_close(int indent, FILE *to);

/* A text in double quotes, escaped as the file syntax wants it. */
void setting_print_text(const char *text, FILE *to);

/* Prints the reference: docs/configuration.md, from the table alone. */
void setting_print_reference(FILE *to);

#endif

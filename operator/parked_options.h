/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parked_options.h - what `rebound parked` is told on its command line.
 */
#ifndef OPERATOR_PARKED_OPTIONS_H
#define OPERATOR_PARKED_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "operator/parked_filter.h"

#define PARKED_NEWEST_MAX 10000 /* that are kept until the end is reached */
#define PARKED_BY_MAX     5

enum parked_action {
	PARKED_LIST,
	PARKED_COUNT,
	PARKED_SHOW,
};

/* What messages are grouped by. */
enum parked_column {
	PARKED_BY_TYPE,
	PARKED_BY_REASON,
	PARKED_BY_ERROR,
	PARKED_BY_CLASS,
	PARKED_BY_DOWNSTREAM,
};

/* Borrowed from argv. */
struct parked_options {
	enum parked_action action;
	const char *file;
	const char *pipeline;
	struct parked_filter filter;
	size_t limit; /* 0: all */
	bool newest;  /* first */
	enum parked_column by[PARKED_BY_MAX];
	size_t by_count; /* >= 1 after parsing */
	bool body;
	bool json;
};

/* -1 to go on; else the exit code: help was printed, or what is wrong. */
int parked_options_parse(int argc, char **argv, struct parked_options *options);

const char *parked_column_name(enum parked_column column);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_options.h - what `rebound explain` is asked on its command line.
 */
#ifndef OPERATOR_EXPLAIN_OPTIONS_H
#define OPERATOR_EXPLAIN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "policy/outcome.h"
#include "policy/text.h"

#define EXPLAIN_HEADERS_MAX  64
#define EXPLAIN_MESSAGES_MAX 1000000000

/* A header of the response: name and value point into argv or a file. */
struct explain_header {
	struct text name;
	struct text value;
};

struct explain_options {
	const char *file; /* of the configuration */
	/* What is called: NULL where it need not be said. */
	const char *pipeline;
	const char *downstream;
	const char *type;
	/* What it came to. */
	int status; /* 100 .. 599; 0: not said */
	bool has_transport;
	enum transport transport;
	const char *response; /* a file, or "-"; NULL: none */
	const char *body;     /* a file: the message's body; NULL: none */
	struct explain_header headers[EXPLAIN_HEADERS_MAX];
	size_t header_count;
	const char *retry_after; /* NULL: not said */
	millis took;             /* a call; >= 0 */
	/* What became of the message before. */
	bool has_failures;
	uint32_t failures; /* with the same error */
	bool has_attempts;
	uint32_t attempts;
	bool has_age;
	millis age;
	bool has_deadline;
	millis deadline; /* until it, >= 0 */
	/* What is shown. */
	bool defaults;
	bool schedule;
	bool chart;
	const char *svg;   /* a file, or "-"; NULL: none */
	uint32_t messages; /* that fail together; 0: not asked */
	bool json;
};

extern const char explain_help[];

/* Reads argv. -1 to go on; else the exit code: help was printed, or what is
   wrong. */
int explain_options_parse(int argc, char **argv,
			  struct explain_options *options);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish_options.h - what `rebound publish` is told on its command line.
 */
#ifndef OPERATOR_PUBLISH_OPTIONS_H
#define OPERATOR_PUBLISH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "worker/arena.h"
#include "worker/table.h"

struct publish_options {
	const char *file;
	const char *pipeline;
	const char *type;
	const char *key;
	const char *id;
	const char *content_type;
	struct table headers; /* in the arena */
	bool json;
	struct arena arena; /* the caller's to begin and end */
	char **files;       /* of argv */
	size_t file_count;
};

/* Reads argv, after the arena has begun. -1 to go on; else the exit code:
   help was printed, or what is wrong. */
int publish_options_parse(int argc, char **argv,
			  struct publish_options *options);

#endif

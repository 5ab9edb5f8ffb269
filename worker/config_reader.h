/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_reader.h - reads a configuration without dying of it.
 *
 *   rebound run --start--> rebound check --try -c FILE
 *               <--text---        tries all of it
 *
 * A file that somebody is writing may hold anything, and the parser ends its
 * process over some of it; so another process goes first, bounded in time and
 * in what it says. What is read here is the text that it has tried, so that
 * nothing can change between the check and the use.
 */
#ifndef WORKER_CONFIG_READER_H
#define WORKER_CONFIG_READER_H

#include "worker/config.h"
#include "worker/loop.h"

struct config_reader;

/* What came of it. Borrowed for the time of the callback, but for the
   configuration, which is the receiver's. */
struct config_read {
	struct config *config; /* NULL if it is wrong */
	/* What is wrong with it, or looks so: a line each, "FILE:LINE: ...". */
	const char *said;
	/* The file and what it includes; of one that cannot be read, those that
	   it came to. None if the reading itself went wrong. */
	const char *const *files;
	size_t file_count;
};

typedef void config_reader_done(void *context, const struct config_read *read);

/*
 * Starts reading. `program` is a path to this very program. `done` is called
 * once, from the loop and never from within this; the reader is freed after it.
 * Both paths are copied.
 */
struct config_reader *config_reader_start(struct loop *loop,
					  const char *program, const char *file,
					  config_reader_done *done,
					  void *context);

/* Ends it without a callback, which must be before the loop is freed. Takes
   NULL. */
void config_reader_drop(struct config_reader *reader);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_splice.h - a configuration's text as it grows, line by line.
 *
 * What is written into the text is what libconfig is to see: without line
 * comments, and with an L behind each integer that may not fit 32 bits.
 */
#ifndef WORKER_CONFIG_SPLICE_H
#define WORKER_CONFIG_SPLICE_H

#include "worker/config_text.h"

/* What the next character belongs to. */
enum splice_place {
	SPLICE_CODE,
	SPLICE_STRING,
	SPLICE_COMMENT,
};

struct splice {
	struct arena *arena;
	struct config_text *text;
	size_t len;  /* bytes of text->bytes in use */
	size_t room; /* of text->bytes */
	size_t line_room;
	size_t file_room;
	enum splice_place place;
};

/* A text without lines. Both are borrowed until the end. */
void splice_begin(struct splice *splice, struct arena *arena,
		  struct config_text *text);

/* Names a file that belongs to the text, once however often it is named. The
   name is kept; returns the one that was kept first. */
const char *splice_file(struct splice *splice, const char *file);

/* Adds a line (without its end) of a file. Name and line are kept. */
void splice_line(struct splice *splice, const char *file, unsigned number,
		 const char *raw);

/* Ends the text, which has at least one line. */
void splice_end(struct splice *splice);

#endif

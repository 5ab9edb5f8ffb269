/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_text.h - the text of a configuration with its includes in place.
 *
 * libconfig 1.5 resolves @include against the working directory, leaves the
 * process when the included path is a folder, and cuts integers to 32 bits
 * without a word. So includes are put in here, before it sees the text:
 * relative to the folder of the file that names them, each a regular file,
 * and long integers get the L that makes them 64 bits wide. A table says
 * which file each line came from.
 *
 * An include stands alone on its line: @include "file".
 */
#ifndef WORKER_CONFIG_TEXT_H
#define WORKER_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "worker/arena.h"
#include "worker/config_complaint.h"

#define CONFIG_INCLUDE_DEPTH_MAX 10
#define CONFIG_BYTES_MAX         (8 << 20) /* in all */

struct config_line {
	const char *file;
	unsigned number; /* 1 .. */
	const char *raw; /* the line as written, without its end */
};

struct config_text {
	char *bytes; /* ends in NUL */
	struct config_line *lines;
	size_t line_count; /* >= 1 */
	/* The file, and all that it includes, those too that cannot be read. */
	const char **files;
	size_t file_count; /* >= 1 */
	/* The text or comment that is open at the end of all: the line that it
	   begins on (1 ..), and whether it is a text. 0: none. */
	unsigned open_line;
	bool is_open_text;
};

/*
 * Reads `file`. False after complaints about files that cannot be read or
 * included; *text then has no meaning. All of it lives in the arena.
 */
bool config_text_read(const char *file, struct arena *arena,
		      struct complaints *complaints, struct config_text *text);

/* The n-th line (1 ..); the last one for what is behind the end. */
const struct config_line *config_text_line(const struct config_text *text,
					   unsigned n);

#endif

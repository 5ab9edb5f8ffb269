/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/config_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "worker/config_splice.h"

#define DIRECTIVE "@include"

/* A file that is being read, and who includes it. */
struct source {
	const struct source *includer; /* NULL: the main file */
	const char *file;
	unsigned line; /* being read */
	dev_t device;
	ino_t inode;
};

struct reader {
	struct arena *arena;
	struct complaints *complaints;
	struct splice splice; /* into which all is put */
	size_t read;          /* bytes of all files so far */
	bool failed;
};

/* Complains where a file is named; about itself if it is the main file. */
static void fail(struct reader *s, const struct source *source,
		 const char *what)
{
	const struct source *by = source->includer;

	s->failed = true;
	if (by == NULL)
		complain_at(s->complaints, source->file, 0, "%s", what);
	else
		complain_at(s->complaints, by->file, by->line,
			    "The file to be included, \"%s\": %s", source->file,
			    what);
}

/* What follows blanks. */
static char *skip_blanks(char *at)
{
	return at + strspn(at, " \t\r");
}

/* The path of an include line, cut out of it; NULL if it is malformed. */
static char *included_path(char *line)
{
	char *at = skip_blanks(skip_blanks(line) + strlen(DIRECTIVE));

	if (*at != '"')
		return NULL;
	char *path = at + 1;
	char *end = strchr(path, '"');
	if (end == NULL || end == path)
		return NULL;
	at = skip_blanks(end + 1);
	if (*at != '\0' && *at != '#' && strncmp(at, "//", 2) != 0)
		return NULL;
	*end = '\0';
	return path;
}

/* Reads what is left of an open file. NULL after a complaint. */
static char *read_all(struct reader *s, const struct source *source,
		      FILE *stream)
{
	size_t room = CONFIG_BYTES_MAX - s->read;
	size_t len = 0;
	size_t size = 16384;
	char *bytes = arena_alloc(s->arena, size + 1);

	for (;;) {
		len += fread(bytes + len, 1, size - len, stream);
		if (len < size || len > room)
			break;
		char *larger = arena_alloc(s->arena, 2 * size + 1);
		memcpy(larger, bytes, len);
		bytes = larger;
		size *= 2;
	}
	s->read += len;
	if (ferror(stream))
		fail(s, source, "It cannot be read.");
	else if (len > room)
		fail(s, source, "With it the configuration exceeds 8 MiB.");
	else if (memchr(bytes, '\0', len) != NULL)
		fail(s, source, "It holds bytes of zero and is no text.");
	else
		return bytes;
	return NULL;
}

static bool includes_itself(const struct source *source)
{
	const struct source *by = source->includer;

	for (; by != NULL; by = by->includer)
		if (by->device == source->device && by->inode == source->inode)
			return true;
	return false;
}

static size_t depth_of(const struct source *source)
{
	size_t depth = 0;

	for (; source->includer != NULL; source = source->includer)
		depth++;
	return depth;
}

/* What keeps an open file from being read, or NULL. */
static const char *flaw_of_file(struct source *source, FILE *stream)
{
	struct stat status;

	if (fstat(fileno(stream), &status) != 0)
		return "It cannot be examined.";
	source->device = status.st_dev;
	source->inode = status.st_ino;
	if (S_ISDIR(status.st_mode))
		return "It is a folder, and a file is needed.";
	if (source->includer == NULL)
		return NULL; /* a pipe will do */
	if (!S_ISREG(status.st_mode))
		return "It is not a regular file.";
	if (includes_itself(source))
		return "It would include itself.";
	if (depth_of(source) > CONFIG_INCLUDE_DEPTH_MAX)
		return "Includes are nested deeper than 10.";
	return NULL;
}

/* An included pipe must not make anybody wait before it is refused. */
static FILE *open_source(const struct source *source)
{
	int flags = source->includer == NULL ? 0 : O_NONBLOCK;
	int fd = open(source->file, O_RDONLY | O_CLOEXEC | flags);

	return fd < 0 ? NULL : fdopen(fd, "r");
}

/* All of a file as a text, in the arena; NULL after a complaint. */
static char *file_text(struct reader *s, struct source *source)
{
	FILE *stream = open_source(source);
	char *bytes = NULL;

	if (stream == NULL) {
		fail(s, source,
		     arena_printf(s->arena, "It cannot be opened: %s.",
				  strerror(errno)));
		return NULL;
	}
	const char *flaw = flaw_of_file(source, stream);
	if (flaw != NULL)
		fail(s, source, flaw);
	else
		bytes = read_all(s, source, stream);
	fclose(stream);
	return bytes;
}

static bool is_include(const struct reader *s, char *line)
{
	return s->splice.place == SPLICE_CODE &&
	       strncmp(skip_blanks(line), DIRECTIVE, strlen(DIRECTIVE)) == 0;
}

/* Puts a file in, and what it includes: bounded by the depth of includes. */
static void put_file(struct reader *s, struct source *source)
{
	source->file = splice_file(&s->splice, source->file);

	char *at = file_text(s, source);
	if (at == NULL)
		return;
	if (strncmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3; /* a byte order mark */
	while (*at != '\0') {
		char *line = at;
		char *end = at + strcspn(at, "\n");

		at = *end == '\0' ? end : end + 1;
		*end = '\0';
		source->line++;
		if (!is_include(s, line)) {
			splice_line(&s->splice, source->file, source->line,
				    line);
			continue;
		}
		char *path = included_path(line);
		if (path == NULL) {
			s->failed = true;
			complain_at(s->complaints, source->file, source->line,
				    "An include is written alone on its line: "
				    "@include \"file\"");
			continue;
		}
		struct source included = {
			.includer = source,
			.file = tree_file_beside(s->arena, source->file, path)};
		put_file(s, &included);
	}
}

bool config_text_read(const char *file, struct arena *arena,
		      struct complaints *complaints, struct config_text *text)
{
	struct reader reader = {.arena = arena, .complaints = complaints};
	struct source source = {.file = arena_string(arena, text_of(file))};

	splice_begin(&reader.splice, arena, text);
	put_file(&reader, &source);
	if (text->line_count == 0)
		splice_line(&reader.splice, source.file, 1, "");
	splice_end(&reader.splice);
	return !reader.failed;
}

const struct config_line *config_text_line(const struct config_text *text,
					   unsigned n)
{
	if (n > text->line_count)
		n = (unsigned)text->line_count;
	return &text->lines[n == 0 ? 0 : n - 1];
}

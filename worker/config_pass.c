/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/config_pass.h"

#include <stdlib.h>
#include <string.h>

#include "worker/config_splice.h"

#define FIRST_LINE "rebound text 1"

static size_t file_index(const struct config_text *text, const char *file)
{
	size_t i = 0;

	while (i + 1 < text->file_count && strcmp(text->files[i], file) != 0)
		i++;
	return i;
}

void config_pass_write(const struct config_text *text, bool is_whole, FILE *to)
{
	const char *file = NULL;
	unsigned next = 0;

	fputs(FIRST_LINE "\n", to);
	for (size_t i = 0; i < text->file_count; i++)
		fprintf(to, "F %s\n", text->files[i]);
	for (size_t i = 0; is_whole && i < text->line_count; i++) {
		const struct config_line *line = &text->lines[i];

		if (line->file != file || line->number != next)
			fprintf(to, "@ %u %zu\n", line->number,
				file_index(text, line->file));
		fprintf(to, ":%s\n", line->raw);
		file = line->file;
		next = line->number + 1;
	}
	if (is_whole)
		fputs(".\n", to);
}

/* Where the lines that follow are from. */
struct place {
	const char *file; /* NULL: not said yet */
	unsigned number;
};

/* False where the place is none of the text's. */
static bool read_place(const char *words, const struct config_text *text,
		       struct place *place)
{
	unsigned number;
	size_t index;

	if (sscanf(words, "%u %zu", &number, &index) != 2 ||
	    index >= text->file_count)
		return false;
	*place = (struct place){.file = text->files[index], .number = number};
	return true;
}

/* Reads one line; false if it means nothing. */
static bool read_line(char *line, struct splice *splice, struct place *place)
{
	if (strncmp(line, "F ", 2) == 0) {
		(void)splice_file(splice, line + 2);
		return true;
	}
	if (strncmp(line, "@ ", 2) == 0)
		return read_place(line + 2, splice->text, place);
	if (*line != ':' || place->file == NULL)
		return false;
	splice_line(splice, place->file, place->number++, line + 1);
	return true;
}

/* The line at *at, which then is behind it; NULL at the end, or where the last
   line has none. */
static char *next_line(char **at)
{
	char *line = *at;
	char *end = strchr(line, '\n');

	if (end == NULL)
		return NULL;
	*end = '\0';
	*at = end + 1;
	return line;
}

bool config_pass_read(struct text passed, struct arena *arena,
		      struct config_text *text)
{
	char *at = arena_string(arena, passed);
	char *line = next_line(&at);
	struct place place = {0};
	struct splice splice;

	splice_begin(&splice, arena, text);
	if (line == NULL || strcmp(line, FIRST_LINE) != 0)
		return false;
	for (line = next_line(&at); line != NULL; line = next_line(&at)) {
		if (strcmp(line, ".") == 0)
			break;
		if (!read_line(line, &splice, &place))
			return false;
	}
	if (line == NULL || text->line_count == 0)
		return false;
	splice_end(&splice);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/config_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "worker/config_pass.h"
#include "worker/loop_process.h"
#include "worker/mem.h"

/* A configuration has 8 MiB at most; lines and places come to it. */
#define ROOM    ((size_t)64 << 20)
#define AT_MOST (10 * MILLIS_PER_SECOND)

struct config_reader {
	struct loop_process *process;
	char *file;
	config_reader_done *done;
	void *context;
};

/* What the other process has tried is read here as well. */
static void read_tried(struct config_reader *reader, struct text tried,
		       FILE *said, struct config_read *read)
{
	struct config_errors errors;

	read->config = config_load_tried(reader->file, tried, &errors);
	config_errors_print(&errors, said);
	config_errors_free(&errors);
}

/* What it has said, as whole lines: it may have ended within one. */
static void pass_on(const struct process_result *result, FILE *said)
{
	struct text errors = result->errors;

	fprintf(said, "%.*s", (int)errors.len, errors.at);
	if (errors.len > 0 && errors.at[errors.len - 1] != '\n')
		fputc('\n', said);
}

/* Why the other process has said nothing that could be used. */
static void explain(const struct config_reader *reader,
		    const struct process_result *result, FILE *said)
{
	fprintf(said, "%s: ", reader->file);
	switch (result->end) {
	case PROCESS_EXITED:
		fprintf(said,
			"The process that read it ended with exit code %d.\n",
			result->code);
		break;
	case PROCESS_KILLED:
		fprintf(said,
			"The process that read it was ended by signal "
			"%d.\n",
			result->code);
		break;
	case PROCESS_TOO_LONG:
		fprintf(said, "Reading it took longer than 10 seconds.\n");
		break;
	case PROCESS_TOO_MUCH:
		fprintf(said, "Reading it came to more than 64 MiB.\n");
		break;
	case PROCESS_NOT_RUN:
		fprintf(said,
			"The process that reads it cannot be started: "
			"%s.\n",
			strerror(result->code));
		break;
	}
	pass_on(result, said);
}

static void tell(struct config_reader *reader,
		 const struct process_result *result, FILE *said,
		 struct arena *arena, struct config_read *read)
{
	bool has_ended = result->end == PROCESS_EXITED &&
			 (result->code == EX_OK || result->code == EX_CONFIG);
	struct config_text text;
	bool is_whole = config_pass_read(result->output, arena, &text);

	read->files = text.files;
	read->file_count = text.file_count;
	if (has_ended && is_whole)
		read_tried(reader, result->output, said, read);
	else if (has_ended && result->code == EX_CONFIG)
		pass_on(result, said);
	else
		explain(reader, result, said);
}

static void free_reader(struct config_reader *reader)
{
	free(reader->file);
	free(reader);
}

static void on_end(void *context, const struct process_result *result)
{
	struct config_reader *reader = context;
	struct config_read read = {0};
	struct arena arena;
	char *bytes = NULL;
	size_t len = 0;
	FILE *said = open_memstream(&bytes, &len);

	if (said == NULL)
		mem_exhausted();
	arena_init(&arena);
	tell(reader, result, said, &arena, &read);
	if (fclose(said) != 0)
		mem_exhausted();
	read.said = bytes;
	reader->done(reader->context, &read);
	arena_fini(&arena);
	free(bytes);
	free_reader(reader);
}

struct config_reader *config_reader_start(struct loop *loop,
					  const char *program, const char *file,
					  config_reader_done *done,
					  void *context)
{
	struct config_reader *reader = mem_new(sizeof(*reader));
	const char *words[] = {"rebound", "check", "--try", "-c", file, NULL};
	const struct process_order order = {.program = program,
					    .words = words,
					    .wait = AT_MOST,
					    .room = ROOM};

	reader->file = mem_string(file);
	reader->done = done;
	reader->context = context;
	reader->process = loop_process_start(loop, &order, on_end, reader);
	return reader;
}

void config_reader_drop(struct config_reader *reader)
{
	if (reader == NULL)
		return;
	loop_process_drop(reader->process);
	free_reader(reader);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parked_list.c - `rebound parked list`: a line for each message.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "operator/parked_json.h"
#include "operator/parked_sink.h"
#include "worker/mem.h"
#include "worker/utf8.h"

#define CELL_MAX 80 /* bytes: what is longer is for --json */

struct list {
	const struct parked_options *options;
	size_t count;
	char **kept; /* newest: a ring of `limit` lines; else NULL */
};

/* For people: no control character of a publisher reaches a terminal. */
static const char *cell(const struct parked_item *item, struct text text)
{
	struct arena *arena = &item->message->arena;

	if (text.len == 0)
		return "-";
	return arena_string(arena, utf8_excerpt(arena, text, CELL_MAX));
}

static const char *row(const struct parked_item *item)
{
	char seen[32];
	char parked[32];

	return arena_printf(
		&item->message->arena,
		"%-36s  %-24s  %-11s  %-15s  %-12s  %8lld  %-24s  %-24s  %zu",
		cell(item, item->id), cell(item, item->type),
		cell(item, item->reason), cell(item, item->error),
		cell(item, item->downstream), (long long)item->attempts,
		parked_instant(item->first_seen_wall, seen),
		parked_instant(item->parked_wall, parked), item->size);
}

static void print_head(void)
{
	printf("%-36s  %-24s  %-11s  %-15s  %-12s  %8s  %-24s  %-24s  %s\n",
	       "ID", "TYPE", "REASON", "ERROR", "DOWNSTREAM", "ATTEMPTS",
	       "FIRST SEEN", "PARKED", "BYTES");
}

static void print_line(const struct list *list, size_t nth, const char *line)
{
	if (nth == 0 && !list->options->json)
		print_head();
	puts(line);
}

static bool take(void *state, const struct parked_item *item)
{
	struct list *list = state;
	const char *line =
		list->options->json ? parked_json_line(item) : row(item);

	if (list->kept == NULL) {
		print_line(list, list->count++, line);
		return list->count != list->options->limit;
	}
	free(list->kept[list->count % list->options->limit]);
	list->kept[list->count++ % list->options->limit] = mem_string(line);
	return true;
}

static void print_kept(struct list *list)
{
	size_t limit = list->options->limit;
	size_t count = list->count < limit ? list->count : limit;

	for (size_t i = 0; i < count; i++)
		print_line(list, i, list->kept[(list->count - 1 - i) % limit]);
	for (size_t i = 0; i < count; i++)
		free(list->kept[i]);
}

static int end(void *state, bool is_whole)
{
	struct list *list = state;

	if (list->kept != NULL)
		print_kept(list);
	if (is_whole && list->count == 0 && !list->options->json)
		puts("No such message is parked.");
	free(list->kept);
	free(list);
	return EX_OK;
}

struct parked_sink parked_list_sink(const struct parked_options *options)
{
	struct list *list = mem_new(sizeof(*list));

	list->options = options;
	if (options->newest)
		list->kept = mem_array(options->limit, sizeof(*list->kept));
	return (struct parked_sink){.take = take, .end = end, .state = list};
}

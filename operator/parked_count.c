/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parked_count.c - `rebound parked count`: how many there are of each kind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "operator/parked_sink.h"
#include "worker/json.h"
#include "worker/mem.h"
#include "worker/utf8.h"

#define GROUPS_MAX 1000 /* the rest is counted together, as "(others)" */
#define CELL_MAX   80

struct group {
	char *cells[PARKED_BY_MAX];
	size_t count;
};

struct counting {
	const struct parked_options *options;
	struct arena scratch;
	struct group *groups; /* GROUPS_MAX + 1 of them */
	size_t group_count;
	size_t count;
};

static struct text column(const struct parked_item *item, enum parked_column by)
{
	switch (by) {
	case PARKED_BY_TYPE:
		return item->type;
	case PARKED_BY_REASON:
		return item->reason;
	case PARKED_BY_ERROR:
		return item->error;
	case PARKED_BY_CLASS:
		return item->class;
	case PARKED_BY_DOWNSTREAM:
		return item->downstream;
	}
	return (struct text){0};
}

static bool is_of(const struct group *group, const struct text *cells,
		  size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!text_is(cells[i], group->cells[i]))
			return false;
	return true;
}

static struct group *add_group(struct counting *c, const struct text *cells)
{
	struct group *group = &c->groups[c->group_count];

	if (c->group_count == GROUPS_MAX + 1)
		return group - 1;
	for (size_t i = 0; i < c->options->by_count; i++) {
		struct text cell = c->group_count == GROUPS_MAX
					   ? TEXT("(others)")
					   : cells[i];

		group->cells[i] = mem_string(arena_string(&c->scratch, cell));
	}
	c->group_count++;
	return group;
}

static bool take(void *state, const struct parked_item *item)
{
	struct counting *c = state;
	struct text cells[PARKED_BY_MAX];
	struct group *found = NULL;

	arena_clear(&c->scratch);
	for (size_t i = 0; i < c->options->by_count; i++)
		cells[i] = utf8_excerpt(
			&c->scratch, column(item, c->options->by[i]), CELL_MAX);
	for (size_t i = 0; i < c->group_count && found == NULL; i++)
		if (is_of(&c->groups[i], cells, c->options->by_count))
			found = &c->groups[i];
	if (found == NULL)
		found = add_group(c, cells);
	found->count++;
	c->count++;
	return true;
}

static int by_size(const void *a, const void *b)
{
	const struct group *one = a;
	const struct group *other = b;

	return (one->count < other->count) - (one->count > other->count);
}

static void print_json(const struct counting *c, const struct group *group)
{
	struct json *object = json_new_object();
	struct text line;

	for (size_t i = 0; i < c->options->by_count; i++)
		json_put_string(object, parked_column_name(c->options->by[i]),
				group->cells[i]);
	json_put_integer(object, "count", (int64_t)group->count);
	line = json_line(object);
	printf("%.*s\n", (int)line.len, line.at);
	json_free(object);
}

static void print_row(const struct counting *c, const struct group *group)
{
	printf("%8zu", group->count);
	for (size_t i = 0; i < c->options->by_count; i++)
		printf("  %-16s",
		       *group->cells[i] != '\0' ? group->cells[i] : "-");
	putchar('\n');
}

static void print_table(const struct counting *c)
{
	printf("%8s", "COUNT");
	for (size_t i = 0; i < c->options->by_count; i++)
		printf("  %-16s", parked_column_name(c->options->by[i]));
	putchar('\n');
	for (size_t i = 0; i < c->group_count; i++)
		print_row(c, &c->groups[i]);
	printf("%8zu  in all\n", c->count);
}

static int end(void *state, bool is_whole)
{
	struct counting *c = state;

	qsort(c->groups, c->group_count, sizeof(*c->groups), by_size);
	if (!c->options->json && (is_whole || c->count > 0))
		print_table(c);
	for (size_t i = 0; i < c->group_count; i++) {
		if (c->options->json)
			print_json(c, &c->groups[i]);
		for (size_t j = 0; j < c->options->by_count; j++)
			free(c->groups[i].cells[j]);
	}
	arena_fini(&c->scratch);
	free(c->groups);
	free(c);
	return EX_OK;
}

struct parked_sink parked_count_sink(const struct parked_options *options)
{
	struct counting *c = mem_new(sizeof(*c));

	c->options = options;
	c->groups = mem_array(GROUPS_MAX + 1, sizeof(*c->groups));
	arena_init(&c->scratch);
	return (struct parked_sink){.take = take, .end = end, .state = c};
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parked_show.c - `rebound parked show`: all that is known of a message.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "operator/parked_json.h"
#include "operator/parked_sink.h"
#include "policy/duration.h"
#include "worker/json.h"
#include "worker/mem.h"
#include "worker/utf8.h"

#define SHOWN_MAX 400 /* bytes of one value */

struct showing {
	const struct parked_options *options;
	const struct pipeline_config *pipeline;
	size_t count;
	int code;
};

static const char *safe(const struct parked_item *item, struct text text)
{
	struct arena *arena = &item->message->arena;

	return arena_string(arena, utf8_excerpt(arena, text, SHOWN_MAX));
}

static const char *text_in(const struct parked_item *item,
			   const struct table *table, const char *name)
{
	const struct field *field = table_find(table, name);
	struct text value = {0};

	if (field != NULL)
		(void)field_text(field, &value);
	return safe(item, value);
}

static int64_t integer_in(const struct table *table, const char *name)
{
	const struct field *field = table_find(table, name);
	int64_t value = 0;

	if (field != NULL)
		(void)field_integer(field, &value);
	return value < 0 ? 0 : value;
}

static void say(const struct parked_item *item, const char *name,
		struct text value)
{
	if (value.len > 0)
		printf("%-14s %s\n", name, safe(item, value));
}

static void print_summary(const struct parked_item *item)
{
	const struct properties *p = &item->message->properties;
	char instant[32];

	say(item, "id", item->id);
	say(item, "type", item->type);
	say(item, "routing key", item->message->routing_key);
	say(item, "reason", item->reason);
	say(item, "parked as", item->as);
	say(item, "class", item->class);
	say(item, "error", item->error);
	say(item, "downstream", item->downstream);
	printf("%-14s %s\n", "parked by",
	       item->is_by_broker ? "the broker" : "a worker");
	printf("%-14s %s\n", "parked",
	       parked_instant(item->parked_wall, instant));
	printf("%-14s %s\n", "first seen",
	       parked_instant(item->first_seen_wall, instant));
	printf("%-14s %" PRId64 "\n", "attempts", item->attempts);
	say(item, "content type", p->content_type);
	say(item, "correlation id", p->correlation_id);
	say(item, "reply to", p->reply_to);
	say(item, "app id", p->app_id);
	printf("%-14s %zu bytes\n", "body", item->size);
}

static void print_step(const struct parked_item *item,
		       const struct downstream_config *downstream)
{
	const struct field *field =
		item->steps == NULL ? NULL
				    : table_find(item->steps, downstream->name);

	if (field == NULL || field->kind != FIELD_TABLE) {
		printf("  %s: not called yet\n", downstream->name);
		return;
	}
	printf("  %s: %s, attempts: %" PRId64 "\n", downstream->name,
	       text_in(item, &field->as.table, "state"),
	       integer_in(&field->as.table, "attempts"));
}

static void print_attempt(const struct parked_item *item,
			  const struct table *entry)
{
	char instant[32];
	char spelling[DURATION_SPELLING_MAX];
	int64_t status = integer_in(entry, "status");
	int64_t delay = integer_in(entry, "delay-ms");
	const char *detail = text_in(item, entry, "detail");

	printf("  %s  %s: %s (%s)",
	       parked_instant(integer_in(entry, "at-ms"), instant),
	       text_in(item, entry, "step"), text_in(item, entry, "error"),
	       text_in(item, entry, "class"));
	if (status != 0)
		printf(", status %" PRId64, status);
	printf(", took %s",
	       duration_spell(integer_in(entry, "duration-ms"), spelling));
	if (delay != 0)
		printf("; then waited %s", duration_spell(delay, spelling));
	if (*detail != '\0')
		printf("; it said: %s", detail);
	putchar('\n');
}

static void print_journal(const struct parked_item *item)
{
	int64_t dropped =
		integer_in(&item->message->headers, "rebound-journal-dropped");

	if (item->journal == NULL || item->journal->count == 0)
		return;
	puts("\nWhat happened:");
	for (size_t i = 0; i < item->journal->count; i++) {
		if (item->journal->fields[i].kind == FIELD_TABLE)
			print_attempt(item, &item->journal->fields[i].as.table);
		/* The first is kept; those that follow it are left out. */
		if (i == 0 && dropped > 0)
			printf("  (%" PRId64 " more are not kept)\n", dropped);
	}
}

static void print_value(const struct parked_item *item,
			const struct field *field)
{
	struct text text;
	int64_t integer;

	if (field_text(field, &text))
		puts(safe(item, text));
	else if (field->kind == FIELD_BOOL)
		puts(field->as.boolean ? "true" : "false");
	else if (field_integer(field, &integer))
		printf("%" PRId64 "\n", integer);
	else
		printf("(type '%c')\n", field->kind);
}

/* Those of the publisher; the others are told in words above. */
static void print_headers(const struct parked_item *item)
{
	const struct table *headers = &item->message->headers;
	bool has_begun = false;

	for (size_t i = 0; i < headers->count; i++) {
		const struct field *field = &headers->fields[i];

		if (text_starts(field->name, "rebound-") ||
		    text_starts(field->name, "x-"))
			continue;
		if (!has_begun)
			puts("\nHeaders:");
		has_begun = true;
		printf("  %s: ", safe(item, field->name));
		print_value(item, field);
	}
}

static void print_all(const struct showing *s, const struct parked_item *item)
{
	print_summary(item);
	puts("\nSteps:");
	for (size_t i = 0; i < s->pipeline->deliver_to_count; i++)
		print_step(item, s->pipeline->deliver_to[i]);
	print_journal(item);
	print_headers(item);
}

/* On a terminal a body could be more than text: only JSON is shown there. */
static int print_body(const struct text body)
{
	struct json *json;

	if (!isatty(STDOUT_FILENO)) {
		fwrite(body.at, 1, body.len, stdout);
		return EX_OK;
	}
	json = json_parse(body);
	if (json == NULL) {
		fprintf(stderr, "rebound parked: the body is not JSON, and is "
				"not shown on a terminal. Redirect it to a "
				"file.\n");
		return EX_DATAERR;
	}
	json_print_pretty(json, stdout);
	json_free(json);
	return EX_OK;
}

static bool take(void *state, const struct parked_item *item)
{
	struct showing *s = state;

	s->count++;
	if (s->options->body) {
		s->code = print_body(item->message->body);
		return false; /* of two bodies nobody could tell which is which
			       */
	}
	if (s->options->json) {
		puts(parked_json_line(item));
		return true;
	}
	if (s->count > 1)
		putchar('\n');
	print_all(s, item);
	return true;
}

static int end(void *state, bool is_whole)
{
	struct showing *s = state;
	int code = s->code;

	if (is_whole && s->count == 0) {
		fprintf(stderr,
			"rebound parked: no such message is parked in %s.\n",
			s->pipeline->parking);
		code = EX_NOINPUT;
	}
	free(s);
	return code;
}

struct parked_sink parked_show_sink(const struct parked_options *options,
				    const struct pipeline_config *pipeline)
{
	struct showing *s = mem_new(sizeof(*s));

	s->options = options;
	s->pipeline = pipeline;
	return (struct parked_sink){.take = take, .end = end, .state = s};
}

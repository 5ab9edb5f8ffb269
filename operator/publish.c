/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish.c - `rebound publish`: files become messages for a pipeline.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "operator/commands.h"
#include "operator/publish_options.h"
#include "operator/publisher.h"
#include "worker/clock.h"
#include "worker/json.h"
#include "worker/mem.h"

/* --- what is published --------------------------------------------------- */

/* A key that the binding key matches: "lab.#" gives "lab", and "*" the name
   of the pipeline (AMQP 0-9-1, section 3.1.3.3). "" if nothing is left. */
static const char *fill_in(struct arena *arena, const char *pattern,
			   const char *name)
{
	const char *key = "";

	while (*pattern != '\0') {
		size_t len = strcspn(pattern, ".");
		bool is_many = len == 1 && *pattern == '#';
		bool is_one = len == 1 && *pattern == '*';

		if (!is_many)
			key = arena_printf(
				arena, "%s%s%.*s", key, *key != '\0' ? "." : "",
				is_one ? (int)strlen(name) : (int)len,
				is_one ? name : pattern);
		pattern += len;
		if (*pattern == '.')
			pattern++;
	}
	return key;
}

static const char *default_key(struct arena *arena,
			       const struct pipeline_config *p)
{
	const char *key = "";

	for (size_t i = 0; i < p->key_count; i++)
		if (strpbrk(p->keys[i], "*#") == NULL)
			return p->keys[i];
	if (p->key_count > 0)
		key = fill_in(arena, p->keys[0], p->name);
	return *key != '\0' ? key : p->name;
}

static void fill_item(struct publish_item *item,
		      const struct publish_options *o,
		      const struct pipeline_config *p, const char *file,
		      const char *key)
{
	const char *type = o->content_type;

	item->file = file;
	digest_random_uuid(item->id);
	if (type == NULL)
		type = item_content_type(file);
	item->copy = (struct copy){
		.exchange = text_of(p->business_exchange),
		.routing_key = text_of(key),
		.properties =
			{
				.content_type = text_of(type),
				.type = text_of(o->type),
				.message_id = text_of(o->id != NULL ? o->id
								    : item->id),
				.has_headers = true,
				.has_delivery_mode = true,
				.delivery_mode = 2,
				.has_timestamp = true,
				.timestamp = (uint64_t)(clock_wall() /
							MILLIS_PER_SECOND),
			},
		.headers = o->headers,
	};
}

/* A mistyped name is said before anything is published. */
static bool are_readable(const struct publish_options *o)
{
	bool all = true;

	for (size_t i = 0; i < o->file_count; i++) {
		const char *file = o->files[i];
		struct stat about;

		if (strcmp(file, "-") == 0)
			continue;
		if (access(file, R_OK) != 0 || stat(file, &about) != 0)
			fprintf(stderr, "rebound publish: %s: %s.\n", file,
				strerror(errno));
		else if (S_ISDIR(about.st_mode))
			fprintf(stderr,
				"rebound publish: %s is a folder: name the "
				"files in it.\n",
				file);
		else
			continue;
		all = false;
	}
	return all;
}

/* --- while it goes on ---------------------------------------------------- */

static void show_progress(void *context, size_t settled, const char *reason)
{
	const struct publish_options *o = context;

	if (reason != NULL && *reason != '\0') {
		fprintf(stderr,
			"rebound publish: the broker takes no messages now "
			"(%s). Waiting.\n",
			reason);
		return;
	}
	if (!isatty(STDERR_FILENO) || o->file_count == 1)
		return;
	if (settled % 100 == 0 || settled == o->file_count)
		fprintf(stderr, "\r%zu of %zu", settled, o->file_count);
	if (settled == o->file_count)
		fputc('\n', stderr);
}

/* --- what came of it ----------------------------------------------------- */

static size_t confirmed(const struct publish_item *items, size_t count)
{
	size_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += items[i].result == PUBLISH_CONFIRMED;
	return sum;
}

static void print_json(const struct publish_item *items, size_t count)
{
	struct json *object = json_new_object();
	struct json *list = json_new_array();

	json_put_text(object, "exchange", items[0].copy.exchange);
	json_put_text(object, "key", items[0].copy.routing_key);
	json_put_integer(object, "confirmed", (int64_t)confirmed(items, count));
	json_put_integer(object, "failed",
			 (int64_t)(count - confirmed(items, count)));
	for (size_t i = 0; i < count; i++) {
		struct json *entry = json_new_object();

		json_put_string(entry, "file", items[i].file);
		json_put_text(entry, "id", items[i].copy.properties.message_id);
		json_put_string(entry, "result",
				publish_result_name(items[i].result));
		json_append(list, entry);
	}
	json_put(object, "messages", list);
	json_print_pretty(object, stdout);
	json_free(object);
}

static void print_text(const struct publish_item *items, size_t count)
{
	const struct copy *copy = &items[0].copy;
	size_t good = confirmed(items, count);

	if (count == 1 && good == 1)
		printf("Message %.*s is published to %.*s, with key %.*s, and "
		       "confirmed.\n",
		       (int)copy->properties.message_id.len,
		       copy->properties.message_id.at, (int)copy->exchange.len,
		       copy->exchange.at, (int)copy->routing_key.len,
		       copy->routing_key.at);
	else
		printf("%zu of %zu messages are published to %.*s, with key "
		       "%.*s, and confirmed.\n",
		       good, count, (int)copy->exchange.len, copy->exchange.at,
		       (int)copy->routing_key.len, copy->routing_key.at);
}

static int code_of(enum publish_result result)
{
	switch (result) {
	case PUBLISH_CONFIRMED:
		return EX_OK;
	case PUBLISH_TOO_BIG:
	case PUBLISH_UNREAD:
		return EX_DATAERR;
	case PUBLISH_WAITING:
	case PUBLISH_RETURNED:
	case PUBLISH_REFUSED:
		break;
	}
	return EX_UNAVAILABLE;
}

/* Names those with that result; their number. */
static size_t name_all(const struct publish_item *items, size_t count,
		       enum publish_result result)
{
	size_t named = 0;

	for (size_t i = 0; i < count; i++) {
		struct text id = items[i].copy.properties.message_id;

		if (items[i].result != result)
			continue;
		fprintf(stderr, "%s: %s, id %.*s\n",
			publish_result_name(result), items[i].file, (int)id.len,
			id.at);
		named++;
	}
	return named;
}

/* Names each that failed; the exit code. */
static int tell(const struct publish_options *o,
		const struct publish_item *items)
{
	int code = EX_OK;

	for (int r = PUBLISH_WAITING; r <= PUBLISH_UNREAD; r++) {
		enum publish_result result = (enum publish_result)r;

		if (result == PUBLISH_CONFIRMED ||
		    name_all(items, o->file_count, result) == 0)
			continue;
		fprintf(stderr, "rebound publish: %s.\n",
			publish_result_mend(result));
		if (code_of(result) > code)
			code = code_of(result);
	}
	if (o->json)
		print_json(items, o->file_count);
	else
		print_text(items, o->file_count);
	return code;
}

static int fail(const struct broker_problem *problem)
{
	fprintf(stderr, "rebound publish: %s\n", problem->text);
	return command_exit_code(problem->status);
}

static int publish_items(struct publish_options *o, const struct config *config,
			 const struct pipeline_config *p,
			 struct publish_item *items)
{
	struct broker_role role = {.pipeline = p->name,
				   .role = "publish",
				   .login = config->broker.operator.user != NULL
				   ? &config->broker.operator: &
				      config->broker.worker, };
	struct publisher_config how = {
		.patience = config->confirm_timeout,
		.progress = show_progress,
		.context = o,
	};
	struct broker_problem problem;
	struct broker *broker = broker_open(&config->broker, &role, &problem);
	int code = EX_OK;
	int told;

	if (broker == NULL)
		return fail(&problem);
	if (publisher_run(broker, &how, items, o->file_count, &problem) !=
	    BROKER_OK)
		code = fail(&problem);
	broker_close(broker);
	told = tell(o, items);
	return code != EX_OK ? code : told;
}

static int publish(struct publish_options *o, const struct config *config,
		   const struct pipeline_config *p)
{
	struct publish_item *items;
	const char *key = o->key;
	int code;

	if (p->business_exchange == NULL) {
		fprintf(stderr,
			"rebound publish: pipeline %s takes from queue %s "
			"alone, which is not rebound's. Publish to what feeds "
			"that queue, or set source.exchange.\n",
			p->name, p->queue);
		return EX_CONFIG;
	}
	if (!are_readable(o))
		return EX_DATAERR;
	if (key == NULL)
		key = default_key(&o->arena, p);
	items = mem_array(o->file_count, sizeof(*items));
	for (size_t i = 0; i < o->file_count; i++)
		fill_item(&items[i], o, p, o->files[i], key);
	code = publish_items(o, config, p, items);
	for (size_t i = 0; i < o->file_count; i++)
		item_unload(&items[i]);
	free(items);
	return code;
}

static int choose_and_publish(struct publish_options *o,
			      const struct config *config)
{
	const struct pipeline_config *p = NULL;

	if (o->pipeline != NULL)
		p = config_pipeline(config, o->pipeline);
	else if (config->pipeline_count == 1)
		p = &config->pipelines[0];
	else
		return command_usage("publish",
				     "say which pipeline: --pipeline P");
	if (p == NULL)
		return command_usage("publish",
				     "the configuration has no pipeline \"%s\"",
				     o->pipeline);
	return publish(o, config, p);
}

int command_publish(int argc, char **argv)
{
	struct publish_options options = {0};
	struct config *config;
	int code;

	arena_init(&options.arena);
	code = publish_options_parse(argc, argv, &options);
	if (code < 0) {
		config = command_config(options.file);
		code = config == NULL ? EX_CONFIG
				      : choose_and_publish(&options, config);
		config_free(config);
	}
	arena_fini(&options.arena);
	return code;
}

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
#include "operator/publish_report.h"
#include "operator/stop.h"
#include "operator/publisher.h"
#include "worker/clock.h"
#include "worker/mem.h"

#define PROGRESS_STEP 100 /* messages */

struct work {
	const struct publish_options *options;
	const struct config *config;
	const struct pipeline_config *pipeline;
	struct publish_item *items; /* as many as files */
};

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

/* A line on the terminal that is written over. */
struct progress {
	size_t count;
	bool is_shown; /* and not ended */
};

static void end_progress(struct progress *progress)
{
	if (progress->is_shown)
		fputc('\n', stderr);
	progress->is_shown = false;
}

static void show_progress(void *context, size_t settled, const char *reason)
{
	struct progress *progress = context;

	if (reason != NULL && *reason != '\0') {
		end_progress(progress);
		fprintf(stderr,
			"rebound publish: the broker takes no messages now "
			"(%s). Waiting.\n",
			reason);
		return;
	}
	if (progress->count == 1 || !isatty(STDERR_FILENO))
		return;
	if (settled % PROGRESS_STEP != 0 && settled != progress->count)
		return;
	fprintf(stderr, "\r%zu of %zu", settled, progress->count);
	progress->is_shown = true;
}

static bool is_stopped(void)
{
	return stop_signal() != 0;
}

static int fail(const struct broker_problem *problem)
{
	fprintf(stderr, "rebound publish: %s\n", problem->text);
	return command_exit_code(problem->status);
}

/* The worker's rights are to do something else. */
static void explain_rights(const struct broker_role *role,
			   const struct pipeline_config *p)
{
	fprintf(stderr,
		"rebound publish: It logs in as user \"%s\", whose rights in "
		"\"rebound topology print --permissions\" do not include "
		"publishing. Add exchange %s to what it may write, as in the "
		"rights of the publisher there, or set broker.publisher to a "
		"user who may publish.\n",
		role->login->user, p->business_exchange);
}

/* Publishes them over a connection that is open; the exit code. */
static int publish_over(struct broker *broker, const struct broker_role *role,
			const struct work *work)
{
	struct progress progress = {.count = work->options->file_count};
	struct publisher_config how = {
		.patience = work->config->confirm_timeout,
		.is_stopped = is_stopped,
		.progress = show_progress,
		.context = &progress,
	};
	struct broker_problem problem;
	enum broker_status status;

	stop_catch();
	status = publisher_run(broker, &how, work->items,
			       work->options->file_count, &problem);
	end_progress(&progress);
	if (status == BROKER_OK)
		return EX_OK;
	(void)fail(&problem);
	if (status == BROKER_FORBIDDEN)
		explain_rights(role, work->pipeline);
	return command_exit_code(status);
}

static int publish_items(const struct work *work)
{
	const struct broker_config *b = &work->config->broker;
	struct broker_role role = {.pipeline = work->pipeline->name,
				   .role = "publish",
				   .login = config_login(b, &b->publisher)};
	struct broker_problem problem;
	struct broker *broker;
	int code;
	int worst;

	broker = broker_open(b, &role, &problem);
	if (broker == NULL)
		return fail(&problem);
	code = publish_over(broker, &role, work);
	broker_close(broker);
	worst = publish_report(work->items, work->options->file_count,
			       work->options->json);
	if (code != EX_OK || worst == EX_OK)
		return code;
	return is_stopped() ? stop_exit_code() : worst;
}

static int publish(struct publish_options *o, const struct config *config,
		   const struct pipeline_config *p)
{
	struct work work = {.options = o, .config = config, .pipeline = p};
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
		return EX_NOINPUT;
	if (key == NULL)
		key = default_key(&o->arena, p);
	work.items = mem_array(o->file_count, sizeof(*work.items));
	for (size_t i = 0; i < o->file_count; i++)
		fill_item(&work.items[i], o, p, o->files[i], key);
	code = publish_items(&work);
	for (size_t i = 0; i < o->file_count; i++)
		item_unload(&work.items[i]);
	free(work.items);
	return code;
}

static int choose_and_publish(struct publish_options *o,
			      const struct config *config)
{
	const struct pipeline_config *p;
	int code = command_one_pipeline("publish", config, o->pipeline, &p);

	return code >= 0 ? code : publish(o, config, p);
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

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parked.c - `rebound parked`: what waits for a person.
 */
#include <stdint.h>
#include <stdio.h>
#include <sysexits.h>

#include "operator/commands.h"
#include "operator/parked_reader.h"
#include "operator/parked_sink.h"
#include "operator/stop.h"
#include "worker/clock.h"

/* One reading, from the queue through the filter to the sink. */
struct desk {
	const struct parked_options *options;
	const struct pipeline_config *pipeline;
	struct parked_sink sink;
	millis now_wall;
};

static bool is_stopped(void)
{
	return stop_signal() != 0;
}

static bool take(void *context, struct message *message)
{
	const struct desk *desk = context;
	struct parked_item item;

	parked_item_read(&item, desk->pipeline, message);
	if (!parked_filter_matches(&desk->options->filter, &item,
				   desk->now_wall))
		return true;
	return desk->sink.take(desk->sink.state, &item);
}

/* With a filter, or from the end, nobody knows how many must be read. */
static uint16_t most_wanted(const struct parked_options *o)
{
	if (o->newest || o->limit > UINT16_MAX ||
	    !parked_filter_is_empty(&o->filter))
		return 0;
	return (uint16_t)o->limit;
}

static int fail(const struct broker_problem *problem)
{
	fprintf(stderr, "rebound parked: %s\n", problem->text);
	return command_exit_code(problem->status);
}

/* What counts of several codes: the broker's, a signal's, then the rest. */
static int conclude(const struct parked_reader *reader, int code)
{
	if (is_stopped())
		return stop_exit_code();
	if (!reader->is_short)
		return code;
	fprintf(stderr,
		"rebound parked: %u of %u messages came. Others have the rest "
		"in hand now, or took them out: try again.\n",
		reader->read, reader->depth);
	return EX_TEMPFAIL;
}

static int read_over(struct broker *broker, struct desk *desk)
{
	struct parked_reader reader = {
		.queue = desk->pipeline->parking,
		.most = most_wanted(desk->options),
		.take = take,
		.context = desk,
		.is_stopped = is_stopped,
	};
	struct broker_problem problem;
	enum broker_status status;
	int code;

	stop_catch();
	status = parked_read(&reader, broker, &problem);
	code = desk->sink.end(desk->sink.state, status == BROKER_OK &&
							!reader.is_short &&
							!is_stopped());
	return status == BROKER_OK ? conclude(&reader, code) : fail(&problem);
}

static struct parked_sink sink_of(const struct parked_options *o,
				  const struct pipeline_config *p)
{
	switch (o->action) {
	case PARKED_LIST:
		break;
	case PARKED_COUNT:
		return parked_count_sink(o);
	case PARKED_SHOW:
		return parked_show_sink(o, p);
	}
	return parked_list_sink(o);
}

static int look(const struct parked_options *o, const struct config *config,
		const struct pipeline_config *p)
{
	const struct broker_config *b = &config->broker;
	struct broker_role role = {.pipeline = p->name,
				   .role = "parked",
				   .login = config_login(b, &b->operator)};
	struct desk desk = {.options = o, .pipeline = p};
	struct broker_problem problem;
	struct broker *broker;
	int code;

	broker = broker_open(b, &role, &problem);
	if (broker == NULL)
		return fail(&problem);
	desk.now_wall = clock_wall();
	desk.sink = sink_of(o, p);
	code = read_over(broker, &desk);
	broker_close(broker);
	return code;
}

static int choose_and_look(const struct parked_options *o,
			   const struct config *config)
{
	const struct pipeline_config *p;
	int code = command_one_pipeline("parked", config, o->pipeline, &p);

	return code >= 0 ? code : look(o, config, p);
}

int command_parked(int argc, char **argv)
{
	struct parked_options options = {0};
	struct config *config;
	int code = parked_options_parse(argc, argv, &options);

	if (code >= 0)
		return code;
	config = command_config(options.file);
	code = config == NULL ? EX_CONFIG : choose_and_look(&options, config);
	config_free(config);
	return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parked_sink.h - what becomes of the parked messages that are meant.
 *
 * Each way to look at them (parked_list.c, parked_count.c, parked_show.c) gets
 * them one by one, oldest first, and has the end told to it. What it keeps is
 * bounded, however many there are.
 */
#ifndef OPERATOR_PARKED_SINK_H
#define OPERATOR_PARKED_SINK_H

#include <stdbool.h>

#include "operator/parked_item.h"
#include "operator/parked_options.h"

struct parked_sink {
	/* Takes one that the filter wants; false: that was enough. The item
	   does not outlive the call. */
	bool (*take)(void *state, const struct parked_item *item);
	/* Prints what is left to print, and frees the state; an exit code.
	   `is_whole`: all were read, so that what did not come is not there. */
	int (*end)(void *state, bool is_whole);
	void *state;
};

struct parked_sink parked_list_sink(const struct parked_options *options);
struct parked_sink parked_count_sink(const struct parked_options *options);
struct parked_sink parked_show_sink(const struct parked_options *options,
				    const struct pipeline_config *pipeline);

#endif

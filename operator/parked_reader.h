/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parked_reader.h - reads a parking queue and changes nothing in it.
 *
 * Messages are consumed and never settled: when the connection closes, or
 * dies, the broker puts all of them back where they were, in their order, and
 * counts one more delivery of each, of the million that parking allows. While
 * they are read, nobody else gets them.
 */
#ifndef OPERATOR_PARKED_READER_H
#define OPERATOR_PARKED_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "worker/broker.h"

#define PARKED_READER_PATIENCE 5000 /* ms without a message: no more come */

struct parked_reader {
	const char *queue;
	uint16_t most; /* messages wanted at most; 0: all */
	/* Takes one, which is freed afterwards. False: that was enough. */
	bool (*take)(void *context, struct message *message);
	void *context;
	bool (*is_stopped)(void);
	/* What came of it. */
	uint32_t
		depth; /* what was there, and in nobody's hands, at the start */
	uint32_t read;
	bool is_short; /* less came than was there: others took some */
};

/*
 * Reads the messages that are there now, oldest first, and what is parked within
 * moments of the last of them, on a connection that
 * is closed thereafter. BROKER_OK too if it was stopped.
 */
enum broker_status parked_read(struct parked_reader *reader,
			       struct broker *broker,
			       struct broker_problem *problem);

#endif

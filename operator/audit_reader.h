/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_reader.h - reads the audit trail from its oldest entry to its end, and
 * changes nothing in it.
 */
#ifndef OPERATOR_AUDIT_READER_H
#define OPERATOR_AUDIT_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/text.h"
#include "worker/broker.h"
#include "worker/config.h"

struct audit_reader {
	/* Takes a line, without its line end. False: that was enough. */
	bool (*take)(void *context, struct text line);
	void *context;
	bool shows_progress; /* on standard error */
	/* What came of it. */
	uint64_t messages;
	uint64_t lines;
	const char *foreign; /* a message that somebody else published, or whose
				login is not that of its lines: what is wrong; NULL: none */
	uint64_t foreign_count;
};

/*
 * Reads as `operator` logs in. The end is what was there when it began: a
 * message that was published later ends it, or a second without one. Stops, with
 * BROKER_OK, when stop_signal says so.
 */
enum broker_status audit_read_all(struct audit_reader *reader,
				  const struct config *config,
				  struct broker_problem *problem);

#endif

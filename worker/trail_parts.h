/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail_parts.h - the insides of the trail, for trail*.c alone.
 */
#ifndef WORKER_TRAIL_PARTS_H
#define WORKER_TRAIL_PARTS_H

#include "worker/trail.h"

/* Goes once entry `after` of the chain is confirmed. */
struct kept_ack {
	uint64_t after;
	size_t pipeline;
	uint64_t epoch;
	uint64_t tag;
};

struct trail {
	const struct config *config;
	struct trail_ports ports;
	struct audit_chain chain;
	struct log_lines pending; /* not yet in a batch */
	millis pending_since;     /* the first of them */
	uint64_t taken;           /* number of the last that is in a batch */
	uint64_t confirmed;       /* number of the last that is confirmed */
	uint64_t dropped;         /* and not yet told */
	/* The batch: published, or to be published again; batch_len 0: none. */
	char *batch;
	size_t batch_len;
	uint64_t batch_last;
	char batch_id[80];
	struct copy copy;
	bool is_under_way;
	bool can_publish;
	bool is_troubled;  /* it was not taken, as last said */
	uint32_t refusals; /* in a row */
	millis again_at;
	struct kept_ack *acks;
	size_t ack_count;
	size_t ack_room;
	millis head_at; /* when the head is logged next */
	uint64_t told;  /* number of the entry that was logged last */
	bool is_closed;
};

/*
 * The entry that a report asks for; false if it is no turning point, or not to
 * be recorded. Texts are borrowed from the report; `sha256` holds that of the
 * body.
 */
bool trail_entry_of(const struct report *report, enum audit_record record,
		    millis wall, struct audit_entry *entry,
		    char sha256[SHA256_HEX_MAX]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message.h - one message: body, properties, headers, where it came from.
 *
 * A message owns an arena in which all of it lives. Its copies (copy.h) are
 * made in the same arena, and die with it.
 */
#ifndef WORKER_MESSAGE_H
#define WORKER_MESSAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/text.h"
#include "worker/arena.h"
#include "worker/table.h"

/*
 * The basic properties of AMQP 0-9-1 (section 4.2.6.1, class basic). A text
 * whose `at` is NULL is absent; an empty one that is present points somewhere.
 */
struct properties {
	struct text content_type;
	struct text content_encoding;
	struct text correlation_id;
	struct text reply_to;
	struct text expiration;
	struct text message_id;
	struct text type;
	struct text user_id;
	struct text app_id;
	struct text cluster_id;
	bool has_headers; /* a headers table is there, perhaps an empty one */
	bool has_delivery_mode;
	bool has_priority;
	bool has_timestamp;
	uint8_t delivery_mode; /* 1 transient, 2 persistent */
	uint8_t priority;
	uint64_t timestamp; /* seconds since 1970 UTC, the publisher's clock */
};

struct message {
	struct arena arena;
	struct text exchange;    /* of basic.deliver: set by the broker */
	struct text routing_key; /* of basic.deliver */
	uint64_t tag;            /* delivery tag, valid for its epoch only */
	bool redelivered;
	struct properties properties;
	struct table headers;
	struct text body; /* owned by the arena; at is never NULL */
	/* Why the headers are not all there, or NULL. "its headers are nested
	   too deeply to be kept": deeper than TABLE_DEPTH_MAX, and what is
	   deeper is missing. Such a message is never copied as if whole. */
	const char *flaw;
};

/* An empty message on the heap. Never NULL. */
struct message *message_new(void);

/* Frees the message with all that is in its arena; takes NULL. */
void message_free(struct message *message);

/* What a worker publishes: a copy that carries on, or a message of its own. */
struct copy {
	struct text exchange;
	struct text routing_key;
	struct properties properties;
	struct table headers;
	struct text body;
	uint64_t job; /* whose copy it is; given back with the outcome */
	/* Set once it is no longer wanted: one that has not been published by
	   then is not. Any thread. */
	_Atomic bool is_void;
};

#endif

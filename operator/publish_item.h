/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish_item.h - one file that is published as one message.
 */
#ifndef OPERATOR_PUBLISH_ITEM_H
#define OPERATOR_PUBLISH_ITEM_H

#include <stdbool.h>
#include <stddef.h>

#include "worker/digest.h"
#include "worker/message.h"

enum publish_result {
	PUBLISH_UNSENT,    /* its turn has not come (yet) */
	PUBLISH_WAITING,   /* not confirmed (yet): it may have arrived */
	PUBLISH_CONFIRMED, /* the broker has it */
	PUBLISH_RETURNED,  /* no queue took it */
	PUBLISH_REFUSED,   /* a queue would not take it */
	PUBLISH_TOO_BIG,   /* headers over a frame: never sent */
	PUBLISH_UNREAD,    /* the file could not be read: never sent */
};

struct publish_item {
	const char *file; /* "-": standard input */
	char id[UUID_SPELLING_MAX];
	struct copy copy; /* message_id points to id, or to --id */
	char *bytes;      /* the body, while it is in memory; or NULL */
	enum publish_result result;
};

/* Reads the file into copy.body; false, with errno set, if that fails. */
bool item_load(struct publish_item *item);

/* Frees the body. */
void item_unload(struct publish_item *item);

/* The media type that goes with the file's suffix. */
const char *item_content_type(const char *file);

const char *publish_result_name(enum publish_result result);

/* A sentence, without its full stop, on all messages with that result. */
const char *publish_result_mend(enum publish_result result);

#endif

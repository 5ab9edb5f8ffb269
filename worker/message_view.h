/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message_view.h - a message as templates and conditions see it.
 *
 * One for each delivery in hand: its steps share what has been found out, above
 * all the body as JSON, which is parsed once, when the first of them asks for
 * it, and not at all if none does.
 *
 * Messages are hostile. A body that is no JSON, or is nested deeper than
 * json_parse goes, has no places.
 */
#ifndef WORKER_MESSAGE_VIEW_H
#define WORKER_MESSAGE_VIEW_H

#include <stdbool.h>

#include "policy/text.h"
#include "worker/json.h"
#include "worker/matcher.h"
#include "worker/message.h"

struct message_view {
	struct message *message; /* borrowed; its arena holds what is made */
	struct text id;          /* who it is: envelope.id */
	struct text type;        /* what it is: envelope.type */
	/* For message_view.c and when.c alone: the body, as what a matcher is
	   tried on. */
	struct response content;
};

/* Fills the view in; nothing is parsed yet. To be ended. */
void message_view_init(struct message_view *view, struct message *message,
		       struct text id, struct text type);

/* Frees the JSON; the view can still be used, and parses it again then. */
void message_view_end(struct message_view *view);

/* The body as JSON, borrowed until the view is ended; NULL if it is none. */
struct json *message_view_json(struct message_view *view);

/* True if the body begins as JSON does, and cannot be read as such: broken, or
   nested too deeply. */
bool message_view_is_broken(struct message_view *view);

/*
 * The value of a message header as a text: a string or bytes as they are, a
 * number as digits, a timestamp in seconds since 1970, a boolean as true or
 * false; made in the arena. False, and *value alone, if there is no such
 * header, or it is of another kind. Names are told apart by case.
 */
bool message_header(struct message *message, const char *name,
		    struct text *value);

/* A property by its AMQP name ("reply-to"), as a text, made in the arena; empty
   if the message does not have it, or there is none of that name. */
struct text message_property(struct message *message, const char *name);

#endif

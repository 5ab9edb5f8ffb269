/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message_type.h - what kind of message it is, for policies to match.
 *
 * The type property, or else the routing key. A pipeline can say that it is
 * somewhere else (`type_from`); a message that has none there, or one that is
 * longer than 255 bytes or has control characters, is typed as any other.
 */
#ifndef WORKER_MESSAGE_TYPE_H
#define WORKER_MESSAGE_TYPE_H

#include "worker/config.h"
#include "worker/message.h"

#define MESSAGE_TYPE_MAX 255 /* bytes: what a type property can have */

/* Borrowed from the message, or in its arena. */
struct text message_type(const struct type_source *source,
			 struct message *message);

#endif

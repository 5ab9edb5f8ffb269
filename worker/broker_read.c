/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_read.c - frames in, events out.
 *
 *   method frame ---+--- has no content ---------------> event
 *                   |
 *                   +--- basic.deliver, basic.return
 *                             |
 *                        header frame --- size 0 ------> event
 *                             |
 *                        body frames, until all is in -> event
 *
 * rabbitmq-c could read whole messages itself, but waits for their frames
 * without an end, and drops frames of others meanwhile. What a frame points
 * to is gone after the next one, so everything is copied.
 */
#include "worker/broker_amqp.h"

#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#define BODY_MAX ((uint64_t)1 << 30) /* a bigger one is not believed */

static enum broker_status nonsense(struct broker *b, const char *what,
				   struct broker_problem *problem)
{
	b->is_sound = false;
	return broker_say(problem, BROKER_BAD_DATA, 0,
			  "The broker %s broke the protocol: %s.", b->node,
			  what);
}

static struct text copy_bytes(struct message *message, amqp_bytes_t bytes)
{
	return arena_text(&message->arena,
			  (struct text){.at = bytes.bytes, .len = bytes.len});
}

static void copy_words(amqp_bytes_t words, char *to, size_t size)
{
	snprintf(to, size, "%.*s", (int)(words.len < size ? words.len : size),
		 words.len > 0 ? (const char *)words.bytes : "");
}

/* --- methods that are followed by a content ------------------------------ */

static enum broker_status start_content(struct broker *b, amqp_bytes_t exchange,
					amqp_bytes_t key,
					struct broker_problem *problem)
{
	struct broker_incoming *in = &b->incoming;

	if (in->message != NULL)
		return nonsense(b, "a message within a message", problem);
	*in = (struct broker_incoming){.message = message_new()};
	in->message->exchange = copy_bytes(in->message, exchange);
	in->message->routing_key = copy_bytes(in->message, key);
	return BROKER_TIMEOUT;
}

static enum broker_status take_deliver(struct broker *b,
				       const amqp_basic_deliver_t *deliver,
				       struct broker_problem *problem)
{
	enum broker_status status = start_content(
		b, deliver->exchange, deliver->routing_key, problem);

	if (status != BROKER_TIMEOUT)
		return status;
	b->incoming.message->tag = deliver->delivery_tag;
	b->incoming.message->redelivered = deliver->redelivered != 0;
	return BROKER_TIMEOUT;
}

static enum broker_status take_return(struct broker *b,
				      const amqp_basic_return_t *returned,
				      struct broker_problem *problem)
{
	struct broker_incoming *in = &b->incoming;
	enum broker_status status = start_content(
		b, returned->exchange, returned->routing_key, problem);

	if (status != BROKER_TIMEOUT)
		return status;
	in->is_return = true;
	in->code = returned->reply_code;
	copy_words(returned->reply_text, in->text, sizeof(in->text));
	return BROKER_TIMEOUT;
}

/* --- methods that are events by themselves ------------------------------- */

static enum broker_status confirm(struct broker_event *event,
				  enum broker_event_kind kind, uint64_t tag,
				  bool multiple)
{
	event->kind = kind;
	event->tag = tag;
	event->multiple = multiple;
	return BROKER_OK;
}

static enum broker_status cancelled(struct broker_event *event, bool by_broker)
{
	event->kind = BROKER_EVENT_CANCELLED;
	event->by_broker = by_broker;
	return BROKER_OK;
}

/* The broker stops reading, or reads again: silence means nothing then. */
static enum broker_status blocked(struct broker *b,
				  const amqp_connection_blocked_t *why,
				  struct broker_event *event)
{
	broker_socket_user_timeout(b, why != NULL ? 0 : b->user_timeout);
	event->kind =
		why != NULL ? BROKER_EVENT_BLOCKED : BROKER_EVENT_UNBLOCKED;
	if (why != NULL)
		copy_words(why->reason, event->text, sizeof(event->text));
	return BROKER_OK;
}

/* Flat: one case a method. */
static enum broker_status take_method(struct broker *b,
				      const amqp_method_t *method,
				      struct broker_event *event,
				      struct broker_problem *problem)
{
	const amqp_basic_ack_t *ack = method->decoded;
	const amqp_basic_nack_t *nack = method->decoded;

	switch (method->id) {
	case AMQP_BASIC_DELIVER_METHOD:
		return take_deliver(b, method->decoded, problem);
	case AMQP_BASIC_RETURN_METHOD:
		return take_return(b, method->decoded, problem);
	case AMQP_BASIC_ACK_METHOD:
		return confirm(event, BROKER_EVENT_ACK, ack->delivery_tag,
			       ack->multiple != 0);
	case AMQP_BASIC_NACK_METHOD:
		return confirm(event, BROKER_EVENT_NACK, nack->delivery_tag,
			       nack->multiple != 0);
	case AMQP_BASIC_CANCEL_METHOD:
		return cancelled(event, true);
	case AMQP_BASIC_CANCEL_OK_METHOD:
		return cancelled(event, false);
	case AMQP_CONNECTION_BLOCKED_METHOD:
		return blocked(b, method->decoded, event);
	case AMQP_CONNECTION_UNBLOCKED_METHOD:
		return blocked(b, NULL, event);
	case AMQP_CHANNEL_CLOSE_METHOD:
		b->is_sound = false;
		return broker_refused(b, NULL, method->decoded, problem);
	case AMQP_CONNECTION_CLOSE_METHOD:
		return broker_ended(b, method->decoded, problem);
	default:
		return BROKER_TIMEOUT; /* nothing that matters here */
	}
}

/* --- contents ------------------------------------------------------------ */

static enum broker_status finish_content(struct broker *b,
					 struct broker_event *event)
{
	struct broker_incoming *in = &b->incoming;

	in->message->body = (struct text){.at = in->body, .len = in->body_size};
	event->kind =
		in->is_return ? BROKER_EVENT_RETURN : BROKER_EVENT_DELIVERY;
	event->message = in->message;
	event->tag = in->message->tag;
	event->code = in->code;
	memcpy(event->text, in->text, sizeof(event->text));
	*in = (struct broker_incoming){0};
	return BROKER_OK;
}

static enum broker_status take_header(struct broker *b,
				      const amqp_frame_t *frame,
				      struct broker_event *event,
				      struct broker_problem *problem)
{
	struct broker_incoming *in = &b->incoming;
	uint64_t size = frame->payload.properties.body_size;

	if (in->message == NULL || in->has_header ||
	    frame->payload.properties.class_id != AMQP_BASIC_CLASS)
		return nonsense(b, "a content header out of place", problem);
	if (size > BODY_MAX)
		return nonsense(b, "a body of more than 1 GiB", problem);
	broker_properties_read(frame->payload.properties.decoded, in->message);
	in->has_header = true;
	in->body_size = (size_t)size;
	in->body = arena_alloc(&in->message->arena, in->body_size + 1);
	return size == 0 ? finish_content(b, event) : BROKER_TIMEOUT;
}

static enum broker_status take_body(struct broker *b, amqp_bytes_t bytes,
				    struct broker_event *event,
				    struct broker_problem *problem)
{
	struct broker_incoming *in = &b->incoming;

	if (in->message == NULL || !in->has_header ||
	    bytes.len > in->body_size - in->body_got)
		return nonsense(b, "a body frame out of place", problem);
	if (bytes.len > 0)
		memcpy(in->body + in->body_got, bytes.bytes, bytes.len);
	in->body_got += bytes.len;
	if (in->body_got < in->body_size)
		return BROKER_TIMEOUT;
	return finish_content(b, event);
}

/* BROKER_OK if the frame completes an event, BROKER_TIMEOUT if it does not. */
static enum broker_status take_frame(struct broker *b,
				     const amqp_frame_t *frame,
				     struct broker_event *event,
				     struct broker_problem *problem)
{
	switch (frame->frame_type) {
	case AMQP_FRAME_METHOD:
		return take_method(b, &frame->payload.method, event, problem);
	case AMQP_FRAME_HEADER:
		return take_header(b, frame, event, problem);
	case AMQP_FRAME_BODY:
		return take_body(b, frame->payload.body_fragment, event,
				 problem);
	default:
		/* Heartbeats show up here when an RPC had queued them. */
		return BROKER_TIMEOUT;
	}
}

enum broker_status broker_next(struct broker *b, struct broker_event *event,
			       struct broker_problem *problem)
{
	enum broker_status status = broker_usable(b, problem);

	if (status != BROKER_OK)
		return status;
	*event = (struct broker_event){0};
	do {
		struct timeval no_wait = {0};
		amqp_frame_t frame;
		int got = amqp_simple_wait_frame_noblock(b->connection, &frame,
							 &no_wait);

		if (got == AMQP_STATUS_TIMEOUT)
			return BROKER_TIMEOUT;
		if (got != AMQP_STATUS_OK)
			return broker_broke(b, got, "reading", problem);
		status = take_frame(b, &frame, event, problem);
		if (b->is_sound)
			amqp_maybe_release_buffers(b->connection);
	} while (status == BROKER_TIMEOUT);
	return status;
}

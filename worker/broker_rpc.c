/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_rpc.c - what is asked of the broker and answered: declaring, binding,
 * consuming, confirm mode.
 */
#include "worker/broker_amqp.h"

#include <stdio.h>

enum broker_status broker_usable(const struct broker *b,
				 struct broker_problem *problem)
{
	if (b->is_sound)
		return BROKER_OK;
	return broker_say(problem, BROKER_LOST, 0,
			  "The connection to the broker %s is no longer there.",
			  b->node);
}

/* A channel that the broker closed takes its answer, and is opened anew. */
static void reopen_channel(struct broker *b)
{
	amqp_channel_close_ok_t ok = {0};

	b->is_sound = amqp_send_method(b->connection, BROKER_CHANNEL,
				       AMQP_CHANNEL_CLOSE_OK_METHOD,
				       &ok) == AMQP_STATUS_OK &&
		      amqp_channel_open(b->connection, BROKER_CHANNEL) != NULL;
}

static void describe(const struct broker_wish *wish, char *buffer, size_t size)
{
	snprintf(buffer, size, "asked to %s %s %s", wish->verb,
		 wish->kind != NULL ? wish->kind : "",
		 wish->name != NULL ? wish->name : "");
}

enum broker_status broker_rpc_result(struct broker *b,
				     const struct broker_wish *wish,
				     struct broker_problem *problem)
{
	amqp_rpc_reply_t reply = amqp_get_rpc_reply(b->connection);
	enum broker_status status;
	char doing[300];

	if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
		amqp_maybe_release_buffers(b->connection);
		return BROKER_OK;
	}
	if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION) {
		if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD)
			return broker_ended(b, reply.reply.decoded, problem);
		status = broker_refused(b, wish, reply.reply.decoded, problem);
		reopen_channel(b);
		return status;
	}
	describe(wish, doing, sizeof(doing));
	return broker_broke(b, reply.library_error, doing, problem);
}

/* --- declaring ----------------------------------------------------------- */

static amqp_bytes_t bytes_of(const char *string)
{
	return broker_bytes(text_of(string));
}

enum broker_status broker_declare_exchange(struct broker *b, const char *name,
					   const char *type,
					   const struct table *arguments,
					   struct broker_problem *problem)
{
	struct broker_wish wish = {
		"declare", "exchange", name,
		"configure on the exchange, and with an alternate exchange "
		"read on it and write on the alternate"};
	struct arena arena;

	if (broker_usable(b, problem) != BROKER_OK)
		return problem->status;
	arena_init(&arena);
	amqp_exchange_declare(b->connection, BROKER_CHANNEL, bytes_of(name),
			      bytes_of(type), 0, 1, 0, 0,
			      broker_table_write(arguments, &arena));
	arena_fini(&arena);
	return broker_rpc_result(b, &wish, problem);
}

enum broker_status broker_declare_queue(struct broker *b, const char *name,
					const struct table *arguments,
					struct broker_problem *problem)
{
	struct broker_wish wish = {
		"declare", "queue", name,
		"configure on the queue, and with a dead-letter exchange read "
		"on the queue and write on that exchange"};
	struct arena arena;

	if (broker_usable(b, problem) != BROKER_OK)
		return problem->status;
	arena_init(&arena);
	amqp_queue_declare(b->connection, BROKER_CHANNEL, bytes_of(name), 0, 1,
			   0, 0, broker_table_write(arguments, &arena));
	arena_fini(&arena);
	return broker_rpc_result(b, &wish, problem);
}

enum broker_status broker_bind_queue(struct broker *b, const char *queue,
				     const char *exchange, const char *key,
				     const struct table *arguments,
				     struct broker_problem *problem)
{
	struct broker_wish wish = {
		"bind", "queue", queue,
		"write on the queue, and read on the exchange"};
	struct arena arena;

	if (broker_usable(b, problem) != BROKER_OK)
		return problem->status;
	arena_init(&arena);
	amqp_queue_bind(b->connection, BROKER_CHANNEL, bytes_of(queue),
			bytes_of(exchange), bytes_of(key),
			broker_table_write(arguments, &arena));
	arena_fini(&arena);
	return broker_rpc_result(b, &wish, problem);
}

enum broker_status broker_bind_exchange(struct broker *b,
					const char *destination,
					const char *source, const char *key,
					struct broker_problem *problem)
{
	struct broker_wish wish = {
		"bind", "exchange", destination,
		"write on that exchange, and read on the one it is bound to"};

	if (broker_usable(b, problem) != BROKER_OK)
		return problem->status;
	amqp_exchange_bind(b->connection, BROKER_CHANNEL, bytes_of(destination),
			   bytes_of(source), bytes_of(key), amqp_empty_table);
	return broker_rpc_result(b, &wish, problem);
}

enum broker_status broker_unbind_queue(struct broker *b, const char *queue,
				       const char *exchange, const char *key,
				       const struct table *arguments,
				       struct broker_problem *problem)
{
	struct broker_wish wish = {
		"unbind", "queue", queue,
		"write on the queue, and read on the exchange"};
	struct arena arena;

	if (broker_usable(b, problem) != BROKER_OK)
		return problem->status;
	arena_init(&arena);
	amqp_queue_unbind(b->connection, BROKER_CHANNEL, bytes_of(queue),
			  bytes_of(exchange), bytes_of(key),
			  broker_table_write(arguments, &arena));
	arena_fini(&arena);
	return broker_rpc_result(b, &wish, problem);
}

enum broker_status broker_unbind_exchange(struct broker *b,
					  const char *destination,
					  const char *source, const char *key,
					  struct broker_problem *problem)
{
	struct broker_wish wish = {
		"unbind", "exchange", destination,
		"write on that exchange, and read on the one it is bound to"};

	if (broker_usable(b, problem) != BROKER_OK)
		return problem->status;
	amqp_exchange_unbind(b->connection, BROKER_CHANNEL,
			     bytes_of(destination), bytes_of(source),
			     bytes_of(key), amqp_empty_table);
	return broker_rpc_result(b, &wish, problem);
}

enum broker_status broker_delete_queue(struct broker *b, const char *queue,
				       struct broker_problem *problem)
{
	struct broker_wish wish = {"delete", "queue", queue,
				   "configure on the queue"};

	if (broker_usable(b, problem) != BROKER_OK)
		return problem->status;
	amqp_queue_delete(b->connection, BROKER_CHANNEL, bytes_of(queue), 0, 0);
	return broker_rpc_result(b, &wish, problem);
}

enum broker_status broker_exchange_exists(struct broker *b, const char *name,
					  struct broker_problem *problem)
{
	struct broker_wish wish = {"look at", "exchange", name,
				   "some right on it, on newer brokers"};

	if (broker_usable(b, problem) != BROKER_OK)
		return problem->status;
	amqp_exchange_declare(b->connection, BROKER_CHANNEL, bytes_of(name),
			      bytes_of("direct"), 1, 0, 0, 0, amqp_empty_table);
	return broker_rpc_result(b, &wish, problem);
}

enum broker_status broker_queue_exists(struct broker *b, const char *name,
				       uint32_t *messages, uint32_t *consumers,
				       struct broker_problem *problem)
{
	struct broker_wish wish = {"look at", "queue", name,
				   "some right on it, on newer brokers"};
	const amqp_queue_declare_ok_t *ok;

	if (broker_usable(b, problem) != BROKER_OK)
		return problem->status;
	ok = amqp_queue_declare(b->connection, BROKER_CHANNEL, bytes_of(name),
				1, 0, 0, 0, amqp_empty_table);
	if (ok != NULL) {
		*messages = ok->message_count;
		*consumers = ok->consumer_count;
	}
	return broker_rpc_result(b, &wish, problem);
}

/* --- consuming and confirming -------------------------------------------- */

static enum broker_status consume(struct broker *b, const char *queue,
				  uint16_t prefetch, amqp_table_t arguments,
				  struct broker_problem *problem)
{
	struct broker_wish wish = {"consume", "queue", queue,
				   "read on the queue"};
	enum broker_status status;

	if (broker_usable(b, problem) != BROKER_OK)
		return problem->status;
	/* Not global: that is refused by default from 4.3 on. */
	amqp_basic_qos(b->connection, BROKER_CHANNEL, 0, prefetch, 0);
	status = broker_rpc_result(b, &wish, problem);
	if (status != BROKER_OK)
		return status;
	/* RabbitMQ 3.10 ends the connection with INTERNAL_ERROR where the tag
	   of a consumer that was cancelled, and has deliveries that are not
	   acked yet, is used again for the same quorum queue. */
	snprintf(b->consumer, sizeof(b->consumer), "rebound-%u",
		 ++b->consumers);
	/* Not exclusive: workers share the queue. */
	amqp_basic_consume(b->connection, BROKER_CHANNEL, bytes_of(queue),
			   bytes_of(b->consumer), 0, 0, 0, arguments);
	return broker_rpc_result(b, &wish, problem);
}

enum broker_status broker_consume(struct broker *b, const char *queue,
				  uint16_t prefetch,
				  struct broker_problem *problem)
{
	return consume(b, queue, prefetch, amqp_empty_table, problem);
}

enum broker_status broker_consume_stream(struct broker *b, const char *stream,
					 uint16_t prefetch,
					 struct broker_problem *problem)
{
	amqp_table_entry_t offset = {
		.key = bytes_of("x-stream-offset"),
		.value = {.kind = AMQP_FIELD_KIND_UTF8,
			  .value.bytes = bytes_of("first")},
	};
	amqp_table_t arguments = {.num_entries = 1, .entries = &offset};

	return consume(b, stream, prefetch, arguments, problem);
}

static enum broker_status sent(struct broker *b, int library_status,
			       const char *doing,
			       struct broker_problem *problem)
{
	if (library_status == AMQP_STATUS_OK)
		return BROKER_OK;
	return broker_broke(b, library_status, doing, problem);
}

enum broker_status broker_cancel(struct broker *b,
				 struct broker_problem *problem)
{
	amqp_basic_cancel_t cancel = {.consumer_tag = bytes_of(b->consumer)};

	if (broker_usable(b, problem) != BROKER_OK)
		return problem->status;
	return sent(b,
		    amqp_send_method(b->connection, BROKER_CHANNEL,
				     AMQP_BASIC_CANCEL_METHOD, &cancel),
		    "cancelling the consumer", problem);
}

enum broker_status broker_ack(struct broker *b, uint64_t tag, bool multiple,
			      struct broker_problem *problem)
{
	if (broker_usable(b, problem) != BROKER_OK)
		return problem->status;
	return sent(
		b, amqp_basic_ack(b->connection, BROKER_CHANNEL, tag, multiple),
		"acknowledging", problem);
}

enum broker_status broker_reject(struct broker *b, uint64_t tag,
				 struct broker_problem *problem)
{
	if (broker_usable(b, problem) != BROKER_OK)
		return problem->status;
	return sent(b, amqp_basic_reject(b->connection, BROKER_CHANNEL, tag, 0),
		    "rejecting a delivery", problem);
}

enum broker_status broker_confirm_select(struct broker *b,
					 struct broker_problem *problem)
{
	struct broker_wish wish = {.verb = "confirm what is published"};

	if (broker_usable(b, problem) != BROKER_OK)
		return problem->status;
	amqp_confirm_select(b->connection, BROKER_CHANNEL);
	return broker_rpc_result(b, &wish, problem);
}

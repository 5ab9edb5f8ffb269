/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_publish.c - publishing, after a look at whether it can be done: once
 * basic.publish is sent, a content header that does not fit breaks the
 * connection (rabbitmq-c 0.11 finds out too late).
 */
#include "worker/broker_amqp.h"

#define SHORT_STRING_MAX 255
/* Type, channel, size and end of a frame; class, weight and body size of a
   content header (AMQP 0-9-1, sections 4.2.3 and 4.2.6.1). */
#define FRAME_AROUND  8
#define HEADER_BEFORE 12

static enum broker_status check_size(const struct broker *b,
				     const struct copy *copy,
				     struct broker_problem *problem)
{
	size_t size = broker_properties_size(copy);
	size_t room = b->frame_max - FRAME_AROUND - HEADER_BEFORE;

	if (size > room)
		return broker_say(problem, BROKER_TOO_BIG, 0,
				  "Properties and headers take %zu bytes, and "
				  "the broker %s takes %zu at most: its "
				  "frame_max is %u. Raise that, or send "
				  "smaller headers.",
				  size, b->node, room, b->frame_max);
	if (copy->exchange.len > SHORT_STRING_MAX ||
	    copy->routing_key.len > SHORT_STRING_MAX ||
	    !broker_properties_fit(&copy->properties) ||
	    !broker_table_fits(&copy->headers))
		return broker_say(problem, BROKER_TOO_BIG, 0,
				  "A property, a routing key or the name of a "
				  "header is longer than the %d bytes that "
				  "AMQP 0-9-1 allows.",
				  SHORT_STRING_MAX);
	return BROKER_OK;
}

enum broker_status broker_publish(struct broker *b, const struct copy *copy,
				  struct broker_problem *problem)
{
	amqp_basic_properties_t properties;
	struct arena arena;
	int status;

	if (broker_usable(b, problem) != BROKER_OK ||
	    check_size(b, copy, problem) != BROKER_OK)
		return problem->status;
	arena_init(&arena);
	broker_properties_write(copy, &arena, &properties);
	status = amqp_basic_publish(b->connection, BROKER_CHANNEL,
				    broker_bytes(copy->exchange),
				    broker_bytes(copy->routing_key), 1, 0,
				    &properties, broker_bytes(copy->body));
	arena_fini(&arena);
	if (status != AMQP_STATUS_OK)
		return broker_broke(b, status, "publishing", problem);
	return BROKER_OK;
}

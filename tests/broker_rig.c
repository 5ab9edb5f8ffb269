/* SPDX-License-Identifier: Apache-2.0 */
/* broker_rig.c - what the suites that need a real broker share. */
#include "tests/broker_suites.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_RABBITMQ_C_AMQP_H
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#endif

#include "worker/clock.h"

struct broker_config *rig_config(void)
{
	static char host[256];
	static struct node_config node;
	static struct broker_config config;
	const char *address = getenv("REBOUND_TEST_AMQP");
	const char *colon = strrchr(address, ':');

	ck_assert_ptr_nonnull(colon);
	snprintf(host, sizeof(host), "%.*s", (int)(colon - address), address);
	node = (struct node_config){.host = host, .port = atoi(colon + 1)};
	config = (struct broker_config){
		.nodes = &node,
		.node_count = 1,
		.vhost = "/",
		.worker = {.user = "guest", .password = "guest"},
		.connect_timeout = 10 * MILLIS_PER_SECOND,
		.heartbeat = 10 * MILLIS_PER_SECOND,
		.rpc_timeout = 20 * MILLIS_PER_SECOND,
	};
	return &config;
}

struct broker *rig_open(const char *role)
{
	struct broker_config *config = rig_config();
	struct broker_role who = {"test", role, &config->worker};
	struct broker_problem problem = {0};
	struct broker *broker = broker_open(config, &who, &problem);

	ck_assert_msg(broker != NULL, "%s", problem.text);
	return broker;
}

const char *rig_name(struct arena *arena, const char *suffix)
{
	return arena_printf(arena, "test.%ld.%lld.%s", (long)getpid(),
			    (long long)clock_monotonic(), suffix);
}

const char *rig_queue(struct broker *broker, struct arena *arena,
		      const char *suffix)
{
	const char *name = rig_name(arena, suffix);
	struct broker_problem problem;
	struct table arguments = {0};

	table_add_i32(&arguments, arena, "x-expires", 60000);
	ck_assert_msg(broker_declare_queue(broker, name, &arguments,
					   &problem) == BROKER_OK,
		      "%s", problem.text);
	return name;
}

struct broker_event rig_event(struct broker *broker)
{
	millis due = clock_monotonic() + 10 * MILLIS_PER_SECOND;
	struct broker_problem problem;
	struct broker_event event;

	while (clock_monotonic() < due) {
		enum broker_status status =
			broker_next(broker, &event, &problem);
		struct pollfd p = {.fd = broker_fd(broker), .events = POLLIN};

		if (status == BROKER_OK)
			return event;
		ck_assert_msg(status == BROKER_TIMEOUT, "%s", problem.text);
		poll(&p, 1, 100);
	}
	ck_abort_msg("no event within ten seconds");
}

void rig_publish(struct broker *broker, const char *queue, struct text body)
{
	struct copy copy = {
		.exchange = TEXT(""),
		.routing_key = text_of(queue),
		.body = body,
	};
	struct broker_problem problem;

	ck_assert_msg(broker_publish(broker, &copy, &problem) == BROKER_OK,
		      "%s", problem.text);
}

bool rig_has_ctl(void)
{
	return getenv("REBOUND_TEST_CTL") != NULL;
}

const char *rig_ctl(struct arena *arena, const char *arguments)
{
	size_t room = 65536;
	char *output = arena_alloc(arena, room);
	FILE *pipe = popen(arena_printf(arena, "%s -q %s",
					getenv("REBOUND_TEST_CTL"), arguments),
			   "r");
	size_t len;

	ck_assert_ptr_nonnull(pipe);
	len = fread(output, 1, room - 1, pipe);
	output[len] = '\0';
	return pclose(pipe) == 0 ? output : NULL;
}

/* By the library itself: nothing in broker.h deletes. */
void rig_delete(const char *kind, const char *name)
{
	const struct node_config *node = &rig_config()->nodes[0];
	amqp_connection_state_t other = amqp_new_connection();
	amqp_socket_t *socket = amqp_tcp_socket_new(other);
	amqp_bytes_t bytes = amqp_cstring_bytes(name);

	ck_assert_int_eq(amqp_socket_open(socket, node->host, node->port), 0);
	amqp_login(other, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest",
		   "guest");
	amqp_channel_open(other, 1);
	if (strcmp(kind, "queue") == 0)
		amqp_queue_delete(other, 1, bytes, 0, 0);
	else
		amqp_exchange_delete(other, 1, bytes, 0);
	ck_assert_int_eq(amqp_get_rpc_reply(other).reply_type,
			 AMQP_RESPONSE_NORMAL);
	amqp_connection_close(other, AMQP_REPLY_SUCCESS);
	amqp_destroy_connection(other);
}

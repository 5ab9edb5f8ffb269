/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker.c - a connection, from opening to closing.
 */
#include "worker/broker_amqp.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "worker/clock.h"
#include "worker/mem.h"

static struct timeval timeval_of(millis wait)
{
	return (struct timeval){
		.tv_sec = wait / MILLIS_PER_SECOND,
		.tv_usec = wait % MILLIS_PER_SECOND * 1000,
	};
}

/* Which login is used, and what its settings are called. */
static void choose_login(struct broker *b, const struct login_config *login)
{
	b->login = login;
	b->login_setting = "broker";
	if (login == NULL || login->user == NULL)
		b->login = &b->config->worker;
	else if (login == &b->config->admin)
		b->login_setting = "broker.admin";
	else if (login == &b->config->operator)
		b->login_setting = "broker.operator";
	else if (login == &b->config->publisher)
		b->login_setting = "broker.publisher";
}

static struct broker *new_broker(const struct broker_config *config,
				 const struct login_config *login,
				 const struct node_config *node)
{
	struct broker *b = mem_new(sizeof(*b));

	b->config = config;
	choose_login(b, login);
	snprintf(b->node, sizeof(b->node), "%s:%d", node->host, node->port);
	/* A dead peer is known after two heartbeats, whoever notices. */
	b->user_timeout = (unsigned)(2 * config->heartbeat);
	b->connection = amqp_new_connection();
	if (b->connection == NULL)
		mem_exhausted();
	return b;
}

static bool is_external(const struct broker *b)
{
	return b->config->auth == BROKER_AUTH_EXTERNAL &&
	       b->login == &b->config->worker;
}

/* --- login --------------------------------------------------------------- */

static const char *connection_name(const struct broker_role *role,
				   struct arena *arena)
{
	char host[256] = "";

	if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0')
		strcpy(host, "?");
	return arena_printf(arena, "rebound/%s/%s/%ld/%s",
			    role->pipeline != NULL ? role->pipeline : "-", host,
			    (long)getpid(), role->role);
}

/* Without these capabilities the broker says nothing when it cancels a
   consumer or blocks a publisher, and rabbitmq-c does not claim them. */
static amqp_table_t client_properties(const struct broker_role *role,
				      struct arena *arena)
{
	static const char *const able[] = {
		"consumer_cancel_notify",       "connection.blocked",
		"publisher_confirms",           "basic.nack",
		"authentication_failure_close",
	};
	struct table table = {0};
	struct field *capabilities;

	table_add_text(&table, arena, "product", TEXT("rebound"));
	table_add_text(&table, arena, "version", TEXT(REBOUND_VERSION));
	table_add_text(&table, arena, "connection_name",
		       text_of(connection_name(role, arena)));
	capabilities =
		table_add(&table, arena, TEXT("capabilities"), FIELD_TABLE);
	for (size_t i = 0; i < sizeof(able) / sizeof(able[0]); i++)
		table_add_bool(&capabilities->as.table, arena, able[i], true);
	return broker_table_write(&table, arena);
}

/* The identity of EXTERNAL is what the broker finds in the certificate; but
   rabbitmq-c 0.11 takes an empty one for a lack of memory. */
static amqp_rpc_reply_t ask_to_log_in(struct broker *b,
				      const amqp_table_t *properties)
{
	const struct broker_config *c = b->config;
	int heartbeat = (int)(c->heartbeat / MILLIS_PER_SECOND);
	const char *password = b->login->password;

	if (is_external(b))
		return amqp_login_with_properties(
			b->connection, c->vhost, BROKER_CHANNEL,
			BROKER_FRAME_MAX, heartbeat, properties,
			AMQP_SASL_METHOD_EXTERNAL, b->login->user);
	return amqp_login_with_properties(
		b->connection, c->vhost, BROKER_CHANNEL, BROKER_FRAME_MAX,
		heartbeat, properties, AMQP_SASL_METHOD_PLAIN, b->login->user,
		password != NULL ? password : "");
}

/* In TLS 1.3 a server looks at the certificate of a client, and misses it,
   after the handshake (RFC 8446, section 4.4.2.4). */
static void explain_tls(const struct broker *b, struct broker_problem *problem)
{
	broker_say(problem, BROKER_UNREACHABLE, 0,
		   "The broker %s cannot be reached: it ended the connection "
		   "after the TLS handshake. %s",
		   b->node,
		   b->config->cert_file == NULL
			   ? "Perhaps it wants a certificate: give it "
			     "broker.cert_file and broker.key_file."
			   : "Is broker.cert_file signed by an authority that "
			     "it trusts, and still valid?");
}

/* What a broker refuses of a certificate has another mend than a password. */
static void explain_external(const struct broker *b,
			     struct broker_problem *problem)
{
	broker_say(problem, BROKER_CREDENTIALS, problem->code,
		   "The broker %s does not take the owner of broker.cert_file "
		   "for a user of its own. Enable rabbitmq_auth_mechanism_ssl "
		   "and EXTERNAL in auth_mechanisms there, and make a user of "
		   "the name that ssl_cert_login_from says, or set broker.auth "
		   "= \"plain\".",
		   b->node);
}

static bool log_in(struct broker *b, const struct broker_role *role,
		   struct broker_problem *problem)
{
	const struct broker_config *c = b->config;
	struct timeval handshake = timeval_of(c->connect_timeout);
	struct timeval rpc = timeval_of(c->rpc_timeout);
	struct arena arena;
	amqp_table_t properties;
	amqp_rpc_reply_t reply;

	amqp_set_handshake_timeout(b->connection, &handshake);
	amqp_set_rpc_timeout(b->connection, &rpc);
	arena_init(&arena);
	properties = client_properties(role, &arena);
	reply = ask_to_log_in(b, &properties);
	arena_fini(&arena);
	if (reply.reply_type == AMQP_RESPONSE_NORMAL)
		return true;
	broker_login_failed(b, &reply, problem);
	if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION &&
	    reply.library_error == AMQP_STATUS_SSL_ERROR)
		explain_tls(b, problem);
	if (is_external(b) && problem->status == BROKER_CREDENTIALS)
		explain_external(b, problem);
	return false;
}

/* --- opening ------------------------------------------------------------- */

static void read_version(struct broker *b)
{
	const amqp_table_t *server = amqp_get_server_properties(b->connection);

	snprintf(b->version, sizeof(b->version), "?");
	for (int i = 0; i < server->num_entries; i++) {
		const amqp_table_entry_t *entry = &server->entries[i];
		amqp_bytes_t value = entry->value.value.bytes;

		if (entry->key.len == 7 &&
		    memcmp(entry->key.bytes, "version", 7) == 0 &&
		    entry->value.kind == AMQP_FIELD_KIND_UTF8)
			snprintf(b->version, sizeof(b->version), "%.*s",
				 (int)value.len, (const char *)value.bytes);
	}
}

static bool connect_node(struct broker *b, const struct node_config *node,
			 const struct broker_role *role,
			 struct broker_problem *problem)
{
	struct broker_wish wish = {.verb = "open a channel"};
	int status = broker_socket_open(b, node);

	if (status != AMQP_STATUS_OK) {
		broker_not_connected(b, status, problem);
		return false;
	}
	if (!log_in(b, role, problem))
		return false;
	b->is_sound = true;
	b->frame_max = (uint32_t)amqp_get_frame_max(b->connection);
	read_version(b);
	amqp_channel_open(b->connection, BROKER_CHANNEL);
	return broker_rpc_result(b, &wish, problem) == BROKER_OK;
}

struct broker *broker_open(const struct broker_config *config,
			   const struct broker_role *role,
			   struct broker_problem *problem)
{
	size_t first = dice_throw() % config->node_count;

	assert(config->heartbeat >= MILLIS_PER_SECOND);
	for (size_t i = 0; i < config->node_count; i++) {
		const struct node_config *node =
			&config->nodes[(first + i) % config->node_count];
		struct broker *b = new_broker(config, role->login, node);

		if (connect_node(b, node, role, problem))
			return b;
		broker_close(b);
		/* The other nodes have the same users and vhosts. */
		if (problem->status == BROKER_CREDENTIALS ||
		    problem->status == BROKER_VHOST)
			break;
	}
	return NULL;
}

void broker_close(struct broker *b)
{
	if (b == NULL)
		return;
	if (b->is_sound)
		amqp_connection_close(b->connection, AMQP_REPLY_SUCCESS);
	amqp_destroy_connection(b->connection);
	message_free(b->incoming.message);
	free(b);
}

/* --- looking ------------------------------------------------------------- */

int broker_fd(const struct broker *b)
{
	return amqp_get_sockfd(b->connection);
}

int broker_fd_dup(const struct broker *b)
{
	return fcntl(broker_fd(b), F_DUPFD_CLOEXEC, 0);
}

uint32_t broker_frame_max(const struct broker *b)
{
	return b->frame_max;
}

const char *broker_version(const struct broker *b)
{
	return b->version;
}

const char *broker_node(const struct broker *b)
{
	return b->node;
}

const char *broker_status_name(enum broker_status status)
{
	switch (status) {
	case BROKER_OK:
		return "ok";
	case BROKER_TIMEOUT:
		return "timeout";
	case BROKER_UNREACHABLE:
		return "unreachable";
	case BROKER_LOST:
		return "lost";
	case BROKER_CREDENTIALS:
		return "credentials";
	case BROKER_VHOST:
		return "vhost";
	case BROKER_FORBIDDEN:
		return "forbidden";
	case BROKER_MISSING:
		return "missing";
	case BROKER_CONFLICT:
		return "conflict";
	case BROKER_TOO_BIG:
		return "too-big";
	case BROKER_BAD_DATA:
		return "bad-data";
	case BROKER_FAILED:
		return "failed";
	}
	return "?";
}

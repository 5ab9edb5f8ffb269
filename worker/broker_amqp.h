/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_amqp.h - what the files of broker.h share: rabbitmq-c, and the
 * connection behind the opaque struct. Only broker*.c include it.
 */
#ifndef WORKER_BROKER_AMQP_H
#define WORKER_BROKER_AMQP_H

#ifdef HAVE_RABBITMQ_C_AMQP_H
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif

#include "worker/broker.h"
#include "worker/broker_tls.h"

#define BROKER_CHANNEL 1 /* the only one */

/* What is being read: a method that has a content, of which the header frame
   and then the body frames follow (AMQP 0-9-1, section 4.2.6). */
struct broker_incoming {
	struct message *message; /* NULL: no content is expected */
	bool has_header;
	char *body;       /* in the message's arena, with room for all of it */
	size_t body_size; /* bytes announced by the header frame */
	size_t body_got;  /* bytes so far, at most body_size */
	bool is_return;
	int code; /* of a basic.return */
	char text[256];
};

struct broker {
	amqp_connection_state_t connection;
	const struct broker_config *config;
	const struct login_config *login; /* user is never NULL */
	const char *login_setting;        /* "broker", "broker.admin", ... */
	char node[300];
	char version[32];
	uint32_t frame_max;    /* 0 until logged in */
	unsigned user_timeout; /* ms; of TCP_USER_TIMEOUT when not blocked */
	struct broker_handshake handshake;
	bool is_sound;      /* false: fit for broker_close only */
	unsigned consumers; /* so many have been started */
	char consumer[32];  /* tag of the last one */
	struct broker_incoming incoming;
};

/* What was being done when a problem came up, for its text. */
struct broker_wish {
	const char *verb;   /* "declare", "consume" */
	const char *kind;   /* "queue" or "exchange"; or NULL: no object */
	const char *name;   /* of the object */
	const char *rights; /* what it takes: "configure on the queue" */
};

/* --- broker_problem.c ---------------------------------------------------- */

/* Fills in *problem, and returns its status. */
enum broker_status broker_say(struct broker_problem *problem,
			      enum broker_status status, int code,
			      const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The connection has broken with a status of the library. It is no longer
   sound from here on. `doing` is a clause: "declaring queue x". */
enum broker_status broker_broke(struct broker *b, int library_status,
				const char *doing,
				struct broker_problem *problem);

/* The broker ended the connection (connection.close), unasked or in answer.
   It is no longer sound from here on. */
enum broker_status broker_ended(struct broker *b,
				const amqp_connection_close_t *close,
				struct broker_problem *problem);

/* The broker closed the channel; `wish` is NULL if nothing was asked. Leaves
   the channel as it is. */
enum broker_status broker_refused(struct broker *b,
				  const struct broker_wish *wish,
				  const amqp_channel_close_t *close,
				  struct broker_problem *problem);

/* Why the login failed, from the reply to it. */
enum broker_status broker_login_failed(struct broker *b,
				       const amqp_rpc_reply_t *reply,
				       struct broker_problem *problem);

/* Why no connection came about, from a status of the library. */
enum broker_status broker_not_connected(struct broker *b, int library_status,
					struct broker_problem *problem);

/* --- broker_rpc.c -------------------------------------------------------- */

/*
 * What the last RPC came to. An answer that closes the channel is
 * acknowledged, and the channel opened anew: the connection is then sound,
 * but consumes nothing and confirms nothing.
 */
enum broker_status broker_rpc_result(struct broker *b,
				     const struct broker_wish *wish,
				     struct broker_problem *problem);

/* BROKER_OK, or why nothing can be asked of a connection that broke. */
enum broker_status broker_usable(const struct broker *b,
				 struct broker_problem *problem);

/* --- broker_socket.c ----------------------------------------------------- */

/* Connects the socket of a new connection to the node. A status of the
   library; AMQP_STATUS_OK when connected, TLS included. */
int broker_socket_open(struct broker *b, const struct node_config *node);

/* How long sent bytes may stay unacknowledged, in ms; 0: for ever. A broker
   that blocks us under an alarm does not read, and is not dead for that. */
void broker_socket_user_timeout(const struct broker *b, unsigned timeout);

/* --- broker_table.c ------------------------------------------------------ */

static inline amqp_bytes_t broker_bytes(struct text text)
{
	/* The library takes both directions by one type, and only reads. */
	return (amqp_bytes_t){.len = text.len, .bytes = (void *)text.at};
}

/*
 * The table, copied into the arena. False if it is nested deeper than
 * TABLE_DEPTH_MAX; what is deeper is then missing from *to.
 */
bool broker_table_read(const amqp_table_t *from, struct arena *arena,
		       struct table *to);

/* The table as the library wants it. Its entries are in the arena, its bytes
   are those of `from`. */
amqp_table_t broker_table_write(const struct table *from, struct arena *arena);

/* True if every name in it, however deep, is a short string: 255 bytes. */
bool broker_table_fits(const struct table *table);

/* --- broker_properties.c ------------------------------------------------- */

/* Properties and headers of a content header, into a message. */
void broker_properties_read(const amqp_basic_properties_t *from,
			    struct message *to);

/* The same for a copy to publish; in the arena, or the copy's own bytes. */
void broker_properties_write(const struct copy *from, struct arena *arena,
			     amqp_basic_properties_t *to);

/* Bytes of the properties in a content header frame, headers included. */
size_t broker_properties_size(const struct copy *copy);

/* True if every text among them is a short string. */
bool broker_properties_fit(const struct properties *p);

#endif

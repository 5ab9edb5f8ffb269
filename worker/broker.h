/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker.h - one AMQP 0-9-1 connection with one channel.
 *
 * The only door to rabbitmq-c: its types appear in broker_amqp.h alone, which
 * only broker*.c include. A connection belongs to the thread that opened it;
 * the one exception is broker_fd_dup, whose copy another thread may shut down
 * to cut a connection that hangs.
 *
 * After any status but BROKER_OK and BROKER_TIMEOUT the connection is unusable
 * for anything but broker_close (rabbitmq-c 0.11 may crash otherwise, #837).
 */
#ifndef WORKER_BROKER_H
#define WORKER_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "policy/text.h"
#include "worker/config.h"
#include "worker/message.h"
#include "worker/table.h"

enum broker_status {
	BROKER_OK,
	BROKER_TIMEOUT,     /* nothing to read in time; still usable */
	BROKER_UNREACHABLE, /* no connection: name, network, TLS, time */
	BROKER_LOST,        /* the connection broke, or the broker closed it */
	BROKER_CREDENTIALS, /* login refused (403 ACCESS_REFUSED at login) */
	BROKER_VHOST,       /* vhost unknown (530 NOT_ALLOWED) */
	BROKER_FORBIDDEN,   /* a permission is missing (403 on the channel) */
	BROKER_MISSING,     /* 404 NOT_FOUND: exchange or queue */
	BROKER_CONFLICT,    /* 406 PRECONDITION_FAILED: arguments differ */
	BROKER_TOO_BIG,     /* headers over a frame: nothing was sent */
	BROKER_BAD_DATA,    /* a frame could not be decoded */
	BROKER_FAILED,      /* any other answer of the broker */
};

/* Why something failed, for a person. Filled in by the call that failed. */
struct broker_problem {
	enum broker_status status;
	int code;       /* AMQP reply code, or 0 */
	char text[600]; /* one or two sentences, the mend included; no secret */
};

struct broker; /* a connection */

/* Who a connection is, for connection_name: "rebound/<pipeline>/<host>/<pid>
   /<role>", and with which login. */
struct broker_role {
	const char *pipeline; /* or NULL */
	const char *role;     /* "intake", "outlet", "topology", "publish" */
	const struct login_config *login;
};

#define BROKER_FRAME_MAX 262144 /* asked for; the broker may lower it */

/*
 * Connects to any of the nodes, starting with a random one, logs in and opens
 * channel 1. Advertises consumer_cancel_notify, connection.blocked,
 * publisher_confirms, basic.nack and authentication_failure_close. NULL on
 * failure, with *problem set: the last node's, or the first refusal of login
 * or vhost, which ends the search.
 */
struct broker *broker_open(const struct broker_config *config,
			   const struct broker_role *role,
			   struct broker_problem *problem);

/* Closes and frees, politely if the connection is sound; takes NULL. */
void broker_close(struct broker *broker);

int broker_fd(const struct broker *broker);     /* for poll(); borrowed */
int broker_fd_dup(const struct broker *broker); /* the caller closes it */
uint32_t broker_frame_max(const struct broker *broker);  /* as negotiated */
const char *broker_version(const struct broker *broker); /* "3.10.8" */
const char *broker_node(const struct broker *broker);    /* "host:port" */

/* --- declaring: for the topology; each is one RPC ------------------------ */

enum broker_status broker_declare_exchange(struct broker *broker,
					   const char *name, const char *type,
					   const struct table *arguments,
					   struct broker_problem *problem);
enum broker_status broker_declare_queue(struct broker *broker, const char *name,
					const struct table *arguments,
					struct broker_problem *problem);
enum broker_status broker_bind_queue(struct broker *broker, const char *queue,
				     const char *exchange, const char *key,
				     const struct table *arguments,
				     struct broker_problem *problem);
enum broker_status broker_bind_exchange(struct broker *broker,
					const char *destination,
					const char *source, const char *key,
					struct broker_problem *problem);
/* One that is not there is no problem. */
enum broker_status broker_unbind_queue(struct broker *broker, const char *queue,
				       const char *exchange, const char *key,
				       const struct table *arguments,
				       struct broker_problem *problem);
enum broker_status broker_unbind_exchange(struct broker *broker,
					  const char *destination,
					  const char *source, const char *key,
					  struct broker_problem *problem);
/* With all that is in it: quorum queues refuse to be deleted only if empty. */
enum broker_status broker_delete_queue(struct broker *broker, const char *queue,
				       struct broker_problem *problem);
/* Passive: does it exist? BROKER_MISSING and BROKER_FORBIDDEN close the
   channel, and a new one is opened at once: these two leave it usable. */
enum broker_status broker_exchange_exists(struct broker *broker,
					  const char *name,
					  struct broker_problem *problem);
enum broker_status broker_queue_exists(struct broker *broker, const char *name,
				       uint32_t *messages, uint32_t *consumers,
				       struct broker_problem *problem);

/* --- consuming ----------------------------------------------------------- */

/* One consumer at a time; another one may follow once the last has been
   cancelled. What is not acked of the last counts against its own prefetch,
   not against that of the next. */
enum broker_status broker_consume(struct broker *broker, const char *queue,
				  uint16_t prefetch,
				  struct broker_problem *problem);
/*
 * The same for a stream (RabbitMQ, "Streams"), from the oldest entry that is
 * there. Entries are read and stay: an ack asks for more. Any other queue
 * refuses it.
 */
enum broker_status broker_consume_stream(struct broker *broker,
					 const char *stream, uint16_t prefetch,
					 struct broker_problem *problem);
/* Asks to cancel the consumer; BROKER_EVENT_CANCELLED follows. */
enum broker_status broker_cancel(struct broker *broker,
				 struct broker_problem *problem);
enum broker_status broker_ack(struct broker *broker, uint64_t tag,
			      bool multiple, struct broker_problem *problem);
/* Without requeue: for what cannot be published again (invariant 8). */
enum broker_status broker_reject(struct broker *broker, uint64_t tag,
				 struct broker_problem *problem);

/* --- publishing ---------------------------------------------------------- */

enum broker_status broker_confirm_select(struct broker *broker,
					 struct broker_problem *problem);
/*
 * Publishes, mandatory. The n-th publish after confirm_select has tag n.
 * BROKER_TOO_BIG: properties and headers do not fit the negotiated frame;
 * found before anything is sent, and the connection stays usable. May block
 * when the broker does not read: call it only when broker_fd is writable.
 */
enum broker_status broker_publish(struct broker *broker,
				  const struct copy *copy,
				  struct broker_problem *problem);

/* --- what comes in ------------------------------------------------------- */

enum broker_event_kind {
	BROKER_EVENT_DELIVERY,  /* message: owned by the receiver */
	BROKER_EVENT_CANCELLED, /* the consumer is gone: asked for, or by the
	                           broker (by_broker) */
	BROKER_EVENT_ACK,       /* tag, multiple */
	BROKER_EVENT_NACK,      /* tag, multiple */
	BROKER_EVENT_RETURN,    /* message: as published; code 312 NO_ROUTE */
	BROKER_EVENT_BLOCKED,   /* text: the broker's reason */
	BROKER_EVENT_UNBLOCKED,
};

struct broker_event {
	enum broker_event_kind kind;
	struct message *message;
	uint64_t tag;
	bool multiple;
	bool by_broker;
	int code;
	char text[256];
};

/*
 * The next event, without waiting: BROKER_OK with *event, BROKER_TIMEOUT when
 * there is none yet. Also sends and checks heartbeats: call it at least every
 * heartbeat / 2, and until BROKER_TIMEOUT each time before sleeping in poll().
 */
enum broker_status broker_next(struct broker *broker,
			       struct broker_event *event,
			       struct broker_problem *problem);

const char *broker_status_name(enum broker_status status);

#endif

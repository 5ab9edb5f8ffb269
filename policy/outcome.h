/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome.h - what one call to a downstream came to.
 *
 * A plain value: the shell fills it in from what the HTTP library says, the
 * policy reads it. Nothing in it says what to do.
 */
#ifndef POLICY_OUTCOME_H
#define POLICY_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "policy/text.h"

/* How the exchange of request and response ended. */
enum transport {
	TRANSPORT_COMPLETE,            /* a whole response; see status */
	TRANSPORT_DNS,                 /* the name could not be resolved */
	TRANSPORT_CONNECT,             /* no connection was made */
	TRANSPORT_TLS,                 /* handshake or certificate refused */
	TRANSPORT_TIMEOUT_BEFORE_SEND, /* time ran out, request not whole */
	TRANSPORT_TIMEOUT_AFTER_SEND,  /* time ran out, request all sent */
	TRANSPORT_RESET_BEFORE_SEND,   /* connection lost, request not whole */
	TRANSPORT_RESET_AFTER_SEND,    /* connection lost, request all sent */
	TRANSPORT_PROTOCOL,            /* the response was not HTTP */
	TRANSPORT_CUT_RESPONSE,        /* ended inside its headers or body */
	TRANSPORT_HEADER,              /* request not made: unsendable header */
	TRANSPORT_TEMPLATE,            /* request not made: the message lacks
					  what its template or condition asks */
};

#define TRANSPORT_COUNT (TRANSPORT_TEMPLATE + 1)

/* How much of the request went out. */
enum sent {
	SENT_NONE, /* no byte of it: it cannot have been carried out */
	SENT_SOME,
	SENT_ALL,
};

/* Matchers that one configuration can have. */
#define MATCHERS_MAX 1024

/* Which matchers of the configuration match the answer: a bit for each. */
struct facts {
	uint64_t bits[MATCHERS_MAX / 64];
	uint64_t open[MATCHERS_MAX / 64]; /* those that could not be told, and
					     count as ones that do not match */
	bool gave_up;                     /* one of these took too much work */
};

/* What the body of an answer says, read as a format that its downstream is
   known to speak (`understand`). */
enum sense {
	SENSE_NONE,    /* nothing: the status alone counts */
	SENSE_DONE,    /* carried out */
	SENSE_ALREADY, /* it had been carried out before */
	SENSE_FAILED,  /* it was not; the rules say of which class that is */
	SENSE_TRANSIENT,
	SENSE_PERMANENT,
	SENSE_AMBIGUOUS,
};

struct understanding {
	enum sense sense;
	const char *error;  /* a name as error types have; NULL: none */
	struct text detail; /* for people, not for logs; may be empty */
};

/* What `error` and `detail` point to lives as long as the message. */
struct outcome {
	enum transport transport;
	enum sent sent;
	int status;         /* 100 .. 599; 0 when no status line was read, or
	                       the response was cut inside its headers */
	millis retry_after; /* what Retry-After asked for, >= 0; -1: nothing */
	millis duration;    /* from the start of the call to its end */
	struct understanding understood;
	struct facts facts; /* of a complete response; else none matches */
};

bool facts_has(const struct facts *facts, size_t matcher);
void facts_add(struct facts *facts, size_t matcher);
/* The same for those that could not be told. */
bool facts_is_open(const struct facts *facts, size_t matcher);
void facts_leave_open(struct facts *facts, size_t matcher);

/*
 * The name of a transport result as configuration spells it: "complete",
 * "dns", "timeout-after-send", ... The string is static.
 */
const char *transport_name(enum transport transport);

/* Finds a transport by that name. False, and *transport alone, if none. */
bool transport_parse(struct text name, enum transport *transport);

/* "none", "some" or "all". Static. */
const char *sent_name(enum sent sent);

/* True for a complete response with a status of 200 .. 299. */
bool outcome_is_success(const struct outcome *outcome);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h - entries of the audit trail, and the chains that they form.
 *
 *   entry --audit_add--> line of JSON --audit_copy--> message for the broker
 *   line --audit_read--> entry
 *
 * The format of a line is docs/audit.md: one JSON object, "v" its version. It
 * never holds a body, but its size and SHA-256.
 *
 * Each writer, which is one start of a worker or of a command, has a chain of
 * its own. Its lines are numbered from 1, and each names the SHA-256 of the
 * line before it, so that a line that is missing, changed or out of its order
 * shows. The first line of a chain is AUDIT_OPENED and says who writes; a
 * writer that ends in order ends it with AUDIT_CLOSED. The same line may come
 * twice, since a writer publishes again what was not confirmed.
 *
 * A message on the broker is one line or several, whole ones, in their order.
 * It bears the writer's login in the user-id property, which the broker checks
 * (RabbitMQ, "Validated User-ID").
 */
#ifndef WORKER_AUDIT_H
#define WORKER_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "policy/text.h"
#include "worker/config.h"
#include "worker/digest.h"
#include "worker/log_line.h"
#include "worker/message.h"

#define AUDIT_VERSION 1
#define AUDIT_KEY     "v1" /* routing key of all entries */
/* Longer texts are cut, at a character's end, to so many bytes. */
#define AUDIT_TEXT_MAX 1024

enum audit_event {
	/* Of the chain itself. */
	AUDIT_OPENED,
	AUDIT_CLOSED,
	AUDIT_DROPPED, /* `count` entries were not recorded before this one */
	/* Of a worker. */
	AUDIT_FAILED,    /* the first call of a step that failed */
	AUDIT_RETRY,     /* waits in a delay queue, an attempt counted */
	AUDIT_HELD,      /* waits in a delay queue, no attempt counted */
	AUDIT_DELIVERED, /* all its steps are done */
	AUDIT_IGNORED,   /* acked, since no step of its route applies */
	AUDIT_PARKED,
	AUDIT_REJECTED, /* it could not be published again, and went to parking
	                   by the dead-lettering of its queue */
	/* Of a person. */
	AUDIT_VIEWED,
	AUDIT_REPLAYED,
	AUDIT_EDITED, /* replayed, changed, as a message of another id */
	AUDIT_DISCARDED,
	AUDIT_EXPORTED,
	AUDIT_IMPORTED,
	AUDIT_ESCALATED,
};

#define AUDIT_EVENT_COUNT (AUDIT_ESCALATED + 1)

/* "opened", "parked": as in the member "event". Static. */
const char *audit_event_name(enum audit_event event);

/* False, and *event alone, if there is none of that name. */
bool audit_event_of(struct text name, enum audit_event *event);

/* True if it is of a message: it has an id. */
bool audit_event_is_of_message(enum audit_event event);

/*
 * What happened. A text that is empty, a string that is NULL and a number that
 * is negative (or 0, where it says so) are not known, and not written.
 */
struct audit_entry {
	enum audit_event event;
	millis at_wall;          /* when it happened, by the writer's clock */
	struct text id;          /* of the message, as rebound-id */
	struct text type;        /* message type */
	struct text correlation; /* the correlation-id property */
	const char *pipeline;
	struct text step;       /* of its route */
	const char *downstream; /* that the step goes to */
	uint32_t attempt;       /* calls of the step so far; 0: none was made */
	struct text error;      /* error type */
	struct text class;      /* "transient", "permanent", "ambiguous" */
	int status;             /* HTTP; 0: none */
	const char *transport;  /* result, unless it is an answer */
	millis duration;        /* of the call */
	millis delay;           /* until it is due again */
	struct text lane;       /* "v1.ehr.5s" */
	millis age;             /* since it was first seen by a worker */
	struct text reason;     /* parked: of policy.h. By a person: theirs */
	struct text note;       /* more words on it, for people */
	struct text policy;     /* version of the policies that decided */
	struct text other_id;   /* of the message that it became */
	struct text run;        /* of one replay, import, ... as a whole */
	int64_t count;          /* AUDIT_DROPPED; of several messages */
	int64_t bytes;          /* of the body */
	struct text sha256;     /* of the body, hexadecimal digits */
};

/* An entry of that event, all else unknown. */
struct audit_entry audit_entry_of(enum audit_event event, millis at_wall);

/* Sets `bytes` and `sha256`; `hex` keeps the digits as long as the entry. */
void audit_body(struct audit_entry *entry, struct text body,
		char hex[SHA256_HEX_MAX]);

/* Who writes. In every line of a chain. */
struct audit_actor {
	const char *login;   /* at the broker: the user-id property */
	const char *os_user; /* as the system names the process's owner */
	const char *host;
	const char *program; /* "run", "parked replay": in AUDIT_OPENED */
	long pid;
};

#define AUDIT_NAME_MAX 256 /* bytes, with the NUL */

/* What the system says of this process; texts of *actor stand in `names`. */
void audit_actor_here(struct audit_actor *actor, const char *login,
		      const char *program, char names[2][AUDIT_NAME_MAX]);

struct audit_chain {
	struct audit_actor actor;   /* borrowed texts */
	char id[UUID_SPELLING_MAX]; /* made at random */
	uint64_t seq;               /* of the last line; 0: none yet */
	char head[SHA256_HEX_MAX];  /* SHA-256 of the last line; "" */
};

/* A new chain. Its first line is to be AUDIT_OPENED. */
void audit_chain_init(struct audit_chain *chain,
		      const struct audit_actor *actor);

/*
 * Appends the entry as the next line of the chain to `lines`, with its line
 * end, which is not part of what is hashed.
 */
void audit_add(struct audit_chain *chain, struct log_lines *lines,
	       const struct audit_entry *entry);

/*
 * A message of the lines `body`, whose last is number `last` of the chain, for
 * the audit exchange; `id` gets its message id. Whoever publishes it waits for
 * the confirm; a return means that no queue takes entries. Borrows its
 * arguments.
 */
struct copy audit_copy(const struct config *config,
		       const struct audit_chain *chain, struct text body,
		       uint64_t last, char id[80]);

/* --- reading ------------------------------------------------------------- */

/* A line that was read: what it says of its place in a chain. */
struct audit_line {
	struct audit_entry entry; /* texts live as long as `json` */
	struct text chain;
	int64_t seq;
	struct text prev; /* SHA-256 of the line before; "" of the first */
	struct text login, os_user, host, program;
	struct json *json; /* owned: audit_line_fini */
};

enum audit_read_status {
	AUDIT_READ_OK,
	AUDIT_READ_NEWER, /* of a version that is not known */
	AUDIT_READ_BAD,   /* not an entry of an audit trail */
};

/* Reads a line, with or without its line end. *line is to be freed in each
   case. */
enum audit_read_status audit_read(struct text text, struct audit_line *line);
void audit_line_fini(struct audit_line *line);

/* The next line of a body, without its line end; false if there is none. */
bool audit_next_line(struct text *body, struct text *line);

#endif

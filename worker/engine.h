/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine.h - what becomes of each delivery, from arrival to ack.
 *
 *          +--> WAITING --> CALLING --+--> ack
 *   in ----+    for a place  HTTP     |
 *          |                          v
 *          +----------------------> COPYING --confirmed--> ack
 *            rest to wait, parked    |   ^
 *            unread                  v   |
 *                                  HOLDING: returned, refused or lost;
 *                                  tried again with backoff, unacked
 *
 * The engine knows ports, not libraries: whole lives of messages run in tests
 * in pretended time. It is the only place that orders an ack, and it does so
 * in two cases: the downstream has accepted the message, or the broker has
 * confirmed the copy that carries on.
 *
 * A message that has come back several times may be what killed the workers
 * that had it. It is called when nothing else is in hand, and until that is
 * over its pipeline takes no other; most such messages are innocent, and this
 * is how it shows.
 *
 * A delivery belongs to an epoch, the connection it came by. Once that is gone
 * the broker delivers the message again, so whatever is still under way for it
 * has no effect: no copy, no ack. What it came to is remembered, if it was an
 * end, and the next delivery of exactly that message is acked for it.
 *
 * All calls are the core thread's. `now` is on the loop's monotonic clock.
 */
#ifndef WORKER_ENGINE_H
#define WORKER_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "policy/outcome.h"
#include "policy/policy.h"
#include "policy/text.h"
#include "worker/config.h"
#include "worker/delivered.h"
#include "worker/http.h"
#include "worker/message.h"
#include "worker/ruleset.h"

/* How often a message may come back without an end before it is delivered
   alone, and before it is parked: x-delivery-count, which the broker raises
   for all that a lost connection had in hand. */
#define ENGINE_ALONE_COUNT   3
#define ENGINE_SUSPECT_COUNT 10

/* The first and the longest wait before a copy is tried again. */
#define ENGINE_HOLD_FIRST MILLIS_PER_SECOND
#define ENGINE_HOLD_MAX   (30 * MILLIS_PER_SECOND)

/* What became of a copy, as engine_copied is told. */
enum copy_result {
	COPY_CONFIRMED, /* the broker has it, and did not return it */
	COPY_RETURNED,  /* no queue took it */
	COPY_REFUSED,   /* a queue would not take it: basic.nack */
	COPY_LOST,      /* its connection ended before an answer */
	COPY_TOO_BIG,   /* it cannot be published at all */
};

enum report_kind {
	REPORT_CALL,     /* a call has ended; outcome */
	REPORT_VOID,     /* the same, but the connection of the delivery is
	                    gone: the broker delivers the message again */
	REPORT_VERDICT,  /* a verdict has been carried out: acked */
	REPORT_HOLDING,  /* the first copy of a pipeline cannot be placed */
	REPORT_MOVING,   /* all copies of the pipeline could be placed */
	REPORT_REJECTED, /* it could not be published in any form, and went to
	                    parking by the queue's own dead-lettering */
	REPORT_STUCK,    /* the same, but the queue is not ours: it stays */
	REPORT_ALONE,    /* the pipeline takes one at a time; of which it is */
	REPORT_TOGETHER, /* it takes many at once again */
	REPORT_PAUSED,   /* the pipeline takes none: bodies over its bound */
	REPORT_RESUMED,  /* and does again */
	REPORT_DEADLINE, /* its deadline cannot be read, and is ignored */
	REPORT_GAVE_UP,  /* a rule's search in an answer went beyond its
	                    bounds; the first time of the pipeline, and of its
	                    policies when they are read anew */
};

/* What happened, for the log. Borrowed for the time of the call. */
struct report {
	enum report_kind kind;
	const struct pipeline_config *pipeline;
	struct text id;   /* HOLDING and later: of the first; may be empty */
	struct text type; /* message type; may be empty */
	uint32_t attempt; /* which call this was, from 1; 0: none was made */
	const char *downstream;
	const struct outcome *outcome;    /* CALL, VOID */
	const struct http_answer *answer; /* CALL, VOID: how it came about */
	const char *error;                /* error type, or NULL */
	const char *class;                /* or NULL */
	enum verdict_kind verdict;        /* CALL, VERDICT */
	millis delay;                     /* retry: until the next call */
	bool is_held;          /* retry: its downstream is not called for now */
	struct text lane;      /* retry */
	const char *reason;    /* park: why; done: if not by this call, how; or
			       NULL. HOLDING: what the broker did */
	const char *parked_as; /* park: the policy's word for it, or NULL */
	size_t body_len;
	int status;             /* HTTP status of the last call; 0: none */
	bool is_again;          /* VERDICT: it was seen to before, in a way */
	enum delivered_how how; /* that this says */
	bool has_failed;        /* a call of it had failed, or it was held */
	bool is_first_failure;  /* CALL: no call of it had failed before */
	const char *policy;     /* version of the policies it goes by */
	millis first_seen_wall;
	const struct message *message; /* never logged; NULL: not of one */
};

/* What the engine makes use of. All take `context` first. */
struct engine_ports {
	void *context;
	/* Starts a call; engine_answered(call) follows, not from within. */
	void (*call)(void *context, uint64_t call,
		     const struct http_request *request);
	/* Publishes; engine_copied(copy->job) follows, not from within. */
	void (*publish)(void *context, const struct copy *copy);
	void (*ack)(void *context, size_t pipeline, uint64_t epoch,
		    uint64_t tag);
	/* To parking, by the dead-lettering of the source queue. */
	void (*reject)(void *context, size_t pipeline, uint64_t epoch,
		       uint64_t tag);
	/* How many deliveries a pipeline takes at once from now on; 0: none. Each
	   epoch begins with 1. engine_prefetch follows once it is
	   so, not from within. */
	void (*consume)(void *context, size_t pipeline, uint64_t epoch,
			uint32_t prefetch);
	/* A copy was returned: something on the broker is missing. */
	void (*repair)(void *context, size_t pipeline);
	void (*report)(void *context, const struct report *report);
	/* The breaker of a downstream has changed, by its index: engine_health
	   says how. */
	void (*health_changed)(void *context, size_t downstream);
	uint32_t (*dice)(void *context);
	millis (*wall)(void *context);
};

struct engine;
struct health;

/*
 * `rules`, made of the same configuration, are what its pipelines go by at
 * first; the engine is one more user. `worker` goes into journals; borrowed, as
 * all else.
 */
struct engine *engine_new(const struct config *config, struct ruleset *rules,
			  const char *worker, const struct engine_ports *ports);
void engine_free(struct engine *engine); /* takes NULL; acks nothing */

/* A connection that consumes `pipeline` is up (from now on deliveries bear
   this epoch), or down (those that bear another one are void). */
void engine_epoch(struct engine *engine, size_t pipeline, uint64_t epoch);

/* The intake takes so many at once now: no delivery that it had been sent
   before is still to come. */
void engine_prefetch(struct engine *engine, size_t pipeline, uint64_t epoch,
		     uint32_t prefetch);

/* Deliveries of the pipeline that come from now on go by this; those in hand
   end under what they began with. The engine is one more user of the set. */
void engine_rule(struct engine *engine, size_t pipeline,
		 const struct ruling *ruling);

/* The health of the downstreams, to be told what others say; engine_tick is to
   follow. The engine's. */
struct health *engine_health(struct engine *engine);

/* The message is the engine's from here on. */
void engine_delivered(struct engine *engine, size_t pipeline, uint64_t epoch,
		      struct message *message, millis now);

void engine_answered(struct engine *engine, uint64_t call,
		     const struct http_answer *answer, millis now);

void engine_copied(struct engine *engine, uint64_t job, enum copy_result result,
		   millis now);

/* Whether the broker takes copies: false while the outlet is down or blocked.
   While it does not, calls go on until the copies that wait for it fill half
   of a pipeline's prefetch. */
void engine_can_publish(struct engine *engine, bool can, millis now);

/* The frame size that was negotiated; 131072 until told. */
void engine_frame_max(struct engine *engine, uint32_t frame_max);

/* Start no more calls. Deliveries that wait for a place, and those that come
   from now on, are left to the broker. */
void engine_drain(struct engine *engine);

/* Does what is due, and returns how long to wait until the next, or -1. */
millis engine_tick(struct engine *engine, millis now);

/* Deliveries in hand: called, copied or held, and waiting. */
size_t engine_jobs(const struct engine *engine);

const char *copy_result_name(enum copy_result result);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * envelope.h - the state that a message carries in its headers.
 *
 *   delivery --open--> envelope --retry, park--> copy for the broker
 *
 * The format is docs/headers.md. Whose word counts: the state is believed only
 * if rebound-pipeline names this pipeline and the broker delivered the message
 * from this pipeline's source exchange, into which only its delay queues and
 * replays publish. Otherwise whatever begins with "rebound-" is set aside as
 * "rebound-was-..." and the message is new.
 *
 * What would break a copy does not travel: x-death and the x-first-death-*,
 * x-last-death-*, x-delivery-count, x-acquired-count, CC and BCC headers, and
 * the expiration and user-id properties; expiration, user-id and CC are kept as
 * rebound-original-*. All else goes on unchanged, but for the delivery mode,
 * which is persistent.
 *
 * Pure but for memory, which is the message's arena.
 */
#ifndef WORKER_ENVELOPE_H
#define WORKER_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "policy/policy.h"
#include "policy/route.h"
#include "policy/step.h"
#include "policy/text.h"
#include "worker/config.h"
#include "worker/message.h"
#include "worker/table.h"

#define ENVELOPE_VERSION     1
#define ENVELOPE_STEPS_MAX   32 /* that one message may carry */
#define ENVELOPE_JOURNAL_MAX 50 /* entries, the first one included */

struct envelope {
	const struct pipeline_config *pipeline;
	struct message *message; /* borrowed; its arena holds what is made */
	struct text id;          /* who the message is; never empty */
	struct text type;        /* as message_type.h finds it */
	millis first_seen_wall;
	millis rest; /* still to wait, >= 0; 0: due */
	millis held; /* so long in all, for a downstream that was
				    not called; >= 0 */
	enum route_state state;
	millis compensating_since_wall; /* COMPENSATING: when that began */
	bool is_return;                 /* it carried state that was believed */
	uint32_t delivery_count; /* what the broker counted; 0: first time */
	struct step *steps;      /* step_count of step_room */
	size_t step_count;       /* <= ENVELOPE_STEPS_MAX */
	size_t step_room;
	struct table journal; /* array of tables, oldest first */
	int64_t journal_dropped;
	bool has_deadline;
	millis deadline_wall;        /* after which it is not delivered */
	bool is_deadline_odd;        /* it has one that cannot be read */
	struct text origin_exchange; /* where it first came from */
	struct text origin_key;
	struct table carried; /* the publisher's headers that travel */
	struct table kept;    /* rebound-original-*, rebound-was-* */
	const char *flaw;     /* why it cannot be read, or NULL */
};

/*
 * Reads a delivery. `wall` is when it was seen; `fresh_id` is the identity of
 * a message that has none, and is copied. False if its own state cannot be
 * read: `flaw` then says why, in words without values of headers, and the
 * envelope is that of a new message, good for parking it.
 */
bool envelope_open(struct envelope *envelope,
		   const struct pipeline_config *pipeline,
		   struct message *message, millis wall, const char *fresh_id);

/*
 * The step of that name; a new one, waiting, where there is none. `name` is
 * kept. NULL when the message carries ENVELOPE_STEPS_MAX others already. Lent
 * until the next call, which may move the steps.
 */
struct step *envelope_step(struct envelope *envelope, const char *name);

/* One entry of the journal. The texts are kept, not copied. */
struct envelope_attempt {
	millis at_wall;
	struct text step;
	const char *error;
	enum error_class class;
	int status;      /* 0: none */
	millis duration; /* of the call */
	millis delay;    /* until the next; 0: none */
	const char *policy_version;
	const char *worker;
	struct text detail; /* what the answer said, for people; or empty */
};

/* Appends to the journal; the oldest but the first goes when it is full. */
void envelope_note(struct envelope *envelope,
		   const struct envelope_attempt *attempt);

/* What every copy is stamped with. */
struct envelope_stamp {
	const char *policy_version;
	millis held_at_wall; /* retry: it is held from now on; 0: it is not */
	uint32_t frame_max;  /* headers of ours stay below a quarter of it */
	bool slim;           /* leave out all that can be left out, because the
	                       copy did not fit: rebound-was-*,
	                       rebound-original-cc and the journal but its
	                       last entry */
};

/*
 * The copy that waits in a delay queue. `lane` is "v1.<downstream>.<delay>";
 * `rest` is what is left to wait after it; that of each step is in the step.
 * In the message's arena.
 */
struct copy envelope_retry(struct envelope *envelope,
			   const struct envelope_stamp *stamp, struct text lane,
			   millis rest);

struct envelope_parking {
	enum park_reason reason;
	const char *as;    /* the operator's word for it; NULL: none */
	const char *class; /* NULL: none */
	const char *error; /* error type, or what is wrong; NULL: none */
	struct text step;  /* empty: none */
	millis at_wall;
	/* Names of steps, for people; not set: none. */
	struct table missing; /* what is still to be done */
	struct table left;    /* what was done, and has not been undone */
};

/* Appends a name to such a list, in the message's arena. */
void envelope_name(struct envelope *envelope, struct table *names,
		   const char *name);

/* The copy that is parked. In the message's arena. */
struct copy envelope_park(struct envelope *envelope,
			  const struct envelope_stamp *stamp,
			  const struct envelope_parking *parking);

/* True if a lane belongs to the ladder, which is never released early. */
bool envelope_lane_is_ladder(struct text lane);

#endif

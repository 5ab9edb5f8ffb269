/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology.h - what must exist on the broker, and making it so.
 *
 * Pure planning (topology_plan) apart from carrying it out (topology_apply,
 * topology_verify). The same plan is printed, declared, exported and compared.
 */
#ifndef WORKER_TOPOLOGY_H
#define WORKER_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/millis.h"
#include "policy/text.h"
#include "worker/arena.h"
#include "worker/broker.h"
#include "worker/config.h"
#include "worker/table.h"

/* "v1.<downstream>.<delay>": the value of rebound-lane; `downstream` NULL
   gives the ladder's, "v1._.<delay>". In the arena. */
const char *topology_lane(struct arena *arena, const char *downstream,
			  millis delay);

struct topology_exchange {
	const char *name;
	const char *type; /* "fanout", "headers", "topic" */
	struct table arguments;
	bool ours;        /* false: must exist, is never declared */
	const char *what; /* "source exchange of pipeline lab-results" */
};

struct topology_queue {
	const char *name;
	struct table arguments;
	bool ours;
	const char *what;
};

struct topology_binding {
	const char *source;
	const char *destination;
	bool to_exchange;
	const char *key;
	struct table arguments;
};

struct topology {
	struct topology_exchange *exchanges;
	size_t exchange_count;
	struct topology_queue *queues;
	size_t queue_count;
	struct topology_binding *bindings;
	size_t binding_count;
};

/*
 * What the pipelines of the configuration need (all, or the one named), in an
 * order in which it can be declared. Lives in the arena.
 */
struct topology topology_plan(const struct config *config,
			      const struct pipeline_config *only,
			      struct arena *arena);

/*
 * Declares and binds all that is ours, and checks that what is not ours
 * exists. Stops at the first problem, which is explained: which object, which
 * argument, what is there, what is wanted, what to do.
 */
enum broker_status topology_apply(struct broker *broker,
				  const struct topology *topology,
				  struct broker_problem *problem);

enum finding_kind {
	FINDING_OK,
	FINDING_DIFFERS, /* or missing */
	FINDING_UNKNOWN, /* cannot be seen with what is configured */
	FINDING_UNUSED,  /* of ours, and no setting needs it any longer */
};

/* Why something differs, for who has to mend it. */
enum finding_cause {
	CAUSE_NONE,     /* it does not differ */
	CAUSE_MISSING,  /* of ours, and not there */
	CAUSE_FOREIGN,  /* of others, and not there */
	CAUSE_DECLARED, /* there, declared in another way */
	CAUSE_POLICY,   /* a broker policy sets what it must not */
	CAUSE_STRAY,    /* there, and should not be */
};

struct finding {
	enum finding_kind kind;
	enum finding_cause cause;
	const char *object; /* "queue rebound.lab-results" */
	const char *text;   /* a sentence on this object */
	const char *reason; /* why it is unknown; or NULL */
};

struct findings {
	struct finding *list;
	size_t count;
	size_t room; /* entries allocated */
	size_t differs;
	size_t unknown;
	size_t unused;
};

/* Adds a finding; `object` is kept, the sentence made in the arena. */
void findings_add(struct findings *findings, struct arena *arena,
		  enum finding_kind kind, const char *object,
		  const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* The same for FINDING_UNKNOWN; `reason`, one string a cause, is kept. */
void findings_add_unknown(struct findings *findings, struct arena *arena,
			  const char *object, const char *reason,
			  const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Says of the last finding why it differs. */
void findings_because(struct findings *findings, enum finding_cause cause);

const char *finding_kind_name(enum finding_kind kind); /* "ok", "differs" */

/*
 * Compares the broker with the plan: wholly by the management API where
 * broker.management is set, otherwise only for existence, over AMQP, where
 * the rights suffice. `broker` may be NULL when the API is used.
 */
enum broker_status
topology_verify(const struct config *config, struct broker *broker,
		const struct topology *topology, struct arena *arena,
		struct findings *findings, struct broker_problem *problem);

#endif

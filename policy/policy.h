/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h - what to do about the outcome of a call.
 *
 *   outcome --classify--> error type and class --decide--> verdict
 *
 * Rules are tried in order, the policy's own first and then the built-in ones;
 * the first that matches names the error type and the class. The most specific
 * setting wins, each by itself (nothing takes a minimum): that of the error
 * rule, then that of the message type, then the policy's.
 *
 * Pure: everything a decision depends on is an argument, and nothing is kept.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "policy/outcome.h"
#include "policy/schedule.h"
#include "policy/step.h"
#include "policy/text.h"

enum error_class {
	CLASS_TRANSIENT, /* passes by itself: tried again by schedule */
	CLASS_PERMANENT, /* cannot succeed: parked at once, no try used up */
	CLASS_AMBIGUOUS, /* sent, and no complete answer: may have been done */
};

/* Statuses first .. last, both included; 100 .. 599. */
struct status_range {
	int first;
	int last;
};

#define RULE_STATUSES_MAX     32
#define ATTEMPTS_MAX          100000
#define POLICY_UNLIMITED_TIME INT64_MAX

/* One entry of `errors`. It matches if a status or a transport does. */
struct error_rule {
	const char *name; /* the error type; never NULL */
	enum error_class class;
	struct status_range statuses[RULE_STATUSES_MAX];
	size_t status_count;
	uint32_t transports;             /* bit 1 << enum transport */
	const struct schedule *schedule; /* NULL: not set here */
	uint32_t max_attempts;           /* 0: not set here */
	bool ignore_retry_after;         /* honour_retry_after = false */
};

/* One entry of `types`. */
struct type_rule {
	const char *match;               /* a pattern; never NULL */
	const struct schedule *schedule; /* NULL: not set here */
	uint32_t max_attempts;           /* 0: not set here */
	millis give_up_after;            /* 0: not set here */
};

/* What a message whose outcome is ambiguous has to expect. */
enum ambiguous_rule {
	AMBIGUOUS_RETRY,
	AMBIGUOUS_PARK,
};

struct policy {
	const char *name;
	uint32_t max_attempts; /* calls in all, the first included; 1 .. */
	millis give_up_after;  /* since first seen; 1 .. UNLIMITED_TIME */
	struct schedule schedule;
	enum ambiguous_rule ambiguous;
	bool ignore_retry_after;         /* honour_retry_after = false */
	millis retry_after_floor;        /* 0 .. ceiling */
	millis retry_after_ceiling;      /* 1 s .. 7 days */
	const struct error_rule *errors; /* borrowed; error_count of them */
	size_t error_count;
	const struct type_rule *types; /* borrowed; type_count of them */
	size_t type_count;
};

enum verdict_kind {
	VERDICT_DONE,  /* the downstream has it */
	VERDICT_RETRY, /* after `delay` */
	VERDICT_PARK,  /* because of `reason` */
};

enum park_reason {
	PARK_PERMANENT, /* the error cannot pass */
	PARK_AMBIGUOUS, /* perhaps carried out, and the policy says park */
	PARK_ATTEMPTS,  /* max_attempts used up, or the schedule gave up */
	PARK_AGE,       /* give_up_after is over, or would be before the try */
	/* The following are not the policy's, but the worker's. */
	PARK_UNREADABLE, /* headers of ours that no worker wrote */
	PARK_NO_ROUTE,   /* nothing in the configuration is for it */
	PARK_SUSPECT,    /* delivered too often without an end: it may kill
	                    workers */
	PARK_TOO_LARGE,  /* it cannot be sent as it is */
};

#define PARK_REASON_COUNT (PARK_TOO_LARGE + 1)

/* What the policy asks about a message. */
struct message_facts {
	struct text type; /* its type property, or else its routing key */
	millis age;       /* since first seen, >= 0 */
};

struct verdict {
	enum verdict_kind kind;
	const char *error;       /* error type; NULL when done */
	enum error_class class;  /* meaningful unless done */
	millis delay;            /* retry: how long to wait, >= 1 */
	bool by_server;          /* retry: the delay is a Retry-After's, and
	                           goes through the ladder (lanes.h) */
	enum park_reason reason; /* park */
	const struct error_rule *rule; /* that matched; NULL when done */
};

/*
 * The built-in rules, which stand behind those of every policy and match
 * every outcome that is not a success. *count gets their number. Static.
 */
const struct error_rule *policy_built_in_rules(size_t *count);

/*
 * Fills in a policy with the built-in settings: 8 attempts, 24 h, exponential
 * from 2 s by 3 to 30 min, Retry-After honoured from 0 to 1 h, no rules of
 * its own. `name` is borrowed.
 */
void policy_init(struct policy *policy, const char *name);

/* The first rule that matches an outcome which is not a success. */
const struct error_rule *policy_classify(const struct policy *policy,
					 const struct outcome *outcome);

/* The most specific entry of `types` for a message type, or NULL. */
const struct type_rule *policy_type(const struct policy *policy,
				    struct text type);

/*
 * What the settings come to for an error rule and a type rule, either of
 * which may be NULL.
 */
uint32_t policy_max_attempts(const struct policy *policy,
			     const struct error_rule *error,
			     const struct type_rule *type);
const struct schedule *policy_schedule(const struct policy *policy,
				       const struct error_rule *error,
				       const struct type_rule *type);
millis policy_give_up_after(const struct policy *policy,
			    const struct type_rule *type);

/*
 * Decides what follows a call.
 *
 * `step` is the state before the call: its attempts and failures do not
 * include it. `dice` is uniform over uint32_t.
 *
 * A transient error, or an ambiguous one where the policy retries, is tried
 * again after the schedule's wait, unless the attempts (with this one) have
 * reached max_attempts or the message would be older than give_up_after when
 * it is due. Retry-After, where honoured, is bounded by floor and ceiling and
 * replaces the schedule's wait if it is longer.
 */
struct verdict policy_decide(const struct policy *policy,
			     const struct message_facts *facts,
			     const struct step *step,
			     const struct outcome *outcome, uint32_t dice);

/* Names as headers, logs and configuration spell them. Static. */
const char *error_class_name(enum error_class class);
bool error_class_parse(struct text name, enum error_class *class);
const char *verdict_kind_name(enum verdict_kind kind);
const char *park_reason_name(enum park_reason reason);

#endif

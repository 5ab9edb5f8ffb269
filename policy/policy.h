/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h - what to do about the outcome of a call.
 *
 *   outcome --judge--> done | error type and class --decide--> verdict
 *
 * Judging asks, in this order, and takes the first answer:
 *
 *   1. the success rules of the downstream: done, done before, or a failure
 *   2. what the body was understood to say
 *   3. the status: 200 .. 299 is done
 *
 * An answer that would be done is ambiguous instead, and its error SUCCESS_UNREAD, if
 * a success rule before what calls it so may call it a failure: one whose
 * matchers could not be told.
 *
 * A failure is named and classed by the first of the policy's error rules that
 * holds; else by the success rule or the understanding, if they give a class;
 * else by the first built-in rule that holds. The settings for the case are
 * then those of tuning.h.
 *
 * Pure: everything a decision depends on is an argument, and nothing is kept.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/condition.h"
#include "policy/millis.h"
#include "policy/outcome.h"
#include "policy/schedule.h"
#include "policy/step.h"
#include "policy/text.h"
#include "policy/tuning.h"

enum error_class {
	CLASS_TRANSIENT, /* passes by itself: tried again by schedule */
	CLASS_PERMANENT, /* cannot succeed: parked at once, no try used up */
	CLASS_AMBIGUOUS, /* sent, and no complete answer: may have been done */
};

/* One entry of `errors`. */
struct error_rule {
	const char *name; /* the error type; never NULL */
	enum error_class class;
	enum honour storm; /* NO: it is never of a storm (breaker.h) */
	struct condition when;
	struct tuning own;
};

/* What a message type has to say about one error type. */
struct type_error {
	const char *error; /* its name; never NULL */
	struct tuning own;
};

/* One entry of `types`. */
struct type_rule {
	const char *match; /* a pattern; never NULL */
	struct tuning own;
	const struct type_error *errors; /* error_count of them */
	size_t error_count;
};

struct policy {
	const char *name;
	struct tuning own;
	struct tuning ambiguous; /* schedule and limit of ambiguous answers;
				    nothing set: as all others */
	const struct error_rule *errors; /* borrowed; error_count of them */
	size_t error_count;
	const struct type_rule *types; /* borrowed; type_count of them */
	size_t type_count;
};

/* What an answer that a success rule holds for means. */
enum success_meaning {
	SUCCESS_DONE,
	SUCCESS_ALREADY, /* done, by an earlier call */
	SUCCESS_FAILED,
};

/* The error type of an answer that no such rule can be told of. */
#define SUCCESS_UNREAD "unread"

/* One entry of a downstream's `success`. */
struct success_rule {
	struct condition when; /* transports: none, so complete answers only */
	enum success_meaning meaning;
	const char *error; /* FAILED: the error type, or NULL */
	bool has_class;    /* FAILED: `class` is set */
	enum error_class class;
	struct source_line written;
};

/* What a policy knows of a downstream. */
struct downstream_rules {
	const char *name;
	bool is_idempotent; /* the same call twice does no more than once */
	struct tuning own;
	const struct tuning *step; /* what a step of a route says; NULL: none */
	const struct success_rule *success; /* success_count of them */
	size_t success_count;
};

enum verdict_kind {
	VERDICT_DONE,  /* the downstream has it */
	VERDICT_RETRY, /* after `delay`, through a delay queue */
	VERDICT_PARK,  /* because of `reason` */
	VERDICT_QUICK, /* after `delay`, without letting go of the message */
};

enum park_reason {
	PARK_PERMANENT, /* the error cannot pass */
	PARK_AMBIGUOUS, /* perhaps carried out, and the policy says park */
	PARK_ATTEMPTS,  /* max_attempts used up, or the schedule gave up */
	PARK_AGE,       /* give_up_after is over, or would be before the try */
	PARK_DEADLINE,  /* so is the message's own deadline */
	/* The following are not the policy's, but the worker's. */
	PARK_UNREADABLE, /* headers of ours that no worker wrote */
	PARK_NO_ROUTE,   /* nothing in the configuration is for it */
	PARK_SUSPECT,    /* delivered too often without an end: it may kill
	                    workers */
	PARK_TOO_LARGE,  /* reserved: nothing is parked for it today */
};

#define PARK_REASON_COUNT (PARK_TOO_LARGE + 1)

/* What the policy asks about a message. */
struct message_facts {
	struct text type; /* message type */
	millis age;       /* since first seen, >= 0 */
	millis held;      /* of that, for a downstream, >= 0 */
	bool has_deadline;
	millis to_deadline;  /* until it; negative: it is over */
	bool may_quick;      /* quick retries may be made now */
	uint32_t quick_made; /* of them, since the message was taken */
	millis quick_spent;  /* since its first failure then, >= 0 */
};

/* What has named the error and given its class, or called it done. */
enum judged_by {
	JUDGED_BY_STATUS,        /* 200 .. 299 */
	JUDGED_BY_SUCCESS_RULE,  /* of the downstream */
	JUDGED_BY_UNDERSTANDING, /* of the body */
	JUDGED_BY_RULE,          /* an error rule of the policy */
	JUDGED_BY_BUILT_IN,      /* a built-in error rule */
};

/* What an outcome is. */
struct judgement {
	bool is_done;
	bool is_already;        /* done: by an earlier call */
	const char *error;      /* error type; NULL when done */
	enum error_class class; /* meaningful unless done */
	enum judged_by by;
	const struct success_rule *success; /* that held; or NULL */
	const struct error_rule *rule;      /* that held; or NULL */
};

struct verdict {
	enum verdict_kind kind;
	bool is_already;         /* done: by an earlier call */
	bool is_exempt;          /* its error is never of a storm */
	bool is_held;            /* retry: not after a failure, but since its
	                           downstream is not called; no try is counted */
	const char *error;       /* error type; NULL when done */
	enum error_class class;  /* meaningful unless done */
	millis delay;            /* retry, quick: how long to wait, >= 1 */
	bool by_server;          /* retry: the delay is a Retry-After's, and
	                           goes through the ladder (lanes.h) */
	enum park_reason reason; /* park */
	const char *park_as;     /* park: the word of park_as, or NULL */
};

/*
 * The built-in rules, which stand behind those of every policy and hold for
 * every outcome that is not a success. *count gets their number. Static.
 */
const struct error_rule *policy_built_in_rules(size_t *count);

/* A policy that sets nothing: all is built in. `name` is borrowed. */
void policy_init(struct policy *policy, const char *name);

/* What the outcome of a call to that downstream is. */
struct judgement policy_judge(const struct policy *policy,
			      const struct downstream_rules *downstream,
			      const struct outcome *outcome);

/* The most specific entry of `types` for a message type, or NULL; the first
   of those that are equally specific. */
const struct type_rule *policy_type(const struct policy *policy,
				    struct text type);

/* The places that speak for a case, for policy_settle and for explanations; its
   arguments are those of policy_settle. LEVEL_BUILT_IN is NULL. */
struct levels policy_levels(const struct policy *policy,
			    const struct downstream_rules *downstream,
			    const struct error_rule *rule, const char *error,
			    enum error_class class,
			    const struct type_rule *type);

/*
 * The settings for a case: an error of that class and type (NULL: no error in
 * particular), by a rule (NULL: none), of a message type (NULL: none), at a
 * downstream.
 */
struct settled policy_settle(const struct policy *policy,
			     const struct downstream_rules *downstream,
			     const struct error_rule *rule, const char *error,
			     enum error_class class,
			     const struct type_rule *type);

/*
 * Decides what follows a call.
 *
 * `step` is the state before the call: its attempts and failures do not
 * include it. `dice` is uniform over uint32_t.
 *
 * A transient error, or an ambiguous one where the settings retry, is tried
 * again after the schedule's wait, unless the attempts (with this one) have
 * reached max_attempts, or the message would be older than give_up_after or
 * past its deadline when it is due. Retry-After, where honoured, is bounded by
 * floor and ceiling, then rounded up as the ladder can wait (lanes.h), so that
 * it may exceed the ceiling by less than an eighth or a second, and replaces
 * the schedule's wait if it is longer. A quick retry comes before all that,
 * within the same limits, if the message is due one and no longer wait was
 * asked for.
 */
struct verdict policy_decide(const struct policy *policy,
			     const struct downstream_rules *downstream,
			     const struct message_facts *facts,
			     const struct step *step,
			     const struct outcome *outcome, uint32_t dice);

/*
 * Counts in the step a call that came to that verdict, which is not DONE. A
 * permanent error uses up no try, and a quick retry does not move the message
 * on in its schedule. The verdict's error is kept, not copied.
 */
void policy_count(struct step *step, const struct verdict *verdict);

/* Names as headers, logs and configuration spell them. Static. */
const char *error_class_name(enum error_class class);
bool error_class_parse(struct text name, enum error_class *class);
const char *verdict_kind_name(enum verdict_kind kind);
const char *park_reason_name(enum park_reason reason);
const char *success_meaning_name(enum success_meaning meaning);
const char *judged_by_name(enum judged_by by);

#endif

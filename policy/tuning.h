/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tuning.h - how long, how often: what several places of a policy can set.
 *
 * The most specific place that sets something wins, each setting by itself;
 * nothing takes a minimum. From the most specific on:
 *
 *   an error of a message type, an error, ambiguous answers, a message type,
 *   a downstream, the policy, what is built in
 */
#ifndef POLICY_TUNING_H
#define POLICY_TUNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "policy/quick.h"
#include "policy/schedule.h"

#define ATTEMPTS_MAX          100000
#define POLICY_UNLIMITED_TIME INT64_MAX

/* Where something was written, to be named in explanations. */
struct source_line {
	const char *file; /* NULL: built in */
	unsigned line;
};

enum honour {
	HONOUR_UNSET,
	HONOUR_YES,
	HONOUR_NO,
};

/* What an ambiguous answer comes to. */
enum ambiguous_rule {
	AMBIGUOUS_UNSET,
	AMBIGUOUS_RETRY,
	AMBIGUOUS_PARK,
};

/* Zero is "not set here" in each of them. */
struct tuning {
	struct source_line written;
	const struct schedule *schedule;
	uint32_t max_attempts;      /* 1 .. ATTEMPTS_MAX */
	millis give_up_after;       /* 1 .. POLICY_UNLIMITED_TIME */
	enum honour honour;         /* of Retry-After */
	millis retry_after_floor;   /* 1 .. 7 days */
	millis retry_after_ceiling; /* 1 s .. 7 days */
	enum ambiguous_rule ambiguous;
	struct quick quick;     /* set if tries > 0 */
	bool no_quick;          /* set, to none */
	const char *park_as;    /* a word for parked messages */
	enum honour count_hold; /* time held counts for give_up_after */
};

/* The places, the most specific first. */
enum level {
	LEVEL_TYPE_ERROR,
	LEVEL_ERROR,
	LEVEL_AMBIGUOUS,
	LEVEL_TYPE,
	LEVEL_DOWNSTREAM,
	LEVEL_POLICY,
	LEVEL_BUILT_IN,
};

#define LEVEL_COUNT (LEVEL_BUILT_IN + 1)

/* The places that speak for one case; NULL where one does not. */
struct levels {
	const struct tuning *at[LEVEL_COUNT];
};

/* What the places come to, and which of them has said it. */
struct settled {
	const struct schedule *schedule; /* never NULL */
	uint32_t max_attempts;
	millis give_up_after;
	bool honours_retry_after;
	millis retry_after_floor;
	millis retry_after_ceiling;
	enum ambiguous_rule ambiguous; /* RETRY or PARK */
	struct quick quick;            /* tries 0: none */
	const char *park_as;           /* NULL: none */
	bool counts_hold;
	enum level schedule_by;
	enum level max_attempts_by;
	enum level give_up_after_by;
	enum level honour_by;
	enum level floor_by;
	enum level ceiling_by;
	enum level ambiguous_by;
	enum level quick_by;
	enum level park_as_by;
	enum level count_hold_by;
};

/* 8 attempts, 24 h, exponential from 2 s by 3 to 30 min, Retry-After honoured
   from 0 to 1 h, ambiguous answers tried again, no quick retries, time held not counted. Static. */
const struct tuning *tuning_built_in(void);

/* LEVEL_BUILT_IN may be NULL: it is filled in. */
struct settled tuning_settle(const struct levels *levels);

/* "message type with error", "error", "policy", ...: for sentences. Static. */
const char *level_name(enum level level);

const char *ambiguous_rule_name(enum ambiguous_rule rule);

#endif

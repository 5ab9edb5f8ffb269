/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random_policy.h - policies that nobody would write, for properties that hold
 * for all of them.
 *
 * The same seed makes the same policies. Values are sound, and lie at their
 * ends more often than not.
 */
#ifndef TESTS_RANDOM_POLICY_H
#define TESTS_RANDOM_POLICY_H

#include "policy/policy.h"

#define RANDOM_ERRORS_MAX 6
#define RANDOM_TYPES_MAX  4

struct random {
	uint64_t state;
};

uint32_t random_bits(struct random *random);

/* 0 .. below - 1. */
uint32_t random_below(struct random *random, uint32_t below);

/* least .. most, the ends more often than their share. */
millis random_millis(struct random *random, millis least, millis most);

/* One policy and one downstream, with room for all that they point to. */
struct random_policy {
	struct policy policy;
	struct downstream_rules downstream;
	struct error_rule errors[RANDOM_ERRORS_MAX];
	struct type_rule types[RANDOM_TYPES_MAX];
	struct type_error type_errors[RANDOM_TYPES_MAX][2];
	struct success_rule success[2];
	struct schedule schedules[32];
	size_t schedule_count;
};

void random_schedule(struct random *random, struct schedule *schedule);

/* Makes no more than `attempts` of them, so that lives stay short. */
void random_policy(struct random *random, uint32_t attempts,
		   struct random_policy *into);

/* An outcome of any kind, with or without a Retry-After. */
struct outcome random_outcome(struct random *random);

/* A message type that may match the patterns of a random policy. Static. */
const char *random_type(struct random *random);

#endif

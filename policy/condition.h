/* SPDX-License-Identifier: Apache-2.0 */
/*
 * condition.h - what a rule asks of an answer.
 *
 * A condition has parts, and all that are given must hold: the status or the
 * transport, the downstream, what was understood, and every matcher. Within a
 * part one entry is enough. A condition without parts holds for everything.
 *
 * Matchers (headers, JSON pointers, regular expressions) are run by the worker,
 * which knows the libraries for them; here each is one bit of the outcome.
 */
#ifndef POLICY_CONDITION_H
#define POLICY_CONDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/outcome.h"

#define CONDITION_STATUSES_MAX 32

/* Statuses first .. last, both included; 100 .. 599. */
struct status_range {
	int first;
	int last;
};

/* What it points to is borrowed, and lives as long as the rule. */
struct condition {
	/* A complete response of such a status, or a call that failed so. */
	struct status_range statuses[CONDITION_STATUSES_MAX];
	size_t status_count;
	uint32_t transports; /* bit 1 << enum transport; never COMPLETE */
	/* Names of downstreams; none: all. */
	const char *const *downstreams;
	size_t downstream_count;
	/* Error types, as success rules and `understand` name them. */
	const char *const *understood;
	size_t understood_count;
	/* Matchers of the configuration by number, below MATCHERS_MAX. */
	const uint16_t *matchers;
	size_t matcher_count;
};

/* True if it asks for nothing at all. */
bool condition_is_empty(const struct condition *condition);

/*
 * True if it holds. `understood` is the error type that a success rule or an
 * understanding gave the answer, or NULL. Allocates nothing.
 */
bool condition_holds(const struct condition *condition, const char *downstream,
		     const char *understood, const struct outcome *outcome);

/* True if it holds, or would if the matchers that could not be told matched. */
bool condition_may_hold(const struct condition *condition,
			const char *downstream, const char *understood,
			const struct outcome *outcome);

#endif

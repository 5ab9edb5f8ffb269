/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_case.h - the cases that a policy tells apart.
 *
 * A case is an error of some class, of one message type or none, with the
 * settings that hold for it. All that a policy can do is in its cases, so
 * that what is said about it is said of each of them.
 */
#ifndef WORKER_CONFIG_CASE_H
#define WORKER_CONFIG_CASE_H

#include "policy/policy.h"
#include "worker/config_tree.h"

struct config_case {
	const struct policy *policy;
	const struct downstream_rules *downstream;
	const struct error_rule *rule; /* of the policy; NULL: built in, or
	                                  named by the downstream */
	const char *error;             /* NULL: any that has no other case */
	enum error_class class;        /* TRANSIENT or AMBIGUOUS */
	const struct type_rule *type;  /* NULL: those of no entry */
	struct settled settled;
};

typedef void config_case_visit(void *context, const struct config_case *c);

/* Visits all cases but those of permanent errors, for which nothing is
   settled. */
void config_visit_cases(const struct policy *policy,
			const struct downstream_rules *downstream,
			config_case_visit *visit, void *context);

/* The group of the file that speaks for a case on a level; NULL where nothing
   of the file does. `top` is the whole file. */
const struct tree *config_case_place(const struct tree *top,
				     const struct config_case *c,
				     enum level level);

#endif

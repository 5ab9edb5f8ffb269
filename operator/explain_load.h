/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_load.h - what the downstream gets if many messages fail together.
 */
#ifndef OPERATOR_EXPLAIN_LOAD_H
#define OPERATOR_EXPLAIN_LOAD_H

#include <stdio.h>

#include "operator/explain_case.h"
#include "policy/load.h"
#include "worker/json.h"

struct explain_load;

/* Of options->messages like that of the case. To be freed. */
struct explain_load *explain_load_new(const struct explain_case *c);
void explain_load_free(struct explain_load *load); /* takes NULL */

/* A table with bars, and the peaks. */
void explain_load_print(const struct explain_case *c,
			const struct explain_load *load, FILE *to);

struct json *explain_load_json(const struct explain_load *load);

#endif

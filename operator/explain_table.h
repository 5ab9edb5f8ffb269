/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_table.h - the life of a message, call by call, for people and as
 * JSON.
 */
#ifndef OPERATOR_EXPLAIN_TABLE_H
#define OPERATOR_EXPLAIN_TABLE_H

#include <stdio.h>

#include "operator/explain_life.h"
#include "worker/json.h"

void explain_print_life(const struct explain_case *c,
			const struct explain_life *life, FILE *to);

/* Puts members "error" and "class" of a failure, "calls", and "end". */
void explain_put_life(struct json *object, const struct explain_case *c,
		      const struct explain_life *life);

#endif

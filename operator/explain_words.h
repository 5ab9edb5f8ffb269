/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_words.h - a case and what follows, for people and as JSON.
 */
#ifndef OPERATOR_EXPLAIN_WORDS_H
#define OPERATOR_EXPLAIN_WORDS_H

#include <stdio.h>

#include "operator/explain_plan.h"
#include "worker/json.h"

void explain_print(const struct explain_case *c,
		   const struct explain_plan *plan, FILE *to);

struct json *explain_json(const struct explain_case *c,
			  const struct explain_plan *plan);

/* The part of it that says what the message and the call are: members
   "message" and "outcome". */
void explain_put_case(struct json *object, const struct explain_case *c);

/* "of type lab.result", "without a type". */
const char *explain_type(const struct explain_case *c);

/* What the call came to, in a few words: "503", "connect". */
const char *explain_outcome(const struct explain_case *c);

/* What has judged it, as a clause with file and line. */
const char *explain_judge(const struct explain_case *c);

/* Why a call, of that number, ends with parking, as a clause. */
const char *explain_reason(const struct explain_case *c,
			   enum park_reason reason, uint32_t attempt);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_defaults.h - the rules and settings that are built in.
 */
#ifndef OPERATOR_EXPLAIN_DEFAULTS_H
#define OPERATOR_EXPLAIN_DEFAULTS_H

#include <stdbool.h>
#include <stdio.h>

/* For people, or as JSON. */
void explain_defaults(bool as_json, FILE *to);

#endif

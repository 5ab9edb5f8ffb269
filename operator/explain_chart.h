/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_chart.h - a chart of lives for a terminal: a line each message type,
 * on one time axis.
 */
#ifndef OPERATOR_EXPLAIN_CHART_H
#define OPERATOR_EXPLAIN_CHART_H

#include <stdbool.h>
#include <stdio.h>

#include "operator/explain_life.h"

void explain_chart(const struct explain_case *c,
		   const struct explain_lives *lives, FILE *to);

/* Columns of standard output: of the terminal, or else of $COLUMNS, or 80;
   40 .. 400. */
int explain_columns(void);

/* True if the locale says that the terminal takes UTF-8. */
bool explain_has_utf8(void);

#endif

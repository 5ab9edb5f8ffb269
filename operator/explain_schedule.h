/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_schedule.h - the whole future of a message whose calls all end the
 * same way: a table, JSON, a chart, a picture, and the load of many.
 */
#ifndef OPERATOR_EXPLAIN_SCHEDULE_H
#define OPERATOR_EXPLAIN_SCHEDULE_H

#include "operator/explain_case.h"

/* Shows what the options ask for, on standard output. The exit code. */
int explain_schedule(const struct explain_case *c);

#endif

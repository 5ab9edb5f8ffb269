/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_rows.h - the parts of the table of settings, for setting_table.c: one
 * file for what users think of as one thing.
 */
#ifndef WORKER_SETTING_ROWS_H
#define WORKER_SETTING_ROWS_H

#include <stddef.h>

#include "worker/setting.h"

struct setting_rows {
	const struct setting *rows;
	size_t count;
};

#define ALL_OF(list)                                                           \
	{                                                                      \
		(list), sizeof(list) / sizeof((list)[0])                       \
	}

/* Where a value stands in the struct of its scope. */
#define IN(type, field) .offset = offsetof(type, field)

extern const struct setting_rows setting_of_worker;
extern const struct setting_rows setting_of_audit;
extern const struct setting_rows setting_of_downstream;
extern const struct setting_rows setting_of_health;
extern const struct setting_rows setting_of_pipeline;
extern const struct setting_rows setting_of_policy;
extern const struct setting_rows setting_of_rule;

#endif

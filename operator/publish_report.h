/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish_report.h - says what became of the messages.
 */
#ifndef OPERATOR_PUBLISH_REPORT_H
#define OPERATOR_PUBLISH_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "operator/publish_item.h"

/*
 * Names on standard error each of the `count` (> 0) items that failed, and
 * sums up on standard output, in words or as JSON. Returns the exit code: that
 * of the worst result, EX_OK if all are confirmed.
 */
int publish_report(const struct publish_item *items, size_t count, bool json);

#endif

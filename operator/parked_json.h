/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parked_json.h - a parked message in JSON; docs/parked.md has the members.
 */
#ifndef OPERATOR_PARKED_JSON_H
#define OPERATOR_PARKED_JSON_H

#include "operator/parked_item.h"

/* One line without its end, without the body. Lives as long as the message. */
const char *parked_json_line(const struct parked_item *item);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_retry_after.h - what Retry-After asks for (RFC 9110, section 10.2.3).
 *
 * Seconds, or a date in one of HTTP's three forms (section 5.6.7), which is
 * seen from the Date of the same response: what matters is how far apart the
 * server means them to be, and its clock need not be ours.
 */
#ifndef WORKER_HTTP_RETRY_AFTER_H
#define WORKER_HTTP_RETRY_AFTER_H

#include "policy/millis.h"
#include "policy/text.h"

#define HTTP_RETRY_AFTER_MAX (3650 * MILLIS_PER_DAY)

/*
 * How long it asks to wait, 0 .. HTTP_RETRY_AFTER_MAX; -1: it is empty or makes
 * no sense. Both values are without blanks around them; a `date` that is empty
 * or makes no sense is replaced by `now` (since 1970).
 */
millis http_retry_after(struct text value, struct text date, millis now);

#endif

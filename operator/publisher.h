/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publisher.h - publishes items with confirms, a window of them at a time.
 */
#ifndef OPERATOR_PUBLISHER_H
#define OPERATOR_PUBLISHER_H

#include "operator/publish_item.h"
#include "policy/millis.h"
#include "worker/broker.h"

/* Called as items are settled, and when the broker blocks (with its reason)
   or no longer blocks publishers; `reason` is NULL otherwise. */
typedef void publisher_progress(void *context, size_t settled,
				const char *reason);

/* True once no more is to be sent. Asked often, and after EINTR. */
typedef bool publisher_stopped(void);

/* How long a publisher that is stopped waits for the next confirm. */
#define PUBLISHER_STOP_PATIENCE (5 * MILLIS_PER_SECOND)

struct publisher_config {
	millis patience; /* for the next confirm, unless the broker blocks */
	publisher_stopped *is_stopped;
	publisher_progress *progress;
	void *context;
};

/*
 * Publishes the items in their order, and sets the result of each. At any
 * status but BROKER_OK, the connection has failed; at BROKER_OK all have their
 * last result, unless it was stopped; then, if confirms are outstanding, the
 * connection is cut. PUBLISH_WAITING: it may have arrived or not. The items'
 * ids are different.
 */
enum broker_status publisher_run(struct broker *broker,
				 const struct publisher_config *config,
				 struct publish_item *items, size_t count,
				 struct broker_problem *problem);

#endif

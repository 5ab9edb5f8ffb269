/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link.h - a broker connection that its thread keeps up.
 *
 *            link_open            link_close, or it failed
 *   DOWN ----------------> UP ----------------------------> DOWN
 *     ^                                                       |
 *     +----- waits: 0.5 s, 1 s, 2 s, ... reconnect_max <------+
 *
 * Waits are shortened at random by up to half, so that the workers of a pool
 * do not come back together. They start again from the shortest once a
 * connection has lasted; one that is refused over and over keeps them long.
 *
 * One thread owns a link. Two calls are for any thread: link_cut, which makes a
 * connection that hangs fail, and link_hangs, which says so.
 */
#ifndef WORKER_LINK_H
#define WORKER_LINK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/millis.h"
#include "worker/broker.h"
#include "worker/config.h"

/* A connection that lasted so long resets the waits. */
#define LINK_LASTED (5 * MILLIS_PER_SECOND)

struct link {
	const struct config *config; /* borrowed */
	struct broker_role role;
	struct broker *broker; /* NULL: down */
	millis opened;         /* when it came up */
	uint32_t failures;     /* in a row, without one that lasted */
	millis due;            /* down: when to try again */
	pthread_mutex_t lock;  /* guards cut_fd */
	int cut_fd;            /* own duplicate of the socket; -1: none */
	_Atomic millis turned; /* when its thread last looked around; 0: down */
};

/* `config` and what `role` points to are borrowed until link_fini. */
void link_init(struct link *link, const struct config *config,
	       struct broker_role role);
void link_fini(struct link *link); /* closes politely if it is up */

/* Tries once to connect. On failure the next try is due later. */
enum broker_status link_open(struct link *link, struct broker_problem *problem);

/* Closes; the next try is due after the wait for one more failure, or after
   the first if the connection had lasted. */
void link_close(struct link *link);

/*
 * How long to wait after `failures` (>= 1) in a row: 0.5 s, doubled each time
 * up to reconnect_max, shortened at random by nothing, a quarter or a half.
 */
millis link_backoff(const struct broker_config *config, uint32_t failures);

/* How long to wait for the next try, >= 0. */
millis link_wait(const struct link *link, millis now);

/* Says that the thread is alive: once a turn while the link is up. */
void link_turn(struct link *link, millis now);

/* Shuts the socket down, so that whatever blocks on it fails. Any thread. */
void link_cut(struct link *link);

/* True if the link is up and its thread has not turned for `limit`. */
bool link_hangs(struct link *link, millis now, millis limit);

#endif

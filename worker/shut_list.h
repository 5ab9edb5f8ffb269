/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shut_list.h - exchanges to which nothing can be published for a time,
 * because the last try cost the channel.
 *
 *   OPEN --refused--> SHUT --time is over--> TRIED ALONE --confirmed--> OPEN
 *                      ^                          |
 *                      +---------refused----------+
 */
#ifndef WORKER_SHUT_LIST_H
#define WORKER_SHUT_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/millis.h"
#include "policy/text.h"

struct shut_exchange {
	struct text name; /* borrowed */
	millis until;
};

struct shut_list {
	struct shut_exchange *list;
	size_t count;
	size_t room;
};

/* `room` (>= 1): how many exchanges there are at most. */
void shut_list_init(struct shut_list *shut, size_t room);
void shut_list_fini(struct shut_list *shut);

/* Nothing goes to that exchange until then. The name is borrowed, as long as
   it is on the list. Where there is no room, it is not put on it. */
void shut_list_add(struct shut_list *shut, struct text name, millis until);

/* It takes messages again. */
void shut_list_remove(struct shut_list *shut, struct text name);

enum shut_state {
	SHUT_OPEN,
	SHUT_SHUT,
	SHUT_TRY_ALONE, /* its time is over */
};

enum shut_state shut_list_state(const struct shut_list *shut, struct text name,
				millis now);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outlet_parts.h - the insides of the outlet, for outlet*.c alone.
 *
 *   orders --> waiting --publish--> window --confirm--> events
 *
 * All of it is the thread's own, but for what any thread may do with a
 * mailbox, a link, and an atomic.
 */
#ifndef WORKER_OUTLET_PARTS_H
#define WORKER_OUTLET_PARTS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "worker/link.h"
#include "worker/shut_list.h"
#include "worker/outlet.h"
#include "worker/thread.h"
#include "worker/window.h"

struct outlet {
	const struct config *config;
	struct mailbox *events;
	struct mailbox *orders; /* const struct copy *; NULL: end */
	struct thread *thread;
	bool is_to_flush;        /* orders were posted; the core's own */
	_Atomic bool is_leaving; /* nobody takes events any more */
	struct link link;
	struct copy *probes; /* one a pipeline */
	size_t probe_count;
	/* Since when the oldest copy waits for its confirm, an alarm not
	   counted; 0: none does. */
	_Atomic millis oldest;
	/* The thread's own. */
	struct arena arena;          /* of the probes */
	const struct copy **waiting; /* ring of `room`, not yet published */
	size_t first;
	size_t count;
	size_t room;
	struct window window;
	size_t probed;         /* probes sent on this connection */
	size_t returned;       /* probes that came back, as they must */
	bool is_blocked;       /* by an alarm */
	millis unblocked;      /* when the last alarm ended */
	millis careful_until;  /* one copy at a time; 0: not careful */
	struct shut_list shut; /* exchanges that take nothing */
	bool is_trying;        /* the one copy in the window is for such */
	bool is_ending;
};

/* outlet.c: what the core is told */

void outlet_answer(struct outlet *outlet, const struct copy *copy,
		   enum outlet_event_kind kind);
void outlet_tell(struct outlet *outlet, enum outlet_event_kind kind,
		 const struct broker_problem *problem);
void outlet_tell_up(struct outlet *outlet);

/* A probe is a copy of nobody's: nobody is told of it. */
bool outlet_is_probe(const struct copy *copy);

/*
 * The connection is gone, with what was published on it. Where the broker
 * closed it over a copy that it cannot take, the one that was alone is it.
 */
void outlet_lose(struct outlet *outlet, const struct broker_problem *problem);

/* outlet_read.c */

/* Reads the broker until nothing is left; see intake.c. */
void outlet_read(struct outlet *outlet);

/* outlet_publish.c */

void outlet_take_orders(struct outlet *outlet);

/* The copy to publish next: a probe, or the first that waits and is still
   wanted; NULL: none. */
const struct copy *outlet_next(struct outlet *outlet);
bool outlet_may_publish(const struct outlet *outlet, const struct copy *copy,
			millis now);

/* Publishes what may be published now. */
void outlet_publish_all(struct outlet *outlet);

#endif

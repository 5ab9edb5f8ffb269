/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox.h - a bounded one-way queue between two threads.
 *
 * Items are copied in and out by value; what they point to changes owner with
 * them. The receiver is woken through a callback, called by the pusher outside
 * the lock: a thread that polls is given a descriptor (mailbox_fd), the core
 * its loop's wake-up.
 *
 * It is woken once for all that comes until it has found the mailbox empty.
 * Who has several items to push may post them and raise the mailbox after the
 * last, so that the receiver wakes to all of them.
 *
 * Sized by the prefetch, so that a push finds room; where it does not, it says
 * so, and the pusher keeps the item and comes again.
 */
#ifndef WORKER_MAILBOX_H
#define WORKER_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>

struct mailbox;

typedef void mailbox_wake(void *context);

/* `item_size` and `capacity` >= 1. With `wake` NULL the mailbox makes an
   eventfd of its own to wake its receiver by. Never NULL. */
struct mailbox *mailbox_new(size_t item_size, size_t capacity,
			    mailbox_wake *wake, void *context);
void mailbox_free(struct mailbox *mailbox); /* takes NULL */

/* Readable when there may be items: for poll(). -1 when it has none. */
int mailbox_fd(const struct mailbox *mailbox);

/* False, and nothing done, when it is full. Any thread. */
bool mailbox_push(struct mailbox *mailbox, const void *item);

/* The same, without waking the receiver: to be followed by mailbox_raise, or
   by a push. */
bool mailbox_post(struct mailbox *mailbox, const void *item);
/* Wakes the receiver if there are items that it was not woken for. */
void mailbox_raise(struct mailbox *mailbox);

/* False, and *item alone, when it is empty. Clears the descriptor when it
   leaves nothing behind; so pop until false before polling again, since a late
   wake-up may stay raised after the last item is taken. One thread only. */
bool mailbox_pop(struct mailbox *mailbox, void *item);

size_t mailbox_count(struct mailbox *mailbox);

#endif

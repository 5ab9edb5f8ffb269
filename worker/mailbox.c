/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/mailbox.h"

#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "worker/mem.h"

/*
 *   slots   [ . . c d e f . . ]     first = 2, count = 4, capacity = 8
 *                 ^ next to pop
 *
 * Raised means that the receiver was woken, or is just about to be, and has not
 * emptied the mailbox since. An item that comes meanwhile needs no other
 * wake-up: it is found by the same.
 */
struct mailbox {
	pthread_mutex_t lock; /* guards first, count, slots and is_raised */
	size_t first;         /* slot of the oldest item; < capacity */
	size_t count;         /* items; <= capacity */
	unsigned char *slots; /* capacity * item_size bytes */
	size_t item_size;
	size_t capacity;
	mailbox_wake *wake; /* NULL: fd instead */
	void *context;
	int fd; /* eventfd, or -1 */
	bool is_raised;
};

struct mailbox *mailbox_new(size_t item_size, size_t capacity,
			    mailbox_wake *wake, void *context)
{
	struct mailbox *mailbox = mem_new(sizeof(*mailbox));

	assert(item_size >= 1 && capacity >= 1);
	*mailbox = (struct mailbox){
		.slots = mem_array(capacity, item_size),
		.item_size = item_size,
		.capacity = capacity,
		.wake = wake,
		.context = context,
		.fd = -1,
	};
	pthread_mutex_init(&mailbox->lock, NULL);
	if (wake == NULL) {
		mailbox->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (mailbox->fd < 0) {
			perror("rebound: no descriptor for a mailbox");
			abort();
		}
	}
	return mailbox;
}

void mailbox_free(struct mailbox *mailbox)
{
	if (mailbox == NULL)
		return;
	if (mailbox->fd >= 0)
		close(mailbox->fd);
	pthread_mutex_destroy(&mailbox->lock);
	free(mailbox->slots);
	free(mailbox);
}

int mailbox_fd(const struct mailbox *mailbox)
{
	return mailbox->fd;
}

static unsigned char *slot(const struct mailbox *mailbox, size_t nth)
{
	size_t at = (mailbox->first + nth) % mailbox->capacity;

	return mailbox->slots + at * mailbox->item_size;
}

/* A counter that is full cannot be raised, and is readable all the same. */
static void raise_fd(int fd)
{
	const uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

static void wake(struct mailbox *mailbox)
{
	if (mailbox->wake != NULL)
		mailbox->wake(mailbox->context);
	else
		raise_fd(mailbox->fd);
}

/* Under the lock: true if it is for the caller to wake the receiver. */
static bool is_to_wake(struct mailbox *mailbox)
{
	bool was_raised = mailbox->is_raised;

	if (mailbox->count > 0)
		mailbox->is_raised = true;
	return mailbox->count > 0 && !was_raised;
}

static bool add(struct mailbox *mailbox, const void *item)
{
	if (mailbox->count == mailbox->capacity)
		return false;
	memcpy(slot(mailbox, mailbox->count), item, mailbox->item_size);
	mailbox->count++;
	return true;
}

bool mailbox_push(struct mailbox *mailbox, const void *item)
{
	pthread_mutex_lock(&mailbox->lock);
	bool has_room = add(mailbox, item);
	bool wakes = is_to_wake(mailbox);
	pthread_mutex_unlock(&mailbox->lock);

	if (wakes)
		wake(mailbox);
	return has_room;
}

bool mailbox_post(struct mailbox *mailbox, const void *item)
{
	pthread_mutex_lock(&mailbox->lock);
	bool has_room = add(mailbox, item);
	pthread_mutex_unlock(&mailbox->lock);
	return has_room;
}

void mailbox_raise(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->lock);
	bool wakes = is_to_wake(mailbox);
	pthread_mutex_unlock(&mailbox->lock);

	if (wakes)
		wake(mailbox);
}

/* False if it is not raised yet: whoever has set is_raised is about to. */
static bool clear_fd(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) == sizeof(count);
}

/*
 * The descriptor is cleared under the lock: done later, it could swallow the
 * wake-up of an item that came in between. A pusher raises it outside of the
 * lock, and may be so late that its item is taken by then: the mailbox stays
 * raised, and the receiver wakes once in vain.
 */
bool mailbox_pop(struct mailbox *mailbox, void *item)
{
	pthread_mutex_lock(&mailbox->lock);
	bool has_item = mailbox->count > 0;
	if (has_item) {
		memcpy(item, slot(mailbox, 0), mailbox->item_size);
		mailbox->first = (mailbox->first + 1) % mailbox->capacity;
		mailbox->count--;
	}
	if (mailbox->count == 0 && mailbox->is_raised)
		mailbox->is_raised = mailbox->fd >= 0 && !clear_fd(mailbox->fd);
	pthread_mutex_unlock(&mailbox->lock);
	return has_item;
}

size_t mailbox_count(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->lock);
	size_t count = mailbox->count;
	pthread_mutex_unlock(&mailbox->lock);
	return count;
}

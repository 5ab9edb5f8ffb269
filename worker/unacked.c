/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/unacked.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "worker/mem.h"

void unacked_init(struct unacked *unacked)
{
	*unacked = (struct unacked){.since = -1};
}

void unacked_fini(struct unacked *unacked)
{
	free(unacked->tags);
	unacked_init(unacked);
}

bool unacked_sane(const struct unacked *unacked)
{
	size_t ready = 0;

	for (size_t i = 0; i < unacked->count; i++) {
		if (i > 0 && unacked->tags[i].tag <= unacked->tags[i - 1].tag)
			return false;
		if (unacked->tags[i].is_ready)
			ready++;
	}
	return ready == unacked->ready && unacked->count <= unacked->room;
}

/* Nothing that is ready is left. */
static void all_gone(struct unacked *unacked)
{
	unacked->since = -1;
	unacked->is_overdue = false;
}

void unacked_clear(struct unacked *unacked)
{
	unacked->count = 0;
	unacked->ready = 0;
	all_gone(unacked);
}

void unacked_add(struct unacked *unacked, uint64_t tag)
{
	assert(unacked->count == 0 ||
	       unacked->tags[unacked->count - 1].tag < tag);
	if (unacked->count == unacked->room) {
		unacked->room = unacked->room == 0 ? 64 : 2 * unacked->room;
		unacked->tags = mem_resize(unacked->tags, unacked->room,
					   sizeof(*unacked->tags));
	}
	unacked->tags[unacked->count++] = (struct unacked_tag){.tag = tag};
}

/* Where the tag is, or NULL. */
static struct unacked_tag *find(struct unacked *unacked, uint64_t tag)
{
	size_t from = 0;
	size_t to = unacked->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (unacked->tags[middle].tag < tag)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == unacked->count || unacked->tags[from].tag != tag)
		return NULL;
	return &unacked->tags[from];
}

bool unacked_ready(struct unacked *unacked, uint64_t tag)
{
	struct unacked_tag *found = find(unacked, tag);

	if (found == NULL || found->is_ready)
		return false;
	found->is_ready = true;
	unacked->ready++;
	return true;
}

/* Takes out `count` tags, starting with `at`. */
static void take_out(struct unacked *unacked, size_t at, size_t count)
{
	struct unacked_tag *tags = unacked->tags;

	for (size_t i = at; i < at + count; i++)
		if (tags[i].is_ready)
			unacked->ready--;
	memmove(&tags[at], &tags[at + count],
		(unacked->count - at - count) * sizeof(*tags));
	unacked->count -= count;
}

bool unacked_remove(struct unacked *unacked, uint64_t tag)
{
	struct unacked_tag *found = find(unacked, tag);

	if (found == NULL)
		return false;
	take_out(unacked, (size_t)(found - unacked->tags), 1);
	return true;
}

/* True if what is ready behind one that is not may wait for it. */
static bool may_wait(struct unacked *unacked, size_t enough, millis now)
{
	if (unacked->since < 0)
		unacked->since = now;
	if (unacked->ready >= enough || now - unacked->since >= UNACKED_WAIT)
		unacked->is_overdue = true;
	return !unacked->is_overdue;
}

static size_t first_ready(const struct unacked *unacked)
{
	size_t at = 0;

	while (!unacked->tags[at].is_ready)
		at++;
	return at;
}

bool unacked_next(struct unacked *unacked, size_t enough, millis now,
		  uint64_t *tag, bool *multiple)
{
	size_t front = 0;
	size_t at;

	while (front < unacked->count && unacked->tags[front].is_ready)
		front++;
	if (front > 0) {
		*tag = unacked->tags[front - 1].tag;
		*multiple = front > 1;
		take_out(unacked, 0, front);
		return true;
	}
	if (unacked->ready == 0)
		all_gone(unacked);
	if (unacked->ready == 0 || may_wait(unacked, enough, now))
		return false;
	at = first_ready(unacked);
	*tag = unacked->tags[at].tag;
	*multiple = false;
	take_out(unacked, at, 1);
	return true;
}

millis unacked_due(const struct unacked *unacked, millis now)
{
	millis left = unacked->since + UNACKED_WAIT - now;

	if (unacked->since < 0)
		return -1;
	return left > 0 ? left : 0;
}

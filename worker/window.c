/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/window.h"

#include <assert.h>
#include <string.h>

bool window_sane(const struct window *window)
{
	size_t bytes = 0;

	if (window->count > WINDOW_MAX)
		return false;
	for (size_t i = 0; i < window->count; i++) {
		const struct window_entry *e = &window->entries[i];

		if (e->tag > window->tags ||
		    (i > 0 && e->tag <= window->entries[i - 1].tag))
			return false;
		bytes += e->copy->body.len;
	}
	return bytes == window->bytes;
}

bool window_has_room(const struct window *window, size_t body_len,
		     size_t max_count, size_t max_bytes)
{
	if (window->count == 0)
		return true;
	return window->count < max_count && window->count < WINDOW_MAX &&
	       window->bytes <= max_bytes &&
	       body_len <= max_bytes - window->bytes;
}

void window_add(struct window *window, const struct copy *copy, millis now)
{
	assert(window->count < WINDOW_MAX);
	window->entries[window->count++] = (struct window_entry){
		.copy = copy, .tag = ++window->tags, .published = now};
	window->bytes += copy->body.len;
}

/* The next header of ours from *at on, which is moved behind it; NULL: no
   more. */
static struct field *next_of_ours(const struct table *headers, size_t *at)
{
	while (*at < headers->count) {
		struct field *field = &headers->fields[(*at)++];

		if (text_starts(field->name, "rebound-"))
			return field;
	}
	return NULL;
}

/* True if both have the same headers of ours, in the same order: a name may
   be there twice. The broker may add others of its own. */
static bool has_headers(const struct message *message, const struct copy *copy)
{
	size_t mine_at = 0;
	size_t theirs_at = 0;

	for (;;) {
		struct table mine = {.count = 1, .room = 1};
		struct table theirs = {.count = 1, .room = 1};

		mine.fields = next_of_ours(&copy->headers, &mine_at);
		theirs.fields = next_of_ours(&message->headers, &theirs_at);
		if (mine.fields == NULL || theirs.fields == NULL)
			return mine.fields == theirs.fields;
		if (!table_equal(&mine, &theirs))
			return false;
	}
}

bool window_returned(struct window *window, const struct message *message)
{
	for (size_t i = 0; i < window->count; i++) {
		struct window_entry *e = &window->entries[i];

		if (e->was_returned ||
		    !text_eq(e->copy->exchange, message->exchange) ||
		    !text_eq(e->copy->routing_key, message->routing_key) ||
		    !text_eq(e->copy->body, message->body) ||
		    !has_headers(message, e->copy))
			continue;
		e->was_returned = true;
		return true;
	}
	return false;
}

static void take_out(struct window *window, size_t at,
		     struct window_entry *entry)
{
	*entry = window->entries[at];
	window->bytes -= entry->copy->body.len;
	window->count--;
	memmove(&window->entries[at], &window->entries[at + 1],
		(window->count - at) * sizeof(window->entries[0]));
}

bool window_settle(struct window *window, uint64_t tag, bool multiple,
		   struct window_entry *entry)
{
	for (size_t i = 0; i < window->count; i++) {
		uint64_t here = window->entries[i].tag;

		if (here > tag)
			return false;
		if (here == tag || multiple) {
			take_out(window, i, entry);
			return true;
		}
	}
	return false;
}

bool window_take(struct window *window, struct window_entry *entry)
{
	if (window->count == 0)
		return false;
	take_out(window, 0, entry);
	return true;
}

void window_restart(struct window *window)
{
	assert(window->count == 0);
	window->tags = 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/delivered.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "worker/mem.h"

#define ROOM_FIRST 64

struct entry {
	struct delivered_key key; /* an empty hash: taken */
	enum delivered_how how;
	millis wall; /* when it was noted */
};

/*
 *   entries  [ 5 6 7 - 9 2 3 4 ]      - = taken
 *                       ^ next: the oldest, once all DELIVERED_MAX are used
 */
struct delivered {
	struct entry *entries;
	size_t room;
	size_t used; /* <= room */
	size_t next; /* the one to be used next, < DELIVERED_MAX */
	size_t count;
};

/* --- keys ------------------------------------------------------------------- */

/* What a key is made of. A stream in memory would drop what it has no memory
   for, without a word, and two messages could look the same. */
struct bytes {
	char *at;
	size_t len; /* <= room */
	size_t room;
};

static void put(struct bytes *to, const void *from, size_t len)
{
	if (len > to->room - to->len) {
		to->room = 2 * (to->len + len);
		to->at = mem_resize(to->at, to->room, 1);
	}
	memcpy(to->at + to->len, from, len);
	to->len += len;
}

static void put_number(struct bytes *to, uint64_t number)
{
	put(to, &number, sizeof(number));
}

/* The length first, so that no two lists of texts look the same. */
static void put_text(struct bytes *to, struct text text)
{
	put_number(to, text.len);
	if (text.len > 0)
		put(to, text.at, text.len);
}

static void put_decimal(struct bytes *to, const struct decimal *decimal)
{
	put_number(to, decimal->places);
	put_number(to, decimal->value);
}

/* Flat: one case a type. Nested as deeply as TABLE_DEPTH_MAX. */
static void put_field(struct bytes *to, const struct field *field)
{
	put_text(to, field->name);
	put_number(to, (uint64_t)field->kind);
	switch (field->kind) {
	case FIELD_BOOL:
		put_number(to, field->as.boolean);
		return;
	case FIELD_I8:
	case FIELD_I16:
	case FIELD_I32:
	case FIELD_I64:
		put_number(to, (uint64_t)field->as.i64);
		return;
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_TIMESTAMP:
		put_number(to, field->as.u64);
		return;
	case FIELD_F32:
		put(to, &field->as.f32, sizeof(field->as.f32));
		return;
	case FIELD_F64:
		put(to, &field->as.f64, sizeof(field->as.f64));
		return;
	case FIELD_DECIMAL:
		put_decimal(to, &field->as.decimal);
		return;
	case FIELD_STRING:
	case FIELD_BYTES:
		put_text(to, field->as.text);
		return;
	case FIELD_ARRAY:
	case FIELD_TABLE:
		put_number(to, field->as.table.count);
		for (size_t i = 0; i < field->as.table.count; i++)
			put_field(to, &field->as.table.fields[i]);
		return;
	case FIELD_VOID:
		return;
	}
}

static void put_headers(struct bytes *to, const struct table *headers)
{
	for (size_t i = 0; i < headers->count; i++) {
		const struct field *field = &headers->fields[i];

		if (!text_is(field->name, "x-delivery-count") &&
		    !text_is(field->name, "x-acquired-count"))
			put_field(to, field);
	}
}

static void put_properties(struct bytes *to, const struct properties *p)
{
	const struct text texts[] = {
		p->content_type, p->content_encoding, p->correlation_id,
		p->reply_to,     p->expiration,       p->message_id,
		p->type,         p->user_id,          p->app_id,
		p->cluster_id,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		put_text(to, texts[i]);
	put_number(to, p->has_delivery_mode ? p->delivery_mode : UINT64_MAX);
	put_number(to, p->has_priority ? p->priority : UINT64_MAX);
	put_number(to, p->has_timestamp);
	put_number(to, p->timestamp);
}

bool delivered_key(const char *pipeline, const struct message *message,
		   struct delivered_key *key)
{
	char body[SHA256_HEX_MAX];
	struct bytes bytes = {0};

	if (message->properties.message_id.len == 0 || message->flaw != NULL)
		return false;
	put_text(&bytes, text_of(pipeline));
	put_text(&bytes, message->exchange);
	put_text(&bytes, message->routing_key);
	put_text(&bytes, text_of(digest_sha256(message->body, body)));
	put_properties(&bytes, &message->properties);
	put_headers(&bytes, &message->headers);
	digest_sha256((struct text){.at = bytes.at, .len = bytes.len},
		      key->hash);
	free(bytes.at);
	return true;
}

/* --- the memory --------------------------------------------------------------- */

struct delivered *delivered_new(void)
{
	return mem_new(sizeof(struct delivered));
}

void delivered_free(struct delivered *delivered)
{
	if (delivered == NULL)
		return;
	free(delivered->entries);
	free(delivered);
}

bool delivered_is_empty(const struct delivered *delivered)
{
	return delivered->count == 0;
}

static struct entry *next_entry(struct delivered *d)
{
	if (d->next == d->room) {
		d->room = d->room == 0 ? ROOM_FIRST : 2 * d->room;
		if (d->room > DELIVERED_MAX)
			d->room = DELIVERED_MAX;
		d->entries =
			mem_resize(d->entries, d->room, sizeof(*d->entries));
	}

	struct entry *entry = &d->entries[d->next];
	bool is_new = d->next == d->used;

	if (is_new)
		d->used++;
	if (is_new || entry->key.hash[0] == '\0')
		d->count++;
	d->next = (d->next + 1) % DELIVERED_MAX;
	return entry;
}

void delivered_note(struct delivered *delivered,
		    const struct delivered_key *key, enum delivered_how how,
		    millis wall)
{
	*next_entry(delivered) =
		(struct entry){.key = *key, .how = how, .wall = wall};
}

/* A clock that was set back makes an entry invalid, too. */
static bool is_alive(const struct entry *entry, millis wall)
{
	return wall >= entry->wall && wall - entry->wall <= DELIVERED_LIFE;
}

bool delivered_take(struct delivered *delivered,
		    const struct delivered_key *key, millis wall,
		    enum delivered_how *how)
{
	for (size_t i = 0; i < delivered->used; i++) {
		struct entry *entry = &delivered->entries[i];

		if (strcmp(entry->key.hash, key->hash) != 0 ||
		    !is_alive(entry, wall))
			continue;
		*how = entry->how;
		entry->key.hash[0] = '\0';
		delivered->count--;
		return true;
	}
	return false;
}

const char *delivered_how_name(enum delivered_how how)
{
	switch (how) {
	case DELIVERED_CALLED:
		return "delivered-before";
	case DELIVERED_COPIED:
		return "copied-before";
	}
	return "?";
}

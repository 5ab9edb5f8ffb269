/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "worker/clock.h"

static const char *const event_names[AUDIT_EVENT_COUNT] = {
	[AUDIT_OPENED] = "opened",       [AUDIT_CLOSED] = "closed",
	[AUDIT_DROPPED] = "dropped",     [AUDIT_FAILED] = "failed",
	[AUDIT_RETRY] = "retry",         [AUDIT_HELD] = "held",
	[AUDIT_DELIVERED] = "delivered", [AUDIT_IGNORED] = "ignored",
	[AUDIT_PARKED] = "parked",       [AUDIT_REJECTED] = "rejected",
	[AUDIT_VIEWED] = "viewed",       [AUDIT_REPLAYED] = "replayed",
	[AUDIT_EDITED] = "edited",       [AUDIT_DISCARDED] = "discarded",
	[AUDIT_EXPORTED] = "exported",   [AUDIT_IMPORTED] = "imported",
	[AUDIT_ESCALATED] = "escalated",
};

const char *audit_event_name(enum audit_event event)
{
	return event_names[event];
}

bool audit_event_of(struct text name, enum audit_event *event)
{
	for (int i = 0; i < AUDIT_EVENT_COUNT; i++) {
		if (!text_is(name, event_names[i]))
			continue;
		*event = (enum audit_event)i;
		return true;
	}
	return false;
}

bool audit_event_is_of_message(enum audit_event event)
{
	return event != AUDIT_OPENED && event != AUDIT_CLOSED &&
	       event != AUDIT_DROPPED;
}

struct audit_entry audit_entry_of(enum audit_event event, millis at_wall)
{
	return (struct audit_entry){
		.event = event,
		.at_wall = at_wall,
		.duration = -1,
		.delay = -1,
		.age = -1,
		.count = -1,
		.bytes = -1,
	};
}

void audit_body(struct audit_entry *entry, struct text body,
		char hex[SHA256_HEX_MAX])
{
	entry->bytes = (int64_t)body.len;
	entry->sha256 = text_of(digest_sha256(body, hex));
}

void audit_chain_init(struct audit_chain *chain,
		      const struct audit_actor *actor)
{
	*chain = (struct audit_chain){.actor = *actor};
	digest_random_uuid(chain->id);
}

/* --- a line -------------------------------------------------------------- */

/* The text, or its beginning, which ends where a character of UTF-8 does. */
static struct text shorten(struct text text)
{
	if (text.len <= AUDIT_TEXT_MAX)
		return text;
	text.len = AUDIT_TEXT_MAX;
	while (text.len > 0 &&
	       ((unsigned char)text.at[text.len] & 0xc0) == 0x80)
		text.len--;
	return text;
}

static void put(struct log_lines *line, const char *key, struct text value)
{
	if (value.len > 0)
		log_line_text(line, key, shorten(value));
}

static void put_string(struct log_lines *line, const char *key,
		       const char *value)
{
	put(line, key, text_of(value));
}

static void put_known(struct log_lines *line, const char *key, int64_t value)
{
	if (value >= 0)
		log_line_integer(line, key, value);
}

static void put_positive(struct log_lines *line, const char *key, int64_t value)
{
	if (value > 0)
		log_line_integer(line, key, value);
}

static void put_place(struct log_lines *line, const struct audit_chain *chain)
{
	log_line_integer(line, "v", AUDIT_VERSION);
	log_line_word(line, "chain", chain->id);
	log_line_integer(line, "seq", (int64_t)chain->seq);
	log_line_word(line, "prev", chain->head);
}

static void put_message(struct log_lines *line, const struct audit_entry *entry)
{
	put_string(line, "pipeline", entry->pipeline);
	put(line, "id", entry->id);
	put(line, "type", entry->type);
	put(line, "correlation", entry->correlation);
	put_known(line, "bytes", entry->bytes);
	put(line, "sha256", entry->sha256);
	put_known(line, "age_ms", entry->age);
}

static void put_attempt(struct log_lines *line, const struct audit_entry *entry)
{
	put(line, "step", entry->step);
	put_string(line, "downstream", entry->downstream);
	put_positive(line, "attempt", entry->attempt);
	put_positive(line, "status", entry->status);
	put_string(line, "transport", entry->transport);
	put_known(line, "duration_ms", entry->duration);
	put(line, "error", entry->error);
	put(line, "class", entry->class);
	put_known(line, "delay_ms", entry->delay);
	put(line, "lane", entry->lane);
	put(line, "policy", entry->policy);
}

static void put_words(struct log_lines *line, const struct audit_entry *entry)
{
	put(line, "reason", entry->reason);
	put(line, "note", entry->note);
	put(line, "other_id", entry->other_id);
	put(line, "run", entry->run);
	put_known(line, "count", entry->count);
}

static void put_actor(struct log_lines *line, const struct audit_actor *actor,
		      bool is_first)
{
	put_string(line, "login", actor->login);
	put_string(line, "os_user", actor->os_user);
	put_string(line, "host", actor->host);
	if (!is_first)
		return;
	put_string(line, "program", actor->program);
	put_positive(line, "pid", actor->pid);
	log_line_word(line, "version", REBOUND_VERSION);
}

void audit_add(struct audit_chain *chain, struct log_lines *lines,
	       const struct audit_entry *entry)
{
	size_t begun = lines->len;
	char at[32];

	chain->seq++;
	log_line_begin(lines);
	put_place(lines, chain);
	log_line_word(lines, "at", clock_spell(entry->at_wall, at));
	log_line_word(lines, "event", audit_event_name(entry->event));
	put_message(lines, entry);
	put_attempt(lines, entry);
	put_words(lines, entry);
	put_actor(lines, &chain->actor, entry->event == AUDIT_OPENED);
	log_line_end(lines);
	digest_sha256((struct text){.at = lines->bytes + begun,
				    .len = lines->len - begun - 1},
		      chain->head);
}

struct copy audit_copy(const struct config *config,
		       const struct audit_chain *chain, struct text body,
		       uint64_t last, char id[80])
{
	snprintf(id, 80, "%s/%" PRIu64, chain->id, last);
	return (struct copy){
		.exchange = text_of(config->audit.exchange),
		.routing_key = TEXT(AUDIT_KEY),
		.properties =
			{
				.content_type = TEXT("application/x-ndjson"),
				.message_id = text_of(id),
				.type = TEXT("rebound.audit.v1"),
				.user_id = text_of(chain->actor.login),
				.app_id = TEXT("rebound"),
				.has_delivery_mode = true,
				.delivery_mode = 2,
				.has_timestamp = true,
				.timestamp = (uint64_t)(clock_wall() /
							MILLIS_PER_SECOND),
			},
		.body = body,
	};
}

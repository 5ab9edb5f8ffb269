/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_read.c - entries out of the lines that hold them.
 */
#include <string.h>

#include "worker/audit.h"
#include "worker/deadline.h"
#include "worker/json.h"

static struct text text_in(const struct json *json, const char *key)
{
	struct text text = {0};

	(void)json_text(json_get(json, key), &text);
	return text;
}

static const char *string_in(const struct json *json, const char *key)
{
	return json_string(json_get(json, key));
}

static int64_t integer_in(const struct json *json, const char *key,
			  int64_t otherwise)
{
	return json_integer(json_get(json, key), otherwise);
}

static void read_message(const struct json *json, struct audit_entry *entry)
{
	entry->pipeline = string_in(json, "pipeline");
	entry->id = text_in(json, "id");
	entry->type = text_in(json, "type");
	entry->correlation = text_in(json, "correlation");
	entry->bytes = integer_in(json, "bytes", -1);
	entry->sha256 = text_in(json, "sha256");
	entry->age = integer_in(json, "age_ms", -1);
}

static void read_attempt(const struct json *json, struct audit_entry *entry)
{
	entry->step = text_in(json, "step");
	entry->downstream = string_in(json, "downstream");
	entry->attempt = (uint32_t)integer_in(json, "attempt", 0);
	entry->status = (int)integer_in(json, "status", 0);
	entry->transport = string_in(json, "transport");
	entry->duration = integer_in(json, "duration_ms", -1);
	entry->error = text_in(json, "error");
	entry->class = text_in(json, "class");
	entry->delay = integer_in(json, "delay_ms", -1);
	entry->lane = text_in(json, "lane");
	entry->policy = text_in(json, "policy");
}

static void read_words(const struct json *json, struct audit_entry *entry)
{
	entry->reason = text_in(json, "reason");
	entry->note = text_in(json, "note");
	entry->other_id = text_in(json, "other_id");
	entry->run = text_in(json, "run");
	entry->count = integer_in(json, "count", -1);
}

static void read_place(const struct json *json, struct audit_line *line)
{
	line->chain = text_in(json, "chain");
	line->seq = integer_in(json, "seq", 0);
	line->prev = text_in(json, "prev");
	line->login = text_in(json, "login");
	line->os_user = text_in(json, "os_user");
	line->host = text_in(json, "host");
	line->program = text_in(json, "program");
}

enum audit_read_status audit_read(struct text text, struct audit_line *line)
{
	struct json *json = json_parse(text);
	int64_t version = integer_in(json, "v", 0);

	*line = (struct audit_line){.json = json};
	if (json_kind(json) != JSON_OBJECT || version < 1)
		return AUDIT_READ_BAD;
	read_place(json, line);
	if (line->chain.len == 0 || line->seq < 1)
		return AUDIT_READ_BAD;
	if (version > AUDIT_VERSION)
		return AUDIT_READ_NEWER;
	if (!audit_event_of(text_in(json, "event"), &line->entry.event) ||
	    !deadline_parse(text_in(json, "at"), &line->entry.at_wall))
		return AUDIT_READ_BAD;
	read_message(json, &line->entry);
	read_attempt(json, &line->entry);
	read_words(json, &line->entry);
	return AUDIT_READ_OK;
}

void audit_line_fini(struct audit_line *line)
{
	json_free(line->json);
	*line = (struct audit_line){0};
}

bool audit_next_line(struct text *body, struct text *line)
{
	while (body->len > 0) {
		const char *end = memchr(body->at, '\n', body->len);
		size_t len = end != NULL ? (size_t)(end - body->at) : body->len;
		size_t used = end != NULL ? len + 1 : len;

		*line = (struct text){.at = body->at, .len = len};
		body->at += used;
		body->len -= used;
		if (len > 0)
			return true;
	}
	return false;
}

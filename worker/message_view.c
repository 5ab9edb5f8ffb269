/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/message_view.h"

#include <inttypes.h>
#include <string.h>

#include "worker/utf8.h"

void message_view_init(struct message_view *view, struct message *message,
		       struct text id, struct text type)
{
	*view = (struct message_view){
		.message = message,
		.id = id,
		.type = type,
		.content = {.body = message->body},
	};
}

void message_view_end(struct message_view *view)
{
	response_end(&view->content);
}

struct json *message_view_json(struct message_view *view)
{
	return response_json(&view->content);
}

bool message_view_is_broken(struct message_view *view)
{
	return message_view_json(view) == NULL &&
	       json_begins(utf8_unmarked(view->message->body));
}

/* What a field that is no text is spelled as; empty if it is not spelled. */
static struct text spell(const struct field *field, struct arena *arena)
{
	int64_t integer;

	switch (field->kind) {
	case FIELD_BOOL:
		return field->as.boolean ? TEXT("true") : TEXT("false");
	case FIELD_F32:
		return text_of(
			arena_printf(arena, "%.9g", (double)field->as.f32));
	case FIELD_F64:
		return text_of(arena_printf(arena, "%.17g", field->as.f64));
	case FIELD_U64:
	case FIELD_TIMESTAMP:
		return text_of(arena_printf(arena, "%" PRIu64, field->as.u64));
	default:
		break;
	}
	if (field_integer(field, &integer))
		return text_of(arena_printf(arena, "%" PRId64, integer));
	return (struct text){0};
}

bool message_header(struct message *message, const char *name,
		    struct text *value)
{
	const struct field *field = table_find(&message->headers, name);
	struct text spelled;

	if (field == NULL)
		return false;
	if (field_text(field, value))
		return true;
	spelled = spell(field, &message->arena);
	if (spelled.len == 0)
		return false;
	*value = spelled;
	return true;
}

struct text message_property(struct message *message, const char *name)
{
	const struct properties *p = &message->properties;
	const struct {
		const char *name;
		struct text value;
	} texts[] = {
		{"content-type", p->content_type},
		{"content-encoding", p->content_encoding},
		{"correlation-id", p->correlation_id},
		{"reply-to", p->reply_to},
		{"expiration", p->expiration},
		{"message-id", p->message_id},
		{"type", p->type},
		{"user-id", p->user_id},
		{"app-id", p->app_id},
		{"cluster-id", p->cluster_id},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i].name, name) == 0)
			return texts[i].value;
	if (strcmp(name, "timestamp") == 0 && p->has_timestamp)
		return text_of(arena_printf(&message->arena, "%" PRIu64,
					    p->timestamp));
	if (strcmp(name, "priority") == 0 && p->has_priority)
		return text_of(
			arena_printf(&message->arena, "%d", p->priority));
	return (struct text){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/request.h"

#include <inttypes.h>
#include <string.h>

#include "worker/digest.h"

#define OWN_HEADERS_MAX 8

struct headers {
	struct http_header *list;
	size_t count;
};

static void add(struct headers *headers, const char *name, struct text value)
{
	if (value.len == 0)
		return;
	headers->list[headers->count++] =
		(struct http_header){.name = name, .value = value};
}

static struct text property(const struct properties *p, const char *name,
			    struct arena *arena)
{
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
		return text_of(arena_printf(arena, "%" PRIu64, p->timestamp));
	if (strcmp(name, "priority") == 0 && p->has_priority)
		return text_of(arena_printf(arena, "%d", p->priority));
	return (struct text){0};
}

static struct text spell(const struct field *field, struct arena *arena)
{
	int64_t integer;
	struct text text;

	if (field == NULL)
		return (struct text){0};
	if (field_text(field, &text))
		return text;
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

static struct text header_text(const struct message *m, const char *name)
{
	const struct field *field = table_find(&m->headers, name);
	struct text text = {0};

	if (field != NULL)
		(void)field_text(field, &text);
	return text;
}

static void add_mapped(struct headers *headers, struct message *m,
		       const struct header_config *mapped)
{
	switch (mapped->source) {
	case HEADER_FIXED:
		return; /* sent with every call: http.h */
	case HEADER_PROPERTY:
		add(headers, mapped->name,
		    property(&m->properties, mapped->value, &m->arena));
		return;
	case HEADER_HEADER:
		add(headers, mapped->name,
		    spell(table_find(&m->headers, mapped->value), &m->arena));
		return;
	}
}

struct http_request request_build(const struct envelope *envelope,
				  const struct downstream_config *downstream)
{
	struct message *m = envelope->message;
	char key[UUID_SPELLING_MAX];
	struct headers headers = {
		.list = arena_array(&m->arena,
				    OWN_HEADERS_MAX + downstream->header_count,
				    sizeof(struct http_header))};

	digest_idempotency_key(envelope->pipeline->name, envelope->id,
			       text_of(downstream->name), key);
	add(&headers, "Idempotency-Key", arena_text(&m->arena, text_of(key)));
	add(&headers, "X-Message-Id", envelope->id);
	add(&headers, "X-Correlation-Id", m->properties.correlation_id);
	add(&headers, "X-Message-Type", envelope->type);
	add(&headers, "Content-Type", m->properties.content_type);
	add(&headers, "Content-Encoding", m->properties.content_encoding);
	add(&headers, "traceparent", header_text(m, "traceparent"));
	add(&headers, "tracestate", header_text(m, "tracestate"));
	for (size_t i = 0; i < downstream->header_count; i++)
		add_mapped(&headers, m, &downstream->headers[i]);
	return (struct http_request){
		.downstream = downstream,
		.headers = headers.list,
		.header_count = headers.count,
		.body = m->body,
	};
}

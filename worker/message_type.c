/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/message_type.h"

#include "worker/json.h"
#include "worker/json_pointer.h"
#include "worker/utf8.h"

static struct text usual(const struct message *message)
{
	return message->properties.type.len > 0 ? message->properties.type
						: message->routing_key;
}

static struct text in_header(const struct message *message, const char *name)
{
	const struct field *field = table_find(&message->headers, name);
	struct text text = {0};

	if (field != NULL)
		(void)field_text(field, &text);
	return text;
}

/* A text, in the arena of the message. */
static struct text in_body(struct message *message, const char *pointer)
{
	struct json *body = json_parse(utf8_unmarked(message->body));
	struct json *value = NULL;
	struct text text = {0};

	if (body != NULL && json_pointer_find(body, text_of(pointer), &value) &&
	    json_string(value) != NULL)
		text = arena_text(&message->arena, text_of(json_string(value)));
	json_free(body);
	return text;
}

static bool is_fit(struct text type)
{
	for (size_t i = 0; i < type.len; i++)
		if ((unsigned char)type.at[i] < ' ' || type.at[i] == 0x7f)
			return false;
	return type.len > 0 && type.len <= MESSAGE_TYPE_MAX;
}

struct text message_type(const struct type_source *source,
			 struct message *message)
{
	struct text type = {0};

	switch (source->from) {
	case TYPE_FROM_PROPERTY:
		return usual(message);
	case TYPE_FROM_KEY:
		type = message->routing_key;
		break;
	case TYPE_FROM_HEADER:
		type = in_header(message, source->name);
		break;
	case TYPE_FROM_BODY:
		type = in_body(message, source->name);
		break;
	}
	return is_fit(type) ? type : usual(message);
}

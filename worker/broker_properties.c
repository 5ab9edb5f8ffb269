/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_properties.c - the properties of a message, from rabbitmq-c's shape
 * to ours and back, and what they take on the wire.
 */
#include "worker/broker_amqp.h"

#define SHORT_STRING_MAX 255

/* The properties that are short strings, where both sides keep them. */
static const struct text_property {
	amqp_flags_t flag;
	size_t theirs; /* offset of an amqp_bytes_t */
	size_t ours;   /* offset of a struct text */
} text_properties[] = {
#define PROPERTY(flag, name)                                                   \
	{                                                                      \
		flag, offsetof(amqp_basic_properties_t, name),                 \
			offsetof(struct properties, name)                      \
	}
	PROPERTY(AMQP_BASIC_CONTENT_TYPE_FLAG, content_type),
	PROPERTY(AMQP_BASIC_CONTENT_ENCODING_FLAG, content_encoding),
	PROPERTY(AMQP_BASIC_CORRELATION_ID_FLAG, correlation_id),
	PROPERTY(AMQP_BASIC_REPLY_TO_FLAG, reply_to),
	PROPERTY(AMQP_BASIC_EXPIRATION_FLAG, expiration),
	PROPERTY(AMQP_BASIC_MESSAGE_ID_FLAG, message_id),
	PROPERTY(AMQP_BASIC_TYPE_FLAG, type),
	PROPERTY(AMQP_BASIC_USER_ID_FLAG, user_id),
	PROPERTY(AMQP_BASIC_APP_ID_FLAG, app_id),
	PROPERTY(AMQP_BASIC_CLUSTER_ID_FLAG, cluster_id),
#undef PROPERTY
};

#define TEXT_PROPERTY_COUNT                                                    \
	(sizeof(text_properties) / sizeof(text_properties[0]))

static void read_text(const struct text_property *property,
		      const amqp_basic_properties_t *from, struct message *to)
{
	const amqp_bytes_t *theirs =
		(const void *)((const char *)from + property->theirs);
	struct text *ours = (void *)((char *)&to->properties + property->ours);

	if (from->_flags & property->flag)
		*ours = arena_text(&to->arena,
				   (struct text){theirs->bytes, theirs->len});
}

void broker_properties_read(const amqp_basic_properties_t *from,
			    struct message *to)
{
	struct properties *p = &to->properties;

	for (size_t i = 0; i < TEXT_PROPERTY_COUNT; i++)
		read_text(&text_properties[i], from, to);
	p->has_delivery_mode = from->_flags & AMQP_BASIC_DELIVERY_MODE_FLAG;
	if (p->has_delivery_mode)
		p->delivery_mode = from->delivery_mode;
	p->has_priority = from->_flags & AMQP_BASIC_PRIORITY_FLAG;
	if (p->has_priority)
		p->priority = from->priority;
	p->has_timestamp = from->_flags & AMQP_BASIC_TIMESTAMP_FLAG;
	if (p->has_timestamp)
		p->timestamp = from->timestamp;
	p->has_headers = from->_flags & AMQP_BASIC_HEADERS_FLAG;
	if (p->has_headers &&
	    !broker_table_read(&from->headers, &to->arena, &to->headers))
		to->flaw = "its headers are nested too deeply to be kept";
}

static const struct text *text_at(const struct properties *p, size_t i)
{
	return (const void *)((const char *)p + text_properties[i].ours);
}

static bool has_headers(const struct copy *copy)
{
	return copy->properties.has_headers || copy->headers.count > 0;
}

void broker_properties_write(const struct copy *from, struct arena *arena,
			     amqp_basic_properties_t *to)
{
	const struct properties *p = &from->properties;

	*to = (amqp_basic_properties_t){0};
	for (size_t i = 0; i < TEXT_PROPERTY_COUNT; i++) {
		const struct text *ours = text_at(p, i);
		amqp_bytes_t *theirs =
			(void *)((char *)to + text_properties[i].theirs);

		if (ours->at == NULL)
			continue;
		to->_flags |= text_properties[i].flag;
		*theirs = broker_bytes(*ours);
	}
	to->_flags |= has_headers(from) ? AMQP_BASIC_HEADERS_FLAG : 0U;
	to->_flags |= p->has_delivery_mode ? AMQP_BASIC_DELIVERY_MODE_FLAG : 0U;
	to->_flags |= p->has_priority ? AMQP_BASIC_PRIORITY_FLAG : 0U;
	to->_flags |= p->has_timestamp ? AMQP_BASIC_TIMESTAMP_FLAG : 0U;
	to->delivery_mode = p->delivery_mode;
	to->priority = p->priority;
	to->timestamp = p->timestamp;
	if (has_headers(from))
		to->headers = broker_table_write(&from->headers, arena);
}

size_t broker_properties_size(const struct copy *copy)
{
	const struct properties *p = &copy->properties;
	size_t size = 2; /* the flags */

	for (size_t i = 0; i < TEXT_PROPERTY_COUNT; i++)
		if (text_at(p, i)->at != NULL)
			size += 1 + text_at(p, i)->len;
	size += has_headers(copy) ? table_wire_size(&copy->headers) : 0;
	size += p->has_delivery_mode ? 1 : 0;
	size += p->has_priority ? 1 : 0;
	size += p->has_timestamp ? 8 : 0;
	return size;
}

bool broker_properties_fit(const struct properties *p)
{
	for (size_t i = 0; i < TEXT_PROPERTY_COUNT; i++)
		if (text_at(p, i)->len > SHORT_STRING_MAX)
			return false;
	return true;
}

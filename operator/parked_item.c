/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/parked_item.h"

#include "worker/clock.h"
#include "worker/digest.h"
#include "worker/message_type.h"

static struct text text_in(const struct table *table, const char *name)
{
	const struct field *field = table_find(table, name);
	struct text value = {0};

	if (field != NULL)
		(void)field_text(field, &value);
	return value;
}

static int64_t integer_in(const struct table *table, const char *name,
			  int64_t otherwise)
{
	const struct field *field = table_find(table, name);
	int64_t value;

	if (field == NULL || !field_integer(field, &value) || value < 0)
		return otherwise;
	return value;
}

static const struct table *table_in(const struct table *table, const char *name,
				    enum field_kind kind)
{
	const struct field *field = table_find(table, name);

	return field != NULL && field->kind == kind ? &field->as.table : NULL;
}

/* The newest entry of x-death: RabbitMQ puts it first. */
static const struct table *newest_death(const struct table *headers)
{
	const struct table *deaths = table_in(headers, "x-death", FIELD_ARRAY);

	if (deaths == NULL || deaths->count == 0 ||
	    deaths->fields[0].kind != FIELD_TABLE)
		return NULL;
	return &deaths->fields[0].as.table;
}

static void read_death(struct parked_item *item, const struct table *death)
{
	const struct field *time = table_find(death, "time");

	item->reason = text_in(death, "reason");
	if (time != NULL && time->kind == FIELD_TIMESTAMP &&
	    time->as.u64 < INT64_MAX / MILLIS_PER_SECOND)
		item->parked_wall = (millis)time->as.u64 * MILLIS_PER_SECOND;
}

static void read_parking(struct parked_item *item, const struct table *headers)
{
	item->reason = text_in(headers, "rebound-parked-reason");
	item->as = text_in(headers, "rebound-parked-as");
	item->class = text_in(headers, "rebound-parked-class");
	item->error = text_in(headers, "rebound-parked-error");
	item->downstream = text_in(headers, "rebound-parked-step");
	item->parked_wall =
		integer_in(headers, "rebound-parked-at-ms", PARKED_UNKNOWN);
}

static int64_t count_attempts(const struct table *steps)
{
	int64_t sum = 0;

	for (size_t i = 0; steps != NULL && i < steps->count; i++)
		if (steps->fields[i].kind == FIELD_TABLE)
			sum += integer_in(&steps->fields[i].as.table,
					  "attempts", 0) &
			       INT32_MAX;
	return sum;
}

/* What the last workers knew. */
static void read_state(struct parked_item *item, const struct table *headers)
{
	item->id = text_in(headers, "rebound-id");
	item->first_seen_wall =
		integer_in(headers, "rebound-first-seen-ms", PARKED_UNKNOWN);
	item->steps = table_in(headers, "rebound-steps", FIELD_TABLE);
	item->journal = table_in(headers, "rebound-journal", FIELD_ARRAY);
	item->attempts = count_attempts(item->steps);
}

/* An id that lasts, for one that came without: its body's. */
static struct text id_of_body(struct message *message)
{
	char hex[SHA256_HEX_MAX];

	return text_of(arena_printf(&message->arena, "sha256:%s",
				    digest_sha256(message->body, hex)));
}

void parked_item_read(struct parked_item *item,
		      const struct pipeline_config *pipeline,
		      struct message *message)
{
	const struct table *headers = &message->headers;
	const struct table *death = newest_death(headers);
	bool is_ours =
		text_is(text_in(headers, "rebound-pipeline"), pipeline->name);

	*item = (struct parked_item){
		.message = message,
		.type = message_type(&pipeline->type_from, message),
		.first_seen_wall = PARKED_UNKNOWN,
		.parked_wall = PARKED_UNKNOWN,
		.size = message->body.len,
	};
	if (is_ours)
		read_state(item, headers);
	if (death != NULL)
		read_death(item, death);
	else if (is_ours && text_is(message->exchange, pipeline->parking))
		read_parking(item, headers);
	item->is_by_broker = death != NULL || item->reason.len == 0;
	if (item->reason.len == 0)
		item->reason = TEXT("unroutable");
	if (item->id.len == 0)
		item->id = message->properties.message_id;
	if (item->id.len == 0)
		item->id = id_of_body(message);
}

const char *parked_instant(millis wall, char buffer[32])
{
	return wall == PARKED_UNKNOWN ? "-" : clock_spell(wall, buffer);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/parked_json.h"

#include "worker/json.h"

static void put_known(struct json *object, const char *key, struct text value)
{
	if (value.len > 0)
		json_put_text(object, key, value);
}

static void put_instant(struct json *object, const char *key, millis wall)
{
	if (wall != PARKED_UNKNOWN)
		json_put_integer(object, key, wall);
}

const char *parked_json_line(const struct parked_item *item)
{
	struct json *object = json_new_object();
	const char *line;

	json_put_text(object, "id", item->id);
	json_put_text(object, "type", item->type);
	json_put_text(object, "reason", item->reason);
	put_known(object, "parked_as", item->as);
	put_known(object, "class", item->class);
	put_known(object, "error", item->error);
	put_known(object, "downstream", item->downstream);
	json_put_integer(object, "attempts", item->attempts);
	put_instant(object, "first_seen_ms", item->first_seen_wall);
	put_instant(object, "parked_at_ms", item->parked_wall);
	json_put_bool(object, "by_broker", item->is_by_broker);
	json_put_text(object, "routing_key", item->message->routing_key);
	json_put_integer(object, "size", (int64_t)item->size);
	line = arena_string(&item->message->arena, json_line(object));
	json_free(object);
	return line;
}

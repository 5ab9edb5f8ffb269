/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/publish_report.h"

#include <stdio.h>
#include <sysexits.h>

#include "worker/json.h"

static size_t confirmed(const struct publish_item *items, size_t count)
{
	size_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += items[i].result == PUBLISH_CONFIRMED;
	return sum;
}

static void print_json(const struct publish_item *items, size_t count)
{
	struct json *object = json_new_object();
	struct json *list = json_new_array();

	json_put_text(object, "exchange", items[0].copy.exchange);
	json_put_text(object, "key", items[0].copy.routing_key);
	json_put_integer(object, "confirmed", (int64_t)confirmed(items, count));
	json_put_integer(object, "failed",
			 (int64_t)(count - confirmed(items, count)));
	for (size_t i = 0; i < count; i++) {
		struct json *entry = json_new_object();

		json_put_string(entry, "file", items[i].file);
		json_put_text(entry, "id", items[i].copy.properties.message_id);
		json_put_string(entry, "result",
				publish_result_name(items[i].result));
		json_append(list, entry);
	}
	json_put(object, "messages", list);
	json_print_pretty(object, stdout);
	json_free(object);
}

static void print_text(const struct publish_item *items, size_t count)
{
	const struct copy *copy = &items[0].copy;
	size_t good = confirmed(items, count);

	if (count == 1 && good == 1)
		printf("Message %.*s is published to %.*s, with key %.*s, and "
		       "confirmed.\n",
		       (int)copy->properties.message_id.len,
		       copy->properties.message_id.at, (int)copy->exchange.len,
		       copy->exchange.at, (int)copy->routing_key.len,
		       copy->routing_key.at);
	else
		printf("%zu of %zu messages are published to %.*s, with key "
		       "%.*s, and confirmed.\n",
		       good, count, (int)copy->exchange.len, copy->exchange.at,
		       (int)copy->routing_key.len, copy->routing_key.at);
}

static int code_of(enum publish_result result)
{
	switch (result) {
	case PUBLISH_CONFIRMED:
		return EX_OK;
	case PUBLISH_TOO_BIG:
		return EX_DATAERR;
	case PUBLISH_UNREAD:
		return EX_NOINPUT;
	case PUBLISH_UNSENT:
	case PUBLISH_WAITING:
	case PUBLISH_RETURNED:
	case PUBLISH_REFUSED:
		break;
	}
	return EX_UNAVAILABLE;
}

/* Names those with that result; false if there are none. */
static bool name_all(const struct publish_item *items, size_t count,
		     enum publish_result result)
{
	bool has_any = false;

	for (size_t i = 0; i < count; i++) {
		struct text id = items[i].copy.properties.message_id;

		if (items[i].result != result)
			continue;
		fprintf(stderr, "%s: %s, id %.*s\n",
			publish_result_name(result), items[i].file, (int)id.len,
			id.at);
		has_any = true;
	}
	if (has_any)
		fprintf(stderr, "rebound publish: %s.\n",
			publish_result_mend(result));
	return has_any;
}

/* They are sent in order: all behind the first that was not were not. */
static bool name_unsent(const struct publish_item *items, size_t count)
{
	size_t first = 0;

	while (first < count && items[first].result != PUBLISH_UNSENT)
		first++;
	if (first == count)
		return false;
	fprintf(stderr, "unsent: %s%s\nrebound publish: %s.\n",
		items[first].file,
		count - first > 1 ? ", and all behind it" : "",
		publish_result_mend(PUBLISH_UNSENT));
	return true;
}

int publish_report(const struct publish_item *items, size_t count, bool json)
{
	int code = EX_OK;

	for (int r = PUBLISH_WAITING; r <= PUBLISH_UNREAD; r++) {
		enum publish_result result = (enum publish_result)r;

		if (result == PUBLISH_CONFIRMED ||
		    !name_all(items, count, result))
			continue;
		if (code_of(result) > code)
			code = code_of(result);
	}
	if (name_unsent(items, count))
		code = code_of(PUBLISH_UNSENT);
	if (json)
		print_json(items, count);
	else
		print_text(items, count);
	return code;
}

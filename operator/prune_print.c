/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/prune_print.h"

#include <inttypes.h>

#include "policy/duration.h"
#include "worker/json.h"

size_t prune_count(const struct prune_list *list, enum prune_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < list->lane_count; i++)
		count += list->lanes[i].state == state;
	return count;
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

/* Whole seconds, since a person waits for them. */
static const char *spell(millis wait, char buffer[DURATION_SPELLING_MAX])
{
	millis rest = wait % MILLIS_PER_SECOND;

	if (wait > MILLIS_PER_SECOND && rest > 0)
		wait += MILLIS_PER_SECOND - rest;
	return duration_spell(wait < 1 ? 1 : wait, buffer);
}

/* How long the last of those that are left takes at least. */
static millis longest(const struct prune_list *list, millis now)
{
	millis most = 0;

	for (size_t i = 0; i < list->lane_count; i++) {
		millis left = prune_left(&list->lanes[i], list->settle, now);

		most = left > most ? left : most;
	}
	return most;
}

static int64_t messages_in(const struct prune_lane *lane)
{
	return lane->lane.messages < 0 ? 0 : lane->lane.messages;
}

void prune_print_plan(const struct prune_list *list, FILE *to)
{
	char took[DURATION_SPELLING_MAX];

	if (list->binding_count > 0)
		fprintf(to, "Bindings of keys that no setting has:\n");
	for (size_t i = 0; i < list->binding_count; i++) {
		const struct stray_binding *b = &list->bindings[i];

		fprintf(to, "  %s -> %s, key \"%s\"\n", b->source,
			b->destination, b->key);
	}
	if (list->lane_count > 0)
		fprintf(to, "Delay queues (lanes) that no setting uses:\n");
	for (size_t i = 0; i < list->lane_count; i++) {
		const struct prune_lane *lane = &list->lanes[i];
		millis least = lane->lane.delay + list->settle;

		fprintf(to,
			"  %s, %" PRId64 " message%s, can go in %s at the "
			"earliest\n",
			lane->lane.name, messages_in(lane),
			plural((size_t)messages_in(lane)), spell(least, took));
	}
}

void prune_print_progress(const struct prune_list *list, millis now, FILE *to)
{
	size_t left = prune_count(list, PRUNE_DRAINING);
	int64_t messages = 0;
	char took[DURATION_SPELLING_MAX];

	for (size_t i = 0; i < list->lane_count; i++)
		if (list->lanes[i].state == PRUNE_DRAINING)
			messages += messages_in(&list->lanes[i]);
	fprintf(to,
		"%zu delay queue%s left, %" PRId64 " message%s in them: at "
		"least %s more.\n",
		left, left == 1 ? " is" : "s are", messages,
		plural((size_t)messages), spell(longest(list, now), took));
}

static void print_left(const struct prune_lane *lane, FILE *to)
{
	if (lane->state == PRUNE_KEPT)
		fprintf(to,
			"kept     queue %s\n         It is bound again, by a "
			"worker with another configuration or by somebody "
			"else.\n",
			lane->lane.name);
	else if (lane->state == PRUNE_BOUND)
		fprintf(to, "left     queue %s\n         It is as it was.\n",
			lane->lane.name);
	else if (lane->state != PRUNE_REMOVED)
		fprintf(to,
			"left     queue %s, %" PRId64
			" messages\n         It is unbound, and not yet empty "
			"for long enough. Run this again.\n",
			lane->lane.name, messages_in(lane));
}

void prune_print_end(const struct prune_list *list, FILE *to)
{
	size_t removed = prune_count(list, PRUNE_REMOVED);

	for (size_t i = 0; i < list->lane_count; i++)
		print_left(&list->lanes[i], to);
	fprintf(to,
		"%zu of %zu delay queue%s and %zu of %zu binding%s removed.\n",
		removed, list->lane_count, plural(list->lane_count),
		list->are_unbound ? list->binding_count : 0,
		list->binding_count, plural(list->binding_count));
}

static struct json *json_of_lane(const struct prune_lane *lane)
{
	struct json *json = json_new_object();

	json_put_string(json, "queue", lane->lane.name);
	json_put_integer(json, "delay_ms", lane->lane.delay);
	json_put_integer(json, "messages", messages_in(lane));
	json_put_string(json, "state", prune_state_name(lane->state));
	return json;
}

void prune_print_json(const struct prune_list *list, FILE *to)
{
	struct json *whole = json_new_object();
	struct json *queues = json_new_array();
	struct json *bindings = json_new_array();

	for (size_t i = 0; i < list->lane_count; i++)
		json_append(queues, json_of_lane(&list->lanes[i]));
	for (size_t i = 0; i < list->binding_count; i++) {
		const struct stray_binding *b = &list->bindings[i];
		struct json *json = json_new_object();

		json_put_string(json, "source", b->source);
		json_put_string(json, "destination", b->destination);
		json_put_string(json, "key", b->key);
		json_put_string(json, "state",
				list->are_unbound ? "removed" : "unused");
		json_append(bindings, json);
	}
	json_put(whole, "queues", queues);
	json_put(whole, "bindings", bindings);
	json_print_pretty(whole, to);
	json_free(whole);
}

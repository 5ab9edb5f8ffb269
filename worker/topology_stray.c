/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology_stray.c - what is on the broker, concerns us and is in no plan:
 * bindings that messages take astray, delay queues of former settings.
 */
#include <string.h>

#include "worker/topology_comparison.h"

static const struct topology_exchange *own_exchange(const struct topology *t,
						    const char *name)
{
	for (size_t i = 0; i < t->exchange_count; i++)
		if (t->exchanges[i].ours &&
		    strcmp(t->exchanges[i].name, name) == 0)
			return &t->exchanges[i];
	return NULL;
}

static bool is_own_queue(const struct topology *t, const char *name)
{
	for (size_t i = 0; i < t->queue_count; i++)
		if (t->queues[i].ours && strcmp(t->queues[i].name, name) == 0)
			return true;
	return false;
}

/* True for "<delay exchange>.v1.<lane>" of a delay exchange in the plan. */
static bool is_lane_name(const struct topology *t, const char *name)
{
	for (size_t i = 0; i < t->exchange_count; i++) {
		const struct topology_exchange *e = &t->exchanges[i];
		size_t len = strlen(e->name);

		if (e->ours && strcmp(e->type, "headers") == 0 &&
		    strncmp(name, e->name, len) == 0 &&
		    strncmp(name + len, ".v1.", 4) == 0)
			return true;
	}
	return false;
}

/* Whether the source gives its messages only to what the plan binds to it. A
   business exchange of ours is for others to bind to as well. */
static bool is_private_source(const struct topology *t, const char *name)
{
	const struct topology_exchange *e = own_exchange(t, name);

	return e != NULL && strcmp(e->type, "topic") != 0;
}

static bool concerns_us(const struct comparison *c, const struct json *binding)
{
	const struct topology *t = c->topology;
	const char *source = comparison_text(binding, "source");
	const char *destination = comparison_text(binding, "destination");
	bool to_queue = strcmp(comparison_text(binding, "destination_type"),
			       "queue") == 0;

	if (*source == '\0') /* the default exchange binds every queue */
		return false;
	if (to_queue && !is_own_queue(t, destination) &&
	    is_lane_name(t, destination))
		return false; /* of a lane no longer used, which is said */
	return is_private_source(t, source) ||
	       (to_queue ? is_own_queue(t, destination)
			 : is_private_source(t, destination));
}

static bool is_planned(const struct comparison *c, const struct json *binding)
{
	const struct topology *t = c->topology;

	for (size_t i = 0; i < t->binding_count; i++)
		if (comparison_same_binding(c, binding, &t->bindings[i]))
			return true;
	return false;
}

static void find_stray_bindings(const struct comparison *c)
{
	const struct json *all = c->seen->bindings;

	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *b = json_at(all, i);
		const char *object;

		if (!concerns_us(c, b) || is_planned(c, b))
			continue;
		object = comparison_binding(c->arena,
					    comparison_text(b, "source"),
					    comparison_text(b, "destination"),
					    comparison_text(b, "routing_key"));
		findings_add(c->findings, c->arena, FINDING_DIFFERS, object,
			     "No setting makes this binding, and messages take "
			     "it. If it is of keys that have changed, remove "
			     "it: in the management page of exchange %s.",
			     comparison_text(b, "source"));
	}
}

static void find_stray_lanes(const struct comparison *c)
{
	const struct json *all = c->seen->queues;

	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *q = json_at(all, i);
		const char *name = comparison_text(q, "name");

		if (!is_lane_name(c->topology, name) ||
		    is_own_queue(c->topology, name))
			continue;
		findings_add(
			c->findings, c->arena, FINDING_UNUSED,
			arena_printf(c->arena, "queue %s", name),
			"No setting uses this delay queue (lane) any "
			"longer; it holds %lld messages, which still come "
			"back. Once the management API shows 0 messages, "
			"twice, three minutes apart, remove it: "
			"rabbitmqctl delete_queue %s.",
			(long long)json_integer(json_get(q, "messages"), 0),
			name);
	}
}

void comparison_strays(const struct comparison *c)
{
	find_stray_bindings(c);
	find_stray_lanes(c);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/topology_stray.h"

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

/* The delay exchange in the plan that "<delay exchange>.v1.<lane>" is of; NULL
   for another name. */
static const struct topology_exchange *lane_exchange(const struct topology *t,
						     const char *name)
{
	for (size_t i = 0; i < t->exchange_count; i++) {
		const struct topology_exchange *e = &t->exchanges[i];
		size_t len = strlen(e->name);

		if (e->ours && strcmp(e->type, "headers") == 0 &&
		    strncmp(name, e->name, len) == 0 &&
		    strncmp(name + len, ".v1.", 4) == 0)
			return e;
	}
	return NULL;
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
	    lane_exchange(t, destination) != NULL)
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

/* The source exchange of a pipeline is the one that is ours and has parking for
   its alternate. */
static bool is_source_exchange(const struct topology *t, const char *name)
{
	const struct topology_exchange *e = own_exchange(t, name);

	return e != NULL && table_find(&e->arguments, "alternate-exchange");
}

static bool is_of_keys(const struct topology *t, const struct json *binding)
{
	const char *kind = comparison_text(binding, "destination_type");

	return strcmp(kind, "exchange") == 0 &&
	       is_source_exchange(t, comparison_text(binding, "destination")) &&
	       json_count(json_get(binding, "arguments")) == 0;
}

static void find_bindings(const struct comparison *c,
			  struct topology_strays *strays)
{
	const struct json *all = c->seen->bindings;

	strays->bindings = arena_array(c->arena, json_count(all) + 1,
				       sizeof(*strays->bindings));
	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *b = json_at(all, i);

		if (!concerns_us(c, b) || is_planned(c, b))
			continue;
		strays->bindings[strays->binding_count++] =
			(struct stray_binding){
				.source = comparison_text(b, "source"),
				.destination =
					comparison_text(b, "destination"),
				.key = comparison_text(b, "routing_key"),
				.is_of_keys = is_of_keys(c->topology, b),
			};
	}
}

static bool is_bound(const struct comparison *c, const char *queue)
{
	const struct json *all = c->seen->bindings;

	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *b = json_at(all, i);

		if (*comparison_text(b, "source") != '\0' &&
		    strcmp(comparison_text(b, "destination_type"), "queue") ==
			    0 &&
		    strcmp(comparison_text(b, "destination"), queue) == 0)
			return true;
	}
	return false;
}

static struct stray_lane lane_of(const struct comparison *c,
				 const struct json *queue,
				 const struct topology_exchange *exchange)
{
	const struct json *arguments = json_get(queue, "arguments");
	const char *name = comparison_text(queue, "name");

	return (struct stray_lane){
		.name = name,
		.exchange = exchange->name,
		.lane = name + strlen(exchange->name) + 1,
		.delay = json_integer(json_get(arguments, "x-message-ttl"), 0),
		.messages = json_integer(json_get(queue, "messages"), -1),
		.consumers = json_integer(json_get(queue, "consumers"), 0),
		.is_bound = is_bound(c, name),
	};
}

static void find_lanes(const struct comparison *c,
		       struct topology_strays *strays)
{
	const struct json *all = c->seen->queues;

	strays->lanes = arena_array(c->arena, json_count(all) + 1,
				    sizeof(*strays->lanes));
	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *q = json_at(all, i);
		const char *name = comparison_text(q, "name");
		const struct topology_exchange *exchange =
			lane_exchange(c->topology, name);

		if (exchange == NULL || is_own_queue(c->topology, name))
			continue;
		strays->lanes[strays->lane_count++] = lane_of(c, q, exchange);
	}
}

static struct topology_strays find(const struct comparison *c)
{
	struct topology_strays strays = {0};

	find_bindings(c, &strays);
	find_lanes(c, &strays);
	return strays;
}

struct topology_strays topology_strays(const struct topology *topology,
				       const struct topology_seen *seen,
				       struct arena *arena)
{
	const struct comparison c = {
		.topology = topology, .seen = seen, .arena = arena};

	return find(&c);
}

/* --- as findings ----------------------------------------------------------- */

static void tell_binding(const struct comparison *c,
			 const struct stray_binding *b)
{
	const char *object =
		comparison_binding(c->arena, b->source, b->destination, b->key);
	const char *mend =
		b->is_of_keys
			? "If it is of keys that have changed, remove it: "
			  "rebound topology prune."
			: arena_printf(c->arena,
				       "If nobody needs it, remove it: in the "
				       "management page of exchange %s.",
				       b->source);

	findings_add(c->findings, c->arena, FINDING_DIFFERS, object,
		     "No setting makes this binding, and messages take it. %s",
		     mend);
	findings_because(c->findings, CAUSE_STRAY);
}

/* What is in a lane, in words. */
static const char *contents(const struct comparison *c,
			    const struct stray_lane *lane)
{
	if (lane->messages < 0)
		return "what it holds is not known yet";
	if (lane->messages == 0)
		return "it is empty";
	if (lane->messages == 1)
		return "it holds 1 message, which still comes back";
	return arena_printf(c->arena,
			    "it holds %lld messages, which still come back",
			    (long long)lane->messages);
}

static void tell_lane(const struct comparison *c, const struct stray_lane *lane)
{
	findings_add(c->findings, c->arena, FINDING_UNUSED,
		     arena_printf(c->arena, "queue %s", lane->name),
		     "No setting uses this delay queue (lane) any longer; %s. "
		     "Remove it: rebound topology prune, which waits until it "
		     "has been empty for long enough.",
		     contents(c, lane));
}

void comparison_strays(const struct comparison *c)
{
	const struct topology_strays strays = find(c);

	for (size_t i = 0; i < strays.binding_count; i++)
		tell_binding(c, &strays.bindings[i]);
	for (size_t i = 0; i < strays.lane_count; i++)
		tell_lane(c, &strays.lanes[i]);
}

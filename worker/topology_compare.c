/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/topology_compare.h"

#include <string.h>

#include "worker/topology_comparison.h"
#include "worker/topology_json.h"

const char *comparison_text(const struct json *object, const char *key)
{
	const char *text = json_string(json_get(object, key));

	return text != NULL ? text : "";
}

static const struct json *named(const struct json *array, const char *name)
{
	for (size_t i = 0; i < json_count(array); i++)
		if (strcmp(comparison_text(json_at(array, i), "name"), name) ==
		    0)
			return json_at(array, i);
	return NULL;
}

/* --- arguments ----------------------------------------------------------- */

static const char *spell(struct arena *arena, const struct json *value)
{
	switch (json_kind(value)) {
	case JSON_STRING:
		return arena_printf(arena, "\"%s\"", json_string(value));
	case JSON_INTEGER:
		return arena_printf(arena, "%lld",
				    (long long)json_integer(value, 0));
	case JSON_BOOL:
		return json_truth(value, false) ? "true" : "false";
	case JSON_NULL:
		return "none";
	default:
		return "something else";
	}
}

static bool same(const struct json *a, const struct json *b)
{
	if (json_kind(a) != json_kind(b))
		return false;
	switch (json_kind(a)) {
	case JSON_STRING:
		return strcmp(json_string(a), json_string(b)) == 0;
	case JSON_INTEGER:
		return json_integer(a, 0) == json_integer(b, 0);
	case JSON_BOOL:
		return json_truth(a, false) == json_truth(b, false);
	default:
		return true;
	}
}

/* What differs in one argument that is wanted, or NULL. In the arena. */
static const char *argument_flaw(struct arena *arena, const struct json *there,
				 const struct field *wanted)
{
	struct json *value = topology_argument(wanted);
	const char *flaw = NULL;

	if (!same(there, value))
		flaw = arena_printf(arena, "%s is %s, and %s is wanted",
				    wanted->name.at, spell(arena, there),
				    spell(arena, value));
	json_free(value);
	return flaw;
}

/* The first difference between arguments, or NULL. In the arena. */
static const char *arguments_flaw(struct arena *arena, const struct json *there,
				  const struct table *wanted)
{
	struct json *value;

	for (size_t i = 0; i < wanted->count; i++) {
		const struct field *field = &wanted->fields[i];
		const char *flaw = argument_flaw(
			arena, json_get(there, field->name.at), field);

		if (flaw != NULL)
			return flaw;
	}
	for (size_t i = 0; i < json_count(there); i++) {
		const char *name = json_member(there, i, &value);

		if (name != NULL && table_find(wanted, name) == NULL)
			return arena_printf(arena,
					    "%s is %s, and none is wanted",
					    name, spell(arena, value));
	}
	return NULL;
}

/* --- exchanges ----------------------------------------------------------- */

static const char *exchange_flaw(const struct comparison *c,
				 const struct json *there,
				 const struct topology_exchange *e)
{
	const char *type = comparison_text(there, "type");

	if (strcmp(type, e->type) != 0)
		return arena_printf(c->arena,
				    "its type is %s, and %s is wanted", type,
				    e->type);
	if (!json_truth(json_get(there, "durable"), true))
		return "it is not durable, and is gone after a restart";
	if (json_truth(json_get(there, "auto_delete"), false))
		return "it deletes itself";
	if (json_truth(json_get(there, "internal"), false))
		return "it is internal, and takes no message";
	return arguments_flaw(c->arena, json_get(there, "arguments"),
			      &e->arguments);
}

static void compare_exchange(const struct comparison *c,
			     const struct topology_exchange *e)
{
	const struct json *there = named(c->seen->exchanges, e->name);
	const char *object = arena_printf(c->arena, "exchange %s", e->name);
	const char *flaw;

	if (there == NULL) {
		findings_add(c->findings, c->arena, FINDING_DIFFERS, object,
			     "The %s does not exist. %s", e->what,
			     e->ours ? "Declare it: rebound topology apply."
				     : "It belongs to others, who declare it; "
				       "or mend source.exchange.");
		findings_because(c->findings,
				 e->ours ? CAUSE_MISSING : CAUSE_FOREIGN);
		return;
	}
	flaw = e->ours ? exchange_flaw(c, there, e) : NULL;
	if (flaw == NULL) {
		findings_add(c->findings, c->arena, FINDING_OK, object,
			     "The %s is as it should be.", e->what);
		return;
	}
	findings_add(c->findings, c->arena, FINDING_DIFFERS, object,
		     "The %s differs: %s. An exchange never changes "
		     "in place: stop the workers, delete it, and "
		     "apply the topology.",
		     e->what, flaw);
	findings_because(c->findings, CAUSE_DECLARED);
}

/* --- queues -------------------------------------------------------------- */

static bool has_argument(const struct topology_queue *q, const char *name)
{
	return table_find(&q->arguments, name) != NULL;
}

/* What the broker policies on a queue of ours break, or NULL. Of the same
   setting the policy wins for overflow, the smaller value for a TTL. */
static const char *policy_flaw(const struct comparison *c,
			       const struct json *there,
			       const struct topology_queue *q)
{
	const struct json *set = json_get(there, "effective_policy_definition");
	const char *overflow = comparison_text(set, "overflow");
	const struct field *ttl = table_find(&q->arguments, "x-message-ttl");
	int64_t policy_ttl =
		json_integer(json_get(set, "message-ttl"), INT64_MAX);
	bool is_bounded = json_get(set, "max-length") != NULL ||
			  json_get(set, "max-length-bytes") != NULL;

	if (*overflow != '\0' && strcmp(overflow, "reject-publish") != 0)
		return arena_printf(c->arena,
				    "overflow = %s, by which messages are "
				    "dropped",
				    overflow);
	if (is_bounded && *overflow == '\0' && !has_argument(q, "x-overflow"))
		return "a maximum length without overflow = reject-publish, "
		       "by which the oldest messages are dropped";
	if (json_get(set, "expires") != NULL)
		return "expires, by which the queue is deleted with its "
		       "messages";
	if (policy_ttl != INT64_MAX &&
	    (ttl == NULL || policy_ttl < ttl->as.i64))
		return arena_printf(c->arena,
				    "message-ttl = %lld, by which messages "
				    "leave it too early",
				    (long long)policy_ttl);
	return NULL;
}

static const char *policy_name(const struct comparison *c,
			       const struct json *there)
{
	const char *policy = comparison_text(there, "policy");
	const char *operator_policy = comparison_text(there, "operator_policy");

	if (*operator_policy == '\0')
		return policy;
	if (*policy == '\0')
		return operator_policy;
	return arena_printf(c->arena, "%s or %s", policy, operator_policy);
}

static const char *queue_flaw(const struct comparison *c,
			      const struct json *there,
			      const struct topology_queue *q)
{
	if (!json_truth(json_get(there, "durable"), true))
		return "it is not durable, and is gone after a restart";
	if (json_truth(json_get(there, "auto_delete"), false))
		return "it deletes itself";
	return arguments_flaw(c->arena, json_get(there, "arguments"),
			      &q->arguments);
}

static const char unshown[] =
	"Broker policies are not shown: new queues show them after some "
	"seconds, and none does where the metrics collector of the management "
	"plugin is off.";

static void compare_present_queue(const struct comparison *c,
				  const struct json *there,
				  const struct topology_queue *q,
				  const char *object)
{
	const char *flaw = queue_flaw(c, there, q);
	const char *policy = policy_flaw(c, there, q);

	if (flaw != NULL) {
		findings_add(c->findings, c->arena, FINDING_DIFFERS, object,
			     "The %s differs: %s. A queue never changes in "
			     "place: let it run empty, delete it, and apply "
			     "the topology; or choose another prefix.",
			     q->what, flaw);
		findings_because(c->findings, CAUSE_DECLARED);
	}
	if (policy != NULL) {
		findings_add(c->findings, c->arena, FINDING_DIFFERS, object,
			     "The broker policy %s sets %s, on the %s. Take "
			     "that out of the policy, or make its pattern "
			     "spare this queue.",
			     policy_name(c, there), policy, q->what);
		findings_because(c->findings, CAUSE_POLICY);
	}
	if (flaw != NULL || policy != NULL)
		return;
	if (json_get(there, "effective_policy_definition") == NULL)
		findings_add_unknown(c->findings, c->arena, object, unshown,
				     "The %s is as it should be.", q->what);
	else
		findings_add(c->findings, c->arena, FINDING_OK, object,
			     "The %s is as it should be.", q->what);
}

static void compare_queue(const struct comparison *c,
			  const struct topology_queue *q)
{
	const struct json *there = named(c->seen->queues, q->name);
	const char *object = arena_printf(c->arena, "queue %s", q->name);

	if (there == NULL) {
		findings_add(c->findings, c->arena, FINDING_DIFFERS, object,
			     "The %s does not exist. %s", q->what,
			     q->ours ? "Declare it: rebound topology apply."
				     : "It belongs to others, who declare it; "
				       "or mend source.queue.");
		findings_because(c->findings,
				 q->ours ? CAUSE_MISSING : CAUSE_FOREIGN);
	} else if (q->ours)
		compare_present_queue(c, there, q, object);
	else
		findings_add(c->findings, c->arena, FINDING_OK, object,
			     "The %s exists; its arguments are its owner's.",
			     q->what);
}

/* --- bindings ------------------------------------------------------------ */

bool comparison_same_binding(const struct comparison *c,
			     const struct json *there,
			     const struct topology_binding *b)
{
	const char *kind = b->to_exchange ? "exchange" : "queue";

	return strcmp(comparison_text(there, "source"), b->source) == 0 &&
	       strcmp(comparison_text(there, "destination"), b->destination) ==
		       0 &&
	       strcmp(comparison_text(there, "destination_type"), kind) == 0 &&
	       strcmp(comparison_text(there, "routing_key"), b->key) == 0 &&
	       arguments_flaw(c->arena, json_get(there, "arguments"),
			      &b->arguments) == NULL;
}

const char *comparison_binding(struct arena *arena, const char *source,
			       const char *destination, const char *key)
{
	return arena_printf(arena, "binding %s -> %s%s%s", source, destination,
			    *key != '\0' ? ", key " : "", key);
}

static void compare_binding(const struct comparison *c,
			    const struct topology_binding *b)
{
	const struct json *all = c->seen->bindings;
	const char *object =
		comparison_binding(c->arena, b->source, b->destination, b->key);

	for (size_t i = 0; i < json_count(all); i++) {
		if (!comparison_same_binding(c, json_at(all, i), b))
			continue;
		findings_add(c->findings, c->arena, FINDING_OK, object,
			     "The binding is as it should be.");
		return;
	}
	findings_add(c->findings, c->arena, FINDING_DIFFERS, object,
		     "The binding is missing, so messages do not take this "
		     "way. Make it: rebound topology apply.");
	findings_because(c->findings, CAUSE_MISSING);
}

void topology_compare(const struct topology *t,
		      const struct topology_seen *seen, struct arena *arena,
		      struct findings *findings)
{
	struct comparison c = {t, seen, arena, findings};

	for (size_t i = 0; i < t->exchange_count; i++)
		compare_exchange(&c, &t->exchanges[i]);
	for (size_t i = 0; i < t->queue_count; i++)
		compare_queue(&c, &t->queues[i]);
	for (size_t i = 0; i < t->binding_count; i++)
		compare_binding(&c, &t->bindings[i]);
	comparison_strays(&c);
}

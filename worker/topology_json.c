/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/topology_json.h"

struct json *topology_argument(const struct field *field)
{
	struct text text;
	int64_t integer;

	if (field->kind == FIELD_BOOL)
		return json_of_bool(field->as.boolean);
	if (field_integer(field, &integer))
		return json_of_integer(integer);
	if (field_text(field, &text))
		return json_of_text(text);
	return NULL; /* plans have no others */
}

static struct json *arguments_of(const struct table *table)
{
	struct json *object = json_new_object();

	for (size_t i = 0; i < table->count; i++)
		json_put(object, table->fields[i].name.at,
			 topology_argument(&table->fields[i]));
	return object;
}

static struct json *exchanges_of(const struct topology *t, const char *vhost)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < t->exchange_count; i++) {
		const struct topology_exchange *e = &t->exchanges[i];
		struct json *object;

		if (!e->ours)
			continue;
		object = json_new_object();
		json_put_string(object, "name", e->name);
		json_put_string(object, "vhost", vhost);
		json_put_string(object, "type", e->type);
		json_put_bool(object, "durable", true);
		json_put_bool(object, "auto_delete", false);
		json_put_bool(object, "internal", false);
		json_put(object, "arguments", arguments_of(&e->arguments));
		json_append(array, object);
	}
	return array;
}

static struct json *queues_of(const struct topology *t, const char *vhost)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < t->queue_count; i++) {
		const struct topology_queue *q = &t->queues[i];
		struct json *object;

		if (!q->ours)
			continue;
		object = json_new_object();
		json_put_string(object, "name", q->name);
		json_put_string(object, "vhost", vhost);
		json_put_bool(object, "durable", true);
		json_put_bool(object, "auto_delete", false);
		json_put(object, "arguments", arguments_of(&q->arguments));
		json_append(array, object);
	}
	return array;
}

static struct json *bindings_of(const struct topology *t, const char *vhost)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < t->binding_count; i++) {
		const struct topology_binding *b = &t->bindings[i];
		struct json *object = json_new_object();

		json_put_string(object, "source", b->source);
		json_put_string(object, "vhost", vhost);
		json_put_string(object, "destination", b->destination);
		json_put_string(object, "destination_type",
				b->to_exchange ? "exchange" : "queue");
		json_put_string(object, "routing_key", b->key);
		json_put(object, "arguments", arguments_of(&b->arguments));
		json_append(array, object);
	}
	return array;
}

static struct json *permissions_of(const struct topology_permissions *all,
				   const char *vhost)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < all->count; i++) {
		const struct topology_permission *p = &all->list[i];
		struct json *object;

		/* The import fails for a user that does not exist. */
		if (!p->is_configured)
			continue;
		object = json_new_object();
		json_put_string(object, "user", p->user);
		json_put_string(object, "vhost", vhost);
		json_put_string(object, "configure", p->configure);
		json_put_string(object, "write", p->write);
		json_put_string(object, "read", p->read);
		json_append(array, object);
	}
	return array;
}

struct json *
topology_definitions(const struct topology *topology, const char *vhost,
		     const struct topology_permissions *permissions)
{
	struct json *object = json_new_object();

	if (permissions != NULL)
		json_put(object, "permissions",
			 permissions_of(permissions, vhost));
	json_put(object, "exchanges", exchanges_of(topology, vhost));
	json_put(object, "queues", queues_of(topology, vhost));
	json_put(object, "bindings", bindings_of(topology, vhost));
	return object;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/topology_print.h"

#include <string.h>

#define NAME_WIDTH_MAX 48 /* of a column; a longer name pushes the rest on */

static int widen(int width, const char *name)
{
	size_t len = strlen(name);

	if (len > NAME_WIDTH_MAX)
		len = NAME_WIDTH_MAX;
	return (int)len > width ? (int)len : width;
}

static void print_value(const struct field *field, FILE *to)
{
	struct text text;
	int64_t integer;

	fprintf(to, " %.*s=", (int)field->name.len, field->name.at);
	if (field->kind == FIELD_BOOL)
		fprintf(to, "%s", field->as.boolean ? "true" : "false");
	else if (field_integer(field, &integer))
		fprintf(to, "%lld", (long long)integer);
	else if (field_text(field, &text))
		fprintf(to, "%.*s", (int)text.len, text.at);
}

static void print_arguments(const struct table *arguments, FILE *to)
{
	for (size_t i = 0; i < arguments->count; i++)
		print_value(&arguments->fields[i], to);
	fputc('\n', to);
}

static void print_exchanges(const struct topology *t, FILE *to)
{
	int width = 0;

	fprintf(to, "exchanges\n");
	for (size_t i = 0; i < t->exchange_count; i++)
		width = widen(width, t->exchanges[i].name);
	for (size_t i = 0; i < t->exchange_count; i++) {
		const struct topology_exchange *e = &t->exchanges[i];

		fprintf(to, "  %-*s  %-8s", width, e->name, e->type);
		if (!e->ours)
			fprintf(to, " of others: it must exist");
		print_arguments(&e->arguments, to);
	}
}

static void print_queues(const struct topology *t, FILE *to)
{
	int width = 0;

	fprintf(to, "\nqueues\n");
	for (size_t i = 0; i < t->queue_count; i++)
		width = widen(width, t->queues[i].name);
	for (size_t i = 0; i < t->queue_count; i++) {
		const struct topology_queue *q = &t->queues[i];

		fprintf(to, "  %-*s ", width, q->name);
		if (!q->ours)
			fprintf(to, " of others: it must exist");
		print_arguments(&q->arguments, to);
	}
}

static void print_bindings(const struct topology *t, FILE *to)
{
	int from = 0;
	int into = 0;

	fprintf(to, "\nbindings\n");
	for (size_t i = 0; i < t->binding_count; i++) {
		from = widen(from, t->bindings[i].source);
		into = widen(into, t->bindings[i].destination);
	}
	for (size_t i = 0; i < t->binding_count; i++) {
		const struct topology_binding *b = &t->bindings[i];

		fprintf(to, "  %-*s -> %-*s  %-8s", from, b->source, into,
			b->destination, b->to_exchange ? "exchange" : "queue");
		if (*b->key != '\0')
			fprintf(to, " key %s", b->key);
		print_arguments(&b->arguments, to);
	}
}

void print_topology(const struct topology *topology, FILE *to)
{
	print_exchanges(topology, to);
	print_queues(topology, to);
	print_bindings(topology, to);
}

/* --- permissions --------------------------------------------------------- */

/* In single quotes, so that a shell takes it as it is. */
static void print_quoted(const char *text, FILE *to)
{
	fputs(" '", to);
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '\'')
			fputs("'\\''", to);
		else
			fputc(*c, to);
	}
	fputc('\'', to);
}

static void print_grant(const struct topology_permission *p, const char *vhost,
			FILE *to)
{
	if (!p->is_configured) {
		fprintf(to,
			"\n# The configuration names no user for this (%s): "
			"choose another name if you like.\n",
			p->roles);
		fprintf(to, "# rabbitmqctl add_user %s\n", p->user);
	} else {
		fprintf(to, "\n");
	}
	fprintf(to, "rabbitmqctl set_permissions -p");
	print_quoted(vhost, to);
	print_quoted(p->user, to);
	print_quoted(p->configure, to);
	print_quoted(p->write, to);
	print_quoted(p->read, to);
	fputc('\n', to);
}

void print_permissions(const struct topology_permissions *all,
		       const char *vhost, FILE *to)
{
	fprintf(to,
		"# What each user needs in vhost %s, and no more. "
		"set_permissions replaces what a\n# user had before.\n#\n",
		vhost);
	for (size_t i = 0; i < all->count; i++) {
		const struct topology_permission *p = &all->list[i];

		fprintf(to, "# %s (%s)\n", p->user, p->roles);
		fprintf(to, "#   configure  %s\n", p->configure);
		fprintf(to, "#   write      %s\n", p->write);
		fprintf(to, "#   read       %s\n", p->read);
	}
	for (size_t i = 0; i < all->count; i++)
		print_grant(&all->list[i], vhost, to);
}

/* --- findings ------------------------------------------------------------ */

static size_t count_ok(const struct findings *f)
{
	return f->count - f->differs - f->unknown - f->unused;
}

/* Those with the reason of the finding at `first`, as a table below it. */
static void print_unknown(const struct findings *f, size_t first, FILE *to)
{
	const char *reason = f->list[first].reason;
	int width = 0;

	fprintf(to, "%-8s %s\n", finding_kind_name(FINDING_UNKNOWN), reason);
	for (size_t i = first; i < f->count; i++)
		if (f->list[i].reason == reason)
			width = widen(width, f->list[i].object);
	for (size_t i = first; i < f->count; i++)
		if (f->list[i].reason == reason)
			fprintf(to, "         %-*s  %s\n", width,
				f->list[i].object, f->list[i].text);
}

static bool is_first(const struct findings *f, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (f->list[i].reason == f->list[at].reason)
			return false;
	return true;
}

void print_findings(const struct findings *f, FILE *to)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct finding *finding = &f->list[i];

		if (finding->reason != NULL)
			continue;
		fprintf(to, "%-8s %s\n", finding_kind_name(finding->kind),
			finding->object);
		if (finding->kind != FINDING_OK)
			fprintf(to, "         %s\n", finding->text);
	}
	for (size_t i = 0; i < f->count; i++)
		if (f->list[i].reason != NULL && is_first(f, i))
			print_unknown(f, i, to);
	fprintf(to, "%zu ok, %zu differ, %zu unknown", count_ok(f), f->differs,
		f->unknown);
	if (f->unused > 0)
		fprintf(to, ", %zu unused", f->unused);
	(void)fputc('\n', to);
}

struct json *findings_json(const struct findings *f)
{
	struct json *object = json_new_object();
	struct json *list = json_new_array();

	json_put_integer(object, "ok", (int64_t)count_ok(f));
	json_put_integer(object, "differs", (int64_t)f->differs);
	json_put_integer(object, "unknown", (int64_t)f->unknown);
	json_put_integer(object, "unused", (int64_t)f->unused);
	for (size_t i = 0; i < f->count; i++) {
		struct json *entry = json_new_object();

		json_put_string(entry, "finding",
				finding_kind_name(f->list[i].kind));
		json_put_string(entry, "object", f->list[i].object);
		json_put_string(entry, "text", f->list[i].text);
		if (f->list[i].reason != NULL)
			json_put_string(entry, "reason", f->list[i].reason);
		json_append(list, entry);
	}
	json_put(object, "findings", list);
	return object;
}

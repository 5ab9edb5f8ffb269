/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_topology.c - what differs from the plan, graded, with its mend.
 */
#include "worker/doctor.h"

#include <string.h>

#include "worker/topology_comparison.h"

static const char *topology_command(const struct doctor *d, const char *verb)
{
	return arena_printf(d->arena, "rebound topology %s -c %s", verb,
			    doctor_quote(d->arena, d->config->file));
}

/* Of "queue NAME", the queue as it was seen, or NULL. */
static const struct json *queue_of(const struct doctor *d, const char *object)
{
	const struct json *queues = d->facts->seen->queues;

	if (strncmp(object, "queue ", 6) != 0)
		return NULL;
	for (size_t i = 0; i < json_count(queues); i++)
		if (strcmp(comparison_text(json_at(queues, i), "name"),
			   object + 6) == 0)
			return json_at(queues, i);
	return NULL;
}

/* How to be rid of an object that was declared in another way: a queue only if
   nothing is in it. */
static const char *delete_command(const struct doctor *d, const char *object)
{
	const char *vhost = doctor_quote(d->arena, d->config->broker.vhost);
	const char *name = doctor_quote(d->arena, strchr(object, ' ') + 1);
	const char *again = topology_command(d, "apply");

	if (strncmp(object, "queue ", 6) == 0)
		return arena_printf(d->arena,
				    "rabbitmqctl delete_queue -p %s %s "
				    "--if-empty && %s",
				    vhost, name, again);
	return arena_printf(d->arena,
			    "rabbitmqadmin -V %s delete exchange name=%s && %s",
			    vhost, name, again);
}

static const char *mend_of(const struct doctor *d, const struct finding *f)
{
	switch (f->cause) {
	case CAUSE_MISSING:
		return topology_command(d, "apply");
	case CAUSE_DECLARED:
		return delete_command(d, f->object);
	case CAUSE_POLICY:
		return doctor_clear_policies(d, queue_of(d, f->object));
	case CAUSE_STRAY:
		return topology_command(d, "prune");
	case CAUSE_FOREIGN:
	case CAUSE_NONE:
		return NULL;
	}
	return NULL;
}

/* A message that takes a stray way is there twice; any other difference
   loses it, or holds it up. */
static void tell(const struct doctor *d, const struct finding *f)
{
	if (f->kind == FINDING_UNUSED)
		doctor_say(d, DOCTOR_WARN, f->object,
			   topology_command(d, "prune"), "%s", f->text);
	else if (f->kind == FINDING_DIFFERS)
		doctor_say(d,
			   f->cause == CAUSE_STRAY ? DOCTOR_WARN
						   : DOCTOR_UNSAFE,
			   f->object, mend_of(d, f), "%s", f->text);
}

/* One finding for each reason why something is unknown. */
static void tell_unknown(const struct doctor *d, const struct findings *all,
			 size_t first)
{
	const char *reason = all->list[first].reason;
	size_t count = 0;

	for (size_t i = 0; i < all->count; i++) {
		if (all->list[i].kind != FINDING_UNKNOWN ||
		    strcmp(all->list[i].reason, reason) != 0)
			continue;
		if (i < first)
			return; /* it has been told */
		count++;
	}
	doctor_say(d, DOCTOR_WARN, "not seen", NULL,
		   "Of %zu objects not all can be judged. %s", count, reason);
}

void doctor_examine_topology(const struct doctor *d)
{
	const struct findings *all = d->facts->findings;
	size_t ok = 0;

	for (size_t i = 0; i < all->count; i++) {
		ok += all->list[i].kind == FINDING_OK;
		if (all->list[i].kind == FINDING_UNKNOWN)
			tell_unknown(d, all, i);
		else
			tell(d, &all->list[i]);
	}
	if (ok > 0)
		doctor_say(d, DOCTOR_OK, "topology", NULL,
			   "%zu exchanges, queues and bindings are as they "
			   "should be.",
			   ok);
}

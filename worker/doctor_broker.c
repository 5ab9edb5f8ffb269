/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_broker.c - versions, alarms and limits of the nodes.
 */
#include "worker/doctor.h"

#include <inttypes.h>
#include <stdio.h>

#include "worker/topology_comparison.h"

struct version {
	unsigned major;
	unsigned minor;
	unsigned patch;
};

/* Of each series the first release without the faults that cost messages or
   hold them up (RabbitMQ's release notes). A series that is not named has
   none that is known. */
static const struct flaw {
	struct version first; /* that is sound */
	const char *text;
} flaws[] = {
	{{3, 10, 20},
	 "after a change of leader two dead-letter workers can run for one "
	 "queue, and messages come back twice or stall"},
	{{3, 11, 20},
	 "after a change of leader two dead-letter workers can run for one "
	 "queue, or dead letters pile up"},
	{{3, 12, 2}, "dead letters pile up where a queue is its own target"},
	{{3, 13, 7},
	 "early releases drop messages that come back as if they went in a "
	 "circle, and count x-death wrongly"},
	{{4, 0, 5},
	 "dead letters can crash while a cluster has nodes of 3.13 and 4.0"},
	{{4, 2, 7}, "deliveries can be asked of the wrong member of a queue"},
	{{4, 3, 3},
	 "deliveries can be asked of the wrong member of a queue, and the "
	 "dead-letter worker can stop for good"},
};

static const struct flaw *flaw_of(const struct version *v)
{
	for (size_t i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		const struct version *first = &flaws[i].first;

		if (v->major == first->major && v->minor == first->minor &&
		    v->patch < first->patch)
			return &flaws[i];
	}
	return NULL;
}

static const char *limit_of(const struct version *v)
{
	return v->major >= 4 ? "Without a delivery limit of its own a quorum "
			       "queue has one of 20."
			     : "Without a delivery limit of its own a quorum "
			       "queue has none.";
}

static void examine_version(const struct doctor *d)
{
	const char *text = d->facts->version;
	struct version v;
	const struct flaw *flaw;

	if (sscanf(text, "%u.%u.%u", &v.major, &v.minor, &v.patch) != 3) {
		doctor_say(d, DOCTOR_WARN, "broker", NULL,
			   "It says that its version is \"%s\", which says "
			   "nothing of what it does.",
			   text);
		return;
	}
	if (v.major < 3 || (v.major == 3 && v.minor < 10)) {
		doctor_say(d, DOCTOR_UNSAFE, "broker", NULL,
			   "RabbitMQ %s has no dead letters at least once: "
			   "what waits in a delay queue can be lost. Upgrade "
			   "to 3.13.7, or to 4.2.7 or later.",
			   text);
		return;
	}
	flaw = flaw_of(&v);
	if (flaw == NULL)
		doctor_say(d, DOCTOR_OK, "broker", NULL, "RabbitMQ %s. %s",
			   text, limit_of(&v));
	else
		doctor_say(d, DOCTOR_WARN, "broker", NULL,
			   "RabbitMQ %s: %s. Upgrade to %u.%u.%u or later. %s",
			   text, flaw->text, v.major, v.minor,
			   flaw->first.patch, limit_of(&v));
}

/* --- nodes --------------------------------------------------------------- */

#define ENOUGH_DISK (1000LL * 1000 * 1000) /* bytes */

static const char alarms[] = "While it lasts the broker takes no copy: what "
			     "fails stays in hand, and deliveries come to a "
			     "stop.";

static void examine_disk(const struct doctor *d, const struct json *node,
			 const char *object)
{
	int64_t limit =
		json_integer(json_get(node, "disk_free_limit"), INT64_MAX);

	if (json_truth(json_get(node, "disk_free_alarm"), false))
		doctor_say(d, DOCTOR_WARN, object,
			   "rabbitmq-diagnostics alarms",
			   "The disk alarm is on. %s Make room.", alarms);
	else if (limit < ENOUGH_DISK)
		doctor_say(d, DOCTOR_WARN, object,
			   "rabbitmqctl set_disk_free_limit 2GB",
			   "The disk alarm comes at %" PRId64 " MB free, too "
			   "late for a broker to go on with a full disk. Set "
			   "disk_free_limit.absolute in rabbitmq.conf too.",
			   limit / 1000000);
}

static void examine_node(const struct doctor *d, const struct json *node)
{
	size_t before = d->report->count;
	const char *object = arena_printf(d->arena, "node %s",
					  comparison_text(node, "name"));

	if (!json_truth(json_get(node, "running"), true)) {
		doctor_say(d, DOCTOR_WARN, object, "rabbitmqctl start_app",
			   "It does not run. Queues that lose a majority of "
			   "their nodes take and give nothing.");
		return;
	}
	if (json_truth(json_get(node, "mem_alarm"), false))
		doctor_say(d, DOCTOR_WARN, object,
			   "rabbitmq-diagnostics memory_breakdown",
			   "The memory alarm is on. %s", alarms);
	examine_disk(d, node, object);
	if (d->report->count == before)
		doctor_say(d, DOCTOR_OK, object, NULL, "No alarm is on.");
}

void doctor_examine_broker(const struct doctor *d)
{
	const struct doctor_facts *facts = d->facts;

	examine_version(d);
	for (size_t i = 0; i < json_count(facts->nodes); i++)
		examine_node(d, json_at(facts->nodes, i));
	if (facts->nodes == NULL && facts->nodes_unseen != NULL)
		doctor_say(d, DOCTOR_WARN, "nodes", NULL,
			   "Alarms and limits of the nodes are not seen. %s",
			   facts->nodes_unseen);
}

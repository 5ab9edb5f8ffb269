/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor.h - is the broker set up so that no message is lost? Judges what was
 * seen of it; looks at nothing itself.
 */
#ifndef WORKER_DOCTOR_H
#define WORKER_DOCTOR_H

#include "worker/topology_compare.h"

enum doctor_grade {
	DOCTOR_OK,
	DOCTOR_WARN,
	DOCTOR_UNSAFE, /* messages can be lost, or do not get through */
};

struct doctor_finding {
	enum doctor_grade grade;
	const char *object; /* "queue rebound.lab-results" */
	const char *text;   /* what is so and what follows, in sentences */
	const char *mend;   /* a command for a shell; NULL: none is known */
};

struct doctor_report {
	struct doctor_finding *list;
	size_t count;
	size_t room; /* entries allocated */
	size_t warn;
	size_t unsafe;
};

/* What was seen. Borrowed. */
struct doctor_facts {
	const char *version; /* "3.10.8", as the broker says it at login */
	/* What topology_verify and topology_compare have found. */
	const struct findings *findings;
	const struct topology_seen *seen; /* NULL: not by the management API */
	const struct json *nodes; /* of topology_see_nodes; NULL: not seen */
	const char *nodes_unseen; /* why not, a sentence; NULL: no API */
};

/* One examination. All of it is borrowed but the report, which is added to;
   what is added lives in the arena. */
struct doctor {
	const struct config *config;
	const struct pipeline_config *only; /* NULL: all */
	const struct doctor_facts *facts;
	struct arena *arena;
	struct doctor_report *report;
};

/* Adds all that there is to say, parts in the order below. */
void doctor_examine(const struct doctor *doctor);

/* The parts of it: version, alarms and limits of the nodes; objects against
   the plan; delivery limits, consumers, broker policies and the queues of
   others. */
void doctor_examine_broker(const struct doctor *doctor);
void doctor_examine_topology(const struct doctor *doctor);
void doctor_examine_queues(const struct doctor *doctor);

/* Adds a finding; `object` and `mend` are kept, the text made in the arena. */
void doctor_say(const struct doctor *doctor, enum doctor_grade grade,
		const char *object, const char *mend, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

const char *doctor_grade_name(enum doctor_grade grade); /* "unsafe" */

/* The text as one word of a shell. In the arena. */
const char *doctor_quote(struct arena *arena, const char *text);

/* "rabbitmqctl clear_policy -p VHOST NAME" for the broker policies, of both
   kinds, on a queue as the API shows it. In the arena. */
const char *doctor_clear_policies(const struct doctor *doctor,
				  const struct json *queue);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_queues.c - what queues and the broker policies on them come to:
 * delivery limits, dead letters, consumers, and queues that are not ours.
 */
#include "worker/doctor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "worker/topology_comparison.h"

#define NO_LIMIT         INT64_MAX
#define LIMIT_OF_4       20 /* where none is set, from RabbitMQ 4.0 on */
#define LEAST_OF_SOURCE  10 /* a worker itself parks a message at ten */
#define LEAST_OF_PARKING 1000

/* A queue under examination. */
struct patient {
	const struct doctor *doctor;
	const struct pipeline_config *pipeline;
	const struct json *queue; /* as the API shows it */
	const struct json *arguments;
	const struct json *policies; /* what those of both kinds come to */
	const char *object;
};

static const struct json *named(const struct json *queues, const char *name)
{
	for (size_t i = 0; i < json_count(queues); i++)
		if (strcmp(comparison_text(json_at(queues, i), "name"), name) ==
		    0)
			return json_at(queues, i);
	return NULL;
}

/* False where the queue is not there, which is a finding already. */
static bool find(struct patient *p, const char *name)
{
	p->queue = named(p->doctor->facts->seen->queues, name);
	p->arguments = json_get(p->queue, "arguments");
	p->policies = json_get(p->queue, "effective_policy_definition");
	p->object = arena_printf(p->doctor->arena, "queue %s", name);
	return p->queue != NULL;
}

/* What counts of an argument and a broker policy: the argument, for all that
   concerns dead letters. "" for none. */
static const char *text_in_force(const struct patient *p, const char *name)
{
	const char *argument = comparison_text(
		p->arguments, arena_printf(p->doctor->arena, "x-%s", name));

	return *argument != '\0' ? argument
				 : comparison_text(p->policies, name);
}

static bool is_4(const struct patient *p)
{
	return atoi(p->doctor->facts->version) >= 4;
}

/* The smaller of argument and policies counts. */
static int64_t limit_in_force(const struct patient *p)
{
	int64_t argument = json_integer(
		json_get(p->arguments, "x-delivery-limit"), NO_LIMIT);
	int64_t policy =
		json_integer(json_get(p->policies, "delivery-limit"), NO_LIMIT);
	int64_t least = argument < policy ? argument : policy;

	return least == NO_LIMIT && is_4(p) ? LIMIT_OF_4 : least;
}

/* What takes away a delivery limit that is wrong. */
static const char *limit_mend(const struct patient *p)
{
	if (json_get(p->policies, "delivery-limit") != NULL)
		return doctor_clear_policies(p->doctor, p->queue);
	return NULL;
}

/* --- delivery limits ----------------------------------------------------- */

/* True if it is less than nothing, which says two things on two versions. */
static bool is_endless(const struct patient *p, int64_t limit)
{
	if (limit >= 0)
		return false;
	doctor_say(p->doctor, is_4(p) ? DOCTOR_WARN : DOCTOR_UNSAFE, p->object,
		   limit_mend(p),
		   "The delivery limit in force is %" PRId64 ": none on "
		   "RabbitMQ 4; before, it destroys what is given back once.",
		   limit);
	return true;
}

static void examine_source_limit(const struct patient *p)
{
	int64_t limit = limit_in_force(p);
	bool is_kept = *text_in_force(p, "dead-letter-exchange") != '\0';

	if (is_endless(p, limit))
		return;
	if (limit == NO_LIMIT)
		doctor_say(p->doctor, DOCTOR_WARN, p->object, NULL,
			   "No delivery limit is in force: what kills every "
			   "worker comes back for ever, and on RabbitMQ 4 it "
			   "will be 20.");
	else if (!is_kept)
		doctor_say(p->doctor, DOCTOR_UNSAFE, p->object, NULL,
			   "The delivery limit in force is %" PRId64 ", and "
			   "without a dead-letter exchange what reaches it is "
			   "dropped.",
			   limit);
	else if (limit < LEAST_OF_SOURCE)
		doctor_say(p->doctor, DOCTOR_WARN, p->object, limit_mend(p),
			   "The delivery limit in force is %" PRId64 ": after "
			   "as many lost workers the broker parks a message, "
			   "without its history.",
			   limit);
	else
		doctor_say(p->doctor, DOCTOR_OK, p->object, NULL,
			   "The delivery limit in force is %" PRId64 "; what "
			   "reaches it is dead-lettered.",
			   limit);
}

static void examine_parking_limit(const struct patient *p)
{
	int64_t limit = limit_in_force(p);

	if (is_endless(p, limit) || limit >= LEAST_OF_PARKING)
		return;
	doctor_say(p->doctor, DOCTOR_UNSAFE, p->object, limit_mend(p),
		   "The delivery limit in force is %" PRId64 ": a parked "
		   "message that is looked at as often is dropped.",
		   limit);
}

/* --- ways that a broker policy adds --------------------------------------- */

/* Of ours, arguments have all that is wanted, and count; what they leave open
   a policy may fill in. */
static void examine_detour(const struct patient *p)
{
	const char *key =
		comparison_text(p->policies, "dead-letter-routing-key");

	if (*key == '\0')
		return;
	doctor_say(p->doctor, DOCTOR_UNSAFE, p->object,
		   doctor_clear_policies(p->doctor, p->queue),
		   "A broker policy sets dead-letter-routing-key: messages "
		   "come out of it under another key, and as another type.");
}

static void examine_parking(const struct patient *p)
{
	const char *exchange = text_in_force(p, "dead-letter-exchange");

	examine_parking_limit(p);
	examine_detour(p);
	if (*exchange != '\0')
		doctor_say(p->doctor, DOCTOR_WARN, p->object,
			   doctor_clear_policies(p->doctor, p->queue),
			   "A broker policy gives it the dead-letter exchange "
			   "%s: parked messages can leave before somebody has "
			   "decided.",
			   exchange);
}

static void examine_lanes(struct patient *p)
{
	const struct json *queues = p->doctor->facts->seen->queues;
	const char *prefix = arena_printf(p->doctor->arena, "%s.v1.",
					  p->pipeline->delay_exchange);

	for (size_t i = 0; i < json_count(queues); i++) {
		const char *name = comparison_text(json_at(queues, i), "name");

		if (strncmp(name, prefix, strlen(prefix)) == 0 && find(p, name))
			examine_detour(p);
	}
}

/* --- the source queue of somebody else ------------------------------------ */

/* What adds to it what it lacks. */
static const char *adopt(const struct patient *p)
{
	struct arena *arena = p->doctor->arena;
	const char *name = p->pipeline->queue;

	return arena_printf(
		arena,
		"rabbitmqctl set_policy -p %s --apply-to queues --priority 10 "
		"%s %s '{\"dead-letter-exchange\":\"%s\","
		"\"dead-letter-strategy\":\"at-least-once\","
		"\"overflow\":\"reject-publish\",\"delivery-limit\":20}'",
		doctor_quote(arena, p->doctor->config->broker.vhost),
		doctor_quote(arena, p->pipeline->exchange),
		doctor_quote(arena, arena_printf(arena, "^%s$", name)),
		p->pipeline->parking);
}

static bool is_set(const struct patient *p, const char *name)
{
	return json_get(p->policies, name) != NULL ||
	       json_get(p->arguments,
			arena_printf(p->doctor->arena, "x-%s", name)) != NULL;
}

/* What makes its messages vanish. */
static void examine_leaks(const struct patient *p)
{
	static const char *const leaks[] = {"message-ttl", "expires"};
	const char *overflow = comparison_text(p->policies, "overflow");

	for (size_t i = 0; i < sizeof(leaks) / sizeof(leaks[0]); i++)
		if (is_set(p, leaks[i]))
			doctor_say(p->doctor, DOCTOR_UNSAFE, p->object, NULL,
				   "%s is set on this queue of somebody else: "
				   "messages vanish that no worker has seen. "
				   "Its owner has to take it away.",
				   leaks[i]);
	/* Of overflow, the policy counts. */
	if (*overflow == '\0')
		overflow = comparison_text(p->arguments, "x-overflow");
	if ((is_set(p, "max-length") || is_set(p, "max-length-bytes")) &&
	    strcmp(overflow, "reject-publish") != 0)
		doctor_say(p->doctor, DOCTOR_UNSAFE, p->object, NULL,
			   "A maximum length without overflow = reject-publish "
			   "is set on this queue of somebody else: its oldest "
			   "messages are dropped.");
}

static void examine_foreign(const struct patient *p)
{
	const char *type = comparison_text(p->arguments, "x-queue-type");
	const char *exchange = text_in_force(p, "dead-letter-exchange");
	const char *strategy = text_in_force(p, "dead-letter-strategy");

	examine_leaks(p);
	if (strcmp(type, "quorum") != 0) {
		doctor_say(p->doctor, DOCTOR_WARN, p->object, NULL,
			   "This queue of somebody else is no quorum queue: a "
			   "node that dies takes its messages, and a message "
			   "that kills workers is never parked for it.");
		return;
	}
	if (*exchange == '\0')
		doctor_say(p->doctor, DOCTOR_WARN, p->object, adopt(p),
			   "This queue of somebody else has no dead-letter "
			   "exchange: what cannot be published again stays in "
			   "hand.");
	else if (strcmp(strategy, "at-least-once") != 0)
		doctor_say(p->doctor, DOCTOR_WARN, p->object, adopt(p),
			   "Dead letters of this queue of somebody else can "
			   "be lost on their way: its strategy is not "
			   "at-least-once.");
	examine_source_limit(p);
}

/* --- consumers ------------------------------------------------------------ */

static void examine_consumers(const struct patient *p)
{
	int64_t consumers = json_integer(json_get(p->queue, "consumers"), -1);

	if (consumers == 0)
		doctor_say(p->doctor, DOCTOR_WARN, p->object,
			   arena_printf(p->doctor->arena, "rebound run -c %s",
					doctor_quote(p->doctor->arena,
						     p->doctor->config->file)),
			   "Nobody consumes it: no worker runs, or none is "
			   "connected.");
	else if (consumers > 0)
		doctor_say(p->doctor, DOCTOR_OK, p->object, NULL,
			   "%" PRId64 " consumer%s.", consumers,
			   consumers == 1 ? "" : "s");
}

static void examine_pipeline(struct patient *p)
{
	const struct pipeline_config *pipeline = p->pipeline;

	if (find(p, pipeline->queue)) {
		if (pipeline->queue_is_ours) {
			examine_source_limit(p);
			examine_detour(p);
		} else {
			examine_foreign(p);
		}
		examine_consumers(p);
	}
	if (find(p, pipeline->parking))
		examine_parking(p);
	examine_lanes(p);
}

void doctor_examine_queues(const struct doctor *d)
{
	struct patient patient = {.doctor = d};

	if (d->facts->seen == NULL)
		return;
	for (size_t i = 0; i < d->config->pipeline_count; i++) {
		patient.pipeline = &d->config->pipelines[i];
		if (d->only == NULL || d->only == patient.pipeline)
			examine_pipeline(&patient);
	}
}

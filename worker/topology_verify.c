/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology_verify.c - looks at the broker, by the management API where there
 * is one, and else for existence alone.
 */
#include "worker/topology_api.h"

#define SEE_MORE                                                               \
	"Set broker.management to see more, for example to "                   \
	"\"http://localhost:15672\"."

/* Why something is unknown. */
static const char by_amqp[] = "Arguments, bindings and broker policies cannot "
			      "be seen over AMQP. " SEE_MORE;
static const char forbidden[] =
	"The broker does not let this user look. " SEE_MORE;

/* --- over AMQP: existence ------------------------------------------------ */

/* What is there, and whose, on its way to a finding. */
struct look {
	struct arena *arena;
	struct findings *findings;
	const char *object;
	const char *what;
	bool ours;
};

/* False where the connection cannot be used any longer. */
static bool judge(const struct look *look, enum broker_status status)
{
	struct findings *f = look->findings;

	switch (status) {
	case BROKER_OK:
		if (look->ours)
			findings_add_unknown(f, look->arena, look->object,
					     by_amqp, "The %s exists.",
					     look->what);
		else
			findings_add(f, look->arena, FINDING_OK, look->object,
				     "The %s exists.", look->what);
		return true;
	case BROKER_MISSING:
		findings_add(f, look->arena, FINDING_DIFFERS, look->object,
			     "The %s does not exist. %s", look->what,
			     look->ours ? "Declare it: rebound topology apply."
					: "It belongs to others, who declare "
					  "it.");
		findings_because(f, look->ours ? CAUSE_MISSING : CAUSE_FOREIGN);
		return true;
	case BROKER_FORBIDDEN:
		findings_add_unknown(f, look->arena, look->object, forbidden,
				     "The %s cannot be seen.", look->what);
		return true;
	default:
		return false;
	}
}

static bool look_at_exchange(struct broker *broker, struct look *look,
			     const struct topology_exchange *e,
			     struct broker_problem *problem)
{
	look->object = arena_printf(look->arena, "exchange %s", e->name);
	look->what = e->what;
	look->ours = e->ours;
	return judge(look, broker_exchange_exists(broker, e->name, problem));
}

static bool look_at_queue(struct broker *broker, struct look *look,
			  const struct topology_queue *q,
			  struct broker_problem *problem)
{
	uint32_t messages;
	uint32_t consumers;

	look->object = arena_printf(look->arena, "queue %s", q->name);
	look->what = q->what;
	look->ours = q->ours;
	return judge(look, broker_queue_exists(broker, q->name, &messages,
					       &consumers, problem));
}

static enum broker_status look_by_amqp(struct broker *broker,
				       const struct topology *t,
				       struct arena *arena,
				       struct findings *findings,
				       struct broker_problem *problem)
{
	struct look look = {.arena = arena, .findings = findings};

	for (size_t i = 0; i < t->exchange_count; i++)
		if (!look_at_exchange(broker, &look, &t->exchanges[i], problem))
			return problem->status;
	for (size_t i = 0; i < t->queue_count; i++)
		if (!look_at_queue(broker, &look, &t->queues[i], problem))
			return problem->status;
	findings_add_unknown(findings, arena, "bindings", by_amqp,
			     "The %zu bindings are needed.", t->binding_count);
	return BROKER_OK;
}

/* --- by the management API ----------------------------------------------- */

static enum broker_status look_by_api(const struct config *config,
				      const struct topology *topology,
				      struct arena *arena,
				      struct findings *findings,
				      struct broker_problem *problem)
{
	struct topology_seen seen;

	if (topology_see(config, arena, &seen, problem) != BROKER_OK)
		return problem->status;
	topology_compare(topology, &seen, arena, findings);
	topology_seen_free(&seen);
	return BROKER_OK;
}

enum broker_status
topology_verify(const struct config *config, struct broker *broker,
		const struct topology *topology, struct arena *arena,
		struct findings *findings, struct broker_problem *problem)
{
	if (config->broker.management != NULL)
		return look_by_api(config, topology, arena, findings, problem);
	return look_by_amqp(broker, topology, arena, findings, problem);
}

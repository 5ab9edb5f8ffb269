/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology_apply.c - declares and binds what a plan wants, in its order.
 */
#include "worker/topology.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Puts a sentence before that of the problem. */
static enum broker_status explain(struct broker_problem *problem,
				  const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static enum broker_status explain(struct broker_problem *problem,
				  const char *format, ...)
{
	char before[300];
	struct broker_problem old = *problem;
	va_list args;

	va_start(args, format);
	vsnprintf(before, sizeof(before), format, args);
	va_end(args);
	/* Cut where both are too long for one. */
	snprintf(problem->text, sizeof(problem->text), "%s %.*s", before,
		 (int)(sizeof(problem->text) - strlen(before) - 2), old.text);
	return problem->status;
}

/*
 * An exchange or queue of somebody else's is looked at and never declared.
 * Newer brokers may forbid even that; binding it will tell then.
 */
static enum broker_status foreign(enum broker_status status, const char *name,
				  const char *what, const char *mend,
				  struct broker_problem *problem)
{
	if (status == BROKER_OK || status == BROKER_FORBIDDEN)
		return BROKER_OK;
	if (status != BROKER_MISSING)
		return status;
	snprintf(problem->text, sizeof(problem->text),
		 "\"%s\", the %s, does not exist. It belongs to others, so "
		 "rebound never declares it. %s",
		 name, what, mend);
	return status;
}

static enum broker_status apply_exchange(struct broker *broker,
					 const struct topology_exchange *e,
					 struct broker_problem *problem)
{
	if (!e->ours)
		return foreign(broker_exchange_exists(broker, e->name, problem),
			       e->name, e->what,
			       "Have it declared by those who publish to it "
			       "(a durable topic exchange is usual), or mend "
			       "source.exchange of the pipeline.",
			       problem);
	if (broker_declare_exchange(broker, e->name, e->type, &e->arguments,
				    problem) == BROKER_OK)
		return BROKER_OK;
	return explain(problem, "The %s cannot be declared.", e->what);
}

static enum broker_status apply_queue(struct broker *broker,
				      const struct topology_queue *q,
				      struct broker_problem *problem)
{
	uint32_t messages;
	uint32_t consumers;

	if (!q->ours)
		return foreign(broker_queue_exists(broker, q->name, &messages,
						   &consumers, problem),
			       q->name, q->what,
			       "Have it declared by its owner, or mend "
			       "source.queue of the pipeline; without that "
			       "setting rebound declares a queue of its own.",
			       problem);
	if (broker_declare_queue(broker, q->name, &q->arguments, problem) ==
	    BROKER_OK)
		return BROKER_OK;
	return explain(problem, "The %s cannot be declared.", q->what);
}

static enum broker_status apply_binding(struct broker *broker,
					const struct topology_binding *b,
					struct broker_problem *problem)
{
	enum broker_status status;

	if (b->to_exchange)
		status = broker_bind_exchange(broker, b->destination, b->source,
					      b->key, problem);
	else
		status = broker_bind_queue(broker, b->destination, b->source,
					   b->key, &b->arguments, problem);
	if (status == BROKER_OK)
		return BROKER_OK;
	return explain(problem, "\"%s\" cannot be bound to exchange \"%s\".",
		       b->destination, b->source);
}

enum broker_status topology_apply(struct broker *broker,
				  const struct topology *t,
				  struct broker_problem *problem)
{
	enum broker_status status = BROKER_OK;

	for (size_t i = 0; status == BROKER_OK && i < t->exchange_count; i++)
		status = apply_exchange(broker, &t->exchanges[i], problem);
	for (size_t i = 0; status == BROKER_OK && i < t->queue_count; i++)
		status = apply_queue(broker, &t->queues[i], problem);
	for (size_t i = 0; status == BROKER_OK && i < t->binding_count; i++)
		status = apply_binding(broker, &t->bindings[i], problem);
	return status;
}

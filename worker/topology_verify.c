/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology_verify.c - looks at the broker, by the management API where there
 * is one, and else for existence alone.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "worker/http.h"
#include "worker/topology_compare.h"

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

/* RFC 3986, section 2.1: all but unreserved characters as %XX. */
static const char *percent_encode(struct arena *arena, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";
	char *to = arena_alloc(arena, 3 * strlen(text) + 1);
	char *end = to;

	for (const char *c = text; *c != '\0'; c++) {
		unsigned char byte = (unsigned char)*c;

		if (byte < 0x80 &&
		    (isalnum(byte) || strchr("-._~", byte) != NULL)) {
			*end++ = *c;
			continue;
		}
		*end++ = '%';
		*end++ = digits[byte >> 4];
		*end++ = digits[byte & 15];
	}
	return to;
}

static const struct login_config *management_login(const struct config *config)
{
	const struct broker_config *b = &config->broker;

	if (b->admin.user != NULL)
		return &b->admin;
	return b->operator.user != NULL ? &b->operator: & b->worker;
}

static enum broker_status api_failed(struct broker_problem *problem, int status,
				     const char *user, const char *url,
				     const char *why)
{
	if (status == 401 || status == 403) {
		problem->status = BROKER_FORBIDDEN;
		snprintf(problem->text, sizeof(problem->text),
			 "The management API at %s does not let user \"%s\" "
			 "in (HTTP %d). Check the password, and give the user "
			 "a tag: rabbitmqctl set_user_tags %s monitoring.",
			 url, user, status, user);
		return problem->status;
	}
	problem->status = BROKER_UNREACHABLE;
	if (why == NULL)
		snprintf(problem->text, sizeof(problem->text),
			 "The management API at %s answers HTTP %d. Is the "
			 "address in broker.management right, and the plugin "
			 "on (rabbitmq-plugins enable rabbitmq_management)?",
			 url, status);
	else
		snprintf(problem->text, sizeof(problem->text),
			 "The management API at %s cannot be used: %s. Is the "
			 "address in broker.management right?",
			 url, why);
	return problem->status;
}

/* GET /api/<what>/<vhost>, parsed; the caller frees it. */
static enum broker_status fetch(const struct config *config, const char *what,
				struct arena *arena, struct json **answer,
				struct broker_problem *problem)
{
	const struct broker_config *b = &config->broker;
	const struct login_config *login = management_login(config);
	size_t len = strlen(b->management);
	bool has_slash = len > 0 && b->management[len - 1] == '/';
	struct http_get get = {
		.url = arena_printf(arena, "%s%sapi/%s/%s", b->management,
				    has_slash ? "" : "/", what,
				    percent_encode(arena, b->vhost)),
		.user = login->user,
		.password = login->password,
		.ca_file = b->ca_file,
		.timeout = 3 * b->rpc_timeout,
	};
	int status = 0;
	const char *why = NULL;
	char *body = http_fetch(&get, arena, &status, &why);

	if (body == NULL)
		return api_failed(problem, status, login->user, b->management,
				  why);
	*answer = json_parse(text_of(body));
	if (json_kind(*answer) == JSON_ARRAY)
		return BROKER_OK;
	return api_failed(problem, 0, login->user, b->management,
			  "what answers there is not RabbitMQ");
}

static enum broker_status look_by_api(const struct config *config,
				      const struct topology *topology,
				      struct arena *arena,
				      struct findings *findings,
				      struct broker_problem *problem)
{
	struct topology_seen seen = {0};
	enum broker_status status =
		fetch(config, "exchanges", arena, &seen.exchanges, problem);

	if (status == BROKER_OK)
		status = fetch(config, "queues", arena, &seen.queues, problem);
	if (status == BROKER_OK)
		status = fetch(config, "bindings", arena, &seen.bindings,
			       problem);
	if (status == BROKER_OK)
		topology_compare(topology, &seen, arena, findings);
	json_free(seen.exchanges);
	json_free(seen.queues);
	json_free(seen.bindings);
	return status;
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/topology_api.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "worker/http.h"

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
	return config_login(b, &b->operator);
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

/* GET /api/<path>, parsed; the caller frees it. */
static enum broker_status fetch(const struct config *config, const char *path,
				struct arena *arena, struct json **answer,
				struct broker_problem *problem)
{
	const struct broker_config *b = &config->broker;
	const struct login_config *login = management_login(config);
	size_t len = strlen(b->management);
	bool has_slash = len > 0 && b->management[len - 1] == '/';
	struct http_get get = {
		.url = arena_printf(arena, "%s%sapi/%s", b->management,
				    has_slash ? "" : "/", path),
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

/* GET /api/<what>/<vhost>. */
static enum broker_status fetch_all(const struct config *config,
				    const char *what, struct arena *arena,
				    struct json **answer,
				    struct broker_problem *problem)
{
	const char *vhost = percent_encode(arena, config->broker.vhost);

	return fetch(config, arena_printf(arena, "%s/%s", what, vhost), arena,
		     answer, problem);
}

enum broker_status topology_see_nodes(const struct config *config,
				      struct arena *arena, struct json **nodes,
				      struct broker_problem *problem)
{
	enum broker_status status;

	*nodes = NULL;
	status = fetch(config, "nodes", arena, nodes, problem);
	if (status != BROKER_OK) {
		json_free(*nodes);
		*nodes = NULL;
	}
	return status;
}

enum broker_status topology_see(const struct config *config,
				struct arena *arena, struct topology_seen *seen,
				struct broker_problem *problem)
{
	enum broker_status status;

	*seen = (struct topology_seen){0};
	status = fetch_all(config, "exchanges", arena, &seen->exchanges,
			   problem);
	if (status == BROKER_OK)
		status = fetch_all(config, "queues", arena, &seen->queues,
				   problem);
	if (status == BROKER_OK)
		status = fetch_all(config, "bindings", arena, &seen->bindings,
				   problem);
	if (status != BROKER_OK)
		topology_seen_free(seen);
	return status;
}

void topology_seen_free(struct topology_seen *seen)
{
	json_free(seen->exchanges);
	json_free(seen->queues);
	json_free(seen->bindings);
	*seen = (struct topology_seen){0};
}

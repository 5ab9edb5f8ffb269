/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_print.c - the effective configuration, as a file would say it.
 */
#include <string.h>

#include "worker/config_draft.h"
#include "worker/setting_print.h"

static void print_login(const char *name, const struct login_config *login,
			FILE *to)
{
	if (login->user == NULL)
		return;
	setting_print_open(name, 1, to);
	setting_print(SCOPE_LOGIN, login, 2, to);
	setting_print_close(1, to);
}

/* Nodes are printed without what their urls said about user and vhost. */
static struct texts node_urls(struct arena *arena,
			      const struct broker_config *broker)
{
	struct texts urls = {.count = broker->node_count};

	urls.list = arena_array(arena, urls.count + 1, sizeof(*urls.list));
	for (size_t i = 0; i < urls.count; i++) {
		const struct node_config *node = &broker->nodes[i];
		bool is_v6 = strchr(node->host, ':') != NULL;

		urls.list[i] = arena_printf(arena, "%s://%s%s%s:%d",
					    node->tls ? "amqps" : "amqp",
					    is_v6 ? "[" : "", node->host,
					    is_v6 ? "]" : "", node->port);
	}
	return urls;
}

static void print_broker(struct arena *arena, const struct config *config,
			 FILE *to)
{
	struct broker_draft draft = {.broker = config->broker};

	draft.nodes = node_urls(arena, &config->broker);
	fputs("\nbroker = {\n", to);
	setting_print(SCOPE_BROKER, &draft, 1, to);
	print_login("admin", &config->broker.admin, to);
	print_login("operator", &config->broker.operator, to);
	print_login("publisher", &config->broker.publisher, to);
	fputs("};\n", to);
}

static void print_audit(const struct config *config, FILE *to)
{
	fputs("\naudit = {\n", to);
	setting_print(SCOPE_AUDIT, &config->audit, 1, to);
	fputs("};\n", to);
}

static void print_header(struct arena *arena,
			 const struct header_config *header, FILE *to)
{
	const char *value = header->is_secret ? "********" : header->value;

	if (header->source == HEADER_PROPERTY)
		value = arena_printf(arena, "property:%s", value);
	else if (header->source == HEADER_HEADER)
		value = arena_printf(arena, "header:%s", value);
	fprintf(to, "\t\t\t%s = ", header->name);
	setting_print_text(value, to);
	fputs(";\n", to);
}

static void print_headers(struct arena *arena, const char *name, bool fixed,
			  const struct downstream_config *downstream, FILE *to)
{
	bool is_open = false;

	for (size_t i = 0; i < downstream->header_count; i++) {
		const struct header_config *header = &downstream->headers[i];

		if ((header->source == HEADER_FIXED) != fixed)
			continue;
		if (!is_open)
			setting_print_open(name, 2, to);
		is_open = true;
		print_header(arena, header, to);
	}
	if (is_open)
		setting_print_close(2, to);
}

static void print_auth(const struct auth_config *auth, FILE *to)
{
	switch (auth->kind) {
	case AUTH_NONE:
		return;
	case AUTH_BASIC:
		setting_print_open("auth", 2, to);
		setting_print_open("basic", 3, to);
		setting_print(SCOPE_BASIC, auth, 4, to);
		setting_print_close(3, to);
		break;
	case AUTH_BEARER:
		setting_print_open("auth", 2, to);
		setting_print(SCOPE_AUTH, auth, 3, to);
		break;
	case AUTH_HEADER:
		setting_print_open("auth", 2, to);
		setting_print_open("header", 3, to);
		setting_print(SCOPE_AUTH_HEADER, auth, 4, to);
		setting_print_close(3, to);
		break;
	}
	setting_print_close(2, to);
}

/* Those that policies know of are printed by config_print_rules. */
static void print_downstream_settings(const struct downstream_config *d,
				      FILE *to)
{
	const struct setting *row;

	for (size_t i = 0; (row = setting_at(i)) != NULL; i++)
		if (row->scope == SCOPE_DOWNSTREAM &&
		    row->kind < SETTING_GROUP &&
		    strcmp(row->name, "idempotent") != 0)
			setting_print_one(row, d, 2, to);
}

static void print_downstreams(struct arena *arena, const struct config *config,
			      FILE *to)
{
	fputs("\ndownstreams = {\n", to);
	for (size_t i = 0; i < config->downstream_count; i++) {
		const struct downstream_config *d = &config->downstreams[i];

		setting_print_open(d->name, 1, to);
		print_downstream_settings(d, to);
		config_print_health(&d->health, to);
		config_print_rules(config, d, to);
		print_auth(&d->auth, to);
		print_headers(arena, "headers", true, d, to);
		print_headers(arena, "map_headers", false, d, to);
		setting_print_close(1, to);
	}
	fputs("};\n", to);
}

static void print_source(const struct pipeline_config *pipeline, FILE *to)
{
	struct source_draft source = {0};

	if (!pipeline->queue_is_ours)
		source.queue = pipeline->queue;
	if (!pipeline->business_is_ours && pipeline->business_exchange != NULL)
		source = (struct source_draft){
			.exchange = pipeline->business_exchange,
			.queue = source.queue,
			.keys = {.list = (const char **)pipeline->keys,
				 .count = pipeline->key_count}};
	if (source.exchange == NULL && source.queue == NULL)
		return;
	setting_print_open("source", 2, to);
	setting_print(SCOPE_SOURCE, &source, 3, to);
	setting_print_close(2, to);
}

static void print_pipeline(struct arena *arena,
			   const struct pipeline_config *pipeline, FILE *to)
{
	size_t count = pipeline->deliver_to_count;
	struct pipeline_draft draft = {
		.policy = pipeline->policy->name,
		.prefetch = pipeline->prefetch,
		.priority = pipeline->priority,
		.in_flight_bytes = pipeline->in_flight_bytes,
		.max_lanes = pipeline->max_lanes,
		.type_from = pipeline->type_from.written,
		.deadline_header = pipeline->deadline_header};

	draft.deliver_to.count = count;
	draft.deliver_to.list =
		arena_array(arena, count + 1, sizeof(*draft.deliver_to.list));
	for (size_t i = 0; i < count; i++)
		draft.deliver_to.list[i] = pipeline->deliver_to[i]->name;
	setting_print_open(pipeline->name, 1, to);
	print_source(pipeline, to);
	setting_print(SCOPE_PIPELINE, &draft, 2, to);
	setting_print_close(1, to);
}

static void print_policies(const struct config *config, FILE *to)
{
	if (config->policy_count == 0)
		return;
	fputs("\npolicies = {\n", to);
	for (size_t i = 0; i < config->policy_count; i++)
		config_print_policy(config, &config->policies[i], to);
	fputs("};\n", to);
}

void config_print(const struct config *config, FILE *to)
{
	struct arena arena;

	arena_init(&arena);
	setting_print(SCOPE_TOP, config, 0, to);
	print_broker(&arena, config, to);
	print_audit(config, to);
	print_downstreams(&arena, config, to);
	fputs("\npipelines = {\n", to);
	for (size_t i = 0; i < config->pipeline_count; i++)
		print_pipeline(&arena, &config->pipelines[i], to);
	fputs("};\n", to);
	print_policies(config, to);
	arena_fini(&arena);
}

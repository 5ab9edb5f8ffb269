/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_pipeline.c - reads the group `pipelines`.
 */
#include <string.h>

#include "worker/config_draft.h"
#include "worker/config_nearest.h"
#include "worker/json_pointer.h"

#define PREFETCH_MAX 65535 /* AMQP 0-9-1, basic.qos: a short */

static struct downstream_config *find_downstream(const struct config *config,
						 const char *name)
{
	for (size_t i = 0; i < config->downstream_count; i++)
		if (strcmp(config->downstreams[i].name, name) == 0)
			return &config->downstreams[i];
	return NULL;
}

/* A url given inline makes a downstream named like the pipeline. */
static struct downstream_config *
add_downstream(struct reading *r, const struct tree *at, struct config *config,
	       const char *name, const char *url)
{
	size_t n = config->downstream_count;
	struct downstream_config *added = &config->downstreams[n];

	if (find_downstream(config, name) != NULL) {
		complain(r->complaints, at,
			 "%s gives a url, which makes the downstream \"%s\"; "
			 "but there is one of that name. Name the downstream "
			 "instead.",
			 tree_path(r->arena, at), name);
		return NULL;
	}
	setting_defaults(r, SCOPE_DOWNSTREAM, added);
	config_default_health(r, added);
	added->name = name;
	added->rules.name = name;
	added->index = n;
	added->url = url;
	config->downstream_count++;
	return config_check_url(r, at, tree_path(r->arena, at), url) ? added
								     : NULL;
}

static void complain_undefined(struct reading *r, const struct tree *at,
			       const char *what, const char *wanted,
			       struct nearest *nearest)
{
	complain(r->complaints, at,
		 "%s names the %s \"%s\", which nothing defines.%s",
		 tree_path(r->arena, at), what, wanted,
		 nearest->name == NULL
			 ? ""
			 : arena_printf(r->arena, " The nearest is \"%s\".",
					nearest->name));
}

static struct downstream_config *resolve_downstream(struct reading *r,
						    const struct tree *at,
						    struct config *config,
						    const char *pipeline,
						    const char *wanted)
{
	struct nearest nearest;

	if (strstr(wanted, "://") != NULL)
		return add_downstream(r, at, config, pipeline, wanted);
	struct downstream_config *found = find_downstream(config, wanted);
	if (found != NULL)
		return found;
	nearest_init(&nearest, wanted);
	for (size_t i = 0; i < config->downstream_count; i++)
		nearest_offer(&nearest, config->downstreams[i].name);
	complain_undefined(r, at, "downstream", wanted, &nearest);
	return NULL;
}

static void read_deliver_to(struct reading *r, const struct tree *group,
			    struct config *config, struct texts *names,
			    struct pipeline_config *into)
{
	const struct tree *at = setting_place(group, "deliver_to");
	struct downstream_config **list =
		arena_array(r->arena, names->count + 1, sizeof(*list));

	into->deliver_to = list;
	if (names->count > 1) {
		complain(r->complaints, at,
			 "%s names %zu downstreams, and a pipeline delivers to "
			 "exactly one downstream in this version. Make a "
			 "pipeline for each.",
			 tree_path(r->arena, at), names->count);
		return;
	}
	if (names->count == 0)
		return;
	list[0] = resolve_downstream(r, tree_element(at, 0), config, into->name,
				     names->list[0]);
	into->deliver_to_count = list[0] != NULL;
}

static const struct policy *resolve_policy(struct reading *r,
					   const struct tree *group,
					   const struct config *config,
					   const char *wanted)
{
	struct nearest nearest;

	if (strcmp(wanted, CONFIG_BUILT_IN) == 0)
		return config->built_in;
	nearest_init(&nearest, wanted);
	nearest_offer(&nearest, CONFIG_BUILT_IN);
	for (size_t i = 0; i < config->policy_count; i++) {
		if (strcmp(config->policies[i].name, wanted) == 0)
			return &config->policies[i];
		nearest_offer(&nearest, config->policies[i].name);
	}
	complain_undefined(r, setting_place(group, "policy"), "policy", wanted,
			   &nearest);
	return NULL;
}

static void read_source(struct reading *r, const struct tree *pipeline,
			struct source_draft *source)
{
	const struct tree *group = tree_member(pipeline, "source");

	if (group == NULL || group->kind != TREE_GROUP ||
	    !setting_read(r, SCOPE_SOURCE, group, source))
		return;
	if (source->keys.count > 0 && source->exchange == NULL)
		complain(r->complaints, setting_place(group, "keys"),
			 "%s.keys means nothing without %s.exchange, the "
			 "exchange that the keys are bound to.",
			 tree_path(r->arena, group),
			 tree_path(r->arena, group));
}

static void settle_prefetch(struct pipeline_config *pipeline, uint32_t given)
{
	pipeline->prefetch = given;
	if (given != 0 || pipeline->deliver_to_count == 0)
		return;
	pipeline->prefetch = 2 * pipeline->deliver_to[0]->concurrency;
	if (pipeline->prefetch > PREFETCH_MAX)
		pipeline->prefetch = PREFETCH_MAX;
}

static void settle_source(const struct source_draft *source,
			  struct pipeline_config *into)
{
	static const char *all[] = {"#"};
	bool has_keys = source->keys.count > 0;

	into->queue_is_ours = source->queue == NULL;
	into->queue = source->queue; /* NULL: named by config_derive */
	into->business_is_ours =
		source->exchange == NULL && source->queue == NULL;
	into->business_exchange = source->exchange;
	if (source->exchange == NULL && !into->business_is_ours)
		return;
	into->keys = has_keys ? source->keys.list : all;
	into->key_count = has_keys ? source->keys.count : 1;
}

/* What stands behind a prefix; NULL if the text does not begin with it. */
static const char *behind(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

/* A header that belongs to rebound is taken off before anybody looks. */
static void check_header(struct reading *r, const struct tree *at,
			 const char *name)
{
	if (*name != '\0' && strlen(name) <= 255 &&
	    behind(name, "rebound-") == NULL)
		return;
	complain(r->complaints, at,
		 "%s must name a message header of the publisher's: at most "
		 "255 bytes, and not beginning with \"rebound-\".",
		 tree_path(r->arena, at));
}

static void check_pointer(struct reading *r, const struct tree *at,
			  const char *pointer)
{
	const char *flaw = json_pointer_flaw(text_of(pointer));

	if (flaw != NULL)
		complain(r->complaints, at,
			 "%s: the JSON pointer \"%s\" %s. It looks like "
			 "\"/resource/type\".",
			 tree_path(r->arena, at), pointer, flaw);
}

static void settle_type(struct reading *r, const struct tree *group,
			const char *written, struct type_source *into)
{
	const struct tree *at = setting_place(group, "type_from");
	const char *header = behind(written, "header:");
	const char *pointer = behind(written, "body:");

	*into = (struct type_source){.written = written};
	if (strcmp(written, "type") == 0)
		return;
	if (strcmp(written, "routing-key") == 0) {
		into->from = TYPE_FROM_KEY;
	} else if (header != NULL) {
		into->from = TYPE_FROM_HEADER;
		into->name = header;
		check_header(r, at, header);
	} else if (pointer != NULL) {
		into->from = TYPE_FROM_BODY;
		into->name = pointer;
		check_pointer(r, at, pointer);
	} else {
		complain(r->complaints, at,
			 "%s must be \"type\", \"routing-key\", "
			 "\"header:NAME\" or \"body:/POINTER\", not the text "
			 "\"%s\".",
			 tree_path(r->arena, at), written);
	}
}

static void read_pipeline(struct reading *r, const struct tree *group,
			  struct config *config, struct pipeline_config *into)
{
	struct pipeline_draft draft = {0};

	into->name = arena_string(r->arena, text_of(group->name));
	setting_defaults(r, SCOPE_PIPELINE, &draft);
	(void)setting_read(r, SCOPE_PIPELINE, group, &draft);
	read_source(r, group, &draft.source);
	settle_source(&draft.source, into);
	read_deliver_to(r, group, config, &draft.deliver_to, into);
	into->policy = resolve_policy(r, group, config, draft.policy);
	into->max_lanes = draft.max_lanes;
	into->in_flight_bytes = draft.in_flight_bytes;
	into->priority = draft.priority;
	settle_prefetch(into, draft.prefetch);
	settle_type(r, group, draft.type_from, &into->type_from);
	into->deadline_header = draft.deadline_header;
	if (draft.deadline_header != NULL)
		check_header(r, setting_place(group, "deadline_header"),
			     draft.deadline_header);
}

void config_read_pipelines(struct reading *r, const struct tree *top,
			   struct config *config)
{
	const struct tree *groups = tree_member(top, "pipelines");

	if (groups == NULL || groups->kind != TREE_GROUP)
		return;
	if (groups->count == 0)
		complain(r->complaints, groups,
			 "pipelines is empty: there is nothing to deliver.");
	config->pipelines = arena_array(r->arena, groups->count + 1,
					sizeof(*config->pipelines));
	for (size_t i = 0; i < groups->count; i++) {
		const struct tree *group = &groups->members[i];
		size_t n = config->pipeline_count;

		if (!config_check_group(r, group) ||
		    !config_check_name(r, group, group->name))
			continue;
		config->pipelines[n].index = n;
		read_pipeline(r, group, config, &config->pipelines[n]);
		config->pipeline_count++;
	}
}

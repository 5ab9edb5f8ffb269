/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "worker/config_complaint.h"
#include "worker/config_draft.h"
#include "worker/config_file.h"
#include "worker/config_pass.h"
#include "worker/mem.h"

#define PREFIX_MAX 100 /* bytes; the whole name must fit 255 */

bool config_check_name(struct reading *r, const struct tree *at,
		       const char *name)
{
	const char *flaw = NULL;

	if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") !=
		    strlen(name) ||
	    !islower((unsigned char)*name))
		flaw = "is no name: names are small letters, digits, \"-\" "
		       "and \"_\", and begin with a letter";
	else if (strlen(name) > CONFIG_NAME_MAX)
		flaw = "is longer than 64 characters";
	else if (strcmp(name, "audit") == 0 || strcmp(name, "pool") == 0)
		flaw = "is a name that rebound keeps for itself";
	if (flaw == NULL)
		return true;
	complain(r->complaints, at, "%s: \"%.80s\" %s.",
		 tree_path(r->arena, at), name, flaw);
	return false;
}

bool config_check_group(struct reading *r, const struct tree *entry)
{
	if (entry->kind == TREE_GROUP)
		return true;
	complain(r->complaints, entry, "%s must be a group, { ... }, not %s.",
		 tree_path(r->arena, entry), tree_found(r->arena, entry));
	return false;
}

static void check_prefix(struct reading *r, const struct tree *top,
			 const char *prefix)
{
	const struct tree *at = setting_place(top, "prefix");

	for (const char *c = prefix; *c != '\0'; c++) {
		if (isalnum((unsigned char)*c) || strchr("._-:", *c) != NULL)
			continue;
		complain(r->complaints, at,
			 "prefix may hold letters, digits, \".\", \"_\", \"-\" "
			 "and \":\" only.");
		break;
	}
	if (strlen(prefix) > PREFIX_MAX)
		complain(r->complaints, at,
			 "prefix is longer than 100 characters.");
	if (strncmp(prefix, "amq.", 4) == 0)
		complain(r->complaints, at,
			 "prefix begins with \"amq.\", which is the broker's "
			 "own (AMQP 0-9-1, section 2.1.2.4).");
}

static bool is_used(const struct config *config,
		    const struct downstream_config *downstream,
		    const struct policy *policy)
{
	for (size_t i = 0; i < config->pipeline_count; i++) {
		const struct pipeline_config *p = &config->pipelines[i];

		if (p->deliver_to[0] == downstream || p->policy == policy)
			return true;
	}
	return false;
}

static void warn_unused(struct reading *r, const struct tree *top,
			const struct config *config)
{
	for (size_t i = 0; i < config->downstream_count; i++)
		if (!is_used(config, &config->downstreams[i], NULL))
			complain_warning(
				r->complaints,
				tree_member(tree_member(top, "downstreams"),
					    config->downstreams[i].name),
				"No pipeline delivers to the downstream "
				"\"%s\".",
				config->downstreams[i].name);
	for (size_t i = 0; i < config->policy_count; i++)
		if (!is_used(config, NULL, &config->policies[i]))
			complain_warning(
				r->complaints,
				tree_member(tree_member(top, "policies"),
					    config->policies[i].name),
				"No pipeline has the policy \"%s\".",
				config->policies[i].name);
}

/* What depends on more than one place, once each is right by itself. */
static void read_whole(struct reading *r, const struct tree *top,
		       struct config *config)
{
	for (size_t i = 0; i < config->pipeline_count; i++)
		config_derive(r, top, config, &config->pipelines[i]);
	for (size_t i = 0; i < config->pipeline_count; i++)
		config_derive_matchers(r, config, &config->pipelines[i]);
	if (r->complaints->errors > 0)
		return;
	config_check_names(r, top, config);
	config_check_audit(r, top, config);
	config_check_error_names(r, top, config);
	warn_unused(r, top, config);
	config_warn_shadowed(r, top, config);
	config_advise(r, top, config);
	config_check_idle(r, top, config);
}

static void read_tree(struct reading *r, const struct tree *top,
		      struct config *config)
{
	setting_defaults(r, SCOPE_TOP, config);
	if (setting_read(r, SCOPE_TOP, top, config))
		check_prefix(r, top, config->prefix);
	config_read_broker(r, top, config);
	config_read_audit(r, top, config);
	config_read_policies(r, top, config);
	config_read_downstreams(r, top, config);
	config_read_pipelines(r, top, config);
	config_read_conditions(r, top, config);
	if (r->complaints->errors == 0)
		read_whole(r, top, config);
}

/* A configuration in the arena that it owns. */
static struct config *new_config(const char *file, struct reading *r,
				 struct complaints *complaints)
{
	struct arena *arena = mem_new(sizeof(*arena));

	arena_init(arena);
	complaints->arena = arena;
	*r = (struct reading){.arena = arena, .complaints = complaints};
	struct config *config = arena_alloc(arena, sizeof(*config));
	config->memory = arena;
	config->file = arena_string(arena, text_of(file));
	return config;
}

/* A configuration that is being read. */
struct load {
	struct config *config;
	struct reading reading;
	struct complaints *complaints;
	struct config_text text;
};

static void begin(struct load *load, const char *file)
{
	load->complaints = mem_new(sizeof(*load->complaints));
	load->config = new_config(file, &load->reading, load->complaints);
}

/* Reads what the text says. */
static void read_text(struct load *load)
{
	struct config *config = load->config;
	const struct tree *top = config_file_parse(
		&load->text, load->reading.arena, load->complaints);

	config->files = load->text.files;
	config->file_count = load->text.file_count;
	if (top != NULL)
		read_tree(&load->reading, top, config);
}

/* The configuration, or NULL if there are errors. */
static struct config *end(struct load *load, struct config_errors *errors)
{
	struct config *config = load->config;

	complaints_sort(load->complaints, config->file);
	complaints_hand_over(load->complaints, errors);
	if (load->complaints->errors > 0) {
		config_free(config);
		config = NULL;
	}
	free(load->complaints);
	return config;
}

struct config *config_load(const char *file, struct config_errors *errors)
{
	struct load load;

	begin(&load, file);
	if (config_text_read(file, load.reading.arena, load.complaints,
			     &load.text))
		read_text(&load);
	return end(&load, errors);
}

bool config_try(const char *file, FILE *to, struct config_errors *errors)
{
	struct load load;
	struct config *config;
	bool is_whole;

	begin(&load, file);
	is_whole = config_text_read(file, load.reading.arena, load.complaints,
				    &load.text);
	if (is_whole)
		read_text(&load);
	config_pass_write(&load.text, is_whole, to);
	config = end(&load, errors);
	config_free(config);
	return config != NULL;
}

struct config *config_load_tried(const char *file, struct text tried,
				 struct config_errors *errors)
{
	struct load load;

	begin(&load, file);
	if (config_pass_read(tried, load.reading.arena, &load.text))
		read_text(&load);
	else
		complain_at(load.complaints, load.config->file, 0,
			    "It could not be read whole.");
	return end(&load, errors);
}

void config_free(struct config *config)
{
	struct arena *arena = config == NULL ? NULL : config->memory;

	if (arena == NULL)
		return;
	arena_fini(arena);
	free(arena);
}

void config_errors_free(struct config_errors *errors)
{
	if (errors->memory != NULL) {
		arena_fini(errors->memory);
		free(errors->memory);
	}
	*errors = (struct config_errors){0};
}

void config_errors_print(const struct config_errors *errors, FILE *to)
{
	for (size_t i = 0; i < errors->count; i++) {
		const struct config_error *e = &errors->errors[i];

		fputs(e->file, to);
		if (e->line > 0)
			fprintf(to, ":%u", e->line);
		fprintf(to, ": %s%s\n", e->is_warning ? "warning: " : "",
			e->text);
	}
	if (errors->more > 0)
		fprintf(to, "and %zu more errors\n", errors->more);
}

const struct login_config *config_login(const struct broker_config *broker,
					const struct login_config *login)
{
	return login->user != NULL ? login : &broker->worker;
}

const struct pipeline_config *config_pipeline(const struct config *config,
					      const char *name)
{
	for (size_t i = 0; i < config->pipeline_count; i++)
		if (strcmp(config->pipelines[i].name, name) == 0)
			return &config->pipelines[i];
	return NULL;
}

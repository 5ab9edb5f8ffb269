/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology.c - `rebound topology`: what must exist on the broker is printed,
 * declared or compared, and what need not is removed.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "operator/commands.h"
#include "operator/prune.h"
#include "operator/topology_print.h"
#include "policy/duration.h"
#include "worker/topology_json.h"
#include "worker/topology_prune.h"

static const char help[] =
	"rebound topology shows and makes what must exist on the broker.\n"
	"\n"
	"Usage: rebound topology print  [-c FILE] [-p P] [--json] "
	"[--permissions]\n"
	"       rebound topology apply  [-c FILE] [-p P] [--json]\n"
	"       rebound topology verify [-c FILE] [-p P] [--json]\n"
	"       rebound topology prune  [-c FILE] [-p P] [--json] [--dry-run] "
	"[--yes]\n"
	"                               [--wait D]\n"
	"\n"
	"  print    prints exchanges, queues and bindings, without a broker.\n"
	"           --json: as definitions, for rabbitmqctl "
	"import_definitions.\n"
	"           --permissions: what each user needs and no more, as\n"
	"           rabbitmqctl commands; with --json, as a part of the\n"
	"           definitions, for those users the configuration names.\n"
	"  apply    declares what is missing, as broker.admin if that is set.\n"
	"           It changes nothing that is there, and removes nothing.\n"
	"  verify   compares the broker with the configuration. With\n"
	"           broker.management it sees all, policies and bindings of\n"
	"           former settings included, some seconds late; without, "
	"only\n"
	"           what exists, and the rest is unknown.\n"
	"  prune    removes what former settings have left, as broker.admin:\n"
	"           bindings of keys, and delay queues (lanes), which are "
	"unbound\n"
	"           first, and deleted once they have been empty for long "
	"enough.\n"
	"           Needs broker.management. It may be interrupted and run "
	"again.\n"
	"\n"
	"  -c, --config FILE   the configuration\n"
	"  -p, --pipeline P    for this pipeline alone\n"
	"      --json          print JSON\n"
	"      --permissions   see print\n"
	"      --dry-run       prune: print what would be removed\n"
	"      --yes           prune: do not ask\n"
	"      --wait D        prune: end after D (\"10m\"), whatever is left; "
	"by "
	"default\n"
	"                      it takes as long as it takes\n"
	"      --settle D      prune: how long a delay queue must be seen "
	"empty; 3m\n"
	"                      covers the broker's own retries: shorter is for "
	"tests\n"
	"  -h, --help          print this\n"
	"\n"
	"Exit codes: 0 done, or nothing differs; 64 wrong usage, 69 the "
	"broker\n"
	"is out of reach, 75 prune has left something, 77 the broker refuses "
	"the\n"
	"credentials or a right is missing, 78 the configuration is wrong or "
	"the\n"
	"broker has something else than it wants.\n";

struct options {
	const char *file;
	const char *pipeline;
	const char *verb;
	bool json;
	bool permissions;
	bool for_prune; /* an option that is prune's alone was given */
	struct prune_order prune;
};

/* All that a verb works with. */
struct work {
	const struct config *config;
	const struct pipeline_config *only;
	const struct options *options;
	struct topology topology;
	struct arena *arena;
};

/* False if its value is wrong. */
static bool take_option(struct options *options, int option)
{
	options->for_prune |= strchr("dyws", option) != NULL;
	switch (option) {
	case 'j':
		options->json = true;
		break;
	case 'P':
		options->permissions = true;
		break;
	case 'd':
		options->prune.is_dry = true;
		break;
	case 'y':
		options->prune.is_sure = true;
		break;
	case 'w':
		return duration_parse(text_of(optarg), &options->prune.wait);
	case 's':
		return duration_parse(text_of(optarg), &options->prune.settle);
	}
	return true;
}

/* -1: go on; else the exit code. */
static int parse_verb(int argc, char **argv, struct options *options)
{
	if (optind == argc)
		return command_usage("topology",
				     "say what to do: print, apply, verify or "
				     "prune");
	if (optind + 1 < argc)
		return command_usage("topology",
				     "\"%s\" is one argument too many",
				     argv[optind + 1]);
	options->verb = argv[optind];
	return -1;
}

/* -1: go on; else the exit code. */
static int parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		COMMAND_OPTION_CONFIG,
		COMMAND_OPTION_PIPELINE,
		{"json", no_argument, NULL, 'j'},
		{"permissions", no_argument, NULL, 'P'},
		{"dry-run", no_argument, NULL, 'd'},
		{"yes", no_argument, NULL, 'y'},
		{"wait", required_argument, NULL, 'w'},
		{"settle", required_argument, NULL, 's'},
		COMMAND_OPTION_HELP,
		{NULL, 0, NULL, 0},
	};
	struct command_line line = {.command = "topology",
				    .help = help,
				    .shorts = ":c:p:h",
				    .longs = longs,
				    .argc = argc,
				    .argv = argv};
	int option;

	while ((option = command_option(&line)) != 0)
		if (!take_option(options, option))
			return command_usage("topology",
					     "\"%s\" is no duration such as "
					     "\"30s\" or \"10m\"",
					     optarg);
	if (line.has_ended)
		return line.code;
	options->file = line.file;
	options->pipeline = line.pipeline;
	return parse_verb(argc, argv, options);
}

static int fail(const struct broker_problem *problem)
{
	fprintf(stderr, "rebound topology: %s\n", problem->text);
	return command_exit_code(problem->status);
}

static void print_json(struct json *json)
{
	json_print_pretty(json, stdout);
	json_free(json);
}

static int print(const struct work *work)
{
	const struct options *options = work->options;
	const char *vhost = work->config->broker.vhost;
	struct topology_permissions permissions =
		topology_permissions(work->config, work->only, work->arena);

	if (options->json)
		print_json(topology_definitions(
			&work->topology, vhost,
			options->permissions ? &permissions : NULL));
	else if (options->permissions)
		print_permissions(&permissions, vhost, stdout);
	else
		print_topology(&work->topology, stdout);
	return EX_OK;
}

static struct broker *open_broker(const struct work *work,
				  struct broker_problem *problem)
{
	const struct broker_config *config = &work->config->broker;
	struct broker_role role = {
		.pipeline = work->only != NULL ? work->only->name : NULL,
		.role = "topology",
		.login = config_login(config, &config->admin),
	};

	return broker_open(config, &role, problem);
}

static void tell_applied(const struct work *work)
{
	const struct topology *t = &work->topology;
	struct json *object;

	if (!work->options->json) {
		printf("%zu exchanges, %zu queues and %zu bindings are in "
		       "place.\n",
		       t->exchange_count, t->queue_count, t->binding_count);
		return;
	}
	object = json_new_object();
	json_put_integer(object, "exchanges", (int64_t)t->exchange_count);
	json_put_integer(object, "queues", (int64_t)t->queue_count);
	json_put_integer(object, "bindings", (int64_t)t->binding_count);
	print_json(object);
}

static int apply(const struct work *work)
{
	struct broker_problem problem;
	struct broker *broker = open_broker(work, &problem);
	enum broker_status status;

	if (broker == NULL)
		return fail(&problem);
	status = topology_apply(broker, &work->topology, &problem);
	broker_close(broker);
	if (status != BROKER_OK)
		return fail(&problem);
	tell_applied(work);
	return EX_OK;
}

static int verify(const struct work *work)
{
	struct findings findings = {0};
	struct broker_problem problem;
	struct broker *broker = NULL;
	enum broker_status status;

	if (work->config->broker.management == NULL) {
		broker = open_broker(work, &problem);
		if (broker == NULL)
			return fail(&problem);
	}
	status = topology_verify(work->config, broker, &work->topology,
				 work->arena, &findings, &problem);
	broker_close(broker);
	if (status != BROKER_OK)
		return fail(&problem);
	if (work->options->json)
		print_json(findings_json(&findings));
	else
		print_findings(&findings, stdout);
	return findings.differs > 0 ? EX_CONFIG : EX_OK;
}

static int prune_broker(const struct work *work)
{
	struct prune_order order = work->options->prune;

	order.config = work->config;
	order.topology = &work->topology;
	order.json = work->options->json;
	return prune(&order);
}

static const struct verb {
	const char *name;
	int (*run)(const struct work *work);
} verbs[] = {
	{"print", print},
	{"apply", apply},
	{"verify", verify},
	{"prune", prune_broker},
};

static const struct verb *find_verb(const struct options *options)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, options->verb) == 0)
			return &verbs[i];
	return NULL;
}

static int carry_out(const struct verb *verb, const struct config *config,
		     const struct options *options)
{
	struct arena arena;
	struct work work = {.config = config, .options = options};
	int code;

	code = command_pipeline("topology", config, options->pipeline,
				&work.only);
	if (code >= 0)
		return code;
	arena_init(&arena);
	work.arena = &arena;
	work.topology = topology_plan(config, work.only, &arena);
	code = verb->run(&work);
	arena_fini(&arena);
	return code;
}

int command_topology(int argc, char **argv)
{
	struct options options = {
		.prune = {.settle = PRUNE_SETTLE, .wait = -1}};
	const struct verb *verb;
	struct config *config;
	int code = parse(argc, argv, &options);

	if (code >= 0)
		return code;
	verb = find_verb(&options);
	if (verb == NULL)
		return command_usage("topology",
				     "\"%s\" is not print, apply, verify or "
				     "prune",
				     options.verb);
	if (options.permissions && verb->run != print)
		return command_usage("topology",
				     "--permissions goes with print alone");
	if (options.for_prune && verb->run != prune_broker)
		return command_usage("topology",
				     "--dry-run, --yes, --wait and --settle go "
				     "with prune alone");
	config = command_config(options.file);
	if (config == NULL)
		return EX_CONFIG;
	code = carry_out(verb, config, &options);
	config_free(config);
	return code;
}

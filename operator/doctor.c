/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor.c - `rebound doctor`: is the broker set up so that nothing is lost?
 */
#include <stdio.h>
#include <sysexits.h>

#include "operator/commands.h"
#include "worker/doctor.h"
#include "worker/topology_api.h"

static const char help[] =
	"rebound doctor examines a broker that is set up, and changes "
	"nothing.\n"
	"\n"
	"Usage: rebound doctor [-c FILE] [-p P] [--json]\n"
	"\n"
	"One line for each finding: ok, warn or unsafe; what it is about; "
	"why; and\n"
	"the command that mends it, where there is one. Read a command before "
	"you\n"
	"run it: one that deletes a queue is for an empty one.\n"
	"It looks as broker.admin if that is set. Without broker.management "
	"it sees\n"
	"the version and what exists, and says what it cannot see.\n"
	"\n"
	"  -c, --config FILE   the configuration\n"
	"  -p, --pipeline P    for this pipeline alone\n"
	"      --json          print JSON\n"
	"  -h, --help          print this\n"
	"\n"
	"Exit codes: 0 nothing is unsafe, 64 wrong usage, 69 the broker is "
	"out of\n"
	"reach, 77 the broker refuses the credentials or a right is missing, "
	"78 the\n"
	"configuration is wrong or something is unsafe.\n";

struct options {
	const char *file;
	const char *pipeline;
	bool json;
};

/* -1: go on; else the exit code. */
static int parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		COMMAND_OPTION_CONFIG,
		COMMAND_OPTION_PIPELINE,
		{"json", no_argument, NULL, 'j'},
		COMMAND_OPTION_HELP,
		{NULL, 0, NULL, 0},
	};
	struct command_line line = {.command = "doctor",
				    .help = help,
				    .shorts = ":c:p:h",
				    .longs = longs,
				    .argc = argc,
				    .argv = argv};

	while (command_option(&line) != 0)
		options->json = true;
	if (line.has_ended)
		return line.code;
	if (optind < argc)
		return command_usage("doctor",
				     "\"%s\" is one argument too many",
				     argv[optind]);
	options->file = line.file;
	options->pipeline = line.pipeline;
	return -1;
}

/* --- looking ------------------------------------------------------------- */

/* All that is looked at, and what came of it. */
struct visit {
	const struct config *config;
	const struct pipeline_config *only;
	struct arena *arena;
	struct topology topology;
	struct findings findings;
	struct topology_seen seen;
	struct json *nodes;
	char nodes_unseen[sizeof(((struct broker_problem *)0)->text)];
	struct doctor_facts facts;
};

static enum broker_status look_by_api(struct visit *v,
				      struct broker_problem *problem)
{
	struct broker_problem nodes;

	if (topology_see(v->config, v->arena, &v->seen, problem) != BROKER_OK)
		return problem->status;
	v->facts.seen = &v->seen;
	topology_compare(&v->topology, &v->seen, v->arena, &v->findings);
	if (topology_see_nodes(v->config, v->arena, &v->nodes, &nodes) !=
	    BROKER_OK) {
		snprintf(v->nodes_unseen, sizeof(v->nodes_unseen), "%s",
			 nodes.text);
		v->facts.nodes_unseen = v->nodes_unseen;
	}
	v->facts.nodes = v->nodes;
	return BROKER_OK;
}

static enum broker_status look(struct visit *v, struct broker *broker,
			       struct broker_problem *problem)
{
	v->facts.findings = &v->findings;
	v->facts.version =
		arena_string(v->arena, text_of(broker_version(broker)));
	if (v->config->broker.management != NULL)
		return look_by_api(v, problem);
	v->facts.nodes_unseen =
		"Nor are consumers, delivery limits and broker policies.";
	return topology_verify(v->config, broker, &v->topology, v->arena,
			       &v->findings, problem);
}

static struct broker *open_broker(const struct visit *v,
				  struct broker_problem *problem)
{
	const struct broker_config *config = &v->config->broker;
	struct broker_role role = {
		.pipeline = v->only != NULL ? v->only->name : NULL,
		.role = "doctor",
		.login = config_login(config, &config->admin),
	};

	return broker_open(config, &role, problem);
}

/* --- telling ------------------------------------------------------------- */

static void print(const struct doctor_report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct doctor_finding *f = &r->list[i];

		printf("%-6s  %s: %s", doctor_grade_name(f->grade), f->object,
		       f->text);
		if (f->mend != NULL)
			printf(" Mend: %s", f->mend);
		(void)putchar('\n');
	}
	printf("%zu ok, %zu warn, %zu unsafe\n", r->count - r->warn - r->unsafe,
	       r->warn, r->unsafe);
}

static void print_json(const struct doctor_report *r)
{
	struct json *object = json_new_object();
	struct json *list = json_new_array();

	json_put_integer(object, "ok",
			 (int64_t)(r->count - r->warn - r->unsafe));
	json_put_integer(object, "warn", (int64_t)r->warn);
	json_put_integer(object, "unsafe", (int64_t)r->unsafe);
	for (size_t i = 0; i < r->count; i++) {
		const struct doctor_finding *f = &r->list[i];
		struct json *entry = json_new_object();

		json_put_string(entry, "finding", doctor_grade_name(f->grade));
		json_put_string(entry, "object", f->object);
		json_put_string(entry, "text", f->text);
		if (f->mend != NULL)
			json_put_string(entry, "mend", f->mend);
		json_append(list, entry);
	}
	json_put(object, "findings", list);
	json_print_pretty(object, stdout);
	json_free(object);
}

static int examine(struct visit *v, const struct options *options)
{
	struct doctor_report report = {0};
	struct doctor doctor = {.config = v->config,
				.only = v->only,
				.facts = &v->facts,
				.arena = v->arena,
				.report = &report};

	doctor_examine(&doctor);
	if (options->json)
		print_json(&report);
	else
		print(&report);
	return report.unsafe > 0 ? EX_CONFIG : EX_OK;
}

static int visit(struct visit *v, const struct options *options)
{
	struct broker_problem problem = {0};
	struct broker *broker = open_broker(v, &problem);

	if (broker != NULL && look(v, broker, &problem) == BROKER_OK) {
		broker_close(broker);
		return examine(v, options);
	}
	broker_close(broker);
	fprintf(stderr, "rebound doctor: %s\n", problem.text);
	return command_exit_code(problem.status);
}

static int examine_all(const struct config *config,
		       const struct options *options)
{
	struct arena arena;
	struct visit v = {.config = config, .arena = &arena};
	int code;

	code = command_pipeline("doctor", config, options->pipeline, &v.only);
	if (code >= 0)
		return code;
	arena_init(&arena);
	v.topology = topology_plan(config, v.only, &arena);
	code = visit(&v, options);
	topology_seen_free(&v.seen);
	json_free(v.nodes);
	arena_fini(&arena);
	return code;
}

int command_doctor(int argc, char **argv)
{
	struct options options = {0};
	int code = parse(argc, argv, &options);
	struct config *config;

	if (code >= 0)
		return code;
	config = command_config(options.file);
	if (config == NULL)
		return EX_CONFIG;
	code = examine_all(config, &options);
	config_free(config);
	return code;
}

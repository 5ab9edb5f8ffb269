/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prune.c - carries out `rebound topology prune`.
 *
 * What is under way is on the broker alone: a run that is interrupted leaves
 * delay queues without bindings, and the next one goes on from there.
 */
#include "operator/prune.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "operator/commands.h"
#include "operator/prune_print.h"
#include "operator/stop.h"
#include "worker/clock.h"
#include "worker/topology_api.h"

/* The management API is asked so often, and a person told. */
#define LOOK_EVERY (5 * MILLIS_PER_SECOND)
#define LOOK_LEAST ((millis)200)
#define TELL_EVERY (30 * MILLIS_PER_SECOND)

/* All that a run works with. */
struct run {
	const struct prune_order *order;
	struct arena *arena;
	struct prune_list list;
	struct broker_problem problem;
	millis begun;
	millis told; /* progress, last */
};

static int fail(const struct run *run)
{
	fprintf(stderr, "rebound topology prune: %s\n", run->problem.text);
	return command_exit_code(run->problem.status);
}

static bool look(struct run *run, struct arena *arena,
		 struct topology_seen *seen, struct topology_strays *strays)
{
	if (topology_see(run->order->config, arena, seen, &run->problem) !=
	    BROKER_OK)
		return false;
	*strays = topology_strays(run->order->topology, seen, arena);
	return true;
}

/* What is to be removed, in the run's arena; `seen` must live as long. */
static void list_strays(struct run *run, const struct topology_strays *strays)
{
	struct prune_list *list = &run->list;
	struct stray_binding *bindings = arena_array(
		run->arena, strays->binding_count + 1, sizeof(*bindings));

	list->settle = run->order->settle;
	for (size_t i = 0; i < strays->binding_count; i++)
		if (strays->bindings[i].is_of_keys)
			bindings[list->binding_count++] = strays->bindings[i];
	list->bindings = bindings;
	list->lanes = arena_array(run->arena, strays->lane_count + 1,
				  sizeof(*list->lanes));
	for (size_t i = 0; i < strays->lane_count; i++)
		if (strays->lanes[i].delay > 0)
			list->lanes[list->lane_count++] =
				(struct prune_lane){.lane = strays->lanes[i]};
}

/* --- unbinding ------------------------------------------------------------- */

static struct broker *open_broker(struct run *run)
{
	const struct broker_config *config = &run->order->config->broker;
	const struct broker_role role = {
		.role = "topology",
		.login = config_login(config, &config->admin),
	};

	return broker_open(config, &role, &run->problem);
}

static bool unbind_keys(struct run *run, struct broker *broker)
{
	struct prune_list *list = &run->list;

	for (size_t i = 0; i < list->binding_count; i++) {
		const struct stray_binding *b = &list->bindings[i];

		if (broker_unbind_exchange(broker, b->destination, b->source,
					   b->key, &run->problem) != BROKER_OK)
			return false;
	}
	list->are_unbound = true;
	return true;
}

/* The binding that rebound makes for a lane. */
static bool unbind_lane(struct run *run, struct broker *broker,
			struct prune_lane *lane)
{
	struct table match = {0};

	table_add_text(&match, run->arena, "x-match", TEXT("all"));
	table_add_text(&match, run->arena, "rebound-lane",
		       text_of(lane->lane.lane));
	if (broker_unbind_queue(broker, lane->lane.name, lane->lane.exchange,
				"", &match, &run->problem) != BROKER_OK)
		return false;
	prune_unbound(lane, clock_monotonic());
	return true;
}

static bool unbind(struct run *run)
{
	struct broker *broker = open_broker(run);
	bool done = broker != NULL && unbind_keys(run, broker);

	for (size_t i = 0; done && i < run->list.lane_count; i++)
		done = unbind_lane(run, broker, &run->list.lanes[i]);
	broker_close(broker);
	return done;
}

/* --- watching -------------------------------------------------------------- */

static const struct stray_lane *find(const struct topology_strays *strays,
				     const char *name)
{
	for (size_t i = 0; i < strays->lane_count; i++)
		if (strcmp(strays->lanes[i].name, name) == 0)
			return &strays->lanes[i];
	return NULL;
}

/* The names of what was seen last go with it: those of the run stay. */
static void look_at(struct run *run, struct prune_lane *lane,
		    const struct topology_strays *strays)
{
	const struct stray_lane before = lane->lane;

	prune_look(lane, find(strays, before.name), run->order->settle,
		   clock_monotonic());
	lane->lane.name = before.name;
	lane->lane.exchange = before.exchange;
	lane->lane.lane = before.lane;
}

static bool look_at_all(struct run *run)
{
	struct arena arena;
	struct topology_seen seen;
	struct topology_strays strays;
	bool done;

	arena_init(&arena);
	done = look(run, &arena, &seen, &strays);
	if (done) {
		for (size_t i = 0; i < run->list.lane_count; i++)
			look_at(run, &run->list.lanes[i], &strays);
		topology_seen_free(&seen);
	}
	arena_fini(&arena);
	return done;
}

static bool delete_ready(struct run *run)
{
	struct broker *broker;
	bool done = true;

	if (prune_count(&run->list, PRUNE_READY) == 0)
		return true;
	broker = open_broker(run);
	if (broker == NULL)
		return false;
	for (size_t i = 0; done && i < run->list.lane_count; i++) {
		struct prune_lane *lane = &run->list.lanes[i];

		if (lane->state != PRUNE_READY)
			continue;
		done = broker_delete_queue(broker, lane->lane.name,
					   &run->problem) == BROKER_OK;
		if (!done)
			break;
		lane->state = PRUNE_REMOVED;
		if (!run->order->json)
			printf("removed  queue %s\n", lane->lane.name);
	}
	broker_close(broker);
	return done;
}

/* True if the time that it may take is over, or somebody wants it to end. */
static bool is_over(const struct run *run)
{
	millis wait = run->order->wait;

	return stop_signal() != 0 ||
	       (wait >= 0 && clock_monotonic() - run->begun >= wait);
}

static void tell(struct run *run)
{
	millis now = clock_monotonic();

	if (run->told != 0 && now - run->told < TELL_EVERY)
		return;
	run->told = now;
	prune_print_progress(&run->list, now, stderr);
}

/* Until the next look; a signal cuts it short. */
static void rest(const struct run *run)
{
	millis pause = run->order->settle / 4;

	if (pause > LOOK_EVERY)
		pause = LOOK_EVERY;
	if (pause < LOOK_LEAST)
		pause = LOOK_LEAST;
	(void)poll(NULL, 0, (int)pause);
}

/* False if the broker gets in the way. An API that is away for a while does
   not: what is seen after that counts as well. */
static bool drain(struct run *run)
{
	while (prune_count(&run->list, PRUNE_DRAINING) > 0) {
		if (is_over(run))
			return true;
		tell(run);
		rest(run);
		if (!look_at_all(run)) {
			if (run->problem.status != BROKER_UNREACHABLE)
				return false;
			fprintf(stderr, "%s\n", run->problem.text);
			continue;
		}
		if (!delete_ready(run))
			return false;
	}
	return true;
}

/* --- the whole ------------------------------------------------------------- */

static void print_list(const struct run *run)
{
	if (run->order->json)
		prune_print_json(&run->list, stdout);
	else
		prune_print_plan(&run->list, stdout);
}

static const char explanation[] =
	"Bindings are removed at once. A delay queue is unbound, watched until "
	"it has\nlong been empty, and removed; what waits in it comes back "
	"first. One that a\nworker with another configuration uses is bound "
	"again by it, and stays.\nCtrl-C is safe: run this again.\n";

/* -1: go on; else the exit code. */
static int ask(const struct run *run)
{
	char answer[16] = "";

	if (run->order->is_sure)
		return -1;
	if (!isatty(STDIN_FILENO))
		return command_usage("topology",
				     "prune removes things, and nobody can be "
				     "asked here: say --yes");
	print_list(run);
	printf("%sGo on? [y/N] ", explanation);
	fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) != NULL &&
	    (*answer == 'y' || *answer == 'Y'))
		return -1;
	printf("Nothing was changed.\n");
	return EX_OK;
}

static int end(const struct run *run, bool done)
{
	const struct prune_list *list = &run->list;
	bool is_whole = list->are_unbound &&
			prune_count(list, PRUNE_REMOVED) == list->lane_count;

	if (run->order->json)
		prune_print_json(list, stdout);
	else
		prune_print_end(list, stdout);
	if (!done)
		return fail(run);
	if (stop_signal() != 0)
		return stop_exit_code();
	return is_whole ? EX_OK : EX_TEMPFAIL;
}

static int carry_out(struct run *run)
{
	const struct prune_list *list = &run->list;
	bool done;
	int code;

	if (list->binding_count == 0 && list->lane_count == 0) {
		if (run->order->json)
			prune_print_json(list, stdout);
		else
			printf("Nothing is to be removed.\n");
		return EX_OK;
	}
	if (run->order->is_dry) {
		print_list(run);
		return EX_OK;
	}
	code = ask(run);
	if (code >= 0)
		return code;
	stop_catch();
	done = unbind(run) && drain(run);
	return end(run, done);
}

int prune(const struct prune_order *order)
{
	struct arena arena;
	struct run run = {
		.order = order, .arena = &arena, .begun = clock_monotonic()};
	struct topology_seen seen;
	struct topology_strays strays;
	int code;

	if (order->config->broker.management == NULL) {
		fprintf(stderr,
			"rebound topology prune: Only the management API shows "
			"whether a delay queue is empty, and "
			"broker.management is not set. Set it, for example to "
			"\"http://localhost:15672\".\n");
		return EX_CONFIG;
	}
	arena_init(&arena);
	if (look(&run, &arena, &seen, &strays)) {
		list_strays(&run, &strays);
		code = carry_out(&run);
		topology_seen_free(&seen);
	} else {
		code = fail(&run);
	}
	arena_fini(&arena);
	return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core_reload.c - policies that change under a running worker.
 *
 *   SIGHUP, or a file has changed
 *      |
 *      v
 *   reading --wrong--> said; nothing changes
 *      |
 *      v            needs delay queues
 *   compared with  -------------------> waiting for the mender
 *   those in force                          |            |
 *      |                         declared,  |            | refused: said;
 *      v                         or there   v            v nothing changes
 *   in force <------------------------------+
 *
 * One reading at a time; what is asked for meanwhile is read after it. A new
 * reading takes the place of one that waits. What else has changed is named,
 * and waits for a restart.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "worker/config_changes.h"
#include "worker/core_parts.h"
#include "worker/mem.h"

/* How often the files are looked at, and how long they must be at rest. */
#define LOOK_EVERY MILLIS_PER_SECOND
#define SETTLE     ((millis)500)

/* How a complaint goes on (config_file.c). */
#define INDENTED "\n    "

/* Even if the program's file has been replaced since. */
#define THIS_PROGRAM "/proc/self/exe"

static void say(struct core *core, const char *state, const char *text)
{
	core_log(core, "config", NULL, state, text);
}

/* A line of its own for each; lines that are indented belong to the one
   before, behind a dash. */
static void say_each(struct core *core, const char *state, const char *lines)
{
	char *copy = mem_string(lines);
	char *to = copy;
	char *begin = copy;

	for (const char *at = lines; *at != '\0'; at++) {
		if (*at != '\n') {
			*to++ = *at;
		} else if (strncmp(at, INDENTED, strlen(INDENTED)) == 0) {
			at += strlen(INDENTED) - 1;
			memcpy(to, " - ", 3);
			to += 3;
		} else {
			*to++ = '\0';
			say(core, state, begin);
			begin = to;
		}
	}
	free(copy);
}

/* --- what waits ------------------------------------------------------------ */

static void forget_next(struct reload *reload)
{
	ruleset_drop(reload->next_set);
	rulings_free(&reload->next);
	free(reload->next_words);
	reload->next_set = NULL;
	reload->next_words = NULL;
}

uint64_t core_reload_waiting(const struct core *core)
{
	const struct reload *reload = &core->reload;

	return reload->next_set != NULL ? reload->next_number : 0;
}

struct mender_order core_reload_order(const struct core *core)
{
	const struct reload *reload = &core->reload;

	/* A worker starts with what it was started with. */
	if (reload->next_set == NULL || core->stage == STAGE_STARTING)
		return (struct mender_order){.rulings = &reload->rulings};
	return (struct mender_order){
		.number = reload->next_number,
		.rulings = &reload->next,
		.in_force = &reload->rulings,
	};
}

static void say_unchanged(struct core *core, const struct ruleset *set)
{
	struct arena arena;

	arena_init(&arena);
	say(core, "unchanged",
	    arena_printf(&arena, "The policies are as they were: version %s.",
			 set->version));
	arena_fini(&arena);
}

static void say_taken(struct core *core)
{
	const struct reload *reload = &core->reload;
	struct arena arena;

	if (*reload->next_words == '\0') {
		say_unchanged(core, reload->next_set);
		return;
	}
	arena_init(&arena);
	say(core, "reloaded",
	    arena_printf(&arena,
			 "Policies of version %s are in force instead of %s. "
			 "Changed: %s.",
			 reload->next_set->version, reload->set->version,
			 reload->next_words));
	arena_fini(&arena);
}

void core_reload_take(struct core *core)
{
	struct reload *reload = &core->reload;

	for (size_t i = 0; i < core->config->pipeline_count; i++)
		engine_rule(core->engine, i, &reload->next.list[i]);
	say_taken(core);
	rulings_free(&reload->rulings);
	ruleset_drop(reload->set);
	reload->rulings = reload->next;
	reload->set = reload->next_set;
	reload->next = (struct rulings){0};
	reload->next_set = NULL;
	forget_next(reload);
	reload->done++;
}

void core_reload_refuse(struct core *core, const struct broker_problem *problem)
{
	const struct config *config = core->config;
	struct arena arena;
	const char *text;

	arena_init(&arena);
	if (config->declare)
		text = arena_printf(&arena,
				    "Nothing changes: the delay queues (lanes) "
				    "that the new policies need cannot be "
				    "declared. %s",
				    problem->text);
	else
		text = arena_printf(&arena,
				    "Nothing changes: the new policies need "
				    "delay queues (lanes) that are not there, "
				    "and with declare = false a worker "
				    "declares none. Declare them, and reload "
				    "again: rebound topology apply -c %s. %s",
				    config->file, problem->text);
	say(core, "refused", text);
	arena_fini(&arena);
	forget_next(&core->reload);
	core->reload.failed++;
}

void core_reload_wait(struct core *core, const struct broker_problem *problem)
{
	struct arena arena;

	if (core->reload.has_said_waiting)
		return;
	core->reload.has_said_waiting = true;
	arena_init(&arena);
	say(core, "waiting",
	    arena_printf(&arena,
			 "Policies of version %s wait for their delay queues "
			 "(lanes), and those before stay in force: %s",
			 core->reload.next_set->version, problem->text));
	arena_fini(&arena);
}

/* --- a reading ------------------------------------------------------------- */

/* True if a running pipeline that the set in force does not know, and that has
   gone by an older one since, is in the next. */
static bool has_come_back(const struct core *core)
{
	const struct reload *reload = &core->reload;

	for (size_t i = 0; i < core->config->pipeline_count; i++)
		if (reload->rulings.list[i].set != reload->set &&
		    reload->next.list[i].set == reload->next_set)
			return true;
	return false;
}

/* Has the set taken, once its delay queues are there. */
static void prepare(struct core *core, struct ruleset *set, const char *words)
{
	struct reload *reload = &core->reload;

	reload->next_set = set;
	reload->next = rulings_renew(&reload->rulings, set);
	reload->next_number++;
	if (*words == '\0' && has_come_back(core))
		words = "what pipelines that were gone go by";
	reload->next_words = mem_string(words);
	reload->has_said_waiting = false;
	if (rulings_new_lanes(&reload->next, &reload->rulings, core->only) == 0)
		core_reload_take(core);
	else if (core->stage == STAGE_STARTING)
		say(core, "waiting",
		    "The new policies need delay queues (lanes), which are "
		    "declared once the worker has started.");
	else
		core_mend(core);
}

/* Takes the configuration, which is right. */
static void compare(struct core *core, struct config *config)
{
	struct reload *reload = &core->reload;
	struct arena arena;
	struct config_changes changes;
	const char *live;
	const char *later;

	arena_init(&arena);
	forget_next(reload);
	changes = config_changes(core->config, config, &arena);
	later = config_changes_words(&changes, false, &arena);
	if (*later != '\0')
		say(core, "restart",
		    arena_printf(&arena,
				 "These changes wait for a restart: %s.",
				 later));
	changes = config_changes(reload->set->config, config, &arena);
	live = config_changes_words(&changes, true, &arena);
	if (changes.count > 0) {
		prepare(core, ruleset_own(config), live);
	} else {
		config_free(config);
		reload->done++;
		say_unchanged(core, reload->set);
	}
	arena_fini(&arena);
}

static void on_read(void *context, const struct config_read *read)
{
	struct core *core = context;
	struct reload *reload = &core->reload;

	reload->reader = NULL;
	if (read->file_count > 0)
		file_watch_set(reload->watch, read->files, read->file_count);
	if (core->stage == STAGE_STOPPING) {
		config_free(read->config);
		return;
	}
	if (read->config != NULL) {
		say_each(core, "warning", read->said);
		compare(core, read->config);
	} else {
		reload->failed++;
		say(core, "wrong",
		    "The configuration was read again and is wrong, so that "
		    "nothing changes. What is wrong:");
		say_each(core, "error", read->said);
	}
	if (reload->is_due)
		core_reload(core);
}

void core_reload(struct core *core)
{
	struct reload *reload = &core->reload;

	if (core->stage == STAGE_STOPPING)
		return;
	reload->is_due = reload->reader != NULL;
	if (reload->is_due)
		return;
	file_watch_seen(reload->watch);
	reload->reader = config_reader_start(core->loop, THIS_PROGRAM,
					     core->config->file, on_read, core);
}

static void on_change(void *context)
{
	core_reload(context);
}

static void on_hangup(void *context, int signal)
{
	(void)signal;
	core_reload(context);
}

void core_reload_begin(struct core *core)
{
	struct reload *reload = &core->reload;
	const struct config *config = core->config;

	reload->set = ruleset_new(config);
	reload->rulings = rulings_begin(config, reload->set);
	reload->watch =
		file_watch_new(core->loop, LOOK_EVERY, SETTLE, on_change, core);
	file_watch_set(reload->watch, config->files, config->file_count);
	loop_on_signal(core->loop, SIGHUP, on_hangup, core);
}

void core_reload_end(struct core *core)
{
	struct reload *reload = &core->reload;

	config_reader_drop(reload->reader);
	file_watch_free(reload->watch);
	forget_next(reload);
	rulings_free(&reload->rulings);
	ruleset_drop(reload->set);
}

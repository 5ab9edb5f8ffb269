/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/core_parts.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "worker/mem.h"

#define WATCH_EVERY MILLIS_PER_SECOND

/* How long the threads may take to close their connections. */
#define CLOSE_WAIT (3 * MILLIS_PER_SECOND)

void core_log(struct core *core, const char *part, const char *pipeline,
	      const char *state, const char *text)
{
	log_state(core->log, part, pipeline, state, text);
}

/* Ends the loop. */
static void end_loop(struct core *core)
{
	loop_stop(core->loop);
}

static bool is_mine(const struct core *core, size_t pipeline)
{
	return core->only == NULL ||
	       core->only == &core->config->pipelines[pipeline];
}

void core_begin(struct core *core)
{
	const struct config *config = core->config;
	size_t copies = 0;

	for (size_t i = 0; i < config->pipeline_count; i++)
		if (is_mine(core, i))
			copies += 2 * (size_t)config->pipelines[i].prefetch;
	copies++; /* the trail's */
	core->stage = STAGE_RUNNING;
	core->begun = loop_now(core->loop);
	core->outlet_events =
		mailbox_new(sizeof(struct outlet_event),
			    outlet_events_max(copies), loop_wake, core->loop);
	core->outlet =
		outlet_start(config, core->only, copies, core->outlet_events);
	for (size_t i = 0; i < config->pipeline_count; i++) {
		struct source *source = &core->sources[i];

		if (!is_mine(core, i))
			continue;
		source->events =
			mailbox_new(sizeof(struct intake_event),
				    intake_events_max(source->pipeline),
				    loop_wake, core->loop);
		source->intake =
			intake_start(config, source->pipeline, source->events);
	}
}

/* --- stopping ------------------------------------------------------------------ */

static bool have_all_stopped(const struct core *core)
{
	for (size_t i = 0; i < core->config->pipeline_count; i++)
		if (core->sources[i].intake != NULL &&
		    !core->sources[i].has_stopped)
			return false;
	return true;
}

void core_check_end(struct core *core)
{
	if (core->stage == STAGE_STOPPING && have_all_stopped(core) &&
	    engine_jobs(core->engine) == 0 && core_trail_end(core))
		end_loop(core);
}

static void grace_is_over(void *context)
{
	struct core *core = context;
	char text[200];

	snprintf(text, sizeof(text),
		 "%zu messages were still in flight: the broker delivers them "
		 "again.",
		 engine_jobs(core->engine));
	core_log(core, "worker", NULL, "left", text);
	end_loop(core);
}

/* Takes no more messages, and ends when what is in flight is finished. */
static void stop(struct core *core, const char *text)
{
	core->stage = STAGE_STOPPING;
	core_log(core, "worker", NULL, "stopping", text);
	notify_say(&core->notify, NOTIFY_STOPPING);
	engine_drain(core->engine);
	for (size_t i = 0; i < core->config->pipeline_count; i++)
		if (core->sources[i].intake != NULL)
			intake_stop(core->sources[i].intake);
	loop_timer_set(core->grace_timer, core->config->shutdown_grace);
	core_check_end(core);
}

void core_refuse(struct core *core, const struct broker_problem *problem)
{
	bool is_config = problem->status == BROKER_CONFLICT ||
			 problem->status == BROKER_MISSING;

	log_flush(core->log);
	fprintf(stderr, "rebound: %s\n", problem->text);
	core->exit_code = is_config ? EX_CONFIG : EX_NOPERM;
	stop(core, problem->text);
}

static void on_signal(void *context, int number)
{
	struct core *core = context;

	if (core->stage == STAGE_STOPPING) {
		log_flush(core->log);
		signal(number, SIG_DFL);
		raise(number);
	}
	stop(core, "No more messages are taken; what is in flight is "
		   "finished. A second signal leaves at once.");
}

/* --- timers ---------------------------------------------------------------------- */

static void ask_mender(void *context)
{
	struct core *core = context;

	if (core->stage != STAGE_STOPPING)
		core_mend(core);
}

static void watch(void *context)
{
	struct core *core = context;
	millis now = loop_now(core->loop);
	const char *text = "The broker did not answer in time: the connection "
			   "is cut, and made again.";

	for (size_t i = 0; i < core->config->pipeline_count; i++) {
		struct source *source = &core->sources[i];

		if (source->intake != NULL &&
		    intake_cut_if_hung(source->intake, now))
			core_log(core, "intake", source->pipeline->name, "cut",
				 text);
	}
	if (core->outlet != NULL && outlet_cut_if_hung(core->outlet, now))
		core_log(core, "outlet", NULL, "cut", text);
	loop_timer_set(core->watch_timer, WATCH_EVERY);
}

/* From the loop: one that no longer turns is not alive. */
static void show_life(void *context)
{
	struct core *core = context;

	notify_say(&core->notify, NOTIFY_ALIVE);
	loop_timer_set(core->alive_timer, core->notify.every);
}

static void end_of_turn(void *context)
{
	struct core *core = context;

	core_flush(core);
	log_flush(core->log);
}

/* --- the whole ------------------------------------------------------------------- */

static void name_worker(struct core *core)
{
	char host[256] = "";

	if (gethostname(host, sizeof(host) - 1) != 0)
		strcpy(host, "?");
	snprintf(core->worker, sizeof(core->worker), "%s/%ld", host,
		 (long)getpid());
}

static void on_http_notice(void *context, const char *text)
{
	core_log(context, "worker", NULL, "credential", text);
}

static void set_up(struct core *core)
{
	const struct config *config = core->config;
	const struct engine_ports ports = core_ports(core);

	name_worker(core);
	core->loop = loop_new();
	core_reload_begin(core);
	core->http = http_new(core->loop, config);
	http_on_notice(core->http, on_http_notice, core);
	core_trail_begin(core);
	core->engine =
		engine_new(config, core->reload.set, core->worker, &ports);
	core_health_begin(core);
	core->sources =
		mem_array(config->pipeline_count, sizeof(*core->sources));
	for (size_t i = 0; i < config->pipeline_count; i++)
		core->sources[i] = (struct source){
			.core = core, .pipeline = &config->pipelines[i]};
	core->mend_timer = loop_timer_new(core->loop, ask_mender, core);
	core->engine_timer = loop_timer_new(core->loop, core_tick, core);
	core->flush_timer = loop_timer_new(core->loop, core_flush, core);
	core->watch_timer = loop_timer_new(core->loop, watch, core);
	core->grace_timer = loop_timer_new(core->loop, grace_is_over, core);
	core->alive_timer = loop_timer_new(core->loop, show_life, core);
	loop_on_wake(core->loop, core_on_wake, core);
	loop_on_turn(core->loop, end_of_turn, core);
	loop_on_signal(core->loop, SIGTERM, on_signal, core);
	loop_on_signal(core->loop, SIGINT, on_signal, core);
	loop_timer_set(core->watch_timer, WATCH_EVERY);
	core->mender_events =
		mailbox_new(sizeof(struct mender_event), MENDER_EVENTS_MAX,
			    loop_wake, core->loop);
	core->mender = mender_start(config, core->only, core->mender_events);
}

static void drop_intake_events(struct source *source)
{
	struct intake_event event;

	while (mailbox_pop(source->events, &event)) {
		message_free(event.message);
		free(event.problem);
	}
	mailbox_free(source->events);
}

/* A thread waits for a broker that does not answer: nothing is lost by going,
   and what it still uses must not be freed. */
static void leave(struct core *core)
{
	core_log(core, "worker", NULL, "stopped", NULL);
	log_flush(core->log);
	_exit(core->exit_code);
}

/* Acks ordered by now are sent: intakes end in order. Copies are borrowed from
   the engine, so that it goes after the outlet. */
static void tear_down(struct core *core)
{
	struct outlet_event copy;
	struct mender_event mend;

	for (size_t i = 0; i < core->config->pipeline_count; i++) {
		if (core->sources[i].intake == NULL)
			continue;
		if (!intake_join(core->sources[i].intake, CLOSE_WAIT))
			leave(core);
		drop_intake_events(&core->sources[i]);
	}
	if (core->outlet != NULL) {
		if (!outlet_join(core->outlet, CLOSE_WAIT))
			leave(core);
		while (mailbox_pop(core->outlet_events, &copy))
			free(copy.problem);
		mailbox_free(core->outlet_events);
	}
	if (!mender_join(core->mender, CLOSE_WAIT))
		leave(core);
	while (mailbox_pop(core->mender_events, &mend))
		free(mend.problem);
	mailbox_free(core->mender_events);
	http_free(core->http);
	core_health_end(core);
	core_ports_free(core);
	engine_free(core->engine);
	trail_free(core->trail);
	core_reload_end(core);
	loop_free(core->loop);
	free(core->sources);
}

/* Ready is who waits for the broker too: that may take days, and a supervisor
   that waits for it would give up. */
static void tell_supervisor(struct core *core)
{
	notify_say(&core->notify, NOTIFY_READY);
	if (core->notify.every > 0)
		loop_timer_set(core->alive_timer, core->notify.every);
}

static void say_starting(struct core *core)
{
	char text[100];

	snprintf(text, sizeof(text), "The policies are version %s.",
		 core->reload.set->version);
	core_log(core, "worker", NULL, "starting", text);
}

int core_run(const struct config *config, const struct pipeline_config *only,
	     struct log *log)
{
	struct core core = {.config = config, .only = only, .log = log};

	signal(SIGPIPE, SIG_IGN);
	notify_open(&core.notify);
	set_up(&core);
	say_starting(&core);
	core_mend(&core);
	tell_supervisor(&core);
	loop_run(core.loop);
	tear_down(&core);
	notify_close(&core.notify);
	core_log(&core, "worker", NULL, "stopped", NULL);
	log_flush(log);
	return core.exit_code;
}

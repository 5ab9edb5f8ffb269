/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core_parts.h - the insides of the core, for core*.c alone.
 */
#ifndef WORKER_CORE_PARTS_H
#define WORKER_CORE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "worker/core.h"
#include "worker/engine.h"
#include "worker/http.h"
#include "worker/intake.h"
#include "worker/loop.h"
#include "worker/mender.h"
#include "worker/outlet.h"

enum stage {
	STAGE_STARTING,
	STAGE_RUNNING,
	STAGE_STOPPING,
};

/* What is known of a connection, so that each change is said once. */
struct contact {
	bool is_up;
	bool was_up;                /* ever: then nothing ends the program */
	enum broker_status trouble; /* as last said; BROKER_OK: none */
};

/* One pipeline's intake. */
struct source {
	struct core *core;
	const struct pipeline_config *pipeline;
	struct mailbox *events;
	struct intake *intake; /* NULL: not this worker's */
	struct contact contact;
	bool has_stopped;
};

struct core {
	const struct config *config;
	const struct pipeline_config *only;
	struct log *log;
	struct loop *loop;
	struct http *http;
	struct engine *engine;
	struct source *sources; /* one a pipeline */
	struct outlet *outlet;  /* NULL until RUNNING */
	struct mailbox *outlet_events;
	struct contact outlet_contact;
	bool is_blocked; /* publishing, by an alarm */
	struct mender *mender;
	struct mailbox *mender_events;
	struct contact mender_contact;
	uint32_t mend_failures; /* in a row */
	millis mend_due;        /* not asked again before that */
	struct call *calls;     /* under way */
	uint64_t *unplaced;     /* jobs whose copy the outlet did not take */
	size_t unplaced_count;
	size_t unplaced_room;
	struct loop_timer *mend_timer;   /* asks again */
	struct loop_timer *engine_timer; /* engine_tick */
	struct loop_timer *watch_timer;  /* connections that hang */
	struct loop_timer *grace_timer;  /* the end of stopping */
	enum stage stage;
	millis begun;     /* when RUNNING */
	bool has_started; /* all connections have been up */
	int exit_code;
	char version[POLICY_VERSION_MAX];
	char worker[300]; /* who we are, in journals: host/pid */
};

/* core.c */

/* Ends the program, at start, over something that cannot mend itself; what is
   in flight by then is finished. */
void core_refuse(struct core *core, const struct broker_problem *problem);
/* Starts outlet and intakes: the topology is there. */
void core_begin(struct core *core);
/* Ends when nothing is left to finish. */
void core_check_end(struct core *core);
void core_log(struct core *core, const char *part, const char *pipeline,
	      const char *state, const char *text);

/* core_events.c: what the other threads say */

void core_on_wake(void *context);
/* Has the topology declared or compared again, soon. */
void core_mend(struct core *core);

/* core_ports.c: what the engine asks for */

struct engine_ports core_ports(struct core *core);
/* Frees what the ports hold: calls that were dropped. */
void core_ports_free(struct core *core);
/* Tells the engine of the copies that the outlet did not take. */
void core_heed_unplaced(struct core *core);
void core_can_publish(struct core *core);
/* Does what is due in the engine, and sets the timer for the next. */
void core_tick(void *context);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core_parts.h - the insides of the core, for core*.c alone.
 */
#ifndef WORKER_CORE_PARTS_H
#define WORKER_CORE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "worker/core.h"
#include "worker/config_reader.h"
#include "worker/engine.h"
#include "worker/file_watch.h"
#include "worker/http.h"
#include "worker/intake.h"
#include "worker/loop.h"
#include "worker/mender.h"
#include "worker/notify.h"
#include "worker/outlet.h"
#include "worker/probe.h"
#include "worker/rulings.h"
#include "worker/trail.h"

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

/* The policies that were read last, and those that are read. */
struct reload {
	struct file_watch *watch;     /* of the configuration's files */
	struct config_reader *reader; /* NULL: nothing is being read */
	bool is_due;              /* asked for once more while it was read */
	struct ruleset *set;      /* in force; a user of it */
	struct rulings rulings;   /* what pipelines go by now */
	struct ruleset *next_set; /* waits for its lanes; NULL: none does */
	struct rulings next;      /* what they will go by then */
	uint64_t next_number;     /* of it, >= 1, in orders to the mender */
	char *next_words;         /* what changes with it */
	bool has_said_waiting;
	uint64_t done;   /* readings that were taken */
	uint64_t failed; /* readings that changed nothing, being wrong */
};

struct core {
	const struct config *config;
	const struct pipeline_config *only;
	struct log *log;
	struct loop *loop;
	struct http *http;
	struct engine *engine;
	struct probes *probes;
	struct trail *trail;
	struct audit_actor actor; /* its writer */
	char actor_names[2][AUDIT_NAME_MAX];
	struct source *sources; /* one a pipeline */
	struct outlet *outlet;  /* NULL until RUNNING */
	struct mailbox *outlet_events;
	struct contact outlet_contact;
	bool is_blocked; /* publishing, by an alarm */
	struct reload reload;
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
	struct loop_timer *trail_timer;  /* trail_tick */
	struct loop_timer *flush_timer;  /* acks that wait for others */
	struct loop_timer *watch_timer;  /* connections that hang */
	struct loop_timer *grace_timer;  /* the end of stopping */
	struct loop_timer *alive_timer;  /* shows the supervisor that we live */
	struct notify notify;
	enum stage stage;
	millis begun;     /* when RUNNING */
	bool has_started; /* all connections have been up */
	int exit_code;
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

/* core_trail.c: the audit trail */

/* After the loop, and before the engine. */
void core_trail_begin(struct core *core);
/* Writes what is due, and sets the timer for the next. */
void core_trail_tick(void *context);
/* The last entry, once nothing is in hand. True if nothing has to be waited
   for. */
bool core_trail_end(struct core *core);

/* core_health.c: the health of downstreams */

/* After the engine and HTTP. */
void core_health_begin(struct core *core);
/* After HTTP, and before the loop. */
void core_health_end(struct core *core);
/* The breaker of a downstream has changed. */
void core_health_changed(struct core *core, size_t downstream);

/* core_reload.c: policies that change */

/* What the worker begins with: after the loop, and before the engine, which
   goes by it. */
void core_reload_begin(struct core *core);
/* After the engine, and before the loop. */
void core_reload_end(struct core *core);
/* Reads the configuration again. */
void core_reload(struct core *core);
/* The number of the policies that wait for their delay queues; 0: none do. */
uint64_t core_reload_waiting(const struct core *core);
/* What the mender is to see to: for them, or for those in force. */
struct mender_order core_reload_order(const struct core *core);
/* Those that wait have their delay queues now: they are in force. */
void core_reload_take(struct core *core);
/* They cannot have them, and are forgotten. */
void core_reload_refuse(struct core *core,
			const struct broker_problem *problem);
/* They wait on. */
void core_reload_wait(struct core *core, const struct broker_problem *problem);

/* core_ports.c: what the engine asks for */

struct engine_ports core_ports(struct core *core);
/* Frees what the ports hold: calls that were dropped. */
void core_ports_free(struct core *core);
/* What became of a copy, of the engine's or of the trail's. */
void core_copied(struct core *core, uint64_t job, enum copy_result result);
/* Ports of the engine and of the trail; the context is the core. Publishes by
   the outlet; sends an ack; reads the clock. */
void core_publish(void *context, const struct copy *copy);
void core_ack(void *context, size_t pipeline, uint64_t epoch, uint64_t tag);
millis core_wall(void *context);
/* Tells of the copies that the outlet did not take. */
void core_heed_unplaced(struct core *core);
void core_can_publish(struct core *core);
/* Hands to the other threads what was gathered for them in this turn, unless it
   may wait for more. */
void core_flush(void *context);
/* Does what is due in the engine, and sets the timer for the next. */
void core_tick(void *context);

#endif

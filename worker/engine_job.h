/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_job.h - the insides of the engine, for engine*.c alone.
 *
 * A job is one delivery in hand. It is on the list of its pipeline from
 * arrival to its end. It has a call for each step of its route, which is in the
 * line of its downstream while it waits for a place.
 */
#ifndef WORKER_ENGINE_JOB_H
#define WORKER_ENGINE_JOB_H

#include "worker/delivered.h"
#include "worker/engine.h"
#include "worker/envelope.h"
#include "worker/health.h"

#include "policy/share.h"

enum phase {
	PHASE_CALLS,   /* its calls are begun, or about to be */
	PHASE_COPYING, /* its copy is with the outlet */
	PHASE_HOLDING, /* its copy is to be published again when due */
	PHASE_STUCK,   /* its copy cannot be published, and it is not ours */
	PHASE_ALONE,   /* suspected: until nothing else is in hand */
	PHASE_TWIN,    /* until the void delivery of the same message ends */
};

enum call_phase {
	CALL_IDLE,    /* not begun, or ended */
	CALL_WAITING, /* for a place at its downstream */
	CALL_CALLING,
	CALL_QUICK, /* for its next time, which is soon */
};

/* One step of a job, which the port for calls knows by its address. */
struct call {
	struct job *job;
	const struct downstream_config *downstream; /* as it is called */
	const struct downstream_config *rules;      /* as it is judged */
	enum call_phase phase;
	struct call *behind;          /* in the line; WAITING */
	struct line *line;            /* of its downstream; NULL: none yet */
	struct breaker_ticket ticket; /* CALLING */
	millis due;                   /* QUICK */
	/* Since the job was taken from its queue. */
	bool has_failed;
	millis failed_at;    /* first, on the loop's clock */
	uint32_t quick_made; /* quick retries */
	/* What it came to. */
	struct verdict verdict;
	uint32_t attempt; /* which call this was, from 1; 0: none */
	int status;       /* HTTP; 0: none */
};

struct job {
	struct job *next; /* of the pipeline */
	struct job *previous;
	struct flow *flow;    /* of its pipeline */
	struct ruling ruling; /* it counts as a user of the set */
	enum phase phase;
	struct job *elder; /* TWIN: the void one that it waits for */
	struct job *twin;  /* which waits for this one; NULL: none */
	uint64_t epoch;
	struct message *message;
	size_t body_len;
	struct envelope envelope;
	struct copy copy;
	bool is_slim;  /* the copy has been slimmed already */
	uint32_t held; /* times in a row that the copy was not taken */
	millis due;    /* HOLDING */
	/* What the copy is for, and what the log is told once it is done; which
	   call has led to it, or would have been the first. */
	struct verdict verdict;
	const struct call *about;
	bool is_again;          /* it was seen to before, in a way that `how` */
	enum delivered_how how; /* says */
	struct text lane;
	millis rest;
	struct envelope_parking parking;
	size_t call_count;
	struct call calls[]; /* call_count of them, one a step */
};

/* The calls of one downstream: so many at once, the rest in line. */
struct line {
	struct engine *engine;
	size_t downstream; /* its index */
	uint32_t calling;
	bool is_late;     /* some wait for its rate */
	struct turn turn; /* whose it is */
	struct queue {
		struct call *first;
		struct call *last;
	} queues[PRIORITY_COUNT]; /* by priority of the pipeline */
};

/* What was acked on the living connection; the message is its own. */
struct acked {
	struct message *message;
	enum delivered_how how;
};

/* One pipeline's deliveries. */
struct flow {
	struct engine *engine;
	const struct pipeline_config *config;
	struct ruling ruling; /* what deliveries that come now go by */
	uint64_t epoch;       /* the living one; 0: none */
	struct job *jobs;
	size_t copying; /* jobs whose copy is not yet placed */
	size_t holding; /* those of them that were not taken at first */
	bool is_held;   /* as last reported */
	size_t quick;   /* jobs that wait for a quick retry */
	uint32_t asked; /* how many at once the intake was last asked for */
	uint32_t given; /* and how many it has last said that it takes */
	struct acked *acked; /* a ring of `prefetch`; NULL: none yet */
	size_t acked_first;
	size_t acked_count;
	size_t acked_bytes; /* of memory */
	uint64_t bytes;     /* of the bodies in hand, void ones too */
	bool is_full;       /* they are over the bound, as last reported */
	bool has_given_up;  /* a search in an answer, which was reported */
	bool is_wide;       /* the prefetch, and not one at a time */
	bool is_alone;      /* as last reported */
	millis go_on;       /* when one at a time ends by itself; 0: no date */
};

struct engine {
	const struct config *config;
	const char *worker;
	struct engine_ports ports;
	struct flow *flows;
	struct line *lines;
	struct delivered *delivered;
	struct health *health;
	bool has_moved; /* a breaker has, and not all is in line with it */
	millis now;     /* as last told */
	size_t jobs;
	uint32_t frame_max;
	bool can_publish;
	bool is_draining;
};

/* engine_copy.c */

/* Works out where the copy that the verdict asks for will go, if it does. */
void job_plan(struct job *job);
/* Makes that copy, and publishes it. */
void job_copy(struct job *job);
/* What `engine_copied` says of it. */
void job_copied(struct job *job, enum copy_result result, millis now);
/* Gives up making a copy, of a job that counts among those with one. */
void job_refuse(struct job *job);
/* Publishes a held copy again. */
void job_publish(struct job *job);
/* Its copy is no longer under way, because of that or since its epoch is
   over. */
void job_uncount_copy(struct job *job, enum copy_result result);

/* engine_line.c */

/* Starts the calls that have a place now. */
void line_pump(struct line *line);
void line_join(struct call *call, struct line *line);
/* Takes out the calls that wait in it for jobs that are void, or all: they are
   idle then. */
void line_clear(struct line *line, bool all);
void engine_pump(struct engine *engine); /* of all lines, unless it drains */

/* engine_health.c */

/* The health of all downstreams, for that engine. */
struct health *engine_health_new(struct engine *engine);
/* How many deliveries of a pipeline are of use in hand, as its downstreams are. */
uint32_t flow_width(const struct flow *flow);
/* Tells what the call came to. If the message is to be held for it, its verdict
   then says so. */
void call_tell_health(struct call *call, const struct outcome *outcome,
		      struct verdict *verdict, millis now);
/* Has the message wait in a delay queue of the call's downstream, which is not
   called; false if there is none. */
bool call_hold(struct call *call);
/* Does what is due; brings all in line after changes. Returns how long to wait
   until the next, or -1. */
millis engine_heed_health(struct engine *engine, millis now);

/* engine_quick.c */

/* The call has ended: tells the policy about quick retries. */
void call_count_quick(struct call *call, millis now,
		      struct message_facts *facts);
/* Keeps it in hand until its quick retry is due. */
void call_wait_quick(struct call *call, millis now);
/* It no longer waits so. */
void call_leave_quick(struct call *call);
/* Makes the quick retries that are due; returns how long to wait until the
   next, or -1. */
millis flow_call_quick(struct flow *flow, millis now);

/* engine_tap.c */

/* True if it came back so often that it is delivered alone. */
bool job_is_suspect(const struct job *job);
/* True if nothing has been begun for it. */
bool job_is_aside(const struct job *job);
/* A delivery has come, and been read. */
void flow_arrival(struct flow *flow, const struct job *job);
/* Something has changed: asks for more or less, starts what may start. */
void flow_turn(struct flow *flow);
/* Does what is due, and returns how long to wait until the next, or -1. */
millis flow_tick(struct flow *flow, millis now);
/* A connection has come (or gone: 0). */
void flow_begin(struct flow *flow, uint64_t epoch);

/* engine_again.c */

/* A message has been acked: it is the flow's from here on. */
void flow_keep(struct flow *flow, struct message *message,
	       enum delivered_how how);
/* The connection is gone: acks may not have arrived. */
void flow_broken(struct flow *flow);
/* Frees what was kept. */
void flow_forget(struct flow *flow);
/* True if the delivery was seen to on an earlier connection, and is acked for
   that, or waits since that is under way. */
bool job_again(struct job *job);
/* A job that is void has come to an end that counts: it need not be delivered
   again. */
void job_void_done(struct job *job, enum delivered_how how);
/* It has come to another end. */
void job_void_failed(struct job *job);
/* No longer waits for another, and no other for it. */
void job_part(struct job *job);

/* engine_arrival.c */

/* Begins with a message that has been read, and is to be delivered. */
void job_begin(struct job *job);
/* Begins its calls. */
void job_call(struct job *job);
/* True if the message's own deadline is over before the call: then it is
   parked. */
bool call_park_late(struct call *call);

/* engine.c */

struct job *job_new(struct flow *flow, uint64_t epoch, struct message *message);

/* Acks, reports and frees. */
void job_done(struct job *job);
/* Frees; the broker keeps the message. */
void job_drop(struct job *job);
/* A report with what is known of the job filled in. */
struct report job_report(const struct job *job, enum report_kind kind);
/* The same, of what one of its calls came to. */
struct report call_report(const struct call *call, enum report_kind kind);
/* Where the message is with it; NULL if it carries too many others. */
struct step *call_step(const struct call *call);
bool job_is_stale(const struct job *job);

#endif

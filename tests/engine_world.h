/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_world.h - the world of an engine under test, through ports that
 * pretend: a broker with delay queues and parking, a downstream with a script,
 * a clock.
 */
#ifndef TESTS_ENGINE_WORLD_H
#define TESTS_ENGINE_WORLD_H

#include "policy/lanes.h"
#include "worker/engine.h"

#define S         MILLIS_PER_SECOND
#define WALL      ((millis)1700000000000)
#define WORLD_MAX 64

/* What the world has seen, and what it will say. */
struct world {
	struct engine *engine;
	struct ruleset *rules; /* of the start; the engine's */
	struct config config;
	struct pipeline_config pipeline;
	struct downstream_config downstream;
	struct downstream_config *deliver_to[1];
	struct policy policy;
	millis lanes[LANES_MAX];
	millis rungs[LADDER_RUNGS_MAX];
	millis now;
	uint64_t calls[WORLD_MAX]; /* under way */
	size_t call_count;
	size_t called; /* in all */
	char keys[WORLD_MAX][64];
	const struct copy *copies[WORLD_MAX]; /* handed to the outlet */
	size_t copy_count;
	size_t acks;
	uint64_t acked_tag;
	size_t rejects;
	size_t repairs;
	size_t health_changes;
	size_t consumes;
	uint64_t epoch_asked;
	uint32_t prefetch; /* as last asked for */
	size_t reports[REPORT_GAVE_UP + 1];
	uint32_t attempt; /* as last reported */
	const char *reason;
	millis delay;
	struct text body; /* of each answer */
};

/* A worker with one pipeline that delivers to one downstream, two calls at
   once, in its first epoch. */
void world_start(struct world *w);

/* Another engine, after changes to the configuration of the world. */
void world_restart(struct world *w);
/* What is left is freed. */
void world_end(struct world *w);

/* A delivery that has never failed, of the message "msg-1". */
struct message *world_fresh(uint64_t tag);

/* Answers the oldest call. */
void world_answer(struct world *w, int status, enum transport transport,
		  millis retry_after);

/* The oldest copy that was handed to the outlet. */
const struct copy *world_take_copy(struct world *w);

/* A header of it that is a text; empty where there is none. */
struct text world_header(const struct copy *copy, const char *name);

/* The delivery that a copy in a delay queue becomes, once its time is over. */
struct message *world_comes_back(const struct copy *copy, uint64_t tag);

/* A copy that the broker has confirmed, and the delivery it becomes. */
struct message *world_confirm(struct world *w, uint64_t tag);

#endif

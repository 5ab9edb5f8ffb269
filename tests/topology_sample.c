/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/topology_sample.h"

static const char *const keys_of_a[] = {"lab.#", "x+ray.*"};
static const char *const keys_of_b[] = {"b.#"};
static const millis lanes_of_a[] = {5000, 60000};
static const millis ladder_of_a[] = {1000};
static const millis lanes_of_b[] = {250};

static void name_objects(struct pipeline_config *p, struct arena *arena,
			 const char *prefix)
{
	p->exchange = arena_printf(arena, "%s%s", prefix, p->name);
	p->queue = p->exchange;
	p->queue_is_ours = true;
	p->delay_exchange = arena_printf(arena, "%s%s.delay", prefix, p->name);
	p->parking = arena_printf(arena, "%s%s.parking", prefix, p->name);
}

static void set_a(struct pipeline_config *p, struct arena *arena,
		  const char *prefix)
{
	p->name = "a";
	name_objects(p, arena, prefix);
	p->business_exchange = arena_printf(arena, "%sshared", prefix);
	p->keys = keys_of_a;
	p->key_count = 2;
	p->lanes = lanes_of_a;
	p->lane_count = 2;
	p->ladder = ladder_of_a;
	p->ladder_count = 1;
}

static void set_b(struct pipeline_config *p, struct arena *arena,
		  const char *prefix)
{
	p->name = "b";
	name_objects(p, arena, prefix);
	p->queue = arena_printf(arena, "%sforeign", prefix);
	p->queue_is_ours = false;
	p->business_exchange = arena_printf(arena, "%sb.in", prefix);
	p->business_is_ours = true;
	p->keys = keys_of_b;
	p->key_count = 1;
	p->lanes = lanes_of_b;
	p->lane_count = 1;
}

struct config *sample_config(struct arena *arena, const char *prefix)
{
	struct config *config = arena_alloc(arena, sizeof(*config));
	struct downstream_config *downstream =
		arena_alloc(arena, sizeof(*downstream));
	struct downstream_config **deliver_to =
		arena_alloc(arena, sizeof(*deliver_to));
	struct pipeline_config *pipelines =
		arena_array(arena, 2, sizeof(*pipelines));

	downstream->name = "ehr";
	*deliver_to = downstream;
	set_a(&pipelines[0], arena, prefix);
	set_b(&pipelines[1], arena, prefix);
	for (size_t i = 0; i < 2; i++) {
		pipelines[i].index = i;
		pipelines[i].deliver_to = deliver_to;
		pipelines[i].deliver_to_count = 1;
	}
	config->prefix = prefix;
	config->audit.exchange = arena_printf(arena, "%saudit", prefix);
	config->audit.max_age = 90 * MILLIS_PER_DAY;
	config->audit.max_size = UINT64_C(64) << 20;
	config->declare = true;
	config->broker.vhost = "/";
	config->broker.worker.user = "worker";
	config->pipelines = pipelines;
	config->pipeline_count = 2;
	return config;
}

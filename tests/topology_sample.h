/* SPDX-License-Identifier: Apache-2.0 */
/* topology_sample.h - a configuration with two pipelines, for tests. */
#ifndef TESTS_TOPOLOGY_SAMPLE_H
#define TESTS_TOPOLOGY_SAMPLE_H

#include "worker/topology.h"

/*
 * Pipeline "a" takes from the business exchange "<prefix>shared", which is not
 * ours, by two keys, and has two lanes and one rung. Pipeline "b" has an
 * exchange of its own, "<prefix>b.in", and takes from the queue
 * "<prefix>foreign", which is not ours. In the arena.
 */
struct config *sample_config(struct arena *arena, const char *prefix);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/probe.h"

#include <stdlib.h>

#include "worker/clock.h"
#include "worker/mem.h"

struct probe {
	struct probes *probes;
	const struct downstream_config *downstream;
	struct loop_timer *timer;
	bool is_wanted;
	bool is_asked; /* its call is under way */
	millis due;    /* wanted, and not asked */
};

struct probes {
	struct loop *loop;
	struct http *http;
	const struct config *config;
	probe_found *found;
	void *context;
	struct probe *list; /* one a downstream */
};

static bool is_expected(const struct condition *expect, int status)
{
	if (expect->status_count == 0)
		return status >= 200 && status <= 299;
	for (size_t i = 0; i < expect->status_count; i++)
		if (status >= expect->statuses[i].first &&
		    status <= expect->statuses[i].last)
			return true;
	return false;
}

/* `wait`, or up to a fifth more. */
static millis drawn_out(millis wait)
{
	return wait +
	       (millis)(((uint64_t)dice_throw() * (uint64_t)(wait / 5 + 1)) >>
			32);
}

static void plan(struct probe *probe, millis wait)
{
	probe->due = loop_now(probe->probes->loop) + wait;
	loop_timer_set(probe->timer, wait);
}

static void answered(void *context, const struct http_answer *answer)
{
	struct probe *probe = context;
	struct probes *probes = probe->probes;
	const struct probe_config *config = &probe->downstream->health.probe;
	bool is_healthy = answer->outcome.transport == TRANSPORT_COMPLETE &&
			  is_expected(&config->expect, answer->outcome.status);

	probe->is_asked = false;
	if (probe->is_wanted)
		plan(probe, drawn_out(config->interval));
	probes->found(probes->context, probe->downstream->index, is_healthy);
}

static void ask(void *context)
{
	struct probe *probe = context;
	const struct probe_config *config = &probe->downstream->health.probe;
	const struct http_request request = {
		.downstream = probe->downstream,
		.url = config->url,
		.method = config->method,
		.timeout = config->timeout,
	};

	if (!probe->is_wanted || probe->is_asked)
		return;
	probe->is_asked = true;
	http_call(probe->probes->http, &request, answered, probe);
}

struct probes *probes_new(struct loop *loop, struct http *http,
			  const struct config *config, probe_found *found,
			  void *context)
{
	struct probes *probes = mem_new(sizeof(*probes));

	*probes = (struct probes){
		.loop = loop,
		.http = http,
		.config = config,
		.found = found,
		.context = context,
		.list = mem_array(config->downstream_count + 1,
				  sizeof(*probes->list)),
	};
	for (size_t i = 0; i < config->downstream_count; i++) {
		struct probe *probe = &probes->list[i];

		*probe = (struct probe){.probes = probes,
					.downstream = &config->downstreams[i]};
		probe->timer = loop_timer_new(loop, ask, probe);
	}
	return probes;
}

void probes_free(struct probes *probes)
{
	if (probes == NULL)
		return;
	for (size_t i = 0; i < probes->config->downstream_count; i++)
		loop_timer_free(probes->list[i].timer);
	free(probes->list);
	free(probes);
}

void probes_want(struct probes *probes, size_t downstream, bool wanted)
{
	struct probe *probe = &probes->list[downstream];
	millis interval = probe->downstream->health.probe.interval;

	wanted = wanted && probe->downstream->health.probe.url != NULL;
	if (wanted == probe->is_wanted)
		return;
	probe->is_wanted = wanted;
	if (!wanted)
		loop_timer_clear(probe->timer);
	else if (!probe->is_asked)
		plan(probe,
		     (millis)(((uint64_t)dice_throw() * (uint64_t)interval) >>
			      32));
}

millis probes_next(const struct probes *probes, size_t downstream)
{
	const struct probe *probe = &probes->list[downstream];
	millis now = loop_now(probes->loop);

	if (!probe->is_wanted)
		return -1;
	return probe->is_asked || probe->due < now ? 0 : probe->due - now;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core_trail.c - the audit trail's ports, made of the real things.
 */
#include "worker/core_parts.h"

static void port_say(void *context, const char *state, const char *text)
{
	core_log(context, "audit", NULL, state, text);
}

/* Who the worker is to the broker; NULL where its certificate says it. */
static const char *login_of(const struct broker_config *broker)
{
	return broker->auth == BROKER_AUTH_PLAIN ? broker->worker.user : NULL;
}

void core_trail_begin(struct core *core)
{
	const struct trail_ports ports = {
		.context = core,
		.publish = core_publish,
		.ack = core_ack,
		.say = port_say,
		.wall = core_wall,
	};

	audit_actor_here(&core->actor, login_of(&core->config->broker), "run",
			 core->actor_names);
	core->trail = trail_new(core->config, &core->actor, &ports);
	core->trail_timer = loop_timer_new(core->loop, core_trail_tick, core);
}

void core_trail_tick(void *context)
{
	struct core *core = context;
	millis wait = trail_tick(core->trail, loop_now(core->loop));

	if (wait < 0)
		loop_timer_clear(core->trail_timer);
	else
		loop_timer_set(core->trail_timer, wait);
}

bool core_trail_end(struct core *core)
{
	if (core->outlet == NULL)
		return true;
	trail_close(core->trail, loop_now(core->loop));
	core_trail_tick(core);
	return trail_is_settled(core->trail);
}

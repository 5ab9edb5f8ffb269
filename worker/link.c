/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/link.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "policy/schedule.h"
#include "worker/clock.h"

#define FIRST_WAIT 500

void link_init(struct link *link, const struct config *config,
	       struct broker_role role)
{
	*link = (struct link){
		.config = config,
		.role = role,
		.cut_fd = -1,
	};
	if (pthread_mutex_init(&link->lock, NULL) != 0)
		abort();
}

static void set_cut_fd(struct link *link, int fd)
{
	pthread_mutex_lock(&link->lock);
	if (link->cut_fd >= 0)
		close(link->cut_fd);
	link->cut_fd = fd;
	pthread_mutex_unlock(&link->lock);
}

static void drop(struct link *link)
{
	atomic_store(&link->turned, 0);
	/* Until it is closed it can be cut: a broker that does not read does
	   not answer either. */
	broker_close(link->broker);
	link->broker = NULL;
	set_cut_fd(link, -1);
}

void link_fini(struct link *link)
{
	if (link->broker != NULL)
		drop(link);
	pthread_mutex_destroy(&link->lock);
}

millis link_backoff(const struct broker_config *config, uint32_t failures)
{
	const struct schedule waits = {
		.kind = SCHEDULE_EXPONENTIAL,
		.first = FIRST_WAIT,
		.factor = 2 * SCHEDULE_FACTOR_UNIT,
		.max = config->reconnect_max > FIRST_WAIT
			       ? config->reconnect_max
			       : FIRST_WAIT,
		.jitter_pct = 50,
	};
	millis wait = FIRST_WAIT;

	(void)schedule_wait(&waits, failures, dice_throw(), &wait);
	return wait;
}

static void put_off(struct link *link, millis now)
{
	if (link->failures < UINT32_MAX)
		link->failures++;
	link->due = now + link_backoff(&link->config->broker, link->failures);
}

enum broker_status link_open(struct link *link, struct broker_problem *problem)
{
	millis now;

	*problem = (struct broker_problem){0};
	link->broker = broker_open(&link->config->broker, &link->role, problem);
	now = clock_monotonic();
	if (link->broker == NULL) {
		put_off(link, now);
		return problem->status;
	}
	link->opened = now;
	set_cut_fd(link, broker_fd_dup(link->broker));
	link_turn(link, now);
	return BROKER_OK;
}

void link_close(struct link *link)
{
	millis now;

	drop(link);
	now = clock_monotonic();
	if (now - link->opened >= LINK_LASTED)
		link->failures = 0;
	put_off(link, now);
}

millis link_wait(const struct link *link, millis now)
{
	return link->due > now ? link->due - now : 0;
}

void link_turn(struct link *link, millis now)
{
	/* Zero means down: a clock that starts at zero must not say so. */
	atomic_store(&link->turned, now > 0 ? now : 1);
}

void link_cut(struct link *link)
{
	pthread_mutex_lock(&link->lock);
	if (link->cut_fd >= 0)
		shutdown(link->cut_fd, SHUT_RDWR);
	pthread_mutex_unlock(&link->lock);
}

bool link_hangs(struct link *link, millis now, millis limit)
{
	millis turned = atomic_load(&link->turned);

	return turned > 0 && now - turned > limit;
}

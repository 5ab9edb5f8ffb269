/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/notify.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MICROS_PER_MILLI 1000

/* The socket's address, "/path" or "@name" (abstract). False: not one. */
static bool read_address(struct notify *notify, const char *name)
{
	size_t length = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || name[1] == '\0' ||
	    length >= sizeof(notify->to.sun_path))
		return false;
	notify->to = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(notify->to.sun_path, name, length);
	if (name[0] == '@')
		notify->to.sun_path[0] = '\0';
	notify->to_size =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return true;
}

/* A number >= 1 of the environment; 0: there is none. */
static long long read_number(const char *name)
{
	const char *text = getenv(name);
	char *end;
	long long number;

	if (text == NULL || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	number = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0' ? number : 0;
}

/* Twice in the time that the supervisor allows, so that one late notice does
   no harm. What it wants of another process is not ours to say. */
static millis read_every(void)
{
	long long micros = read_number("WATCHDOG_USEC");
	long long pid = read_number("WATCHDOG_PID");
	millis every = micros / MICROS_PER_MILLI / 2;

	if (micros == 0 || (pid != 0 && pid != (long long)getpid()))
		return 0;
	return every > 0 ? every : 1;
}

void notify_open(struct notify *notify)
{
	const char *name = getenv("NOTIFY_SOCKET");

	*notify = (struct notify){.fd = -1};
	if (name == NULL || !read_address(notify, name))
		return;
	notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (notify->fd >= 0)
		notify->every = read_every();
}

void notify_close(struct notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
}

void notify_say(const struct notify *notify, const char *notice)
{
	if (notify->fd < 0)
		return;
	(void)sendto(notify->fd, notice, strlen(notice),
		     MSG_DONTWAIT | MSG_NOSIGNAL,
		     (const struct sockaddr *)&notify->to, notify->to_size);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slow.c - an HTTP service that takes its time, and remembers when it was
 * called.
 *
 *   slow DELAY-MS [fail-first]
 *
 * Prints "listening on PORT". Each request is answered 200 after the delay;
 * with fail-first, the first of each X-Message-Id, which is "m" and a number,
 * is answered 503. GET /count answers how many were answered 200, GET /times
 * "number first second" for each message that came twice, in microseconds.
 *
 * No care is taken with what is not HTTP/1.1 as libcurl speaks it.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FILES_MAX    4096
#define REQUEST_MAX  65536
#define MESSAGES_MAX 1000000
#define EVENTS_MAX   256

struct connection {
	char bytes[REQUEST_MAX]; /* of a request that is not whole yet */
	size_t len;
	unsigned life; /* counts up when the file is closed */
};

/* An answer that is due. The delay is the same for all: they are in order. */
struct answer {
	int fd;
	unsigned life; /* of the connection that asked */
	int status;
	long long due; /* us */
};

struct times {
	long long first; /* us; 0: never */
	long long second;
};

static struct connection *connections[FILES_MAX];
static struct answer answers[FILES_MAX];
static size_t answer_first;
static size_t answer_count;
static struct times *times;
static long long delay; /* us */
static bool fails_first;
static unsigned long accepted;

static void die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t written = send(fd, bytes, len, MSG_NOSIGNAL);

		if (written <= 0)
			return;
		bytes += written;
		len -= (size_t)written;
	}
}

/* --- answers ------------------------------------------------------------------ */

static void answer(int fd, int status)
{
	static const char good[] =
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	static const char bad[] = "HTTP/1.1 503 Service Unavailable\r\n"
				  "Content-Length: 2\r\n\r\nno";

	if (status == 200)
		write_all(fd, good, sizeof(good) - 1);
	else
		write_all(fd, bad, sizeof(bad) - 1);
	accepted += status == 200;
}

static void answer_later(int fd, int status)
{
	if (delay == 0) {
		answer(fd, status);
		return;
	}
	if (answer_count == FILES_MAX)
		exit(EXIT_FAILURE); /* one a connection is due at most */
	answers[(answer_first + answer_count++) % FILES_MAX] =
		(struct answer){.fd = fd,
				.life = connections[fd]->life,
				.status = status,
				.due = now_us() + delay};
}

static void answer_due(void)
{
	long long now = now_us();

	while (answer_count > 0 && answers[answer_first].due <= now) {
		const struct answer *due = &answers[answer_first];

		if (connections[due->fd]->life == due->life)
			answer(due->fd, due->status);
		answer_first = (answer_first + 1) % FILES_MAX;
		answer_count--;
	}
}

/* Milliseconds until the next answer, rounded up; -1: none. */
static int next_wait(void)
{
	if (answer_count == 0)
		return -1;
	long long wait = answers[answer_first].due - now_us();

	return wait <= 0 ? 0 : (int)((wait + 999) / 1000);
}

/* --- requests ----------------------------------------------------------------- */

/* Where the value of a field begins, or NULL. */
static const char *field(const char *head, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = strstr(head, "\r\n"); line != NULL;
	     line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, len) == 0)
			return line + 2 + len;
	return NULL;
}

static int status_for(const char *head)
{
	const char *id = field(head, "x-message-id: m");
	unsigned long number =
		id == NULL ? MESSAGES_MAX : strtoul(id, NULL, 10);

	if (number >= MESSAGES_MAX)
		return 200;
	if (times[number].first == 0) {
		times[number].first = now_us();
		return fails_first ? 503 : 200;
	}
	times[number].second = now_us();
	return 200;
}

static void tell(int fd, const char *text, size_t len)
{
	char head[100];
	int head_len =
		snprintf(head, sizeof(head),
			 "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", len);

	write_all(fd, head, (size_t)head_len);
	write_all(fd, text, len);
}

static void tell_times(int fd)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	if (to == NULL)
		die("slow: memory");
	for (size_t i = 0; i < MESSAGES_MAX; i++)
		if (times[i].second != 0)
			fprintf(to, "%zu %lld %lld\n", i, times[i].first,
				times[i].second);
	fclose(to);
	tell(fd, text, len);
	free(text);
}

static void handle(int fd, const char *head)
{
	char count[32];

	if (strncmp(head, "GET /count ", 11) == 0) {
		snprintf(count, sizeof(count), "%lu", accepted);
		tell(fd, count, strlen(count));
	} else if (strncmp(head, "GET /times ", 11) == 0) {
		tell_times(fd);
	} else {
		answer_later(fd, status_for(head));
	}
}

/* One request, if it is all there; false if not. */
static bool take_request(int fd)
{
	struct connection *c = connections[fd];

	c->bytes[c->len] = '\0';
	char *end = strstr(c->bytes, "\r\n\r\n");
	if (end == NULL)
		return false;
	const char *announced = field(c->bytes, "content-length:");
	size_t body = announced == NULL ? 0 : strtoul(announced, NULL, 10);
	size_t size = (size_t)(end + 4 - c->bytes) + body;
	if (c->len < size)
		return false;
	*end = '\0';
	handle(fd, c->bytes);
	c->len -= size;
	memmove(c->bytes, c->bytes + size, c->len);
	return true;
}

static void receive(int fd)
{
	struct connection *c = connections[fd];
	ssize_t got = read(fd, c->bytes + c->len, REQUEST_MAX - 1 - c->len);

	if (got <= 0) {
		c->life++;
		close(fd);
		return;
	}
	c->len += (size_t)got;
	while (take_request(fd))
		continue;
}

static void welcome(int poll, int listener)
{
	int fd = accept(listener, NULL, NULL);
	int on = 1;
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (fd < 0 || fd >= FILES_MAX)
		die("slow: accept");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connections[fd] == NULL)
		connections[fd] = calloc(1, sizeof(*connections[fd]));
	if (connections[fd] == NULL)
		die("slow: memory");
	connections[fd]->len = 0;
	epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
}

static int listen_anywhere(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, len) != 0 ||
	    listen(fd, 1024) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		die("slow: listen");
	printf("listening on %d\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS_MAX];
	int poll = epoll_create1(EPOLL_CLOEXEC);
	int listener = listen_anywhere();
	struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};

	delay = argc > 1 ? atoll(argv[1]) * 1000 : 0;
	fails_first = argc > 2;
	times = calloc(MESSAGES_MAX, sizeof(*times));
	if (times == NULL)
		die("slow: memory");
	epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		int count = epoll_wait(poll, events, EVENTS_MAX, next_wait());

		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == listener)
				welcome(poll, listener);
			else
				receive(events[i].data.fd);
		}
		answer_due();
	}
}

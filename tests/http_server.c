/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/http_server.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker/mem.h"

#define CONNECTIONS_MAX 256
#define HEAD_MAX        65536

struct connection {
	struct http_server *server;
	pthread_t thread;
	int fd;
};

struct http_server {
	struct server_answer *answers; /* ours, with their bytes */
	size_t count;
	int listener;
	int port;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	struct connection connections[CONNECTIONS_MAX];
	int connection_count;
	int requests; /* begun */
	int whole;    /* read with their bodies */
	int packets;  /* that the last of those came in */
	bool is_stopped;
	char *head;
	char *body;
	size_t body_len;
};

/* A request as it is read. */
struct request {
	char head[HEAD_MAX];
	size_t head_len;
	char *body;
	size_t body_len;
};

static bool read_head(int fd, struct request *request)
{
	request->head_len = 0;
	while (request->head_len < HEAD_MAX - 1) {
		char *at = request->head + request->head_len;

		/* A byte at a time: the rest may not be for us to take. */
		if (recv(fd, at, 1, 0) != 1)
			return false;
		at[1] = '\0';
		request->head_len++;
		if (request->head_len >= 4 &&
		    memcmp(at - 3, "\r\n\r\n", 4) == 0)
			return true;
	}
	return false;
}

static size_t content_length(const char *head)
{
	for (const char *line = strstr(head, "\r\n"); line != NULL;
	     line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, "content-length:", 15) == 0)
			return strtoul(line + 17, NULL, 10);
	return 0;
}

static bool read_body(int fd, struct request *request)
{
	size_t len = content_length(request->head);

	request->body = mem_array(len, 1);
	request->body_len = 0;
	while (request->body_len < len) {
		ssize_t got = recv(fd, request->body + request->body_len,
				   len - request->body_len, 0);

		if (got <= 0)
			return false;
		request->body_len += (size_t)got;
	}
	return true;
}

static int packets_in(int fd)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		abort();
	return (int)info.tcpi_data_segs_in;
}

static void note(struct http_server *server, struct request *request, int fd,
		 bool is_whole)
{
	pthread_mutex_lock(&server->lock);
	server->whole += is_whole;
	if (is_whole)
		server->packets = packets_in(fd);
	free(server->head);
	free(server->body);
	server->head = mem_string(request->head);
	server->body = request->body;
	server->body_len = request->body_len;
	request->body = NULL;
	pthread_mutex_unlock(&server->lock);
}

static bool read_request(struct http_server *server, int fd,
			 enum server_reads reads)
{
	struct request *request = mem_new(sizeof(*request));
	bool is_read = false;

	if (reads == SERVER_READS_NOTHING || !read_head(fd, request))
		goto out;
	if (reads != SERVER_READS_HEAD && !read_body(fd, request))
		goto out;
	note(server, request, fd, reads != SERVER_READS_HEAD);
	is_read = true;
out:
	free(request->body);
	free(request);
	return is_read || reads == SERVER_READS_NOTHING;
}

/* The answer to the request whose first byte is there. */
static const struct server_answer *next_answer(struct http_server *server)
{
	pthread_mutex_lock(&server->lock);
	size_t at = (size_t)server->requests;
	server->requests++;
	pthread_mutex_unlock(&server->lock);
	return &server->answers[at < server->count ? at : server->count - 1];
}

static void send_all(int fd, const char *bytes)
{
	size_t left = bytes == NULL ? 0 : strlen(bytes);

	while (left > 0) {
		ssize_t sent = send(fd, bytes, left, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		bytes += sent;
		left -= (size_t)sent;
	}
}

/* Until http_server_stop shuts the socket down, or it is reset. */
static void hang(int fd)
{
	struct pollfd one = {.fd = fd};

	poll(&one, 1, -1);
}

static bool answer(struct http_server *server, int fd)
{
	const struct linger reset = {.l_onoff = 1};
	char byte;

	if (recv(fd, &byte, 1, MSG_PEEK) != 1)
		return false;
	const struct server_answer *next = next_answer(server);
	if (next->reads == SERVER_READS_LATE)
		poll(NULL, 0, next->wait);
	if (!read_request(server, fd, next->reads))
		return false;
	if (next->reads != SERVER_READS_LATE)
		poll(NULL, 0, next->wait);
	send_all(fd, next->bytes);
	if (next->then == SERVER_HANGS)
		hang(fd);
	if (next->then == SERVER_RESETS)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	return next->then == SERVER_KEEPS;
}

static void *serve(void *context)
{
	struct connection *connection = context;
	struct http_server *server = connection->server;
	int fd = connection->fd;

	while (answer(server, fd))
		continue;
	pthread_mutex_lock(&server->lock);
	connection->fd = -1;
	close(fd);
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

static bool welcome(struct http_server *server, int fd)
{
	bool is_welcome = false;

	pthread_mutex_lock(&server->lock);
	if (!server->is_stopped && server->connection_count < CONNECTIONS_MAX) {
		struct connection *connection =
			&server->connections[server->connection_count++];

		connection->server = server;
		connection->fd = fd;
		pthread_create(&connection->thread, NULL, serve, connection);
		is_welcome = true;
	}
	pthread_mutex_unlock(&server->lock);
	return is_welcome;
}

static void *accept_all(void *context)
{
	struct http_server *server = context;
	int fd = accept(server->listener, NULL, NULL);

	while (fd >= 0) {
		if (!welcome(server, fd))
			close(fd);
		fd = accept(server->listener, NULL, NULL);
	}
	return NULL;
}

static struct server_answer *copy_answers(const struct server_answer *answers,
					  size_t count)
{
	struct server_answer *copies = mem_array(count, sizeof(*copies));

	for (size_t i = 0; i < count; i++) {
		copies[i] = answers[i];
		if (answers[i].bytes != NULL)
			copies[i].bytes = mem_string(answers[i].bytes);
	}
	return copies;
}

struct http_server *http_server_start(const struct server_answer *answers,
				      size_t count)
{
	struct http_server *server = mem_new(sizeof(*server));
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);

	server->answers = copy_answers(answers, count);
	server->count = count;
	pthread_mutex_init(&server->lock, NULL);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server->listener, (struct sockaddr *)&address, len) != 0 ||
	    listen(server->listener, 64) != 0 ||
	    getsockname(server->listener, (struct sockaddr *)&address, &len))
		abort();
	server->port = ntohs(address.sin_port);
	pthread_create(&server->thread, NULL, accept_all, server);
	return server;
}

void http_server_stop(struct http_server *server)
{
	if (server == NULL)
		return;
	pthread_mutex_lock(&server->lock);
	server->is_stopped = true;
	for (int i = 0; i < server->connection_count; i++)
		if (server->connections[i].fd >= 0)
			shutdown(server->connections[i].fd, SHUT_RDWR);
	pthread_mutex_unlock(&server->lock);
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	for (int i = 0; i < server->connection_count; i++)
		pthread_join(server->connections[i].thread, NULL);
	close(server->listener);
	pthread_mutex_destroy(&server->lock);
	for (size_t i = 0; i < server->count; i++)
		free((char *)server->answers[i].bytes);
	free(server->answers);
	free(server->head);
	free(server->body);
	free(server);
}

int http_server_port(const struct http_server *server)
{
	return server->port;
}

int http_server_connections(struct http_server *server)
{
	pthread_mutex_lock(&server->lock);
	int count = server->connection_count;
	pthread_mutex_unlock(&server->lock);
	return count;
}

int http_server_requests(struct http_server *server)
{
	pthread_mutex_lock(&server->lock);
	int count = server->requests;
	pthread_mutex_unlock(&server->lock);
	return count;
}

int http_server_whole(struct http_server *server)
{
	pthread_mutex_lock(&server->lock);
	int count = server->whole;
	pthread_mutex_unlock(&server->lock);
	return count;
}

int http_server_packets(struct http_server *server)
{
	pthread_mutex_lock(&server->lock);
	int count = server->packets;
	pthread_mutex_unlock(&server->lock);
	return count;
}

static bool is_busy(struct http_server *server)
{
	bool busy = false;

	pthread_mutex_lock(&server->lock);
	for (int i = 0; i < server->connection_count; i++)
		busy |= server->connections[i].fd >= 0;
	pthread_mutex_unlock(&server->lock);
	return busy;
}

void http_server_settle(struct http_server *server)
{
	while (is_busy(server))
		poll(NULL, 0, 5);
}

const char *http_server_head(struct http_server *server)
{
	pthread_mutex_lock(&server->lock);
	const char *head = server->head != NULL ? server->head : "";
	pthread_mutex_unlock(&server->lock);
	return head;
}

struct text http_server_body(struct http_server *server)
{
	pthread_mutex_lock(&server->lock);
	struct text body = {.at = server->body, .len = server->body_len};
	pthread_mutex_unlock(&server->lock);
	return body;
}

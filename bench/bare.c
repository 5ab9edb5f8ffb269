/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bare.c - the least that delivers a queue over HTTP: consume, post, ack.
 *
 * The same libraries as rebound, and nothing that makes it worth running: no
 * retries, no log, no headers, no care. It shows what the libraries cost, and
 * bench/run what rebound adds to that.
 *
 *   bare PORT VHOST QUEUE URL IN-FLIGHT PREFETCH
 *
 * So many calls at once, and so many deliveries unacked: those beyond the
 * calls wait here, so that the next call needs no word from the broker. Acks
 * are gathered: one, for all up to a tag, each turn of the loop. Ends with
 * SIGTERM, at once.
 */
#ifdef HAVE_RABBITMQ_C_AMQP_H
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_tcp_socket.h>
#endif
#include <curl/curl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <time.h>

#define CHANNEL    1
#define EVENTS_MAX 64

/* One delivery in flight. Tags are consecutive, so that a place in a ring of
   as many as may be in flight twice is free again in time. */
struct slot {
	CURL *easy;
	amqp_bytes_t body; /* owned */
	uint64_t tag;
	struct slot *next; /* of those that are free, or wait */
};

struct bare {
	amqp_connection_state_t broker;
	CURLM *multi;
	int poll;
	long long timer_due; /* ms; -1: none */
	struct slot *free;
	struct slot *waiting; /* for a call to end, in their order */
	struct slot *waiting_last;
	int calling;
	int in_flight; /* calls at once */
	const char *url;
	bool *done;     /* by tag modulo `ring` */
	uint64_t ring;  /* entries of done */
	uint64_t acked; /* all tags up to this one */
};

static void die(const char *what)
{
	fprintf(stderr, "bare: %s\n", what);
	exit(EXIT_FAILURE);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* --- the broker --------------------------------------------------------------- */

static void check_reply(amqp_rpc_reply_t reply, const char *what)
{
	if (reply.reply_type != AMQP_RESPONSE_NORMAL)
		die(what);
}

static void open_broker(struct bare *b, int port, const char *vhost,
			const char *queue, uint16_t in_flight)
{
	b->broker = amqp_new_connection();
	amqp_socket_t *socket = amqp_tcp_socket_new(b->broker);

	if (amqp_socket_open(socket, "127.0.0.1", port) != AMQP_STATUS_OK)
		die("no broker there");
	check_reply(amqp_login(b->broker, vhost, 0, 131072, 0,
			       AMQP_SASL_METHOD_PLAIN, "guest", "guest"),
		    "the login was refused");
	amqp_channel_open(b->broker, CHANNEL);
	check_reply(amqp_get_rpc_reply(b->broker), "no channel");
	amqp_basic_qos(b->broker, CHANNEL, 0, in_flight, 0);
	check_reply(amqp_get_rpc_reply(b->broker), "no prefetch");
	amqp_basic_consume(b->broker, CHANNEL, amqp_cstring_bytes(queue),
			   amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
	check_reply(amqp_get_rpc_reply(b->broker), "the queue is not there");
}

/* One ack for all that are done without a gap. */
static void ack(struct bare *b)
{
	uint64_t last = b->acked;

	while (b->done[(last + 1) % b->ring]) {
		last++;
		b->done[last % b->ring] = false;
	}
	if (last == b->acked)
		return;
	if (amqp_basic_ack(b->broker, CHANNEL, last, 1) != AMQP_STATUS_OK)
		die("the broker takes no acks");
	b->acked = last;
}

/* --- calls -------------------------------------------------------------------- */

static size_t drop(char *bytes, size_t size, size_t count, void *nobody)
{
	(void)bytes;
	(void)nobody;
	return size * count;
}

static struct slot *new_slot(const struct bare *b)
{
	struct slot *slot = calloc(1, sizeof(*slot));

	if (slot == NULL)
		die("no memory");
	slot->easy = curl_easy_init();
	curl_easy_setopt(slot->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(slot->easy, CURLOPT_URL, b->url);
	curl_easy_setopt(slot->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(slot->easy, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
	return slot;
}

static void call(struct bare *b, struct slot *slot)
{
	if (b->calling < b->in_flight) {
		b->calling++;
		curl_multi_add_handle(b->multi, slot->easy);
		return;
	}
	slot->next = NULL;
	if (b->waiting == NULL)
		b->waiting = slot;
	else
		b->waiting_last->next = slot;
	b->waiting_last = slot;
}

static void call_next(struct bare *b)
{
	struct slot *slot = b->waiting;

	if (slot == NULL)
		return;
	b->waiting = slot->next;
	call(b, slot);
}

static void deliver(struct bare *b, const amqp_envelope_t *envelope)
{
	struct slot *slot = b->free;

	if (slot == NULL)
		die("more deliveries than were asked for");
	b->free = slot->next;
	slot->tag = envelope->delivery_tag;
	slot->body = amqp_bytes_malloc_dup(envelope->message.body);
	curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE,
			 (long)slot->body.len);
	curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, slot->body.bytes);
	call(b, slot);
}

/* All that the broker has sent. */
static void receive(struct bare *b)
{
	struct timeval at_once = {0};
	amqp_envelope_t envelope;

	for (;;) {
		amqp_maybe_release_buffers(b->broker);
		amqp_rpc_reply_t reply =
			amqp_consume_message(b->broker, &envelope, &at_once, 0);

		if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION &&
		    reply.library_error == AMQP_STATUS_TIMEOUT)
			return;
		check_reply(reply, "the connection broke");
		deliver(b, &envelope);
		amqp_destroy_envelope(&envelope);
	}
}

static void finish(struct bare *b)
{
	int left;

	for (CURLMsg *said = curl_multi_info_read(b->multi, &left);
	     said != NULL; said = curl_multi_info_read(b->multi, &left)) {
		CURL *easy = said->easy_handle;
		CURLcode result = said->data.result;
		struct slot *slot;
		long status = 0;

		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&slot);
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		if (result != CURLE_OK || status != 200)
			die("a call failed");
		curl_multi_remove_handle(b->multi, easy);
		amqp_bytes_free(slot->body);
		b->done[slot->tag % b->ring] = true;
		slot->next = b->free;
		b->free = slot;
		b->calling--;
		call_next(b);
	}
}

/* --- the loop ----------------------------------------------------------------- */

static int watch(CURL *easy, curl_socket_t fd, int what, void *user,
		 void *known)
{
	struct bare *b = user;
	struct epoll_event event = {.data.fd = fd};

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(b->poll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if ((what & CURL_POLL_IN) != 0)
		event.events |= EPOLLIN;
	if ((what & CURL_POLL_OUT) != 0)
		event.events |= EPOLLOUT;
	epoll_ctl(b->poll, known == NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd,
		  &event);
	curl_multi_assign(b->multi, fd, b);
	return 0;
}

static int set_timer(CURLM *multi, long wait, void *user)
{
	struct bare *b = user;

	(void)multi;
	b->timer_due = wait < 0 ? -1 : now_ms() + wait;
	return 0;
}

static void act(struct bare *b, const struct epoll_event *event)
{
	int running;
	int what = 0;

	if (event->data.fd == amqp_get_sockfd(b->broker))
		return; /* it is read each turn */
	if ((event->events & EPOLLIN) != 0)
		what |= CURL_CSELECT_IN;
	if ((event->events & EPOLLOUT) != 0)
		what |= CURL_CSELECT_OUT;
	if ((event->events & (EPOLLERR | EPOLLHUP)) != 0)
		what |= CURL_CSELECT_ERR;
	curl_multi_socket_action(b->multi, event->data.fd, what, &running);
}

static void fire_timer(struct bare *b)
{
	int running;

	if (b->timer_due < 0 || b->timer_due > now_ms())
		return;
	b->timer_due = -1;
	curl_multi_socket_action(b->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

static void turn(struct bare *b)
{
	struct epoll_event events[EVENTS_MAX];
	long long wait = b->timer_due < 0 ? -1 : b->timer_due - now_ms();

	if (wait < 0 && b->timer_due >= 0)
		wait = 0;
	int count = epoll_wait(b->poll, events, EVENTS_MAX, (int)wait);

	for (int i = 0; i < count; i++)
		act(b, &events[i]);
	fire_timer(b);
	finish(b);
	ack(b);
	receive(b);
}

static void open_calls(struct bare *b, uint16_t prefetch)
{
	b->ring = 2 * (uint64_t)prefetch;
	b->done = calloc(b->ring, sizeof(*b->done));
	b->poll = epoll_create1(EPOLL_CLOEXEC);
	curl_global_init(CURL_GLOBAL_ALL);
	b->multi = curl_multi_init();
	if (b->done == NULL || b->multi == NULL)
		die("no memory");
	curl_multi_setopt(b->multi, CURLMOPT_SOCKETFUNCTION, watch);
	curl_multi_setopt(b->multi, CURLMOPT_SOCKETDATA, b);
	curl_multi_setopt(b->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(b->multi, CURLMOPT_TIMERDATA, b);
	curl_multi_setopt(b->multi, CURLMOPT_MAXCONNECTS, (long)b->in_flight);
	for (unsigned i = 0; i < prefetch; i++) {
		struct slot *slot = new_slot(b);

		slot->next = b->free;
		b->free = slot;
	}
}

int main(int argc, char **argv)
{
	struct bare b = {.timer_due = -1};

	if (argc != 7)
		die("usage: bare PORT VHOST QUEUE URL IN-FLIGHT PREFETCH");
	b.url = argv[4];
	b.in_flight = atoi(argv[5]);
	int prefetch = atoi(argv[6]);

	if (b.in_flight < 1 || prefetch < b.in_flight || prefetch > UINT16_MAX)
		die("IN-FLIGHT is at least 1, PREFETCH that to 65535");
	signal(SIGPIPE, SIG_IGN);
	open_calls(&b, (uint16_t)prefetch);
	open_broker(&b, atoi(argv[1]), argv[2], argv[3], (uint16_t)prefetch);
	struct epoll_event event = {.events = EPOLLIN,
				    .data.fd = amqp_get_sockfd(b.broker)};

	epoll_ctl(b.poll, EPOLL_CTL_ADD, event.data.fd, &event);
	receive(&b);
	for (;;)
		turn(&b);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curl's side of calls. What a call came to is made out in http_exchange.c,
 * from what curl's callbacks tell.
 *
 *   loop --timer, ready descriptors--> curl_multi_socket_action
 *   loop <--which to watch, till when-- on_socket, on_timeout
 *
 * Which connections there are is told by on_open and on_close.
 */
#include "worker/http.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "worker/http_call.h"
#include "worker/http_sockets.h"
#include "worker/mem.h"

struct http {
	struct loop *loop;
	const struct config *config;
	CURLM *multi;
	struct http_sockets sockets;
	struct loop_timer *timer;        /* curl's next timeout */
	struct loop_timer *refusing;     /* rings when refused is not empty */
	struct call *calling;            /* under way, both ways linked */
	struct call *refused;            /* not made, and to be told so */
	struct call **idle;              /* a list for each downstream */
	struct credential **credentials; /* of each downstream; NULL: none */
	http_notice *notice;             /* NULL: nobody wants to know */
	void *notice_context;
	size_t active; /* calling and refused ones */
};

static void must_multi(CURLMcode code)
{
	if (code == CURLM_OK)
		return;
	if (code == CURLM_OUT_OF_MEMORY)
		mem_exhausted();
	fprintf(stderr, "rebound: libcurl cannot go on: %s\n",
		curl_multi_strerror(code));
	abort();
}

#define SET_MULTI(multi, option, value)                                        \
	must_multi(curl_multi_setopt(multi, option, value))

/* --- the end of a call ----------------------------------------------------------- */

static void unlink_call(struct call *call)
{
	if (call->next != NULL)
		call->next->previous = call->previous;
	if (call->previous != NULL)
		call->previous->next = call->next;
	else
		call->http->calling = call->next;
	call->next = NULL;
	call->previous = NULL;
}

/* Tells, and only then puts the call away: what the callback starts cannot
   take it while its answer is lent. */
static void finish(struct call *call, const struct http_answer *answer)
{
	struct call **idle = &call->http->idle[call->downstream->index];

	call->http->active--;
	call->done(call->context, answer);
	http_call_rest(call);
	call->next = *idle;
	*idle = call;
}

/* --- credentials ------------------------------------------------------------------ */

static void tell(const struct http *http,
		 const struct downstream_config *downstream,
		 enum credential_news news)
{
	const struct credential *credential =
		http->credentials[downstream->index];
	char text[300];

	if (news == CREDENTIAL_SAME || http->notice == NULL)
		return;
	if (news == CREDENTIAL_CHANGED)
		snprintf(text, sizeof(text),
			 "The credential of the downstream %s has changed, and "
			 "the new one is used.",
			 downstream->name);
	else
		snprintf(text, sizeof(text),
			 "The file of downstreams.%s.auth %s: the credential "
			 "that was read before stays in use.",
			 downstream->name, credential_trouble(credential));
	http->notice(http->notice_context, text);
}

/* True if the call is on its way again, with a credential that is new. */
static bool is_sent_again(struct call *call, const struct http_answer *answer)
{
	struct http *http = call->http;
	enum credential_news news;
	bool again = http_call_renew(call, answer, &news);

	tell(http, call->downstream, news);
	if (again)
		must_multi(curl_multi_add_handle(http->multi, call->easy));
	return again;
}

/* --- curl on the loop ------------------------------------------------------------ */

static void finish_calls(struct http *http)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		CURLcode code = message->data.result;
		char *private = NULL;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
				  &private);
		struct call *call = (struct call *)(void *)private;
		struct http_answer answer = http_call_answer(call, code);
		must_multi(curl_multi_remove_handle(http->multi, call->easy));
		if (is_sent_again(call, &answer))
			continue;
		unlink_call(call);
		finish(call, &answer);
	}
}

static void act(struct http *http, curl_socket_t fd, int events)
{
	int running = 0;

	must_multi(curl_multi_socket_action(http->multi, fd, events, &running));
	finish_calls(http);
}

static void ring(void *context)
{
	act(context, CURL_SOCKET_TIMEOUT, 0);
}

/* An error is not told as one: curl would give up with it, and not read what
   came before it, which may be the answer. It finds the error by itself. */
static void wake(void *context, int fd, int events)
{
	int found = 0;

	if (events & (LOOP_READ | LOOP_ERROR))
		found |= CURL_CSELECT_IN;
	if (events & (LOOP_WRITE | LOOP_ERROR))
		found |= CURL_CSELECT_OUT;
	act(context, fd, found);
}

static int on_timeout(CURLM *multi, long wait, void *context)
{
	struct http *http = context;

	(void)multi;
	if (wait < 0)
		loop_timer_clear(http->timer);
	else
		loop_timer_set(http->timer, wait);
	return 0;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context,
		     void *fd_context)
{
	struct http *http = context;
	int events = 0;

	(void)easy;
	(void)fd_context;
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= LOOP_READ;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= LOOP_WRITE;
	http_sockets_want(&http->sockets, fd, events);
	return 0;
}

static int on_open(void *context, curl_socket_t fd, curlsocktype purpose)
{
	struct http *http = context;

	(void)purpose;
	http_sockets_opened(&http->sockets, fd);
	return CURL_SOCKOPT_OK;
}

static int on_close(void *context, curl_socket_t fd)
{
	struct http *http = context;

	http_sockets_closed(&http->sockets, fd);
	return close(fd);
}

/* --- from birth to death --------------------------------------------------------- */

static long connections(const struct config *config)
{
	uint64_t sum = 8;

	/* Twice, since what a redirect leads to and what a server has closed
	   are kept too, and must not push out what is in use. */
	for (size_t i = 0; i < config->downstream_count; i++)
		sum += 2 * (uint64_t)config->downstreams[i].concurrency;
	return sum < INT_MAX ? (long)sum : INT_MAX;
}

static CURLM *new_multi(struct http *http)
{
	CURLM *multi = curl_multi_init();

	if (multi == NULL)
		must_multi(CURLM_OUT_OF_MEMORY);
	SET_MULTI(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	SET_MULTI(multi, CURLMOPT_SOCKETDATA, http);
	SET_MULTI(multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	SET_MULTI(multi, CURLMOPT_TIMERDATA, http);
	SET_MULTI(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	SET_MULTI(multi, CURLMOPT_MAXCONNECTS, connections(http->config));
	return multi;
}

/* Takes the list as it is: a callback may start a call that is refused, and
   that one is for the next turn. */
static void refuse_calls(void *context)
{
	struct http *http = context;
	struct call *call = http->refused;

	http->refused = NULL;
	while (call != NULL) {
		struct call *next = call->next;
		struct http_answer answer = {
			.outcome = {.transport = TRANSPORT_HEADER,
				    .retry_after = -1},
			.detail = call->detail,
		};

		call->next = NULL;
		finish(call, &answer);
		call = next;
	}
}

static void make_credentials(struct http *http, const struct config *config)
{
	http->credentials = mem_array(config->downstream_count,
				      sizeof(struct credential *));
	for (size_t i = 0; i < config->downstream_count; i++) {
		const struct auth_config *auth = &config->downstreams[i].auth;

		if (auth->kind != AUTH_NONE)
			http->credentials[i] = credential_new(auth);
	}
}

struct http *http_new(struct loop *loop, const struct config *config)
{
	struct http *http = mem_new(sizeof(*http));

	http_must(curl_global_init(CURL_GLOBAL_DEFAULT));
	http->loop = loop;
	http->config = config;
	http_sockets_init(&http->sockets, loop, wake, http);
	http->timer = loop_timer_new(loop, ring, http);
	http->refusing = loop_timer_new(loop, refuse_calls, http);
	http->idle = mem_array(config->downstream_count, sizeof(struct call *));
	make_credentials(http, config);
	http->multi = new_multi(http);
	return http;
}

static void free_calls(struct call *call)
{
	while (call != NULL) {
		struct call *next = call->next;

		curl_multi_remove_handle(call->http->multi, call->easy);
		http_call_free(call);
		call = next;
	}
}

void http_free(struct http *http)
{
	if (http == NULL)
		return;
	free_calls(http->calling);
	free_calls(http->refused);
	for (size_t i = 0; i < http->config->downstream_count; i++)
		free_calls(http->idle[i]);
	for (size_t i = 0; i < http->config->downstream_count; i++)
		credential_free(http->credentials[i]);
	/* The loop's handles last, since curl sets and frees them to the end. */
	must_multi(curl_multi_cleanup(http->multi));
	http_sockets_fini(&http->sockets);
	loop_timer_free(http->timer);
	loop_timer_free(http->refusing);
	free(http->credentials);
	free(http->idle);
	free(http);
	curl_global_cleanup();
}

/* --- the start of a call --------------------------------------------------------- */

static struct call *new_call(struct http *http,
			     const struct downstream_config *downstream)
{
	struct call *call = http_call_new(http, downstream,
					  http->credentials[downstream->index]);

	HTTP_SET(call->easy, CURLOPT_SOCKOPTFUNCTION, on_open);
	HTTP_SET(call->easy, CURLOPT_SOCKOPTDATA, http);
	HTTP_SET(call->easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	HTTP_SET(call->easy, CURLOPT_CLOSESOCKETDATA, http);
	return call;
}

static struct call *take_call(struct http *http,
			      const struct downstream_config *downstream)
{
	struct call *call = http->idle[downstream->index];

	if (call == NULL)
		return new_call(http, downstream);
	http->idle[downstream->index] = call->next;
	call->next = NULL;
	return call;
}

static void send_call(struct call *call)
{
	call->next = call->http->calling;
	if (call->next != NULL)
		call->next->previous = call;
	call->http->calling = call;
	must_multi(curl_multi_add_handle(call->http->multi, call->easy));
}

static void look(struct http *http, const struct downstream_config *downstream)
{
	struct credential *credential = http->credentials[downstream->index];

	if (credential != NULL)
		tell(http, downstream,
		     credential_look(credential, loop_now(http->loop)));
}

void http_call(struct http *http, const struct http_request *request,
	       http_done *done, void *context)
{
	struct call *call = take_call(http, request->downstream);

	call->done = done;
	call->context = context;
	call->request = *request;
	call->is_second = false;
	call->spent = 0;
	http->active++;
	look(http, request->downstream);
	if (http_call_address(call, request)) {
		send_call(call);
		return;
	}
	call->next = http->refused;
	http->refused = call;
	loop_timer_set(http->refusing, 0);
}

void http_on_notice(struct http *http, http_notice *notice, void *context)
{
	http->notice = notice;
	http->notice_context = context;
}

size_t http_active(const struct http *http)
{
	return http->active;
}

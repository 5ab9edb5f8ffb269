/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_call_request.c - what a call sends: its header fields, credential and
 * body.
 */
#include <stdio.h>
#include <strings.h>

#include "worker/http_call.h"
#include "worker/http_field.h"

/* libcurl 7.88 sends a body below this together with the request's head
   (MAX_INITIAL_POST_SIZE in its http.h). */
#define JOINED_MAX 65536

/* curl reads a list that is made by others, too. `line` is lent to it. */
static void add_line(struct call *call, char *line)
{
	struct curl_slist *field = arena_alloc(&call->memory, sizeof(*field));

	field->data = line;
	if (call->last == NULL)
		call->fields = field;
	else
		call->last->next = field;
	call->last = field;
}

/* False, with the reason in the call's detail, if it cannot be sent. The name
   is configuration, and fit to be shown if it is a token. */
static bool add_field(struct call *call, const char *name, struct text value)
{
	const char *flaw = http_field_flaw(name, value);

	if (flaw != NULL) {
		snprintf(call->detail, sizeof(call->detail),
			 "the header \"%.60s\" %s", name, flaw);
		http_scrub(call->detail);
		return false;
	}
	add_line(call, http_field_spell(name, value, &call->memory));
	return true;
}

static bool is_agent(const char *name)
{
	return (name[0] | ' ') == 'u' && strcasecmp(name, "User-Agent") == 0;
}

static bool has_agent(const struct downstream_config *downstream,
		      const struct http_request *request)
{
	if (downstream->auth.kind == AUTH_HEADER &&
	    is_agent(downstream->auth.name))
		return true;
	for (size_t i = 0; i < downstream->header_count; i++)
		if (downstream->headers[i].source == HEADER_FIXED &&
		    is_agent(downstream->headers[i].name))
			return true;
	for (size_t i = 0; i < request->header_count; i++)
		if (is_agent(request->headers[i].name))
			return true;
	return false;
}

/* curl would spell its own option anew for each request, and byte by byte.
   Where a proxy is asked, that is to know it too. */
static void add_agent(struct call *call, const struct http_request *request)
{
	static char agent[] = "User-Agent: " HTTP_AGENT;

	if (call->downstream->proxy == NULL &&
	    !has_agent(call->downstream, request))
		add_line(call, agent);
}

/* "Expect:" takes away curl's own, which would cost a second with servers
   that do not know it; "Content-Type:" the one that it invents for a joined
   body, which is too small for the other. Neither takes away any that was
   given. */
static bool add_fields(struct call *call, const struct http_request *request)
{
	static char expect[] = "Expect:";
	static char type[] = "Content-Type:";
	const struct downstream_config *downstream = call->downstream;
	bool is_fit = true;

	add_line(call, call->exchange.is_joined ? type : expect);
	add_agent(call, request);
	for (size_t i = 0; is_fit && i < downstream->header_count; i++) {
		const struct header_config *header = &downstream->headers[i];

		if (header->source == HEADER_FIXED)
			is_fit = add_field(call, header->name,
					   text_of(header->value));
	}
	for (size_t i = 0; is_fit && i < request->header_count; i++)
		is_fit = add_field(call, request->headers[i].name,
				   request->headers[i].value);
	return is_fit;
}

/* Basic is left to curl, which knows base64. Fit by credential_flaw. */
static bool add_credential(struct call *call)
{
	const struct auth_config *auth = &call->downstream->auth;
	const char *secret;

	if (call->credential == NULL)
		return true;
	call->shown = credential_version(call->credential);
	secret = credential_secret(call->credential);
	if (auth->kind == AUTH_HEADER)
		return add_field(call, auth->name, text_of(secret));
	if (auth->kind == AUTH_BASIC) {
		HTTP_SET(call->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		HTTP_SET(call->easy, CURLOPT_USERNAME, auth->user);
		HTTP_SET(call->easy, CURLOPT_PASSWORD, secret);
		return true;
	}
	return add_field(
		call, "Authorization",
		text_of(arena_printf(&call->memory, "Bearer %s", secret)));
}

/*
 * A small body is lent to curl, which sends it in one piece with the head: one
 * system call less, and one packet. curl has nothing to ask for then, so that
 * on_request alone refuses to send it a second time, whole or not. Over TLS,
 * where HTTP/2 may come of it, and for redirects, curl asks for it.
 */
static bool is_joined(const struct call *call, size_t len)
{
	return len > 0 && len < JOINED_MAX &&
	       !http_call_is_tls(call->downstream) &&
	       !call->downstream->follow_redirects;
}

/*
 * CURLOPT_UPLOAD is the way of curl to send a body that it knows nothing
 * about: it invents no Content-Type, and says Content-Length: 0 too. It goes by
 * what was set last, and does not rewind while it has POSTFIELDS.
 */
static void set_body(struct call *call, struct text body)
{
	CURL *easy = call->easy;

	if (call->exchange.is_joined) {
		HTTP_SET(easy, CURLOPT_UPLOAD, 0L);
		HTTP_SET(easy, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)body.len);
		HTTP_SET(easy, CURLOPT_POSTFIELDS, body.at);
		return;
	}
	HTTP_SET(easy, CURLOPT_POSTFIELDS, NULL);
	HTTP_SET(easy, CURLOPT_UPLOAD, 1L);
	HTTP_SET(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)body.len);
}

/* No two are the same: nobody wants what stands here. What else is wanted may
   be another thing each time: policies change. */
static void want_fields(struct call *call, const struct http_request *request)
{
	static const char *const always[] = {"Content-Type", "Date",
					     "Retry-After"};

	http_kept_want(call->kept, always, sizeof(always) / sizeof(always[0]));
	http_kept_want(call->kept, request->wanted, request->wanted_count);
}

millis http_call_timeout(const struct call *call)
{
	millis own = call->request.timeout;

	return own > 0 ? own : call->downstream->timeout;
}

/* Where it goes, and by which method: mostly the downstream's, as before. */
static void set_address(struct call *call, const struct http_request *request)
{
	const struct downstream_config *d = call->downstream;
	bool is_own = request->url != NULL || request->method != NULL;

	if (!is_own && !call->is_own)
		return;
	call->is_own = is_own;
	HTTP_SET(call->easy, CURLOPT_URL,
		 request->url != NULL ? request->url : d->url);
	HTTP_SET(call->easy, CURLOPT_CUSTOMREQUEST,
		 request->method != NULL ? request->method : d->method);
}

/* An empty body goes over a connection of its own: curl sends it again, with
   nothing to rewind, where a kept connection turns out to be closed. */
bool http_call_address(struct call *call, const struct http_request *request)
{
	const struct downstream_config *downstream = call->downstream;
	size_t len = request->body.len;

	call->detail[0] = '\0';
	want_fields(call, request);
	http_exchange_start(&call->exchange, request->body,
			    downstream->response_limit);
	call->exchange.follows = downstream->follow_redirects;
	call->exchange.is_joined = is_joined(call, len);
	if (!add_fields(call, request) || !add_credential(call))
		return false;
	HTTP_SET(call->easy, CURLOPT_TIMEOUT_MS,
		 http_wait(http_call_timeout(call) - call->spent));
	set_address(call, request);
	HTTP_SET(call->easy, CURLOPT_HTTPHEADER, call->fields);
	set_body(call, request->body);
	HTTP_SET(call->easy, CURLOPT_FRESH_CONNECT, len == 0 ? 1L : 0L);
	return true;
}

void http_call_rest(struct call *call)
{
	arena_clear(&call->memory);
	call->fields = NULL;
	http_kept_rest(call->kept);
	call->last = NULL;
	http_exchange_start(&call->exchange, (struct text){0}, 0);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/http_call.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

#include "worker/clock.h"
#include "worker/http_retry_after.h"
#include "worker/mem.h"

#define REDIRECTS_MAX 5

/* --- birth and death ------------------------------------------------------ */

/*
 * curl decides when it meets Location whether it follows, and reads the status
 * line before. Only 307 and 308 leave method and body as they are; the others
 * would make a GET of it, and are answers.
 */
static size_t on_followed_line(char *at, size_t size, size_t count,
			       void *context)
{
	struct call *call = context;
	struct http_exchange *exchange = &call->exchange;

	http_exchange_line(exchange,
			   (struct text){.at = at, .len = size * count});
	HTTP_SET(call->easy, CURLOPT_FOLLOWLOCATION,
		 exchange->status == 307 || exchange->status == 308 ? 1L : 0L);
	return size * count;
}

bool http_call_is_tls(const struct downstream_config *downstream)
{
	return strncasecmp(downstream->url, "https:", 6) == 0;
}

/* Never from https to http. curl sends Authorization and Cookie to the same
   host alone. */
static void set_redirects(struct call *call)
{
	HTTP_SET(call->easy, CURLOPT_HEADERFUNCTION, on_followed_line);
	HTTP_SET(call->easy, CURLOPT_HEADERDATA, call);
	HTTP_SET(call->easy, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
	HTTP_SET(call->easy, CURLOPT_REDIR_PROTOCOLS_STR,
		 http_call_is_tls(call->downstream) ? "https" : "http,https");
}

/* Never those of the environment, which http_set_manners has ruled out. What a
   proxy says to CONNECT is no answer of the downstream. */
static void set_proxy(CURL *easy, const char *proxy)
{
	if (proxy == NULL) {
		/* Its line is one of the request's: http_call_request.c. */
		HTTP_SET(easy, CURLOPT_USERAGENT, NULL);
		return;
	}
	HTTP_SET(easy, CURLOPT_PROXY, proxy);
	HTTP_SET(easy, CURLOPT_NOPROXY, "");
	HTTP_SET(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

/*
 * curl takes a connection for too old a second later than it is told to; 0
 * would be never. A name is looked up for each connection: where it led to a
 * moment ago may be what has just failed. What was read of ca_file would be
 * kept for a day.
 */
static void set_age(CURL *easy, millis max)
{
	long seconds = (long)(max / MILLIS_PER_SECOND);

	HTTP_SET(easy, CURLOPT_MAXLIFETIME_CONN,
		 seconds > 1 ? seconds - 1 : seconds);
	HTTP_SET(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	HTTP_SET(easy, CURLOPT_CA_CACHE_TIMEOUT, seconds);
}

/* A pass phrase is never asked for: there may be nobody to answer. */
static void set_tls(CURL *easy, const struct downstream_config *downstream)
{
	if (downstream->tls_min == TLS_MIN_1_3)
		HTTP_SET(easy, CURLOPT_SSLVERSION,
			 (long)CURL_SSLVERSION_TLSv1_3);
	if (downstream->insecure_skip_verify) {
		HTTP_SET(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		HTTP_SET(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	HTTP_SET(easy, CURLOPT_CRLFILE, downstream->crl_file);
	HTTP_SET(easy, CURLOPT_SSLCERT, downstream->cert_file);
	HTTP_SET(easy, CURLOPT_SSLKEY, downstream->key_file);
	HTTP_SET(easy, CURLOPT_KEYPASSWD, "");
}

/*
 * What is the same for every call to a downstream. Over https, where HTTP/2 may
 * come of it, a call waits for a connection that is just being made.
 */
static void set_options(struct call *call)
{
	const struct downstream_config *downstream = call->downstream;
	CURL *easy = call->easy;

	http_set_manners(easy, downstream->url, downstream->ca_file);
	set_tls(easy, downstream);
	set_proxy(easy, downstream->proxy);
	set_age(easy, downstream->connection_max_age);
	http_set_callbacks(easy, &call->exchange);
	HTTP_SET(easy, CURLOPT_READFUNCTION, http_on_read);
	HTTP_SET(easy, CURLOPT_READDATA, &call->exchange);
	HTTP_SET(easy, CURLOPT_SEEKFUNCTION, http_on_seek);
	HTTP_SET(easy, CURLOPT_SEEKDATA, &call->exchange);
	HTTP_SET(easy, CURLOPT_PRIVATE, call);
	HTTP_SET(easy, CURLOPT_ERRORBUFFER, call->detail);
	HTTP_SET(easy, CURLOPT_CUSTOMREQUEST, downstream->method);
	HTTP_SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	HTTP_SET(easy, CURLOPT_PIPEWAIT,
		 http_call_is_tls(downstream) ? 1L : 0L);
	HTTP_SET(easy, CURLOPT_QUICK_EXIT, 1L);
	HTTP_SET(easy, CURLOPT_CONNECTTIMEOUT_MS,
		 http_wait(downstream->connect_timeout));
	if (downstream->follow_redirects)
		set_redirects(call);
}

struct call *http_call_new(struct http *http,
			   const struct downstream_config *downstream,
			   struct credential *credential)
{
	struct call *call = mem_new(sizeof(*call));

	call->http = http;
	call->downstream = downstream;
	call->credential = credential;
	call->kept = http_kept_new(NULL, 0);
	call->exchange.fields = call->kept;
	call->easy = curl_easy_init();
	if (call->easy == NULL)
		http_must(CURLE_OUT_OF_MEMORY);
	set_options(call);
	return call;
}

void http_call_free(struct call *call)
{
	curl_easy_cleanup(call->easy);
	arena_fini(&call->memory);
	http_exchange_fini(&call->exchange);
	http_kept_free(call->kept);
	free(call);
}

/* --- the answer ----------------------------------------------------------- */

static int http_version(CURL *easy)
{
	long version = CURL_HTTP_VERSION_NONE;

	curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
	switch (version) {
	case CURL_HTTP_VERSION_1_0:
		return 10;
	case CURL_HTTP_VERSION_1_1:
		return 11;
	case CURL_HTTP_VERSION_2_0:
		return 20;
	default:
		return 0;
	}
}

/* curl sends again only what went over a used connection, and counts the new
   one that it was not allowed to use. */
static bool is_reused(CURL *easy, CURLcode code)
{
	return http_connections(easy) == 0 ||
	       code == CURLE_ABORTED_BY_CALLBACK ||
	       code == CURLE_SEND_FAIL_REWIND;
}

static millis retry_after(const struct http_answer *answer)
{
	const struct http_header *fields = answer->fields;
	size_t count = answer->field_count;
	struct text value = http_header_value(fields, count, "Retry-After");

	if (value.len == 0)
		return -1;
	return http_retry_after(value, http_header_value(fields, count, "Date"),
				clock_wall());
}

struct http_answer http_call_answer(struct call *call, CURLcode code)
{
	const struct http_exchange *exchange = &call->exchange;
	enum sent sent;
	enum transport transport = http_transport_of(call->easy, code, exchange,
						     call->detail, &sent);
	bool is_whole = transport == TRANSPORT_COMPLETE;
	curl_off_t micros = 0;

	curl_easy_getinfo(call->easy, CURLINFO_TOTAL_TIME_T, &micros);
	if (!is_whole)
		http_explain(call->detail, code);
	struct http_answer answer = {
		.outcome = {.transport = transport,
			    .sent = sent,
			    .status = http_exchange_status(exchange, transport),
			    .duration = call->spent + micros / 1000},
		.body = {.at = exchange->kept, .len = exchange->kept_len},
		.detail = is_whole ? NULL : call->detail,
		.reused = exchange->requests > 0 && is_reused(call->easy, code),
		.http_version = http_version(call->easy),
	};
	answer.fields = http_kept_fields(call->kept, &answer.field_count);
	answer.outcome.retry_after = retry_after(&answer);
	return answer;
}

/* --- once more ------------------------------------------------------------- */

/* What was answered in full, and within the time, by who did not let us in. */
static bool is_unwelcome(const struct call *call,
			 const struct http_answer *answer)
{
	const struct outcome *outcome = &answer->outcome;

	return call->credential != NULL && !call->is_second &&
	       outcome->transport == TRANSPORT_COMPLETE &&
	       (outcome->status == 401 || outcome->status == 403) &&
	       outcome->duration < http_call_timeout(call);
}

bool http_call_renew(struct call *call, const struct http_answer *answer,
		     enum credential_news *news)
{
	*news = CREDENTIAL_SAME;
	if (!is_unwelcome(call, answer))
		return false;
	/* Another call may have read the new one while this was under way. */
	*news = credential_read(call->credential);
	if (credential_version(call->credential) == call->shown)
		return false;
	call->is_second = true;
	call->spent = answer->outcome.duration;
	http_call_rest(call);
	bool is_fit = http_call_address(call, &call->request);
	assert(is_fit);
	return true;
}

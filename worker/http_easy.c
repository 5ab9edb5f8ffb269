/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/http_easy.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "worker/http_field.h"
#include "worker/mem.h"

void http_must(CURLcode code)
{
	if (code == CURLE_OK)
		return;
	if (code == CURLE_OUT_OF_MEMORY)
		mem_exhausted();
	fprintf(stderr, "rebound: libcurl refuses an option: %s\n",
		curl_easy_strerror(code));
	abort();
}

/* --- what curl tells of an exchange ------------------------------------------ */

static int on_request(void *context, char *remote_ip, char *local_ip,
		      int remote_port, int local_port)
{
	(void)remote_ip, (void)local_ip, (void)remote_port, (void)local_port;
	return http_exchange_request(context) ? CURL_PREREQFUNC_OK
					      : CURL_PREREQFUNC_ABORT;
}

size_t http_on_read(char *to, size_t size, size_t count, void *context)
{
	return http_exchange_give(context, to, size * count);
}

/* curl seeks to send a body again, and only to its start. */
int http_on_seek(void *context, curl_off_t offset, int origin)
{
	if (offset != 0 || origin != SEEK_SET)
		return CURL_SEEKFUNC_FAIL;
	return http_exchange_rewind(context) ? CURL_SEEKFUNC_OK
					     : CURL_SEEKFUNC_FAIL;
}

static size_t on_line(char *at, size_t size, size_t count, void *context)
{
	http_exchange_line(context,
			   (struct text){.at = at, .len = size * count});
	return size * count;
}

static size_t on_body(char *at, size_t size, size_t count, void *context)
{
	http_exchange_keep(context,
			   (struct text){.at = at, .len = size * count});
	return size * count;
}

void http_set_callbacks(CURL *easy, struct http_exchange *exchange)
{
	HTTP_SET(easy, CURLOPT_PREREQFUNCTION, on_request);
	HTTP_SET(easy, CURLOPT_PREREQDATA, exchange);
	HTTP_SET(easy, CURLOPT_HEADERFUNCTION, on_line);
	HTTP_SET(easy, CURLOPT_HEADERDATA, exchange);
	HTTP_SET(easy, CURLOPT_WRITEFUNCTION, on_body);
	HTTP_SET(easy, CURLOPT_WRITEDATA, exchange);
}

/* No signals: timeouts by SIGALRM are for programs without threads. */
void http_set_manners(CURL *easy, const char *url, const char *ca_file)
{
	HTTP_SET(easy, CURLOPT_NOSIGNAL, 1L);
	HTTP_SET(easy, CURLOPT_URL, url);
	HTTP_SET(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	HTTP_SET(easy, CURLOPT_PROXY, "");
	HTTP_SET(easy, CURLOPT_NOPROXY, "*");
	HTTP_SET(easy, CURLOPT_USERAGENT, HTTP_AGENT);
	HTTP_SET(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	HTTP_SET(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	HTTP_SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	HTTP_SET(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	HTTP_SET(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (ca_file == NULL)
		return;
	/* Those alone: the folder of the system's would be trusted too. */
	HTTP_SET(easy, CURLOPT_CAINFO, ca_file);
	HTTP_SET(easy, CURLOPT_CAPATH, NULL);
}

long http_wait(millis wait)
{
	if (wait < 1)
		return 1;
	return wait > INT_MAX ? INT_MAX : (long)wait;
}

/* --- how an exchange ended ----------------------------------------------------- */

static enum http_end end_of(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return HTTP_END_DONE;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return HTTP_END_DNS;
	case CURLE_COULDNT_CONNECT:
		return HTTP_END_CONNECT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CLIENTCERT:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_ENGINE_INITFAILED:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
		return HTTP_END_TLS;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_END_TIMEOUT;
	case CURLE_SEND_FAIL_REWIND:
	case CURLE_ABORTED_BY_CALLBACK: /* by on_request */
		return HTTP_END_RESEND;
	case CURLE_TOO_MANY_REDIRECTS:
	case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9 also */
	case CURLE_URL_MALFORMAT:
		return HTTP_END_UNFOLLOWED;
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_OUT_OF_MEMORY: /* of a head over 100 KiB */
		return HTTP_END_PROTOCOL;
	default:
		return HTTP_END_LOST;
	}
}

long http_connections(CURL *easy)
{
	long connections = 0;

	curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
	return connections;
}

static bool is_tls(CURL *easy)
{
	const char *url = NULL;

	curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url);
	return url != NULL && strncasecmp(url, "https:", 6) == 0;
}

/* What it was that took too long, if it was before the request. curl tells
   of name resolution in words alone. */
static enum http_end late_end(CURL *easy, const char *detail)
{
	if (strncasecmp(detail, "Resolving", 9) == 0)
		return HTTP_END_DNS;
	if (is_tls(easy) && http_connections(easy) > 0)
		return HTTP_END_TLS;
	return HTTP_END_TIMEOUT;
}

/*
 * Bytes that curl took may wait in its buffer, so those that it wrote count.
 * Over TLS it may speak HTTP/2, and then it writes more than it knows of when
 * a write fails: what it took may be sent.
 */
static bool is_sent(CURL *easy, const struct http_exchange *exchange)
{
	curl_off_t uploaded = 0;

	if (exchange->given < exchange->body.len)
		return false;
	curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
	return (size_t)uploaded >= exchange->body.len || is_tls(easy);
}

enum transport http_transport_of(CURL *easy, CURLcode code,
				 const struct http_exchange *exchange,
				 const char *detail, enum sent *sent)
{
	enum http_end end = end_of(code);
	bool all = is_sent(easy, exchange);
	enum transport transport;

	/* No head was too large, since nothing has been asked for. */
	if (code == CURLE_OUT_OF_MEMORY && exchange->requests == 0)
		mem_exhausted();
	if (end == HTTP_END_TIMEOUT && exchange->requests == 0)
		end = late_end(easy, detail);
	transport = http_exchange_transport(exchange, end, all);
	*sent = http_exchange_sent(transport, all);
	return transport;
}

void http_explain(char detail[CURL_ERROR_SIZE], CURLcode code)
{
	const char *own = NULL;

	if (code == CURLE_OK)
		own = "the response ended inside its headers";
	else if (end_of(code) == HTTP_END_RESEND)
		own = "the connection was lost without an answer; the request "
		      "is not sent twice";
	else if (detail[0] == '\0')
		own = curl_easy_strerror(code);
	if (own != NULL)
		snprintf(detail, CURL_ERROR_SIZE, "%s", own);
	http_scrub(detail);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One GET that is waited for, for commands that ask a management API.
 */
#include "worker/http.h"

#include <string.h>

#include "worker/http_easy.h"
#include "worker/http_field.h"
#include "worker/mem.h"

#define FETCH_MAX (64 * 1024 * 1024) /* bytes of a body */

static void set_options(CURL *easy, const struct http_get *get)
{
	HTTP_SET(easy, CURLOPT_HTTPGET, 1L);
	HTTP_SET(easy, CURLOPT_TIMEOUT_MS, http_wait(get->timeout));
	if (get->user == NULL)
		return;
	HTTP_SET(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	HTTP_SET(easy, CURLOPT_USERNAME, get->user);
	HTTP_SET(easy, CURLOPT_PASSWORD,
		 get->password != NULL ? get->password : "");
}

/* NULL if the exchange came to a response that can be read whole. */
static const char *problem_of(const struct http_get *get,
			      const struct http_exchange *exchange,
			      enum transport transport, const char *detail,
			      struct arena *arena)
{
	char *address = arena_string(arena, text_of(get->url));

	http_scrub(address);
	if (transport != TRANSPORT_COMPLETE)
		return arena_printf(arena, "no answer from %s: %s (%s)",
				    address, detail, transport_name(transport));
	if (exchange->kept_len == FETCH_MAX)
		return arena_printf(arena,
				    "the answer of %s has more than %d MiB",
				    address, FETCH_MAX / (1024 * 1024));
	return NULL;
}

static char *perform(CURL *easy, struct http_exchange *exchange,
		     const struct http_get *get, struct arena *arena,
		     int *status, const char **problem)
{
	char detail[CURL_ERROR_SIZE] = "";

	HTTP_SET(easy, CURLOPT_ERRORBUFFER, detail);
	CURLcode code = curl_easy_perform(easy);
	enum sent sent;
	enum transport transport =
		http_transport_of(easy, code, exchange, detail, &sent);
	http_explain(detail, code);
	HTTP_SET(easy, CURLOPT_ERRORBUFFER, NULL);

	*problem = problem_of(get, exchange, transport, detail, arena);
	*status = http_exchange_status(exchange, transport);
	if (*problem != NULL || *status != 200)
		return NULL;
	return arena_string(arena, (struct text){.at = exchange->kept,
						 .len = exchange->kept_len});
}

char *http_fetch(const struct http_get *get, struct arena *arena, int *status,
		 const char **problem)
{
	struct http_exchange exchange = {0};

	http_must(curl_global_init(CURL_GLOBAL_DEFAULT));
	CURL *easy = curl_easy_init();
	if (easy == NULL)
		http_must(CURLE_OUT_OF_MEMORY);
	http_exchange_start(&exchange, (struct text){0}, FETCH_MAX);
	http_set_manners(easy, get->url, get->ca_file);
	http_set_callbacks(easy, &exchange);
	set_options(easy, get);
	char *body = perform(easy, &exchange, get, arena, status, problem);

	http_exchange_fini(&exchange);
	curl_easy_cleanup(easy);
	curl_global_cleanup();
	return body;
}

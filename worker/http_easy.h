/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_easy.h - one exchange, as libcurl is told of it and tells of it.
 *
 * The door to libcurl, for http*.c alone. "Easy" is curl's word for the
 * handle of one transfer.
 */
#ifndef WORKER_HTTP_EASY_H
#define WORKER_HTTP_EASY_H

#include <curl/curl.h>

#include "worker/http_exchange.h"

/* Options are ours, and memory is there: what curl refuses is a bug. */
void http_must(CURLcode code);

#define HTTP_SET(easy, option, value)                                          \
	http_must(curl_easy_setopt(easy, option, value))

/* What the user agent is called. */
#define HTTP_AGENT "rebound/" REBOUND_VERSION

/* What all requests have in common: http and https alone, no proxy, no
   signals, TLS from 1.2 with verification, by `ca_file` alone unless NULL. */
void http_set_manners(CURL *easy, const char *url, const char *ca_file);

/* Lets curl tell `exchange`, which is borrowed. A body is for the caller. */
void http_set_callbacks(CURL *easy, struct http_exchange *exchange);

/* The reader of a request's body, for CURLOPT_READFUNCTION, and what rewinds
   it for a redirect, and else refuses. Their context is the exchange. */
size_t http_on_read(char *to, size_t size, size_t count, void *context);
int http_on_seek(void *context, curl_off_t offset, int origin);

/* A timeout as curl wants it; at least 1 ms, since 0 would be for ever. */
long http_wait(millis wait);

/* Connections that were made for the transfer; 0: it used a kept one. */
long http_connections(CURL *easy);

/* What the transfer came to, and how much of the request went out. `detail` is
   its CURLOPT_ERRORBUFFER. */
enum transport http_transport_of(CURL *easy, CURLcode code,
				 const struct http_exchange *exchange,
				 const char *detail, enum sent *sent);

/* Makes of `detail` a clause that says what went wrong, and names no more of
   an address than host and port. */
void http_explain(char detail[CURL_ERROR_SIZE], CURLcode code);

#endif

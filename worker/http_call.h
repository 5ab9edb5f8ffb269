/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_call.h - one call: a handle of curl, its options, request and answer.
 *
 * For http*.c alone. A handle keeps the options of its downstream and serves
 * one call after another; http.c keeps the idle ones.
 */
#ifndef WORKER_HTTP_CALL_H
#define WORKER_HTTP_CALL_H

#include "worker/credential.h"
#include "worker/http.h"
#include "worker/http_easy.h"

struct call {
	struct http *http;
	const struct downstream_config *downstream;
	CURL *easy;
	struct credential *credential; /* of the downstream; NULL: none */
	uint32_t shown;                /* its version, in this request */
	bool is_own; /* the options of the last request's own url and method */
	bool is_second; /* made again for a new credential */
	millis spent;   /* by the first, of the timeout */
	struct http_request request;
	struct arena memory;       /* of the fields */
	struct curl_slist *fields; /* NULL while idle */
	struct curl_slist *last;   /* of them */
	struct http_exchange exchange;
	struct http_kept *kept; /* fields of the response; none while idle */
	http_done *done;
	void *context;
	char detail[CURL_ERROR_SIZE];
	struct call *next; /* in the one list that it is in */
	struct call *previous;
};

/* Ready for any number of requests to the downstream, which is borrowed, as is
   its credential (NULL: none). */
struct call *http_call_new(struct http *http,
			   const struct downstream_config *downstream,
			   struct credential *credential);
void http_call_free(struct call *call); /* no longer with a multi handle */

/* True if it is called over https, as far as its own url says. */
bool http_call_is_tls(const struct downstream_config *downstream);

/* Makes the request ready to be sent. False, with a clause in call->detail, if
   it has a header that cannot be sent. */
bool http_call_address(struct call *call, const struct http_request *request);

/* True if the answer asks for another credential and there is one by now; then
   the same request is ready to be sent once more. *news is what was found. */
bool http_call_renew(struct call *call, const struct http_answer *answer,
		     enum credential_news *news);

/* How long the request may take in all. */
millis http_call_timeout(const struct call *call);

/* What it came to; lent until the call rests. */
struct http_answer http_call_answer(struct call *call, CURLcode code);

/* Gives up what belongs to the last request. */
void http_call_rest(struct call *call);

#endif

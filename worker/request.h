/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.h - the HTTP request that a message becomes.
 *
 *   Idempotency-Key    the same for every call of one message to one step
 *   X-Message-Id       who the message is
 *   X-Correlation-Id   property correlation-id
 *   X-Message-Type     property type, or else the routing key
 *   Content-Type       property content-type
 *   Content-Encoding   property content-encoding
 *   traceparent, tracestate   the message headers of these names
 *
 * and what the downstream's map_headers names. What the message does not have
 * is not sent. The body is the message's, byte for byte.
 */
#ifndef WORKER_REQUEST_H
#define WORKER_REQUEST_H

#include "worker/config.h"
#include "worker/envelope.h"
#include "worker/http.h"

/*
 * The request for one step. It lives as long as the envelope's message. A
 * mapped value may be a string, bytes, a number, a boolean or a timestamp
 * (seconds since 1970); of another kind it is left out.
 */
struct http_request request_build(const struct envelope *envelope,
				  const struct downstream_config *downstream);

#endif

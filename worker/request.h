/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.h - the HTTP request that a message becomes, for one step.
 *
 *   Idempotency-Key    the same for every call of one message to one step: the
 *                      step's `key`, or made of pipeline, id and step
 *   X-Message-Id       who the message is
 *   X-Correlation-Id   property correlation-id
 *   X-Message-Type     the message type
 *   Content-Type       property content-type
 *   Content-Encoding   property content-encoding
 *   traceparent, tracestate   the message headers of these names
 *
 * and what the downstream's map_headers names, and what the step's headers say.
 * A header of the step takes the place of one of the same name of the
 * downstream. What the message does not have is not sent, but for what a
 * template asks for, without which there is no request.
 *
 * The body is the message's, byte for byte; or that of the step, which then has
 * the Content-Type that the step's headers say, or application/json if it is
 * JSON. DELETE has none unless the step says so (RFC 9110, section 9.3.5).
 */
#ifndef WORKER_REQUEST_H
#define WORKER_REQUEST_H

#include "worker/config.h"
#include "worker/envelope.h"
#include "worker/http.h"
#include "worker/message_view.h"

/*
 * The request for a step (or an undo: its name is the step's), which lives as
 * long as the envelope's message. `wanted` is left to the caller. One that
 * cannot be made from this message, and never can, has a flaw, which http_call
 * answers with TRANSPORT_TEMPLATE: a clause in the arena, without a value of
 * the message.
 *
 * A mapped value may be a string, bytes, a number, a boolean or a timestamp
 * (seconds since 1970); of another kind it is left out.
 */
struct http_request request_for_step(const struct envelope *envelope,
				     const struct step_config *step,
				     struct message_view *view);

/* The same for a downstream that is the only step. */
struct http_request request_build(const struct envelope *envelope,
				  const struct downstream_config *downstream);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * understand.h - what an answer says in a format that is known.
 *
 * A downstream that speaks FHIR, HL7 v2 or problem details (RFC 9457) says more
 * in the body of an answer than its status does. What is found becomes a sense
 * (done, transient, permanent, ...), an error type and a detail for people. A
 * body that is not of that format says nothing: the status counts.
 *
 * Bodies are hostile: nested, cut, with NULs, not UTF-8, with huge numbers.
 * None of that breaks anything here.
 */
#ifndef WORKER_UNDERSTAND_H
#define WORKER_UNDERSTAND_H

#include "policy/outcome.h"
#include "policy/text.h"
#include "worker/arena.h"
#include "worker/config.h"

#define UNDERSTAND_NAME_MAX   64  /* bytes of an error type */
#define UNDERSTAND_DETAIL_MAX 200 /* bytes of a detail */

/* A complete response. Borrowed. */
struct understand_input {
	int status;
	struct text content_type; /* as the server spelt it; may be empty */
	struct text body;         /* at most response_limit bytes of it */
	struct text sent;         /* the body of the request */
};

/*
 * Reads the body as the downstream is said to speak. What the result points to
 * is in the arena or static: `error` is such as configuration could name it, at
 * most UNDERSTAND_NAME_MAX bytes; `detail` is UTF-8 without control characters,
 * at most UNDERSTAND_DETAIL_MAX bytes. Never fails: SENSE_NONE is an answer.
 */
struct understanding understand(const struct understand_config *config,
				const struct understand_input *input,
				struct arena *arena);

#endif

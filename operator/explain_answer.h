/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_answer.h - the answer that is explained, as a worker would have it.
 *
 * A response is saved by "curl -i": status line, header lines, a blank line,
 * and the body. Where more than one head stands in it (interim responses, a
 * proxy, redirects), the last one counts.
 */
#ifndef OPERATOR_EXPLAIN_ANSWER_H
#define OPERATOR_EXPLAIN_ANSWER_H

#include "operator/explain_options.h"
#include "worker/arena.h"
#include "worker/http.h"

/* A response as it was saved. Texts point into what was read. */
struct saved_response {
	int status;       /* 0: there is no head, all of it is the body */
	struct text head; /* its header lines */
	struct text body;
};

/* Takes a saved response apart. False if it begins as a head does, and is
   none. */
bool saved_response_read(struct text saved, struct saved_response *response);

/* What the call came to. */
struct explain_answer {
	struct http_answer answer; /* for answer_read */
	struct text sent;          /* the body of the message */
};

/*
 * What the options say that the call came to; it lives in the arena. The body
 * of the response is cut at `response_limit` bytes, as a worker does. -1 to go
 * on; else the exit code, after it was said what is wrong.
 */
int explain_answer_make(const struct explain_options *options,
			uint64_t response_limit, struct arena *arena,
			struct explain_answer *answer);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest.h - identifiers made of hashes and of chance. The only door to
 * libcrypto.
 */
#ifndef WORKER_DIGEST_H
#define WORKER_DIGEST_H

#include <stddef.h>

#include "policy/text.h"

#define UUID_SPELLING_MAX 37 /* with its NUL */
#define SHA256_HEX_MAX    65 /* with its NUL */

/*
 * The Idempotency-Key of one message for one step of one pipeline: UUIDv5
 * (RFC 9562, section 5.5) of pipeline NUL id NUL step in a namespace of this
 * program's, c5d3ab35-3b0c-5a2c-9a43-6f4b2d8c6f10, fixed for ever.
 */
char *digest_idempotency_key(const char *pipeline, struct text id,
			     struct text step, char buffer[UUID_SPELLING_MAX]);

/* UUIDv4 (RFC 9562, section 5.4). Aborts where there is no randomness. */
char *digest_random_uuid(char buffer[UUID_SPELLING_MAX]);

/* SHA-256 in lower-case hexadecimal digits. */
char *digest_sha256(struct text bytes, char buffer[SHA256_HEX_MAX]);

#endif

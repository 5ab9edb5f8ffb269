/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credential.h - a secret that may be replaced while it is in use.
 *
 * Tokens and passwords are renewed by writing their file anew, at times every
 * few minutes. The file is looked at when a call is made, and read again when
 * it is another: other times, size or number, through links too. What cannot
 * be used leaves the secret as it was, since a file may be looked at while it
 * is being written. Reading may block for as long as the file system does.
 */
#ifndef WORKER_CREDENTIAL_H
#define WORKER_CREDENTIAL_H

#include <stdint.h>

#include "policy/millis.h"
#include "worker/config.h"

#define CREDENTIAL_LOOK_EVERY MILLIS_PER_SECOND

struct credential;

/* `auth` is borrowed. Begins with the secret that it has. */
struct credential *credential_new(const struct auth_config *auth);
void credential_free(struct credential *credential); /* takes NULL */

enum credential_news {
	CREDENTIAL_SAME,    /* or nothing was looked at */
	CREDENTIAL_CHANGED, /* the secret is another */
	CREDENTIAL_FLAWED,  /* it cannot be read; said once for each flaw */
};

/* Looks at the file, at most every CREDENTIAL_LOOK_EVERY, and reads it if it
   is another. `now` is that of the loop. */
enum credential_news credential_look(struct credential *credential, millis now);

/* Reads the file in any case. */
enum credential_news credential_read(struct credential *credential);

/* Grows with each change. */
uint32_t credential_version(const struct credential *credential);

/* Borrowed until the next look or reading. */
const char *credential_secret(const struct credential *credential);

/* Why it could not be read the last time, as the end of a sentence; NULL if it
   could. Static. */
const char *credential_trouble(const struct credential *credential);

/* Why this secret cannot be sent (RFC 9110, 5.5; RFC 7617, 2: no control
   characters), as the end of a sentence; NULL if it can. Static. */
const char *credential_flaw(const struct auth_config *auth, const char *secret);

#endif

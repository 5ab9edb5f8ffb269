/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/digest.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char namespace[16] = {
	0xc5, 0xd3, 0xab, 0x35, 0x3b, 0x0c, 0x5a, 0x2c,
	0x9a, 0x43, 0x6f, 0x4b, 0x2d, 0x8c, 0x6f, 0x10,
};

/* There is no memory, or what is needed is switched off in libcrypto. */
static _Noreturn void give_up(void)
{
	fputs("rebound: libcrypto makes no digests and random numbers here: no "
	      "memory is left, or its configuration forbids SHA-1 or "
	      "SHA-256.\n",
	      stderr);
	abort();
}

/* The bytes in hexadecimal digits; returns what follows them. */
static char *spell(const unsigned char *bytes, size_t len, char *to)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*to++ = digits[bytes[i] >> 4];
		*to++ = digits[bytes[i] & 0x0f];
	}
	return to;
}

/* Sets version and variant, and spells the 16 bytes. */
static char *spell_uuid(unsigned char b[16], unsigned version,
			char buffer[UUID_SPELLING_MAX])
{
	static const size_t groups[] = {4, 2, 2, 2, 6}; /* bytes */
	char *to = buffer;

	b[6] = (unsigned char)((b[6] & 0x0f) | (version << 4));
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (i > 0)
			*to++ = '-';
		to = spell(b, groups[i], to);
		b += groups[i];
	}
	*to = '\0';
	return buffer;
}

/* libcrypto looks for an algorithm behind locks, and makes much of a context:
   that is done once. They are never freed. */
static pthread_mutex_t sha1_lock = PTHREAD_MUTEX_INITIALIZER;
static EVP_MD *sha1;
static EVP_MD_CTX *sha1_context;

/* Under the lock. */
static void begin_sha1(void)
{
	if (sha1 == NULL)
		sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	if (sha1_context == NULL)
		sha1_context = EVP_MD_CTX_new();
	if (sha1 == NULL || sha1_context == NULL ||
	    !EVP_DigestInit_ex2(sha1_context, sha1, NULL))
		give_up();
}

char *digest_idempotency_key(const char *pipeline, struct text id,
			     struct text step, char buffer[UUID_SPELLING_MAX])
{
	unsigned char digest[EVP_MAX_MD_SIZE];

	pthread_mutex_lock(&sha1_lock);
	begin_sha1();
	/* The NUL that ends the pipeline's name is the first separator. */
	if (!EVP_DigestUpdate(sha1_context, namespace, sizeof(namespace)) ||
	    !EVP_DigestUpdate(sha1_context, pipeline, strlen(pipeline) + 1) ||
	    !EVP_DigestUpdate(sha1_context, id.at, id.len) ||
	    !EVP_DigestUpdate(sha1_context, "", 1) ||
	    !EVP_DigestUpdate(sha1_context, step.at, step.len) ||
	    !EVP_DigestFinal_ex(sha1_context, digest, NULL))
		give_up();
	pthread_mutex_unlock(&sha1_lock);
	return spell_uuid(digest, 5, buffer);
}

char *digest_random_uuid(char buffer[UUID_SPELLING_MAX])
{
	unsigned char bytes[16];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		give_up();
	return spell_uuid(bytes, 4, buffer);
}

char *digest_sha256(struct text bytes, char buffer[SHA256_HEX_MAX])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (!EVP_Digest(bytes.at, bytes.len, digest, &len, EVP_sha256(), NULL))
		give_up();
	*spell(digest, len, buffer) = '\0';
	return buffer;
}

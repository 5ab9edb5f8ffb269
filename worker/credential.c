/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/credential.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "worker/arena.h"
#include "worker/http_field.h"
#include "worker/mem.h"
#include "worker/secret.h"

struct credential {
	const struct auth_config *auth;
	char *secret;        /* on the heap */
	uint32_t version;    /* changes so far */
	millis next_look;    /* not before that */
	struct stat seen;    /* the file that was read last; all 0: none */
	const char *trouble; /* of the last reading; NULL: none */
};

struct credential *credential_new(const struct auth_config *auth)
{
	struct credential *c = mem_new(sizeof(*c));

	c->auth = auth;
	c->secret = mem_string(auth->secret);
	return c;
}

/* What was secret is not left in memory that others get. */
static void forget(char *secret)
{
	explicit_bzero(secret, strlen(secret));
	free(secret);
}

void credential_free(struct credential *c)
{
	if (c == NULL)
		return;
	forget(c->secret);
	free(c);
}

const char *credential_flaw(const struct auth_config *auth, const char *secret)
{
	const char *name =
		auth->kind == AUTH_HEADER ? auth->name : "Authorization";

	/* The name is configuration, and checked: it is the value. */
	return http_field_flaw(name, text_of(secret)) == NULL
		       ? NULL
		       : "holds a control character, which HTTP does not allow";
}

/* --- reading --------------------------------------------------------------- */

static enum credential_news fail(struct credential *c, const char *trouble)
{
	bool is_known = c->trouble != NULL && strcmp(c->trouble, trouble) == 0;

	c->trouble = trouble;
	return is_known ? CREDENTIAL_SAME : CREDENTIAL_FLAWED;
}

/* Opens without waiting for the other end of a pipe, and then takes none. */
static FILE *open_file(struct credential *c, struct stat *status,
		       const char **flaw)
{
	int fd = open(c->auth->secret_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *stream;

	*flaw = "cannot be opened";
	if (fd < 0)
		return NULL;
	if (fstat(fd, status) != 0 || !S_ISREG(status->st_mode)) {
		*flaw = "is no file";
		close(fd);
		return NULL;
	}
	stream = fdopen(fd, "r");
	if (stream == NULL)
		mem_exhausted();
	return stream;
}

static enum credential_news take(struct credential *c, const char *secret)
{
	c->trouble = NULL;
	if (strcmp(secret, c->secret) == 0)
		return CREDENTIAL_SAME;
	forget(c->secret);
	c->secret = mem_string(secret);
	c->version++;
	return CREDENTIAL_CHANGED;
}

enum credential_news credential_read(struct credential *c)
{
	enum credential_news news;
	struct stat status;
	struct arena arena;
	const char *flaw;

	if (c->auth->secret_file == NULL)
		return CREDENTIAL_SAME;
	FILE *stream = open_file(c, &status, &flaw);
	if (stream == NULL)
		return fail(c, flaw);
	arena_init(&arena);
	char *secret = secret_in(&arena, stream, &flaw);
	if (secret != NULL)
		flaw = credential_flaw(c->auth, secret);
	news = flaw != NULL ? fail(c, flaw) : take(c, secret);
	if (flaw == NULL)
		c->seen = status;
	if (secret != NULL)
		explicit_bzero(secret, strlen(secret));
	arena_fini(&arena);
	fclose(stream);
	return news;
}

/* --- looking --------------------------------------------------------------- */

static bool is_same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       is_same_time(a->st_mtim, b->st_mtim) &&
	       is_same_time(a->st_ctim, b->st_ctim);
}

enum credential_news credential_look(struct credential *c, millis now)
{
	struct stat status;

	if (c->auth->secret_file == NULL || now < c->next_look)
		return CREDENTIAL_SAME;
	c->next_look = now + CREDENTIAL_LOOK_EVERY;
	if (stat(c->auth->secret_file, &status) == 0 &&
	    is_same_file(&status, &c->seen))
		return CREDENTIAL_SAME;
	return credential_read(c);
}

uint32_t credential_version(const struct credential *c)
{
	return c->version;
}

const char *credential_secret(const struct credential *c)
{
	return c->secret;
}

const char *credential_trouble(const struct credential *c)
{
	return c->trouble;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/setting_twin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "worker/secret.h"

static struct tree *twin_value(struct reading *r, const struct tree *member,
			       const char *string)
{
	struct tree *value = arena_alloc(r->arena, sizeof(*value));

	*value = (struct tree){.parent = member->parent,
			       .name = member->name,
			       .kind = TREE_STRING,
			       .file = member->file,
			       .line = member->line,
			       .is_hidden = true,
			       .string = string};
	return value;
}

/* A variable by its name; but what does not look like one may be the secret
   itself, written in the wrong place. */
static const char *described(struct arena *arena, const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	if (strspn(name, allowed) == strlen(name))
		return arena_printf(arena, "the environment variable %s", name);
	return "an environment variable";
}

const struct tree *setting_from_env(struct reading *r,
				    const struct tree *member)
{
	const char *value;

	if (member->kind != TREE_STRING || *member->string == '\0') {
		complain(r->complaints, member,
			 "%s must be the name of an environment variable, "
			 "not %s.",
			 tree_path(r->arena, member),
			 tree_found(r->arena, member));
		return NULL;
	}
	value = getenv(member->string);
	if (value != NULL && *value != '\0')
		return twin_value(r, member,
				  arena_string(r->arena, text_of(value)));
	complain(r->complaints, member, "%s names %s, which is %s.",
		 tree_path(r->arena, member),
		 described(r->arena, member->string),
		 value == NULL ? "not set" : "empty");
	return NULL;
}

static void warn_if_open(struct reading *r, const struct tree *member,
			 const char *path, FILE *stream)
{
	struct stat status;

	if (fstat(fileno(stream), &status) == 0 &&
	    (status.st_mode & S_IROTH) != 0)
		complain_warning(r->complaints, member,
				 "The secret in \"%s\" can be read by "
				 "everybody. Say: chmod o-r '%s'",
				 path, path);
}

const struct tree *setting_from_file(struct reading *r,
				     const struct tree *member)
{
	const char *flaw = NULL;
	char *secret = NULL;

	if (member->kind != TREE_STRING || *member->string == '\0') {
		complain(r->complaints, member,
			 "%s must be the name of a file, not %s.",
			 tree_path(r->arena, member),
			 tree_found(r->arena, member));
		return NULL;
	}
	const char *path =
		tree_file_beside(r->arena, member->file, member->string);
	FILE *stream = fopen(path, "re");
	if (stream == NULL) {
		flaw = arena_printf(r->arena, "cannot be opened: %s",
				    strerror(errno));
	} else {
		secret = secret_in(r->arena, stream, &flaw);
		warn_if_open(r, member, path, stream);
		fclose(stream);
	}
	if (secret != NULL)
		return twin_value(r, member, secret);
	complain(r->complaints, member, "%s names the file \"%s\", which %s.",
		 tree_path(r->arena, member), path, flaw);
	return NULL;
}

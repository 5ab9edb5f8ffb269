/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_auth.c - reads the group `auth` of a downstream.
 */
#include <string.h>
#include <strings.h>

#include "worker/config_draft.h"
#include "worker/credential.h"

/* Where a secret's file is, to be read again; NULL if it has none. */
static const char *file_of(struct reading *r, const struct tree *group,
			   const char *twin)
{
	const struct tree *member = tree_member(group, twin);

	if (member == NULL || member->kind != TREE_STRING)
		return NULL;
	return tree_file_beside(r->arena, member->file, member->string);
}

static bool read_basic(struct reading *r, const struct tree *group,
		       struct auth_config *auth)
{
	auth->kind = AUTH_BASIC;
	auth->secret_file = file_of(r, group, "password_file");
	return setting_read(r, SCOPE_BASIC, group, auth);
}

static bool read_header(struct reading *r, const struct tree *group,
			struct auth_config *auth)
{
	auth->kind = AUTH_HEADER;
	auth->secret_file = file_of(r, group, "value_file");
	return setting_read(r, SCOPE_AUTH_HEADER, group, auth);
}

/* curl takes these two away when a redirect leads to another host. */
static bool is_kept_from_others(const char *name)
{
	return strcasecmp(name, "Authorization") == 0 ||
	       strcasecmp(name, "Cookie") == 0;
}

static void check_auth(struct reading *r, const struct tree *group,
		       struct downstream_config *into)
{
	const struct auth_config *auth = &into->auth;
	const char *path = tree_path(r->arena, group);
	const char *name =
		auth->kind == AUTH_HEADER ? auth->name : "Authorization";
	const char *flaw = credential_flaw(auth, auth->secret);

	if (!config_check_header(r, group, into, name))
		return;
	if (flaw != NULL)
		complain(r->complaints, group, "%s: the secret %s.", path,
			 flaw);
	if (auth->kind == AUTH_BASIC && strchr(auth->user, ':') != NULL)
		complain(r->complaints, group,
			 "%s.basic.user holds a colon, which ends a user "
			 "(RFC 7617).",
			 path);
	if (into->follow_redirects && !is_kept_from_others(name))
		complain(r->complaints, group,
			 "%s.header and follow_redirects exclude each other: "
			 "a redirect to another host would get the secret "
			 "too.",
			 path);
}

void config_read_auth(struct reading *r, const struct tree *downstream,
		      struct downstream_config *into)
{
	const struct tree *group = tree_member(downstream, "auth");
	struct auth_config auth = {.kind = AUTH_BEARER};
	bool is_fit;

	if (group == NULL || group->kind != TREE_GROUP)
		return;
	if (group->count != 1) {
		complain(r->complaints, group,
			 "%s must hold one of basic, bearer and header.",
			 tree_path(r->arena, group));
		return;
	}
	const struct tree *basic = tree_member(group, "basic");
	const struct tree *header = tree_member(group, "header");
	auth.secret_file = file_of(r, group, "bearer_file");
	is_fit = setting_read(r, SCOPE_AUTH, group, &auth);
	if (is_fit && basic != NULL)
		is_fit = read_basic(r, basic, &auth);
	else if (is_fit && header != NULL)
		is_fit = read_header(r, header, &auth);
	if (!is_fit)
		return;
	into->auth = auth;
	check_auth(r, group, into);
}

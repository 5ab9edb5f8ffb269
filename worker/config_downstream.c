/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_downstream.c - reads the group `downstreams`.
 */
#include <string.h>

#include "worker/config_draft.h"
#include "worker/config_url.h"

bool config_check_url(struct reading *r, const struct tree *at,
		      const char *what, const char *url)
{
	struct url parts;
	const char *flaw = url_split(url, &parts);

	if (flaw == NULL && !text_is(parts.scheme, "http") &&
	    !text_is(parts.scheme, "https"))
		flaw = "must begin with http:// or https://";
	if (flaw == NULL && parts.has_fragment)
		flaw = "has a fragment (#...), which is never sent";
	if (flaw == NULL && parts.has_user) {
		complain(r->complaints, at,
			 "The url of %s holds a user or password. Take them "
			 "out: both have settings of their own.",
			 what);
		return false;
	}
	if (flaw == NULL)
		return true;
	complain(r->complaints, at,
		 "The url of %s %s. It looks like \"http://host:8080/path\".",
		 what, flaw);
	return false;
}

void config_check_tls(struct reading *r, const struct tree *group,
		      bool is_insecure)
{
	bool has_cert = setting_is_given(group, "cert_file");
	const char *path = tree_path(r->arena, group);

	if (has_cert != setting_is_given(group, "key_file"))
		complain(r->complaints,
			 setting_place(group,
				       has_cert ? "cert_file" : "key_file"),
			 "%s.%s goes with %s.%s, which is missing.", path,
			 has_cert ? "cert_file" : "key_file", path,
			 has_cert ? "key_file" : "cert_file");
	if (is_insecure)
		complain_warning(
			r->complaints,
			setting_place(group, "insecure_skip_verify"),
			"%s.insecure_skip_verify = true: whoever stands on the "
			"way there can read and change what is sent. Better "
			"set %s.ca_file to the certificate that signed.",
			path, path);
}

/* Host and port alone: the rest of a url means nothing for a proxy. */
static void check_proxy(struct reading *r, const struct tree *group,
			const char *proxy)
{
	struct url parts;
	const struct tree *at = setting_place(group, "proxy");

	if (url_split(proxy, &parts) == NULL && text_is(parts.scheme, "http") &&
	    parts.port != 0 && !parts.has_user && !parts.has_query &&
	    !parts.has_fragment &&
	    (!parts.has_path || text_is(parts.path, "/")))
		return;
	complain(r->complaints, at,
		 "%s.proxy must look like \"http://proxy.example:3128\", "
		 "without user and password.",
		 tree_path(r->arena, group));
}

static void read_downstream(struct reading *r, const struct tree *group,
			    struct downstream_config *downstream)
{
	setting_defaults(r, SCOPE_DOWNSTREAM, downstream);
	config_default_health(r, downstream);
	downstream->name = arena_string(r->arena, text_of(group->name));
	downstream->rules.name = downstream->name;
	(void)setting_read(r, SCOPE_DOWNSTREAM, group, downstream);
	if (!setting_is_given(group, "idempotent"))
		downstream->rules.is_idempotent =
			strcmp(downstream->method, "PUT") == 0;
	config_read_tuning(r, group, &downstream->rules.own);
	if (downstream->url != NULL)
		(void)config_check_url(r, setting_place(group, "url"),
				       tree_path(r->arena, group),
				       downstream->url);
	if (downstream->proxy != NULL)
		check_proxy(r, group, downstream->proxy);
	config_check_tls(r, group, downstream->insecure_skip_verify);
	config_read_headers(r, group, downstream);
	config_read_auth(r, group, downstream);
	config_read_understand(r, group, downstream);
	config_read_health(r, group, downstream);
}

void config_read_downstreams(struct reading *r, const struct tree *top,
			     struct config *config)
{
	const struct tree *groups = tree_member(top, "downstreams");
	const struct tree *pipelines = tree_member(top, "pipelines");
	bool is_there = groups != NULL && groups->kind == TREE_GROUP;
	size_t room = (is_there ? groups->count : 0) +
		      (pipelines == NULL ? 0 : pipelines->count);

	/* Pipelines point into it, and may add one each. */
	config->downstreams =
		arena_array(r->arena, room + 1, sizeof(*config->downstreams));
	for (size_t i = 0; is_there && i < groups->count; i++) {
		const struct tree *group = &groups->members[i];
		size_t n = config->downstream_count;

		if (!config_check_group(r, group) ||
		    !config_check_name(r, group, group->name))
			continue;
		config->downstreams[n].index = n;
		read_downstream(r, group, &config->downstreams[n]);
		config->downstream_count++;
	}
}

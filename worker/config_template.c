/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_template.c - reads the templates of steps.
 */
#include <strings.h>

#include "worker/config_draft.h"
#include "worker/config_url.h"

const struct template *config_read_template(struct reading *r,
					    const struct tree *at,
					    enum template_kind kind)
{
	const struct template *t = NULL;
	const char *flaw = "";

	if (at->kind != TREE_STRING) {
		complain(r->complaints, at,
			 "%s must be a text in double quotes, not %s.",
			 tree_path(r->arena, at), tree_found(r->arena, at));
		return NULL;
	}
	t = template_parse(kind, text_of(at->string), r->arena, &flaw);
	if (t == NULL)
		complain(r->complaints, at, "%s %s", tree_path(r->arena, at),
			 flaw);
	return t;
}

static bool same_text(struct text a, struct text b)
{
	return a.len == b.len && strncasecmp(a.at, b.at, a.len) == 0;
}

static int port_of(const struct url *parts)
{
	if (parts->port != 0)
		return parts->port;
	return text_is(parts->scheme, "https") ? 443 : 80;
}

/* Whatever is known of the downstream is known of its host. */
static bool is_of(const char *url, const struct downstream_config *downstream)
{
	struct url a;
	struct url b;

	if (downstream->url == NULL || url_split(url, &a) != NULL ||
	    url_split(downstream->url, &b) != NULL)
		return true;
	return text_eq(a.scheme, b.scheme) && same_text(a.host, b.host) &&
	       port_of(&a) == port_of(&b);
}

const struct template *
config_read_step_url(struct reading *r, const struct tree *at,
		     const struct downstream_config *downstream)
{
	const struct template *t = config_read_template(r, at, TEMPLATE_URL);
	const char *sample;

	if (t == NULL)
		return NULL;
	sample = template_sample(t, r->arena);
	if (!config_check_url(r, at, tree_path(r->arena, at->parent), sample))
		return NULL;
	if (is_of(sample, downstream))
		return t;
	complain(r->complaints, at,
		 "%s goes to another scheme, host or port than its downstream "
		 "\"%s\", whose credentials, limits and health it would have. "
		 "Make a downstream of its own for it.",
		 tree_path(r->arena, at), downstream->name);
	return NULL;
}

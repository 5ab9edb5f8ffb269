/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/topology_permissions.h"

#include <ctype.h>
#include <string.h>

/* Alternatives of a regular expression, joined by '|'; NULL: none. */
struct rights {
	const char *configure;
	const char *write;
	const char *read;
};

/* A name as a regular expression that matches it and nothing else. */
static const char *escape(struct arena *arena, const char *name)
{
	char *to = arena_alloc(arena, 2 * strlen(name) + 1);
	char *end = to;

	for (const char *c = name; *c != '\0'; c++) {
		bool is_plain = isalnum((unsigned char)*c) || *c == '_' ||
				*c == '-' || (unsigned char)*c >= 0x80;

		if (!is_plain)
			*end++ = '\\';
		*end++ = *c;
	}
	return to;
}

/* True if the alternative is among those of the list. */
static bool is_listed(const char *list, const char *expression)
{
	size_t len = strlen(expression);
	const char *at = list;

	while (at != NULL) {
		size_t this = strcspn(at, "|");

		if (this == len && memcmp(at, expression, len) == 0)
			return true;
		at = at[this] == '|' ? at + this + 1 : NULL;
	}
	return false;
}

static void allow(struct arena *arena, const char **list,
		  const char *expression)
{
	if (*list == NULL)
		*list = expression;
	else if (!is_listed(*list, expression))
		*list = arena_printf(arena, "%s|%s", *list, expression);
}

static void allow_name(struct arena *arena, const char **list, const char *name)
{
	if (name != NULL)
		allow(arena, list, escape(arena, name));
}

/* All delay queues, those of later policies included. */
static void allow_lanes(struct arena *arena, const char **list,
			const struct pipeline_config *p)
{
	allow(arena, list,
	      arena_printf(arena, "%s\\.v1\\..*",
			   escape(arena, p->delay_exchange)));
}

static void allow_declarer(struct arena *arena, struct rights *r,
			   const struct pipeline_config *p)
{
	allow_name(arena, &r->configure, p->exchange);
	allow_name(arena, &r->configure, p->delay_exchange);
	allow_name(arena, &r->configure, p->parking);
	allow_lanes(arena, &r->configure, p);
	if (p->queue_is_ours)
		allow_name(arena, &r->configure, p->queue);
	if (p->business_is_ours)
		allow_name(arena, &r->configure, p->business_exchange);

	/* Destinations of bindings; dead-letter and alternate exchanges. */
	allow_name(arena, &r->write, p->exchange);
	allow_name(arena, &r->write, p->queue);
	allow_name(arena, &r->write, p->parking);
	allow_lanes(arena, &r->write, p);

	/* Sources of bindings; what names such an exchange. */
	allow_name(arena, &r->read, p->exchange);
	allow_name(arena, &r->read, p->delay_exchange);
	allow_name(arena, &r->read, p->parking);
	allow_name(arena, &r->read, p->business_exchange);
	allow_lanes(arena, &r->read, p);
	if (p->queue_is_ours)
		allow_name(arena, &r->read, p->queue);
}

static void allow_role(struct arena *arena, struct rights *r,
		       enum topology_role role, const struct pipeline_config *p)
{
	switch (role) {
	case ROLE_DECLARER:
		allow_declarer(arena, r, p);
		break;
	case ROLE_WORKER:
		allow_name(arena, &r->write, p->delay_exchange);
		allow_name(arena, &r->write, p->parking);
		allow_name(arena, &r->read, p->queue);
		break;
	case ROLE_OPERATOR:
		allow_name(arena, &r->write, p->exchange);
		allow_name(arena, &r->read, p->parking);
		allow_lanes(arena, &r->read, p);
		break;
	case ROLE_AUDITOR:
		allow_name(arena, &r->read, p->parking);
		break;
	case ROLE_PUBLISHER:
		allow_name(arena, &r->write, p->business_exchange);
		break;
	}
}

/* Of the audit trail, whose exchange and queue have one name: who writes
   entries, and who reads them. */
static void allow_audit(struct arena *arena, struct rights *r,
			enum topology_role role, const char *name)
{
	switch (role) {
	case ROLE_DECLARER:
		allow_name(arena, &r->configure, name);
		allow_name(arena, &r->write, name);
		allow_name(arena, &r->read, name);
		break;
	case ROLE_WORKER:
		allow_name(arena, &r->write, name);
		break;
	case ROLE_OPERATOR:
		allow_name(arena, &r->write, name);
		allow_name(arena, &r->read, name);
		break;
	case ROLE_AUDITOR:
		allow_name(arena, &r->read, name);
		break;
	case ROLE_PUBLISHER:
		break;
	}
}

/* guest is the broker's own administrator, whose rights are not to be cut. */
static const char *own(const char *user)
{
	return user == NULL || strcmp(user, "guest") == 0 ? NULL : user;
}

/* The login of a role in the configuration, or NULL. */
static const char *login_of(const struct config *config,
			    enum topology_role role)
{
	const struct broker_config *b = &config->broker;

	if (role == ROLE_WORKER)
		return own(b->worker.user);
	if (role == ROLE_OPERATOR)
		return own(b->operator.user);
	if (role == ROLE_PUBLISHER)
		return own(b->publisher.user);
	if (role != ROLE_DECLARER)
		return NULL;
	if (b->admin.user == NULL && config->declare)
		return own(b->worker.user);
	return own(b->admin.user);
}

/* The entry of that user, added if it is not there yet. */
static size_t entry_of(struct topology_permissions *all, const char *user,
		       bool is_configured)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->list[i].user, user) == 0)
			return i;
	all->list[all->count] = (struct topology_permission){
		.user = user,
		.is_configured = is_configured,
	};
	return all->count++;
}

static const char *expression(struct arena *arena, const char *list)
{
	if (list == NULL)
		return "^$";
	return arena_printf(arena, "^(%s)$", list);
}

static void finish(struct topology_permission *p, const struct rights *r,
		   struct arena *arena)
{
	p->configure = expression(arena, r->configure);
	p->write = expression(arena, r->write);
	p->read = expression(arena, r->read);
}

struct topology_permissions
topology_permissions(const struct config *config,
		     const struct pipeline_config *only, struct arena *arena)
{
	struct topology_permissions all = {0};
	struct rights rights[ROLE_COUNT] = {0};

	for (int i = 0; i < ROLE_COUNT; i++) {
		enum topology_role role = (enum topology_role)i;
		const char *name = topology_role_name(role);
		const char *login = login_of(config, role);
		size_t at = entry_of(
			&all,
			login != NULL ? login
				      : arena_printf(arena, "rebound-%s", name),
			login != NULL);
		struct topology_permission *p = &all.list[at];

		p->roles = p->roles == NULL ? name
					    : arena_printf(arena, "%s, %s",
							   p->roles, name);
		for (size_t n = 0; n < config->pipeline_count; n++)
			if (only == NULL || only == &config->pipelines[n])
				allow_role(arena, &rights[at], role,
					   &config->pipelines[n]);
		if (config->audit.record != AUDIT_OFF)
			allow_audit(arena, &rights[at], role,
				    config->audit.exchange);
	}
	for (size_t i = 0; i < all.count; i++)
		finish(&all.list[i], &rights[i], arena);
	return all;
}

const char *topology_role_name(enum topology_role role)
{
	switch (role) {
	case ROLE_DECLARER:
		return "declarer";
	case ROLE_WORKER:
		return "worker";
	case ROLE_OPERATOR:
		return "operator";
	case ROLE_AUDITOR:
		return "auditor";
	case ROLE_PUBLISHER:
		return "publisher";
	}
	return "?";
}

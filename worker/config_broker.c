/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_broker.c - reads the group `broker`.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "worker/config_draft.h"
#include "worker/config_url.h"

#define PORT     5672
#define PORT_TLS 5671

/*
 * A part of a url that is also a setting of its own: `*value` is what holds
 * so far, and `is_fixed` once a setting or an earlier url has said it.
 */
struct part {
	const char *name;
	const char **value;
	bool is_fixed;
	bool is_secret;
};

static void take_part(struct reading *r, const struct tree *at,
		      struct part *part, struct text found)
{
	const char *text = url_decode(r->arena, found);
	const char *path = tree_path(r->arena, at);

	if (text == NULL || (*text == '\0' && !part->is_secret)) {
		complain(r->complaints, at,
			 "The url of %s has a malformed %s. Characters that a "
			 "url reserves are written as %%2F and the like.",
			 path, part->name);
		return;
	}
	if (!part->is_fixed) {
		part->is_fixed = true;
		*part->value = text;
		return;
	}
	if (*part->value != NULL && strcmp(*part->value, text) == 0)
		return;
	if (part->is_secret)
		complain(r->complaints, at,
			 "The url of %s holds another password than "
			 "broker.password or another url. Take it out of the "
			 "url.",
			 path);
	else
		complain(r->complaints, at,
			 "The url of %s says the %s \"%s\", and elsewhere it "
			 "is \"%s\". Take it out of the url.",
			 path, part->name, text, *part->value);
}

/* The vhost behind a url's slash; nothing behind it means "/". */
static struct text vhost_of(const struct url *url)
{
	if (url->path.len == 1)
		return url->path;
	return (struct text){.at = url->path.at + 1, .len = url->path.len - 1};
}

static bool split_node(struct reading *r, const struct tree *at,
		       const char *text, struct url *url)
{
	const char *path = tree_path(r->arena, at);
	const char *flaw = url_split(text, url);

	if (flaw == NULL && (url->has_query || url->has_fragment))
		flaw = "has a query or a fragment, which means nothing here";
	if (flaw != NULL) {
		complain(r->complaints, at,
			 "The url of %s %s. It looks like "
			 "\"amqp://host:5672\".",
			 path, flaw);
		return false;
	}
	if (text_is(url->scheme, "amqp") || text_is(url->scheme, "amqps"))
		return true;
	complain(r->complaints, at,
		 "The url of %s must begin with amqp:// or amqps://.", path);
	return false;
}

static void read_node(struct reading *r, const struct tree *at,
		      const char *text, struct part parts[3],
		      struct node_config *node)
{
	struct url url;

	if (!split_node(r, at, text, &url))
		return;
	node->host = arena_string(r->arena, url.host);
	node->tls = text_is(url.scheme, "amqps");
	node->port = url.port != 0 ? url.port : node->tls ? PORT_TLS : PORT;
	if (url.has_user)
		take_part(r, at, &parts[0], url.user);
	if (url.has_password)
		take_part(r, at, &parts[1], url.password);
	if (url.has_path)
		take_part(r, at, &parts[2], vhost_of(&url));
}

static void read_nodes(struct reading *r, const struct tree *group,
		       struct broker_draft *draft)
{
	struct broker_config *broker = &draft->broker;
	const struct tree *place = setting_place(group, "nodes");
	bool is_list = place->name != NULL && strcmp(place->name, "nodes") == 0;
	struct part parts[] = {
		{"user", &broker->worker.user, setting_is_given(group, "user"),
		 false},
		{"password", &broker->worker.password,
		 setting_is_given(group, "password"), true},
		{"vhost", &broker->vhost, setting_is_given(group, "vhost"),
		 false},
	};

	broker->node_count = draft->nodes.count;
	broker->nodes = arena_array(r->arena, draft->nodes.count + 1,
				    sizeof(*broker->nodes));
	for (size_t i = 0; i < draft->nodes.count; i++)
		read_node(r, is_list ? tree_element(place, i) : place,
			  draft->nodes.list[i], parts, &broker->nodes[i]);
}

static void check_password(struct reading *r, const struct tree *group,
			   struct login_config *worker, bool is_external)
{
	if (worker->password != NULL || is_external)
		return;
	if (strcmp(worker->user, "guest") == 0) {
		worker->password = "guest";
		return;
	}
	if (!setting_is_given(group, "password"))
		complain(r->complaints, setting_place(group, "user"),
			 "broker.password is missing for the user \"%s\". Give "
			 "it by password_file, password_env or password.",
			 worker->user);
}

static void read_login(struct reading *r, const struct tree *broker,
		       const char *name, struct login_config *login)
{
	const struct tree *group = tree_member(broker, name);

	if (group != NULL && group->kind == TREE_GROUP)
		(void)setting_read(r, SCOPE_LOGIN, group, login);
}

/* rabbitmq-c 0.11 finds names in a certificate, and no addresses. */
static void check_node(struct reading *r, const struct tree *group,
		       const struct broker_config *broker,
		       const struct node_config *node)
{
	unsigned char address[sizeof(struct in6_addr)];
	const struct tree *nodes = setting_place(group, "nodes");

	if (node->host == NULL) /* it was complained about */
		return;
	if (broker->auth == BROKER_AUTH_EXTERNAL && !node->tls)
		complain(r->complaints, nodes,
			 "broker.auth = \"external\" is for amqps:// nodes "
			 "alone, and %s:%d is none.",
			 node->host, node->port);
	if (node->tls && !broker->insecure_skip_verify &&
	    (inet_pton(AF_INET, node->host, address) == 1 ||
	     inet_pton(AF_INET6, node->host, address) == 1))
		complain_warning(
			r->complaints, nodes,
			"The amqps:// node %s is given by its address, "
			"and certificates are checked by name: name it "
			"as its certificate does.",
			node->host);
}

static void check_tls(struct reading *r, const struct tree *group,
		      const struct broker_config *broker)
{
	config_check_tls(r, group, broker->insecure_skip_verify);
	if (broker->auth == BROKER_AUTH_EXTERNAL &&
	    !setting_is_given(group, "cert_file"))
		complain(
			r->complaints, setting_place(group, "auth"),
			"broker.auth = \"external\" needs the certificate that "
			"says who logs in: broker.cert_file and "
			"broker.key_file.");
	for (size_t i = 0; i < broker->node_count; i++)
		check_node(r, group, broker, &broker->nodes[i]);
}

static void check_broker(struct reading *r, const struct tree *group,
			 const struct broker_config *broker)
{
	if (broker->heartbeat % MILLIS_PER_SECOND != 0)
		complain(r->complaints, setting_place(group, "heartbeat"),
			 "broker.heartbeat must be in whole seconds, such as "
			 "\"15s\".");
	if (broker->management != NULL)
		(void)config_check_url(r, setting_place(group, "management"),
				       "broker.management", broker->management);
	check_tls(r, group, broker);
}

void config_read_broker(struct reading *r, const struct tree *top,
			struct config *config)
{
	const struct tree *group = tree_member(top, "broker");
	struct broker_draft draft = {0};

	setting_defaults(r, SCOPE_BROKER, &draft);
	if (group != NULL && group->kind == TREE_GROUP)
		(void)setting_read(r, SCOPE_BROKER, group, &draft);
	else
		group = top;
	read_nodes(r, group, &draft);
	if (group != top) {
		check_password(r, group, &draft.broker.worker,
			       draft.broker.auth == BROKER_AUTH_EXTERNAL);
		read_login(r, group, "admin", &draft.broker.admin);
		read_login(r, group, "operator", &draft.broker.operator);
		read_login(r, group, "publisher", &draft.broker.publisher);
		check_broker(r, group, &draft.broker);
	} else {
		draft.broker.worker.password = "guest";
	}
	config->broker = draft.broker;
}

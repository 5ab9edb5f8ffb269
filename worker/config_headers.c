/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_headers.c - reads the headers of a downstream, fixed and mapped.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "worker/config_draft.h"
#include "worker/config_nearest.h"
#include "worker/setting_twin.h"

/* Headers that are not the user's to set, and why. */
static const struct {
	const char *name;
	const char *why;
} reserved[] = {
	{"Content-Length", "it follows from the body"},
	{"Transfer-Encoding", "it follows from the body"},
	{"Host", "it follows from the url"},
	{"Connection", "it belongs to the HTTP library"},
	{"Keep-Alive", "it belongs to the HTTP library"},
	{"Proxy-Connection", "it belongs to the HTTP library"},
	{"Upgrade", "it belongs to the HTTP library"},
	{"TE", "it belongs to the HTTP library"},
	{"Trailer", "it belongs to the HTTP library"},
	{"Expect", "requests never wait for a go-ahead"},
	{"Idempotency-Key", "rebound makes it, so that a downstream can tell "
			    "a repetition"},
	{"X-Message-Id", "it is the message's id"},
	{"X-Correlation-Id", "it is the message's correlation-id"},
	{"X-Message-Type", "it is the message's type"},
	{"Content-Type", "it is the message's content-type"},
	{"Content-Encoding", "it is the message's content-encoding"},
	{"traceparent", "it is the message's"},
	{"tracestate", "it is the message's"},
};

static const char *const properties[] = {
	"content-type", "content-encoding", "correlation-id", "reply-to",
	"expiration",   "message-id",       "type",           "user-id",
	"app-id",       "cluster-id",       "timestamp",      "priority",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A token of RFC 9110, section 5.6.2. */
static bool is_token(const char *name)
{
	for (const char *c = name; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) &&
		    strchr("!#$%&'*+-.^_`|~", *c) == NULL)
			return false;
	return *name != '\0';
}

/* A value of RFC 9110, section 5.5: no control characters but tabs. */
static bool is_value(const char *value)
{
	for (; *value != '\0'; value++)
		if (((unsigned char)*value < ' ' && *value != '\t') ||
		    *value == 0x7f)
			return false;
	return true;
}

static bool is_secret_name(const char *name)
{
	static const char *const marks[] = {"authorization", "cookie", "key",
					    "token",         "secret", "passw"};

	for (; *name != '\0'; name++)
		for (size_t i = 0; i < COUNT(marks); i++)
			if (strncasecmp(name, marks[i], strlen(marks[i])) == 0)
				return true;
	return false;
}

bool config_check_header(struct reading *r, const struct tree *member,
			 const struct downstream_config *into, const char *name)
{
	const char *path = tree_path(r->arena, member);

	if (!is_token(name)) {
		complain(r->complaints, member, "%s is no header name.", path);
		return false;
	}
	for (size_t i = 0; i < COUNT(reserved); i++) {
		if (strcasecmp(reserved[i].name, name) != 0)
			continue;
		complain(r->complaints, member, "%s cannot be set: %s.", path,
			 reserved[i].why);
		return false;
	}
	for (size_t i = 0; i < into->header_count; i++) {
		if (strcasecmp(into->headers[i].name, name) != 0)
			continue;
		complain(r->complaints, member,
			 "%s sets a header that is set already.", path);
		return false;
	}
	return true;
}

static void add(struct downstream_config *into, struct header_config *list,
		struct header_config header)
{
	list[into->header_count++] = header;
}

/* Cuts a suffix off a name; false if it has none. */
static bool cut(char *name, const char *suffix)
{
	size_t len = strlen(name);
	size_t suffix_len = strlen(suffix);

	if (len <= suffix_len || strcmp(name + len - suffix_len, suffix) != 0)
		return false;
	name[len - suffix_len] = '\0';
	return true;
}

static void read_fixed(struct reading *r, const struct tree *member,
		       struct downstream_config *into,
		       struct header_config *list)
{
	char *name = arena_string(r->arena, text_of(member->name));
	const struct tree *value = member;
	bool from_env = cut(name, "_env");
	bool from_file = !from_env && cut(name, "_file");

	if (from_env)
		value = setting_from_env(r, member);
	else if (from_file)
		value = setting_from_file(r, member);
	if (value == NULL || !config_check_header(r, member, into, name))
		return;
	if (value->kind != TREE_STRING || !is_value(value->string)) {
		complain(r->complaints, member,
			 "%s must be a text in double quotes without control "
			 "characters.",
			 tree_path(r->arena, member));
		return;
	}
	add(into, list,
	    (struct header_config){
		    .name = name,
		    .source = HEADER_FIXED,
		    .value = arena_string(r->arena, text_of(value->string)),
		    .is_secret = value->is_hidden || is_secret_name(name)});
}

static bool check_property(struct reading *r, const struct tree *member,
			   const char *name)
{
	struct nearest nearest;
	const char *hint = "";

	nearest_init(&nearest, name);
	for (size_t i = 0; i < COUNT(properties); i++) {
		if (strcmp(properties[i], name) == 0)
			return true;
		nearest_offer(&nearest, properties[i]);
	}
	if (nearest.name != NULL)
		hint = arena_printf(r->arena, " The nearest is \"%s\".",
				    nearest.name);
	complain(r->complaints, member,
		 "%s names the message property \"%s\", which there is not.%s",
		 tree_path(r->arena, member), name, hint);
	return false;
}

static bool read_mapping(struct reading *r, const struct tree *member,
			 struct header_config *header)
{
	struct text text =
		text_of(member->kind == TREE_STRING ? member->string : "");

	if (text_starts(text, "property:")) {
		header->source = HEADER_PROPERTY;
		header->value = text.at + strlen("property:");
		return check_property(r, member, header->value);
	}
	header->source = HEADER_HEADER;
	header->value = text.at + strlen("header:");
	if (text_starts(text, "header:") && text.len > strlen("header:"))
		return true;
	complain(r->complaints, member,
		 "%s must be \"property:NAME\" or \"header:NAME\", not %s.",
		 tree_path(r->arena, member), tree_found(r->arena, member));
	return false;
}

static void read_mapped(struct reading *r, const struct tree *member,
			struct downstream_config *into,
			struct header_config *list)
{
	struct header_config header = {
		.name = arena_string(r->arena, text_of(member->name))};

	if (!config_check_header(r, member, into, header.name) ||
	    !read_mapping(r, member, &header))
		return;
	header.value = arena_string(r->arena, text_of(header.value));
	add(into, list, header);
}

void config_read_headers(struct reading *r, const struct tree *downstream,
			 struct downstream_config *into)
{
	const struct tree *fixed = tree_member(downstream, "headers");
	const struct tree *mapped = tree_member(downstream, "map_headers");
	bool has_fixed = fixed != NULL && fixed->kind == TREE_GROUP;
	bool has_mapped = mapped != NULL && mapped->kind == TREE_GROUP;
	size_t room = (has_fixed ? fixed->count : 0) +
		      (has_mapped ? mapped->count : 0);
	struct header_config *list =
		arena_array(r->arena, room + 1, sizeof(*list));

	into->headers = list;
	for (size_t i = 0; has_fixed && i < fixed->count; i++)
		read_fixed(r, &fixed->members[i], into, list);
	for (size_t i = 0; has_mapped && i < mapped->count; i++)
		read_mapped(r, &mapped->members[i], into, list);
}

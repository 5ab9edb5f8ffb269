/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/config_changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/mem.h"

/* What policies know of a downstream. */
static const char *const downstream_rules[] = {
	"success",
	"understand",
	"idempotent",
	"schedule",
	"max_attempts",
	"give_up_after",
	"honour_retry_after",
	"retry_after_floor",
	"retry_after_ceiling",
	"ambiguous",
	"quick",
	"park_as",
	"count_hold",
};

/* What of a pipeline is for its policy. */
static const char *const pipeline_rules[] = {"policy", "max_lanes"};

/* Groups of the user's names, and how deep those go whose parts are named. */
static const struct {
	const char *name;
	int depth;
} groups[] = {
	{"broker", 1},
	{"downstreams", 2},
	{"pipelines", 2},
	{"policies", 1},
};

struct list {
	struct config_change *changes;
	size_t count;
	size_t room;
	struct arena *arena;
};

static void add(struct list *list, const char *path, enum change_kind kind)
{
	if (list->count == list->room) {
		size_t room = 2 * list->room + 16;
		struct config_change *changes =
			arena_array(list->arena, room, sizeof(*changes));

		if (list->count > 0)
			memcpy(changes, list->changes,
			       list->count * sizeof(*changes));
		list->changes = changes;
		list->room = room;
	}
	list->changes[list->count++] =
		(struct config_change){.path = path, .kind = kind};
}

/* --- the printed form ------------------------------------------------------ */

static struct text print(const struct config *config, struct arena *arena)
{
	char *bytes = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&bytes, &len);
	struct text text;

	if (to == NULL)
		mem_exhausted();
	config_print(config, to);
	if (ferror(to) | fclose(to) || bytes == NULL)
		mem_exhausted();
	text = arena_text(arena, (struct text){.at = bytes, .len = len});
	free(bytes);
	return text;
}

/* A setting or a group, as it is printed. */
struct member {
	struct text name;
	struct text whole; /* without blanks behind it */
};

static size_t line_len(struct text text)
{
	const char *end =
		text.len == 0 ? NULL : memchr(text.at, '\n', text.len);

	return end == NULL ? text.len : (size_t)(end - text.at) + 1;
}

static bool is_name_char(char c)
{
	return c != '\0' &&
	       strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", c) != NULL;
}

static size_t count_tabs(struct text line)
{
	size_t tabs = 0;

	while (tabs < line.len && line.at[tabs] == '\t')
		tabs++;
	return tabs;
}

/* The name that a line after that many tabs begins with; empty: none. */
static struct text name_in(struct text line, size_t depth)
{
	struct text name = {0};
	size_t tabs = count_tabs(line);

	if (tabs != depth)
		return name;
	name.at = line.at + tabs;
	while (tabs + name.len < line.len && is_name_char(name.at[name.len]))
		name.len++;
	return name;
}

static struct text trim(struct text text)
{
	while (text.len > 0 && text.at[text.len - 1] <= ' ')
		text.len--;
	return text;
}

/* Cuts the next member at that depth off the text. False if there is none. */
static bool next_member(struct text *rest, size_t depth, struct member *member)
{
	bool found = false;

	while (rest->len > 0) {
		struct text line = {.at = rest->at, .len = line_len(*rest)};
		struct text name = name_in(line, depth);

		if (found && (name.len > 0 || count_tabs(line) < depth))
			break;
		if (name.len > 0) {
			*member = (struct member){.name = name,
						  .whole = {.at = line.at}};
			found = true;
		}
		if (found)
			member->whole.len += line.len;
		rest->at += line.len;
		rest->len -= line.len;
	}
	if (found)
		member->whole = trim(member->whole);
	return found;
}

static bool find_member(struct text in, size_t depth, struct text name,
			struct member *member)
{
	while (next_member(&in, depth, member))
		if (text_eq(member->name, name))
			return true;
	return false;
}

/* --- the difference -------------------------------------------------------- */

static const char *path_of(struct arena *arena, const char *before,
			   struct text name)
{
	return arena_printf(arena, "%s%s%.*s", before,
			    *before == '\0' ? "" : ".", (int)name.len, name.at);
}

/* How deep below the top the parts of a group are named one by one. */
static size_t depth_of(const char *path)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		size_t len = strlen(groups[i].name);

		if (strncmp(path, groups[i].name, len) == 0 &&
		    (path[len] == '\0' || path[len] == '.'))
			return (size_t)groups[i].depth;
	}
	return 0;
}

/* Adds what is different between members of the same depth; bounded by the
   depth of groups. */
static void compare(struct list *list, const char *before, size_t depth,
		    struct text from, struct text to)
{
	struct text rest = from;
	struct member old;
	struct member new;

	while (next_member(&rest, depth, &old)) {
		const char *path = path_of(list->arena, before, old.name);

		if (!find_member(to, depth, old.name, &new))
			add(list, path, CHANGE_REMOVED);
		else if (text_eq(old.whole, new.whole))
			continue;
		else if (depth < depth_of(path))
			compare(list, path, depth + 1, old.whole, new.whole);
		else
			add(list, path, CHANGE_CHANGED);
	}
	rest = to;
	while (next_member(&rest, depth, &new))
		if (!find_member(from, depth, new.name, &old))
			add(list, path_of(list->arena, before, new.name),
			    CHANGE_ADDED);
}

/* --- secrets --------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void compare_login(struct list *list, const char *path,
			  const struct login_config *from,
			  const struct login_config *to)
{
	if (from->user != NULL && to->user != NULL &&
	    !same(from->password, to->password))
		add(list, path, CHANGE_CHANGED);
}

static bool same_secrets(const struct downstream_config *a,
			 const struct downstream_config *b)
{
	if (a->header_count != b->header_count)
		return true; /* it is seen that they differ */
	for (size_t i = 0; i < a->header_count; i++)
		if (a->headers[i].is_secret && b->headers[i].is_secret &&
		    !same(a->headers[i].value, b->headers[i].value))
			return false;
	/* One in a file is looked at with each call. */
	return a->auth.secret_file != NULL || b->auth.secret_file != NULL ||
	       a->auth.kind != b->auth.kind ||
	       same(a->auth.secret, b->auth.secret);
}

static void compare_secrets(struct list *list, const struct config *from,
			    const struct config *to)
{
	const struct broker_config *a = &from->broker;
	const struct broker_config *b = &to->broker;

	compare_login(list, "broker.password", &a->worker, &b->worker);
	compare_login(list, "broker.admin.password", &a->admin, &b->admin);
	for (size_t i = 0; i < from->downstream_count; i++) {
		const struct downstream_config *old = &from->downstreams[i];

		for (size_t k = 0; k < to->downstream_count; k++)
			if (strcmp(old->name, to->downstreams[k].name) == 0 &&
			    !same_secrets(old, &to->downstreams[k]))
				add(list,
				    arena_printf(list->arena,
						 "a secret of downstreams.%s",
						 old->name),
				    CHANGE_CHANGED);
	}
}

/* --- what a running worker can take ------------------------------------------ */

static bool is_in(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

/* The last name of "GROUP.NAME.LAST"; NULL where the path has other parts. */
static const char *last_of(const char *path, const char *group)
{
	size_t len = strlen(group);
	const char *name = path + len + 1;
	const char *dot;

	if (strncmp(path, group, len) != 0 || path[len] != '.')
		return NULL;
	dot = strchr(name, '.');
	return dot == NULL ? NULL : dot + 1;
}

/* True if the pipeline that the path is of is to deliver elsewhere. */
static bool moves(const struct list *list, const char *path, const char *last)
{
	size_t len = (size_t)(last - path);

	for (size_t i = 0; i < list->count; i++)
		if (strncmp(list->changes[i].path, path, len) == 0 &&
		    strcmp(list->changes[i].path + len, "deliver_to") == 0)
			return true;
	return false;
}

static bool is_live(const struct list *list, const char *path)
{
	const char *of_downstream = last_of(path, "downstreams");
	const char *of_pipeline = last_of(path, "pipelines");

	if (of_downstream != NULL)
		return is_in(of_downstream, downstream_rules,
			     sizeof(downstream_rules) /
				     sizeof(downstream_rules[0]));
	if (of_pipeline != NULL)
		return is_in(of_pipeline, pipeline_rules,
			     sizeof(pipeline_rules) /
				     sizeof(pipeline_rules[0])) &&
		       !moves(list, path, of_pipeline);
	return strncmp(path, "policies", strlen("policies")) == 0;
}

struct config_changes config_changes(const struct config *from,
				     const struct config *to,
				     struct arena *arena)
{
	struct list list = {.arena = arena};

	compare(&list, "", 0, print(from, arena), print(to, arena));
	compare_secrets(&list, from, to);
	for (size_t i = 0; i < list.count; i++)
		list.changes[i].is_live = is_live(&list, list.changes[i].path);
	return (struct config_changes){.list = list.changes,
				       .count = list.count};
}

/* --- in words ---------------------------------------------------------------- */

static size_t count_live(const struct config_changes *changes, bool is_live)
{
	size_t count = 0;

	for (size_t i = 0; i < changes->count; i++)
		count += changes->list[i].is_live == is_live;
	return count;
}

const char *config_changes_words(const struct config_changes *changes,
				 bool is_live, struct arena *arena)
{
	static const char *const words[] = {
		[CHANGE_CHANGED] = "",
		[CHANGE_ADDED] = " (new)",
		[CHANGE_REMOVED] = " (gone)",
	};
	size_t left = count_live(changes, is_live);
	const char *said = "";

	for (size_t i = 0; i < changes->count; i++) {
		const struct config_change *c = &changes->list[i];

		if (c->is_live != is_live)
			continue;
		left--;
		said = arena_printf(arena, "%s%s%s%s", said, c->path,
				    words[c->kind],
				    left == 0   ? ""
				    : left == 1 ? " and "
						: ", ");
	}
	return said;
}

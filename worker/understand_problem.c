/* SPDX-License-Identifier: Apache-2.0 */
/*
 * understand_problem.c - problem details in JSON, RFC 9457.
 *
 * The type, a URI, gives the name: the last part of its path. The member
 * `status` is ignored: it is advisory (section 3.1.2), and the real one is
 * known. An answer below 400 is no failure, whatever it says.
 */
#include <string.h>
#include <strings.h>

#include "worker/understand_parts.h"
#include "worker/utf8.h"

/* True of "application/problem+json", whatever parameters follow. */
static bool is_problem(struct text content_type)
{
	static const char name[] = "application/problem+json";
	size_t len = sizeof(name) - 1;

	return content_type.len >= len &&
	       strncasecmp(content_type.at, name, len) == 0 &&
	       (content_type.len == len ||
		memchr("; \t", content_type.at[len], 3) != NULL);
}

/* The last part of the path of a URI, or of a URN or tag; empty for
   about:blank, which means nothing but the status (section 4.2.1). */
static struct text last_part(struct text uri)
{
	size_t begin;

	if (uri.len == 0 || text_is(uri, "about:blank"))
		return (struct text){0};
	for (size_t i = 0; i < uri.len; i++)
		if (uri.at[i] == '?' || uri.at[i] == '#')
			uri.len = i;
	while (uri.len > 0 && uri.at[uri.len - 1] == '/')
		uri.len--;
	begin = uri.len;
	while (begin > 0 && uri.at[begin - 1] != '/' &&
	       uri.at[begin - 1] != ':')
		begin--;
	return (struct text){.at = uri.at + begin, .len = uri.len - begin};
}

static struct text member(const struct json *problem, const char *name)
{
	return text_of(json_string(json_get(problem, name)));
}

struct understanding understand_problem(const struct understand_config *config,
					const struct understand_input *input,
					struct arena *arena)
{
	struct understanding it = {.sense = SENSE_NONE};
	struct json *problem;
	struct text part;
	enum sense listed;

	if (input->status < 400 || !is_problem(input->content_type))
		return it;
	problem = json_parse(utf8_unmarked(input->body));
	if (json_kind(problem) == JSON_OBJECT) {
		part = last_part(member(problem, "type"));
		listed = understand_listed(config, part);
		it.sense = listed == SENSE_NONE ? SENSE_FAILED : listed;
		it.error = understand_name(arena, "problem-", part);
		it.detail = understand_details(arena, member(problem, "title"),
					       member(problem, "detail"));
	}
	json_free(problem);
	return it;
}

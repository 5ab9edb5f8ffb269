/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/explain_answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "operator/commands.h"
#include "operator/file.h"
#include "worker/clock.h"
#include "worker/http_exchange.h"
#include "worker/http_retry_after.h"

/* --- a response that was saved ------------------------------------------------ */

/* The next line without its end; *rest begins behind it. */
static struct text next_line(struct text *rest)
{
	const char *end =
		rest->len == 0 ? NULL : memchr(rest->at, '\n', rest->len);
	struct text line = *rest;

	if (end != NULL)
		line.len = (size_t)(end - rest->at);
	size_t used = line.len + (end != NULL ? 1 : 0);
	if (used > 0)
		rest->at += used;
	rest->len -= used;
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "HTTP/1.1 503 Service Unavailable", "HTTP/2 503"; 0: it is none. */
static int status_in(struct text line)
{
	const char *space =
		line.len == 0 ? NULL : memchr(line.at, ' ', line.len);
	size_t left;

	if (!text_starts(line, "HTTP/") || space == NULL)
		return 0;
	left = line.len - (size_t)(space - line.at);
	if (left < 4 || !is_digit(space[1]) || !is_digit(space[2]) ||
	    !is_digit(space[3]) || (left > 4 && is_digit(space[4])))
		return 0;
	return (space[1] - '0') * 100 + (space[2] - '0') * 10 + space[3] - '0';
}

static bool is_status(int status)
{
	return status >= 100 && status <= 599;
}

static bool begins_with_head(struct text text)
{
	return is_status(status_in(next_line(&text)));
}

/* One head; *rest begins behind its blank line. */
static bool read_head(struct text *rest, struct saved_response *response)
{
	response->status = status_in(next_line(rest));
	response->head = (struct text){.at = rest->at};
	if (!is_status(response->status))
		return false;
	while (rest->len > 0) {
		const char *begin = rest->at;

		if (next_line(rest).len == 0)
			break;
		response->head.len += (size_t)(rest->at - begin);
	}
	return true;
}

bool saved_response_read(struct text saved, struct saved_response *response)
{
	*response = (struct saved_response){.body = saved};
	if (!text_starts(saved, "HTTP/"))
		return true;
	/* Behind the first head there may be others, or a body of any kind. */
	do {
		if (!read_head(&response->body, response))
			return false;
	} while (begins_with_head(response->body));
	return true;
}

/* --- its fields ----------------------------------------------------------------- */

struct fields {
	struct arena *arena;
	struct http_header list[EXPLAIN_HEADERS_MAX];
	size_t count;
};

static struct http_header *find_field(struct fields *fields, struct text name)
{
	for (size_t i = 0; i < fields->count; i++)
		if (strlen(fields->list[i].name) == name.len &&
		    strncasecmp(fields->list[i].name, name.at, name.len) == 0)
			return &fields->list[i];
	return NULL;
}

/* Those of one name are joined (RFC 9110, section 5.3). */
static void add_field(struct fields *fields, struct text name,
		      struct text value)
{
	struct http_header *field = find_field(fields, name);

	if (field != NULL)
		field->value = text_of(arena_printf(
			fields->arena, "%.*s, %.*s", (int)field->value.len,
			field->value.at, (int)value.len, value.at));
	else if (fields->count < EXPLAIN_HEADERS_MAX)
		fields->list[fields->count++] = (struct http_header){
			.name = arena_string(fields->arena, name),
			.value = arena_text(fields->arena, value)};
}

static void add_head(struct fields *fields, struct text head)
{
	while (head.len > 0) {
		struct text name;
		struct text value;

		if (http_line_split(next_line(&head), &name, &value))
			add_field(fields, name, value);
	}
}

/* --- the answer ------------------------------------------------------------------- */

static int read_file(const char *file, struct arena *arena, struct text *text)
{
	size_t len;
	char *bytes = file_read(file, &len);

	if (bytes == NULL) {
		fprintf(stderr, "rebound explain: %s cannot be read: %s.\n",
			file, strerror(errno));
		return EX_NOINPUT;
	}
	*text = arena_text(arena, (struct text){.at = bytes, .len = len});
	free(bytes);
	return -1;
}

/* The file of --response, and the status that goes with it. */
static int take_response(const struct explain_options *o, struct arena *arena,
			 struct saved_response *saved)
{
	struct text file;
	int code = read_file(o->response, arena, &file);

	if (code >= 0)
		return code;
	if (!saved_response_read(file, saved)) {
		fprintf(stderr,
			"rebound explain: %s begins with HTTP/, and no line "
			"like \"HTTP/1.1 503 Service Unavailable\" follows. "
			"Save the response with curl -i.\n",
			o->response);
		return EX_DATAERR;
	}
	if (saved->status == 0 && o->status == 0)
		return command_usage("explain",
				     "%s has no status line: save the response "
				     "with curl -i, or give --status",
				     o->response);
	if (saved->status != 0 && o->status != 0 && saved->status != o->status)
		return command_usage("explain",
				     "%s says %d, and --status %d: leave one "
				     "of them out",
				     o->response, saved->status, o->status);
	return -1;
}

static int take_retry_after(const struct explain_options *o,
			    struct fields *fields, struct outcome *outcome)
{
	struct text asked =
		o->retry_after != NULL
			? text_of(o->retry_after)
			: http_header_value(fields->list, fields->count,
					    "Retry-After");

	outcome->retry_after = http_retry_after(
		asked, http_header_value(fields->list, fields->count, "Date"),
		clock_wall());
	if (o->retry_after == NULL || outcome->retry_after >= 0)
		return -1;
	return command_usage("explain",
			     "--retry-after wants seconds, or a date like "
			     "\"Tue, 24 Nov 2026 09:41:32 GMT\", not \"%s\"",
			     o->retry_after);
}

static int take_sent(const struct explain_options *o, struct arena *arena,
		     struct explain_answer *answer)
{
	return o->body == NULL ? -1 : read_file(o->body, arena, &answer->sent);
}

int explain_answer_make(const struct explain_options *o,
			uint64_t response_limit, struct arena *arena,
			struct explain_answer *answer)
{
	struct fields *fields = arena_alloc(arena, sizeof(*fields));
	struct saved_response saved = {0};
	struct outcome *outcome = &answer->answer.outcome;
	int code;

	*answer = (struct explain_answer){0};
	fields->arena = arena;
	code = o->response == NULL ? -1 : take_response(o, arena, &saved);
	if (code >= 0)
		return code;
	add_head(fields, saved.head);
	for (size_t i = 0; i < o->header_count; i++)
		add_field(fields, o->headers[i].name, o->headers[i].value);
	if (saved.body.len > response_limit)
		saved.body.len = (size_t)response_limit;
	answer->answer.body = saved.body;
	answer->answer.fields = fields->list;
	answer->answer.field_count = fields->count;
	outcome->status = saved.status != 0 ? saved.status : o->status;
	outcome->transport =
		o->has_transport ? o->transport : TRANSPORT_COMPLETE;
	outcome->sent = http_exchange_sent(outcome->transport, true);
	outcome->duration = o->took;
	code = take_retry_after(o, fields, outcome);
	return code >= 0 ? code : take_sent(o, arena, answer);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/duration.h"
#include "worker/clock.h"
#include "worker/json.h"
#include "worker/log_words.h"
#include "worker/mem.h"

struct log {
	FILE *to;
	bool is_json;
	bool has_colours;
};

struct log *log_new(FILE *to, enum log_format format, bool has_colours)
{
	struct log *log = mem_new(sizeof(*log));

	log->to = to;
	log->is_json = format != LOG_HUMAN;
	log->has_colours = has_colours;
	return log;
}

void log_free(struct log *log)
{
	if (log == NULL)
		return;
	log_flush(log);
	free(log);
}

enum log_format log_format_for(enum log_format wanted, int fd)
{
	if (wanted != LOG_AUTO)
		return wanted;
	return isatty(fd) ? LOG_HUMAN : LOG_JSON;
}

void log_flush(struct log *log)
{
	/* Who reads the log may have gone; the messages matter more. */
	(void)fflush(log->to);
}

static const char *verdict_of(const struct report *report)
{
	return report->kind == REPORT_VOID ? "void"
					   : verdict_kind_name(report->verdict);
}

/* --- for programs -------------------------------------------------------------- */

static void put_string(struct json *line, const char *key, const char *value)
{
	if (value != NULL)
		json_put_string(line, key, value);
}

static void put_outcome(struct json *line, const struct report *report)
{
	const struct outcome *outcome = report->outcome;

	if (outcome->status != 0)
		json_put_integer(line, "status", outcome->status);
	put_string(line, "transport", transport_name(outcome->transport));
	put_string(line, "sent", sent_name(outcome->sent));
	json_put_integer(line, "duration_ms", outcome->duration);
	if (report->answer == NULL)
		return;
	json_put_bool(line, "reused", report->answer->reused);
	put_string(line, "detail", report->answer->detail);
}

static void put_verdict(struct json *line, const struct report *report)
{
	put_string(line, "error", report->error);
	put_string(line, "class", report->class);
	put_string(line, "verdict", verdict_of(report));
	if (report->kind == REPORT_VOID)
		return;
	if (report->verdict == VERDICT_QUICK)
		json_put_integer(line, "delay_ms", report->delay);
	if (report->verdict == VERDICT_RETRY) {
		json_put_integer(line, "delay_ms", report->delay);
		if (report->lane.len > 0)
			json_put_text(line, "lane", report->lane);
	}
	put_string(line, "reason", report->reason);
}

static struct json *new_line(const char *event, const char *pipeline)
{
	struct json *line = json_new_object();
	char at[32];

	json_put_string(line, "at", clock_spell(clock_wall(), at));
	json_put_string(line, "event", event);
	put_string(line, "pipeline", pipeline);
	return line;
}

static void write_line(struct log *log, struct json *line)
{
	struct text text = json_line(line);

	(void)fwrite(text.at, 1, text.len, log->to);
	(void)fputc('\n', log->to);
	json_free(line);
}

/* Some reports are of a pipeline, and of no message. */
static void put_message(struct json *line, const struct report *report)
{
	if (report->id.len == 0)
		return;
	json_put_text(line, "id", report->id);
	json_put_text(line, "type", report->type);
	json_put_integer(line, "bytes", (int64_t)report->body_len);
}

static void report_json(struct log *log, const struct report *report)
{
	struct json *line =
		new_line(log_event_of(report->kind), report->pipeline->name);
	const char *state = log_state_of(report->kind);

	put_message(line, report);
	if (report->attempt > 0)
		json_put_integer(line, "attempt", report->attempt);
	put_string(line, "downstream", report->downstream);
	if (report->outcome != NULL)
		put_outcome(line, report);
	if (state == NULL) {
		put_verdict(line, report);
	} else {
		json_put_string(line, "part", "engine");
		json_put_string(line, "state", state);
		put_string(line, "reason", report->reason);
		json_put_string(line, "text", log_text_of(report->kind));
	}
	write_line(log, line);
}

/* --- for people ------------------------------------------------------------------ */

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define GREY   "\033[90m"
#define PLAIN  "\033[0m"

static void colour(struct log *log, const char *code)
{
	if (log->has_colours)
		(void)fputs(code, log->to);
}

/* What a publisher chose is shown without what could move a terminal. */
static void put_clean(struct log *log, struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		(void)fputc(text.at[i] >= ' ' && text.at[i] <= '~' ? text.at[i]
								   : '?',
			    log->to);
}

static void put_time(struct log *log)
{
	char at[32];

	clock_spell(clock_wall(), at);
	colour(log, GREY);
	fprintf(log->to, "%.12s", strlen(at) > 11 ? at + 11 : at);
	colour(log, PLAIN);
}

static const char *colour_of(const struct report *report)
{
	if (report->kind == REPORT_VOID)
		return GREY;
	switch (report->verdict) {
	case VERDICT_DONE:
		return GREEN;
	case VERDICT_RETRY:
	case VERDICT_QUICK:
		return YELLOW;
	case VERDICT_PARK:
		break;
	}
	return RED;
}

static void put_call(struct log *log, const struct report *report)
{
	const struct outcome *outcome = report->outcome;

	fprintf(log->to, "  %s", report->downstream);
	if (outcome->status != 0)
		fprintf(log->to, " %d", outcome->status);
	if (outcome->transport != TRANSPORT_COMPLETE)
		fprintf(log->to, " %s, %s sent",
			transport_name(outcome->transport),
			sent_name(outcome->sent));
	fprintf(log->to, " in %" PRId64 " ms", outcome->duration);
	if (report->error != NULL)
		fprintf(log->to, ", %s (%s)", report->error,
			report->class != NULL ? report->class : "?");
	if (report->answer != NULL && report->answer->detail != NULL)
		fprintf(log->to, ": %s", report->answer->detail);
}

/* What is going to be done about a call. */
static void put_plan(struct log *log, const struct report *report)
{
	char delay[DURATION_SPELLING_MAX];

	fprintf(log->to, "  %s", verdict_of(report));
	if (report->kind == REPORT_VOID)
		return;
	if (report->verdict == VERDICT_RETRY ||
	    report->verdict == VERDICT_QUICK)
		fprintf(log->to, " in %s",
			duration_spell(report->delay, delay));
	else if (report->reason != NULL)
		fprintf(log->to, ": %s", report->reason);
}

/* What has been done: it is acked. */
static void put_deed(struct log *log, const struct report *report)
{
	char delay[DURATION_SPELLING_MAX];

	switch (report->verdict) {
	case VERDICT_DONE:
		fprintf(log->to, "  acked%s%s",
			report->reason != NULL ? ": " : "",
			report->reason != NULL ? report->reason : "");
		return;
	case VERDICT_QUICK: /* is followed by a call, not by an ack */
		return;
	case VERDICT_RETRY:
		fprintf(log->to, "  waits %s, in lane %.*s",
			duration_spell(report->delay, delay),
			(int)report->lane.len, report->lane.at);
		return;
	case VERDICT_PARK:
		fprintf(log->to, "  parked: %s",
			report->reason != NULL ? report->reason : "?");
		return;
	}
}

static void report_human(struct log *log, const struct report *report)
{
	const char *state = log_state_of(report->kind);

	put_time(log);
	fprintf(log->to, " %s  ", report->pipeline->name);
	put_clean(log, report->id);
	fprintf(log->to, "  ");
	put_clean(log, report->type);
	if (report->attempt > 0)
		fprintf(log->to, " #%" PRIu32, report->attempt);
	if (report->outcome != NULL)
		put_call(log, report);
	colour(log, state == NULL ? colour_of(report) : RED);
	if (state != NULL)
		fprintf(log->to, "  %s: %s", state, log_text_of(report->kind));
	else if (report->kind == REPORT_VERDICT)
		put_deed(log, report);
	else
		put_plan(log, report);
	colour(log, PLAIN);
	(void)fputc('\n', log->to);
}

/* --- both -------------------------------------------------------------------------- */

void log_report(struct log *log, const struct report *report)
{
	if (log->is_json)
		report_json(log, report);
	else
		report_human(log, report);
}

void log_state(struct log *log, const char *part, const char *pipeline,
	       const char *state, const char *text)
{
	struct json *line;

	if (log->is_json) {
		line = new_line("state", pipeline);
		json_put_string(line, "part", part);
		json_put_string(line, "state", state);
		put_string(line, "text", text);
		write_line(log, line);
		return;
	}
	put_time(log);
	fprintf(log->to, " %s %s%s%s", part, pipeline != NULL ? pipeline : "",
		pipeline != NULL ? " " : "", state);
	if (text != NULL)
		fprintf(log->to, ": %s", text);
	(void)fputc('\n', log->to);
}

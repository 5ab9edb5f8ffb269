/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/duration.h"
#include "worker/clock.h"
#include "worker/log_line.h"
#include "worker/log_words.h"
#include "worker/mem.h"

/* So many bytes of lines are written before the end of the turn. */
#define LINES_MAX 65536

struct log {
	FILE *to;
	bool is_json;
	bool has_colours;
	struct log_lines lines; /* of JSON, not written yet */
	millis second;          /* that `at` spells; -1: none yet */
	char at[32];
};

struct log *log_new(FILE *to, enum log_format format, bool has_colours)
{
	struct log *log = mem_new(sizeof(*log));

	log->to = to;
	log->is_json = format != LOG_HUMAN;
	log->has_colours = has_colours;
	log->second = -1;
	return log;
}

void log_free(struct log *log)
{
	if (log == NULL)
		return;
	log_flush(log);
	log_lines_fini(&log->lines);
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
	if (log->lines.len > 0)
		(void)fwrite(log->lines.bytes, 1, log->lines.len, log->to);
	log->lines.len = 0;
	/* Who reads the log may have gone; the messages matter more. */
	(void)fflush(log->to);
}

static const char *verdict_of(const struct report *report)
{
	if (report->kind == REPORT_VOID)
		return "void";
	return report->is_held ? "hold" : verdict_kind_name(report->verdict);
}

/* --- for programs -------------------------------------------------------------- */

static void put_outcome(struct log_lines *line, const struct report *report)
{
	const struct outcome *outcome = report->outcome;

	if (outcome->status != 0)
		log_line_integer(line, "status", outcome->status);
	log_line_word(line, "transport", transport_name(outcome->transport));
	log_line_word(line, "sent", sent_name(outcome->sent));
	log_line_integer(line, "duration_ms", outcome->duration);
	if (report->answer == NULL)
		return;
	log_line_bool(line, "reused", report->answer->reused);
	log_line_string(line, "detail", report->answer->detail);
}

static void put_verdict(struct log_lines *line, const struct report *report)
{
	log_line_string(line, "error", report->error);
	log_line_string(line, "class", report->class);
	log_line_word(line, "verdict", verdict_of(report));
	if (report->kind == REPORT_VOID)
		return;
	if (report->verdict == VERDICT_QUICK)
		log_line_integer(line, "delay_ms", report->delay);
	if (report->verdict == VERDICT_RETRY) {
		log_line_integer(line, "delay_ms", report->delay);
		if (report->lane.len > 0)
			log_line_text(line, "lane", report->lane);
	}
	log_line_string(line, "reason", report->reason);
	log_line_string(line, "parked_as", report->parked_as);
}

/* Now, spelled. All but the milliseconds is spelled once a second: it is dear,
   and lines are many. */
static const char *spell_now(struct log *log)
{
	millis now = clock_wall();
	millis rest = now % MILLIS_PER_SECOND;
	char *dot;

	if (now < 0 || now / MILLIS_PER_SECOND != log->second)
		clock_spell(now, log->at);
	log->second = now / MILLIS_PER_SECOND;
	dot = strchr(log->at, '.');
	if (dot == NULL)
		return log->at;
	dot[1] = (char)('0' + rest / 100);
	dot[2] = (char)('0' + rest / 10 % 10);
	dot[3] = (char)('0' + rest % 10);
	return log->at;
}

static struct log_lines *begin_line(struct log *log, const char *event,
				    const char *pipeline)
{
	struct log_lines *line = &log->lines;

	log_line_begin(line);
	log_line_word(line, "at", spell_now(log));
	log_line_word(line, "event", event);
	log_line_string(line, "pipeline", pipeline);
	return line;
}

static void end_line(struct log *log)
{
	log_line_end(&log->lines);
	if (log->lines.len >= LINES_MAX)
		log_flush(log);
}

/* Some reports are of a pipeline, and of no message. */
static void put_message(struct log_lines *line, const struct report *report)
{
	if (report->id.len == 0)
		return;
	log_line_text(line, "id", report->id);
	log_line_text(line, "type", report->type);
	log_line_integer(line, "bytes", (int64_t)report->body_len);
}

static void report_json(struct log *log, const struct report *report)
{
	struct log_lines *line = begin_line(log, log_event_of(report->kind),
					    report->pipeline->name);
	const char *state = log_state_of(report->kind);

	put_message(line, report);
	if (report->attempt > 0)
		log_line_integer(line, "attempt", report->attempt);
	log_line_string(line, "downstream", report->downstream);
	if (report->outcome != NULL)
		put_outcome(line, report);
	if (state == NULL) {
		put_verdict(line, report);
	} else {
		log_line_string(line, "part", "engine");
		log_line_string(line, "state", state);
		log_line_string(line, "reason", report->reason);
		log_line_string(line, "text", log_text_of(report->kind));
	}
	end_line(log);
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
		fprintf(log->to, "%s in %s",
			report->verdict == VERDICT_QUICK ? " retry" : "",
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
		if (report->parked_as != NULL)
			fprintf(log->to, ", as %s", report->parked_as);
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

void log_downstream(struct log *log, const char *downstream, const char *state,
		    const char *text)
{
	struct log_lines *line;

	if (!log->is_json) {
		log_state(log, "downstream", downstream, state, text);
		return;
	}
	line = begin_line(log, "state", NULL);
	log_line_string(line, "part", "downstream");
	log_line_string(line, "downstream", downstream);
	log_line_string(line, "state", state);
	log_line_string(line, "text", text);
	end_line(log);
}

void log_state(struct log *log, const char *part, const char *pipeline,
	       const char *state, const char *text)
{
	struct log_lines *line;

	if (log->is_json) {
		line = begin_line(log, "state", pipeline);
		log_line_string(line, "part", part);
		log_line_string(line, "state", state);
		log_line_string(line, "text", text);
		end_line(log);
		return;
	}
	put_time(log);
	fprintf(log->to, " %s %s%s%s", part, pipeline != NULL ? pipeline : "",
		pipeline != NULL ? " " : "", state);
	if (text != NULL)
		fprintf(log->to, ": %s", text);
	(void)fputc('\n', log->to);
}

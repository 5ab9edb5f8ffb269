/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/explain_chart.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "operator/explain_axis.h"
#include "operator/explain_settings.h"

#define COLUMNS_MIN 40
#define COLUMNS_MAX 400
#define LABEL_MAX   30
#define END_WIDTH   26 /* "  1d 23h 59m 59s attempts" */
#define PLOT_MIN    16

int explain_columns(void)
{
	struct winsize size;
	const char *said = getenv("COLUMNS");
	int columns = 80;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		columns = size.ws_col;
	else if (said != NULL && atoi(said) > 0)
		columns = atoi(said);
	if (columns < COLUMNS_MIN)
		return COLUMNS_MIN;
	return columns > COLUMNS_MAX ? COLUMNS_MAX : columns;
}

bool explain_has_utf8(void)
{
	(void)setlocale(LC_CTYPE, "");
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* What a chart is drawn with. */
struct pen {
	const struct explain_axis *axis;
	int label; /* columns of the names */
	int plot;  /* columns of the axis */
	const char *call;
	const char *line;
	const char *end;
	const char *cut; /* a column wide, like the others */
	FILE *to;
};

static int column_of(const struct pen *pen, millis time)
{
	return (int)(explain_axis_at(pen->axis, time) * (pen->plot - 1) + 0.5);
}

static int widest(const struct explain_lives *lives)
{
	size_t width = 0;

	for (size_t i = 0; i < lives->count; i++)
		if (strlen(lives->list[i].label) > width)
			width = strlen(lives->list[i].label);
	return width > LABEL_MAX ? LABEL_MAX : (int)width;
}

/* Tick labels, each beginning at its column. */
static void draw_axis(const struct explain_case *c, const struct pen *pen)
{
	millis ticks[EXPLAIN_TICKS_MAX];
	size_t count = explain_axis_ticks(pen->axis, 7.0 / pen->plot, ticks);
	int at = 0;

	fprintf(pen->to, "%*s", pen->label + 4, "");
	for (size_t i = 0; i < count; i++) {
		const char *label = explain_duration(ticks[i], c->arena);
		int column = column_of(pen, ticks[i]);

		if (i > 0 && column <= at)
			continue;
		fprintf(pen->to, "%*s%s", column - at, "", label);
		at = column + (int)strlen(label);
	}
	fputc('\n', pen->to);
}

/* How many calls fall into each column. */
static void count_calls(const struct pen *pen, const struct explain_walk *walk,
			unsigned counts[COLUMNS_MAX])
{
	for (size_t i = 0; i < walk->call_count; i++)
		counts[column_of(pen, walk->calls[i].at)]++;
}

static void draw_calls(const struct pen *pen, const struct explain_walk *walk)
{
	unsigned counts[COLUMNS_MAX] = {0};
	const struct forecast_call *last = &walk->calls[walk->call_count - 1];
	int end = column_of(pen, last->ended);

	count_calls(pen, walk, counts);
	for (int i = 0; i < pen->plot; i++) {
		if (i == end && last->verdict.kind == VERDICT_PARK)
			fputs(pen->end, pen->to);
		else if (counts[i] == 1)
			fputs(pen->call, pen->to);
		else if (counts[i] > 9)
			fputc('+', pen->to);
		else if (counts[i] > 1)
			fputc((int)('0' + counts[i]), pen->to);
		else
			fputs(i < end ? pen->line : " ", pen->to);
	}
}

/* One that is too long ends in what says so. */
static void draw_label(const struct pen *pen, const char *label)
{
	if ((int)strlen(label) <= pen->label)
		fprintf(pen->to, "%-*s  ", pen->label, label);
	else
		fprintf(pen->to, "%.*s%s  ", pen->label - 1, label, pen->cut);
}

static void draw_life(const struct explain_case *c, const struct pen *pen,
		      const struct explain_life *life)
{
	const struct explain_walk *walk = &life->mean;
	const struct verdict *end = explain_walk_end(walk);

	fprintf(pen->to, "%s ", life->is_asked ? ">" : " ");
	draw_label(pen, life->label);
	draw_calls(pen, walk);
	fprintf(pen->to, "  %s %s\n",
		explain_about(walk->calls[walk->call_count - 1].ended,
			      c->arena),
		end->kind == VERDICT_PARK ? park_reason_name(end->reason)
					  : "done");
}

void explain_chart(const struct explain_case *c,
		   const struct explain_lives *lives, FILE *to)
{
	bool utf8 = explain_has_utf8();
	const struct explain_axis axis =
		explain_axis(lives->end, lives->first_wait);
	struct pen pen = {
		.axis = &axis,
		.label = widest(lives),
		.call = utf8 ? "\u25cf" : "o",
		.line = utf8 ? "\u2500" : "-",
		.end = utf8 ? "\u25a0" : "#",
		.cut = utf8 ? "\u2026" : "~",
		.to = to,
	};

	pen.plot = explain_columns() - pen.label - 4 - END_WIDTH;
	if (pen.plot < PLOT_MIN)
		pen.plot = PLOT_MIN;
	draw_axis(c, &pen);
	for (size_t i = 0; i < lives->count; i++)
		draw_life(c, &pen, &lives->list[i]);
	fprintf(to,
		"%*s%s call, 2 to 9 and + several, %s parked; > the type that "
		"was asked\n",
		pen.label + 4, "", pen.call, pen.end);
}

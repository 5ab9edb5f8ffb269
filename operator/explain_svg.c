/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/explain_svg.h"

#include <string.h>

#include "operator/explain_axis.h"
#include "operator/explain_settings.h"
#include "operator/explain_words.h"

#define WIDTH       1040
#define HEAD        92  /* from the top to the first row */
#define ROW         38  /* from one row to the next */
#define FOOT        74  /* from the last row to the bottom */
#define LABEL_MIN   150 /* pixels of the names */
#define LABEL_MAX   300
#define LETTER      7.3 /* pixels of a letter of 13 px, about */
#define LABEL_CHARS 40  /* of a name; more is cut */
#define END_WIDTH   210 /* pixels of the words behind a row */
#define MARGIN      24
#define APART       2.5 /* pixels between marks that are both drawn */

struct picture {
	const struct explain_case *c;
	const struct explain_lives *lives;
	struct explain_axis axis;
	double left; /* of the plot */
	double right;
	double top;
	double bottom;
	FILE *to;
};

/* A text as XML has it; at most `most` characters of it, and then "...". */
static void put_text(const struct picture *p, const char *text, size_t most)
{
	size_t chars = 0;

	for (const char *c = text; *c != '\0'; c++) {
		/* Bytes 10xxxxxx go on with a character of UTF-8. */
		if (((unsigned char)*c & 0xC0) != 0x80 && chars++ == most) {
			fputs("\u2026", p->to);
			return;
		}
		if (*c == '&')
			fputs("&amp;", p->to);
		else if (*c == '<')
			fputs("&lt;", p->to);
		else if (*c == '>')
			fputs("&gt;", p->to);
		else if (*c == '"')
			fputs("&quot;", p->to);
		else
			fputc(*c, p->to);
	}
}

static double x_of(const struct picture *p, millis time)
{
	return p->left + (p->right - p->left) * explain_axis_at(&p->axis, time);
}

static struct picture layout(const struct explain_case *c,
			     const struct explain_lives *lives, FILE *to)
{
	struct picture p = {.c = c, .lives = lives, .to = to};
	double label = LABEL_MIN;

	for (size_t i = 0; i < lives->count; i++) {
		double width = LETTER * (double)strlen(lives->list[i].label);

		if (width > label)
			label = width;
	}
	if (label > LABEL_MAX)
		label = LABEL_MAX;
	p.axis = explain_axis(lives->end, lives->first_wait);
	p.left = MARGIN + label + 20;
	p.right = WIDTH - MARGIN - END_WIDTH;
	p.top = HEAD;
	p.bottom = HEAD + ROW * (double)lives->count;
	return p;
}

static void begin(const struct picture *p)
{
	int height = (int)p->bottom + FOOT;

	fprintf(p->to,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" "
		"width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		"role=\"img\">\n",
		WIDTH, height, WIDTH, height);
	fprintf(p->to,
		"<style>\n"
		"text { font: 13px -apple-system, \"Segoe UI\", \"DejaVu "
		"Sans\", Arial, sans-serif; fill: #24292f; }\n"
		".title { font-size: 17px; font-weight: 600; }\n"
		".quiet { fill: #6b7280; font-size: 12px; }\n"
		".asked { font-weight: 600; }\n"
		".grid { stroke: #e5e7eb; }\n"
		".life { stroke: #9db7d5; stroke-width: 2; }\n"
		".jitter { fill: #1f6feb; fill-opacity: 0.16; }\n"
		".call { fill: #1f6feb; stroke: #ffffff; stroke-width: 0.8; }\n"
		".quick { fill: #ffffff; stroke: #1f6feb; stroke-width: 1.5; "
		"}\n"
		".parked { fill: #b42318; }\n"
		".done { fill: #1a7f37; }\n"
		"</style>\n");
	fprintf(p->to, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n",
		WIDTH, height);
}

static void draw_title(const struct picture *p)
{
	const struct explain_case *c = p->c;

	fprintf(p->to, "<title>");
	put_text(p, c->policy->name, SIZE_MAX);
	fprintf(p->to, ": %s</title>\n", explain_outcome(c));
	fprintf(p->to, "<text class=\"title\" x=\"%d\" y=\"34\">", MARGIN);
	put_text(p,
		 arena_printf(c->arena, "%s from %s, again and again",
			      explain_outcome(c), c->downstream->name),
		 100);
	fprintf(p->to, "</text>\n<text class=\"quiet\" x=\"%d\" y=\"54\">",
		MARGIN);
	put_text(p,
		 c->judgement.is_done
			 ? arena_printf(c->arena, "policy %s: done",
					c->policy->name)
			 : arena_printf(c->arena,
					"policy %s, pipeline %s: error %s, %s",
					c->policy->name, c->pipeline->name,
					c->judgement.error,
					error_class_name(c->judgement.class)),
		 140);
	fprintf(p->to, "</text>\n");
}

static void draw_grid(const struct picture *p)
{
	millis ticks[EXPLAIN_TICKS_MAX];
	size_t count =
		explain_axis_ticks(&p->axis, 46 / (p->right - p->left), ticks);

	for (size_t i = 0; i < count; i++) {
		double x = x_of(p, ticks[i]);

		fprintf(p->to,
			"<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" "
			"x2=\"%.1f\" y2=\"%.1f\"/>\n",
			x, p->top - 8, x, p->bottom);
		fprintf(p->to,
			"<text class=\"quiet\" text-anchor=\"middle\" "
			"x=\"%.1f\" y=\"%.1f\">%s</text>\n",
			x, p->top - 14,
			explain_duration(ticks[i], p->c->arena));
	}
}

/* From the earliest to the latest time of a call. */
static void draw_jitter(const struct picture *p,
			const struct explain_life *life, double y)
{
	double last = -APART;

	for (size_t i = 0;
	     i < life->longest.call_count && i < life->shortest.call_count;
	     i++) {
		double from = x_of(p, life->shortest.calls[i].at);
		double to = x_of(p, life->longest.calls[i].at);

		if (to - from < 1 || to < last + APART)
			continue;
		last = to;
		fprintf(p->to,
			"<rect class=\"jitter\" x=\"%.1f\" y=\"%.1f\" "
			"width=\"%.1f\" height=\"16\" rx=\"3\"/>\n",
			from, y - 8, to - from);
	}
}

/* A mark each call, but where they would cover each other. */
static void draw_calls(const struct picture *p, const struct explain_walk *walk,
		       double y)
{
	double last = -APART;

	for (size_t i = 0; i < walk->call_count; i++) {
		const struct forecast_call *call = &walk->calls[i];
		bool is_quick = i > 0 && walk->calls[i - 1].verdict.kind ==
						 VERDICT_QUICK;
		double x = x_of(p, call->at);

		if (x < last + APART)
			continue;
		last = x;
		fprintf(p->to,
			"<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" "
			"r=\"%s\"/>\n",
			is_quick ? "quick" : "call", x, y,
			is_quick ? "3.5" : "4.5");
	}
}

static void draw_end(const struct picture *p, const struct explain_walk *walk,
		     double y)
{
	const struct forecast_call *last = &walk->calls[walk->call_count - 1];
	bool is_parked = last->verdict.kind == VERDICT_PARK;
	double x = x_of(p, last->ended);

	if (is_parked)
		fprintf(p->to,
			"<rect class=\"parked\" x=\"%.1f\" y=\"%.1f\" "
			"width=\"11\" height=\"11\"/>\n",
			x - 5.5, y - 5.5);
	else
		fprintf(p->to,
			"<circle class=\"done\" cx=\"%.1f\" cy=\"%.1f\" "
			"r=\"6\"/>\n",
			x, y);
	fprintf(p->to,
		"<text class=\"quiet\" x=\"%.1f\" y=\"%.1f\">%zu call%s, %s, "
		"%s</text>\n",
		p->right + 18, y + 4, walk->call_count,
		walk->call_count == 1 ? "" : "s",
		explain_about(last->ended, p->c->arena),
		is_parked ? park_reason_name(last->verdict.reason) : "done");
}

static void draw_life(const struct picture *p, size_t row)
{
	const struct explain_life *life = &p->lives->list[row];
	const struct explain_walk *walk = &life->mean;
	double y = p->top + ROW * ((double)row + 0.5);

	fprintf(p->to, "<text%s x=\"%d\" y=\"%.1f\">",
		life->is_asked ? " class=\"asked\"" : "", MARGIN, y + 4);
	put_text(p, life->label, LABEL_CHARS);
	fprintf(p->to, "</text>\n");
	fprintf(p->to,
		"<line class=\"life\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" "
		"y2=\"%.1f\"/>\n",
		x_of(p, 0), y, x_of(p, walk->calls[walk->call_count - 1].ended),
		y);
	draw_jitter(p, life, y);
	draw_calls(p, walk, y);
	draw_end(p, walk, y);
}

/* What the marks mean. */
static void draw_legend(const struct picture *p)
{
	double y = p->bottom + 34;
	double x = p->left;

	fprintf(p->to,
		"<circle class=\"call\" cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\"/>"
		"<text class=\"quiet\" x=\"%.1f\" y=\"%.1f\">a call</text>\n",
		x, y, x + 12, y + 4);
	fprintf(p->to,
		"<circle class=\"quick\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/>"
		"<text class=\"quiet\" x=\"%.1f\" y=\"%.1f\">a quick "
		"retry</text>\n",
		x + 76, y, x + 88, y + 4);
	fprintf(p->to,
		"<rect class=\"jitter\" x=\"%.1f\" y=\"%.1f\" width=\"24\" "
		"height=\"16\" rx=\"3\"/><text class=\"quiet\" x=\"%.1f\" "
		"y=\"%.1f\">where jitter may put it</text>\n",
		x + 184, y - 8, x + 216, y + 4);
	fprintf(p->to,
		"<rect class=\"parked\" x=\"%.1f\" y=\"%.1f\" width=\"11\" "
		"height=\"11\"/><text class=\"quiet\" x=\"%.1f\" "
		"y=\"%.1f\">parked</text>\n",
		x + 376, y - 5.5, x + 394, y + 4);
	fprintf(p->to,
		"<text class=\"quiet\" x=\"%d\" y=\"%.1f\">time since the "
		"first call</text>\n",
		MARGIN, p->top - 14);
}

void explain_svg(const struct explain_case *c,
		 const struct explain_lives *lives, FILE *to)
{
	const struct picture p = layout(c, lives, to);

	begin(&p);
	draw_title(&p);
	draw_grid(&p);
	for (size_t i = 0; i < lives->count; i++)
		draw_life(&p, i);
	draw_legend(&p);
	fprintf(to, "</svg>\n");
}

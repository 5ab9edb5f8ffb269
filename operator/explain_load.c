/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/explain_load.h"

#include <stdlib.h>

#include "operator/explain_chart.h"
#include "operator/explain_settings.h"
#include "worker/mem.h"

#define MINUTES_MAX (31 * 24 * 60)
#define ROWS_MAX    30
#define PEAKS_MAX   3
#define BESIDE_BAR  36 /* columns before the bars */
#define BAR_MIN     10

/* A peak is no less than this share of the highest. */
#define PEAK_SHARE 0.1

struct explain_load {
	struct load load;
	uint32_t messages;
	double *minutes; /* retries in each; load.minute_count of them */
	size_t shown;    /* of these: behind it is less than half a retry */
};

/* Without the end of the minutes that hold next to nothing. */
static size_t shown(const struct explain_load *load)
{
	size_t count = load->load.minute_count;
	double rest = 0;

	while (count > 0 && rest + load->minutes[count - 1] < 0.5)
		rest += load->minutes[--count];
	return count;
}

struct explain_load *explain_load_new(const struct explain_case *c)
{
	struct explain_load *load = mem_new(sizeof(*load));
	struct load_room *memory = mem_new(sizeof(*memory));
	const struct forecast first = explain_forecast(c);

	load->messages = c->options->messages;
	load->minutes = mem_array(MINUTES_MAX, sizeof(*load->minutes));
	load->load = load_forecast(&first, load->messages, memory,
				   load->minutes, MINUTES_MAX);
	load->shown = shown(load);
	free(memory);
	return load;
}

void explain_load_free(struct explain_load *load)
{
	if (load == NULL)
		return;
	free(load->minutes);
	free(load);
}

/* A whole number of retries; what is less than half of one is none. */
static int64_t whole(double retries)
{
	return (int64_t)(retries + 0.5);
}

/* --- the table --------------------------------------------------------------------- */

/* So many minutes a row that there are few rows: 1, 2, 5, 10, 15, 30, 60 ... */
static size_t minutes_per_row(size_t minutes)
{
	static const size_t steps[] = {1,  2,   5,   10,  15,  30,
				       60, 120, 240, 360, 720, 1440};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if ((minutes + steps[i] - 1) / steps[i] <= ROWS_MAX)
			return steps[i];
	return 2880;
}

/* What is in a row of the table. */
struct row {
	double retries;
	double most; /* in one of its minutes */
};

static struct row row_of(const struct explain_load *load, size_t from,
			 size_t count)
{
	struct row row = {0};

	for (size_t i = from; i < from + count && i < load->shown; i++) {
		row.retries += load->minutes[i];
		if (load->minutes[i] > row.most)
			row.most = load->minutes[i];
	}
	return row;
}

static void print_bar(double share, int width, const char *block, FILE *to)
{
	int columns = (int)(share * width + 0.5);

	if (columns == 0 && share > 0)
		columns = 1;
	for (int i = 0; i < columns; i++)
		fputs(block, to);
}

static void print_table(const struct explain_case *c,
			const struct explain_load *load, FILE *to)
{
	size_t step = minutes_per_row(load->shown);
	const char *block = explain_has_utf8() ? "\u2588" : "#";
	int width = explain_columns() - BESIDE_BAR;

	if (width < BAR_MIN)
		width = BAR_MIN;
	fprintf(to, "%-10s %11s  %10s\n", "from", "retries", "per minute");
	for (size_t i = 0; i < load->shown; i += step) {
		const struct row row = row_of(load, i, step);

		fprintf(to, "%-10s %11lld  %10lld",
			explain_duration((millis)i * MILLIS_PER_MINUTE,
					 c->arena),
			(long long)whole(row.retries),
			(long long)whole(row.most));
		if (whole(row.most) > 0)
			fputs("  ", to);
		if (whole(row.most) > 0)
			print_bar(row.most / load->minutes[load->load.busiest],
				  width, block, to);
		fputc('\n', to);
	}
	if (step > 1)
		fprintf(to, "Per minute: in the busiest minute of the row.\n");
}

/* --- its peaks ------------------------------------------------------------------------ */

/* Higher than the minute before, and no lower than the one behind. */
static bool is_peak(const struct explain_load *load, size_t i)
{
	double before = i == 0 ? 0 : load->minutes[i - 1];
	double behind =
		i + 1 < load->load.minute_count ? load->minutes[i + 1] : 0;

	return load->minutes[i] > before && load->minutes[i] >= behind &&
	       load->minutes[i] >=
		       PEAK_SHARE * load->minutes[load->load.busiest];
}

/* The highest peak that is lower than `below`, or as high and later. False if
   there is none. */
static bool next_peak(const struct explain_load *load, bool is_first,
		      size_t *peak)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < load->load.minute_count; i++) {
		double here = load->minutes[i];

		if (!is_peak(load, i))
			continue;
		if (!is_first && (here > load->minutes[*peak] ||
				  (here == load->minutes[*peak] && i <= *peak)))
			continue;
		if (best == SIZE_MAX || here > load->minutes[best])
			best = i;
	}
	if (best == SIZE_MAX)
		return false;
	*peak = best;
	return true;
}

static void print_peaks(const struct explain_case *c,
			const struct explain_load *load, FILE *to)
{
	size_t peak = 0;

	for (int n = 0; n < PEAKS_MAX; n++) {
		if (!next_peak(load, n == 0, &peak))
			return;
		fprintf(to,
			"%s %s after the failure: %lld retries in a minute, "
			"%.1f a second.\n",
			n == 0 ? "Busiest" : "Then   ",
			explain_duration((millis)peak * MILLIS_PER_MINUTE,
					 c->arena),
			(long long)whole(load->minutes[peak]),
			load->minutes[peak] / 60);
	}
}

static void print_notes(const struct explain_case *c,
			const struct explain_load *load, FILE *to)
{
	if (load->load.later > 0.5)
		fprintf(to, "%lld more come after 31 days.\n",
			(long long)whole(load->load.later));
	if (load->load.is_cut)
		fprintf(to,
			"They go on: only the first %d calls of each were "
			"looked at.\n",
			LOAD_ATTEMPTS_MAX);
	if (!c->judgement.is_done && c->settled.schedule->jitter_pct == 0 &&
	    load->load.retries > 0)
		fprintf(to, "The schedule has no jitter, so they come in step: "
			    "at the same moments, not over\nthe minute. "
			    "jitter = \"50%%\" would spread them.\n");
}

void explain_load_print(const struct explain_case *c,
			const struct explain_load *load, FILE *to)
{
	fprintf(to,
		"If %u messages fail together, and every call of them: %lld "
		"retries, the last within %s.\n",
		load->messages, (long long)whole(load->load.retries),
		explain_about(load->load.last, c->arena));
	if (load->load.minute_count == 0)
		return;
	fputc('\n', to);
	print_table(c, load, to);
	fputc('\n', to);
	print_peaks(c, load, to);
	print_notes(c, load, to);
}

/* --- as JSON ---------------------------------------------------------------------------- */

struct json *explain_load_json(const struct explain_load *load)
{
	struct json *json = json_new_object();
	struct json *list = json_new_array();

	json_put_integer(json, "messages", load->messages);
	json_put_integer(json, "retries", whole(load->load.retries));
	json_put_integer(json, "last_ms", load->load.last);
	json_put_integer(json, "beyond_minutes", whole(load->load.later));
	json_put_bool(json, "is_cut", load->load.is_cut);
	if (load->load.minute_count > 0) {
		json_put_integer(json, "busiest_minute",
				 (int64_t)load->load.busiest);
		json_put(json, "busiest_retries",
			 json_of_double(load->minutes[load->load.busiest]));
	}
	for (size_t i = 0; i < load->load.minute_count; i++) {
		struct json *minute;

		if (load->minutes[i] <= 0)
			continue;
		minute = json_new_object();
		json_put_integer(minute, "minute", (int64_t)i);
		json_put(minute, "retries", json_of_double(load->minutes[i]));
		json_append(list, minute);
	}
	json_put(json, "minutes", list);
	return json;
}

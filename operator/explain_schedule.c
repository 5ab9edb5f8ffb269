/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/explain_schedule.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "operator/explain_chart.h"
#include "operator/explain_load.h"
#include "operator/explain_svg.h"
#include "operator/explain_table.h"
#include "operator/explain_words.h"

static void print_json(const struct explain_case *c,
		       const struct explain_life *life,
		       const struct explain_load *load)
{
	struct json *json = json_new_object();

	explain_put_case(json, c);
	explain_put_life(json, c, life);
	if (load != NULL)
		json_put(json, "load", explain_load_json(load));
	json_print_pretty(json, stdout);
	json_free(json);
}

static void print_words(const struct explain_case *c,
			const struct explain_life *life,
			const struct explain_load *load)
{
	explain_print_life(c, life, stdout);
	if (c->options->chart) {
		const struct explain_lives lives = explain_lives(c);

		fputc('\n', stdout);
		explain_chart(c, &lives, stdout);
	}
	if (load != NULL) {
		fputc('\n', stdout);
		explain_load_print(c, load, stdout);
	}
}

/* The picture, to its file. */
static int draw(const struct explain_case *c)
{
	const char *file = c->options->svg;
	bool is_stdout = strcmp(file, "-") == 0;
	const struct explain_lives lives = explain_lives(c);
	FILE *to = is_stdout ? stdout : fopen(file, "w");
	bool is_written;

	if (to != NULL) {
		explain_svg(c, &lives, to);
		is_written = ferror(to) == 0;
		if (is_stdout ? fflush(to) != 0 : fclose(to) != 0)
			is_written = false;
		if (is_written)
			return EX_OK;
	}
	fprintf(stderr, "rebound explain: %s cannot be written: %s.\n", file,
		strerror(errno));
	return EX_CANTCREAT;
}

int explain_schedule(const struct explain_case *c)
{
	const struct explain_options *o = c->options;
	const struct explain_life life = explain_life(c);
	struct explain_load *load =
		o->messages > 0 ? explain_load_new(c) : NULL;
	int code = EX_OK;

	/* A picture on standard output stands there alone. */
	if (o->svg == NULL || strcmp(o->svg, "-") != 0) {
		if (o->json)
			print_json(c, &life, load);
		else
			print_words(c, &life, load);
	}
	if (o->svg != NULL)
		code = draw(c);
	explain_load_free(load);
	return code;
}

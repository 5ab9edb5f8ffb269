/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/config_complaint.h"

#include <stdlib.h>
#include <string.h>

#include "worker/mem.h"

static bool is_known(const struct complaints *c, const struct config_error *e)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct config_error *known = &c->list[i];

		if (known->line == e->line &&
		    strcmp(known->file, e->file) == 0 &&
		    strcmp(known->text, e->text) == 0)
			return true;
	}
	return false;
}

/* Makes room for an error where a warning has it. */
static bool has_room(struct complaints *c, bool is_warning)
{
	if (c->count < PROGRAM_ERRORS_MAX)
		return true;
	for (size_t i = c->count; i > 0 && !is_warning; i--) {
		if (!c->list[i - 1].is_warning)
			continue;
		memmove(&c->list[i - 1], &c->list[i],
			(c->count - i) * sizeof(c->list[0]));
		c->count--;
		return true;
	}
	return false;
}

static void add(struct complaints *c, struct config_error e, const char *format,
		va_list args)
{
	char text[2000];

	vsnprintf(text, sizeof(text), format, args);
	e.text = arena_string(c->arena, text_of(text));
	if (is_known(c, &e))
		return;
	if (!e.is_warning)
		c->errors++;
	if (has_room(c, e.is_warning))
		c->list[c->count++] = e;
	else if (!e.is_warning)
		c->more++;
}

void complain_at(struct complaints *c, const char *file, unsigned line,
		 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(c, (struct config_error){.file = file, .line = line}, format, args);
	va_end(args);
}

void complain(struct complaints *c, const struct tree *about,
	      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(c, (struct config_error){.file = about->file, .line = about->line},
	    format, args);
	va_end(args);
}

void complain_warning(struct complaints *c, const struct tree *about,
		      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(c,
	    (struct config_error){.file = about->file,
				  .line = about->line,
				  .is_warning = true},
	    format, args);
	va_end(args);
}

static int compare(const struct config_error *a, const struct config_error *b,
		   const char *main_file)
{
	bool a_main = strcmp(a->file, main_file) == 0;
	bool b_main = strcmp(b->file, main_file) == 0;

	if (a_main != b_main)
		return a_main ? -1 : 1;
	if (strcmp(a->file, b->file) != 0)
		return strcmp(a->file, b->file);
	return a->line < b->line ? -1 : a->line > b->line;
}

/* By insertion: they are few, nearly sorted, and must stay as they came. */
void complaints_sort(struct complaints *c, const char *main_file)
{
	for (size_t i = 1; i < c->count; i++) {
		struct config_error moved = c->list[i];
		size_t at = i;

		while (at > 0 &&
		       compare(&c->list[at - 1], &moved, main_file) > 0) {
			c->list[at] = c->list[at - 1];
			at--;
		}
		c->list[at] = moved;
	}
}

void complaints_hand_over(const struct complaints *c,
			  struct config_errors *errors)
{
	struct arena *arena = mem_new(sizeof(*arena));

	arena_init(arena);
	errors->memory = arena;
	errors->count = c->count;
	errors->more = c->more;
	errors->errors = arena_array(arena, c->count + 1, sizeof(c->list[0]));
	for (size_t i = 0; i < c->count; i++) {
		struct config_error *e = &errors->errors[i];

		*e = c->list[i];
		e->file = arena_string(arena, text_of(e->file));
		e->text = arena_string(arena, text_of(e->text));
	}
}

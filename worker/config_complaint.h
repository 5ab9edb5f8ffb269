/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_complaint.h - what is wrong in a configuration, being collected.
 *
 * Reading goes on after an error, so that all of them are seen at once.
 */
#ifndef WORKER_CONFIG_COMPLAINT_H
#define WORKER_CONFIG_COMPLAINT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "worker/arena.h"
#include "worker/config.h"
#include "worker/config_tree.h"

struct complaints {
	struct arena *arena; /* holds the texts */
	struct config_error list[PROGRAM_ERRORS_MAX];
	size_t count;
	size_t errors; /* that are not warnings, those over the list too */
	size_t more;   /* errors that the list had no room for */
};

/*
 * Adds a sentence about a place, made as by printf. A place that has the same
 * sentence already gets no second one. Warnings give way to errors when the
 * list is full.
 */
void complain_at(struct complaints *c, const char *file, unsigned line,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
void complain(struct complaints *c, const struct tree *about,
	      const char *format, ...) __attribute__((format(printf, 3, 4)));
void complain_warning(struct complaints *c, const struct tree *about,
		      const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Orders them: the main file first, then by file, by line, as they came. */
void complaints_sort(struct complaints *c, const char *main_file);

/* Copies them into *errors, to be freed by config_errors_free. */
void complaints_hand_over(const struct complaints *c,
			  struct config_errors *errors);

#endif

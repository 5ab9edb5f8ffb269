/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "worker/topology_comparison.h"

static struct doctor_finding *next(struct doctor_report *r, struct arena *arena)
{
	if (r->count == r->room) {
		size_t room = r->room == 0 ? 32 : r->room * 2;
		struct doctor_finding *list =
			arena_array(arena, room, sizeof(*list));

		if (r->count > 0)
			memcpy(list, r->list, r->count * sizeof(*list));
		r->list = list;
		r->room = room;
	}
	return &r->list[r->count++];
}

void doctor_say(const struct doctor *d, enum doctor_grade grade,
		const char *object, const char *mend, const char *format, ...)
{
	char text[1000];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	*next(d->report, d->arena) = (struct doctor_finding){
		.grade = grade,
		.object = object,
		.text = arena_string(d->arena, text_of(text)),
		.mend = mend,
	};
	d->report->warn += grade == DOCTOR_WARN;
	d->report->unsafe += grade == DOCTOR_UNSAFE;
}

const char *doctor_grade_name(enum doctor_grade grade)
{
	switch (grade) {
	case DOCTOR_OK:
		return "ok";
	case DOCTOR_WARN:
		return "warn";
	case DOCTOR_UNSAFE:
		return "unsafe";
	}
	return "?";
}

/* POSIX, Shell Command Language, 2.2.2: all is itself between single quotes
   but a single quote. */
const char *doctor_quote(struct arena *arena, const char *text)
{
	char *to = arena_alloc(arena, 4 * strlen(text) + 3);
	char *end = to;

	*end++ = '\'';
	for (const char *c = text; *c != '\0'; c++) {
		if (*c != '\'') {
			*end++ = *c;
			continue;
		}
		memcpy(end, "'\\''", 4);
		end += 4;
	}
	*end = '\'';
	return to;
}

const char *doctor_clear_policies(const struct doctor *d,
				  const struct json *queue)
{
	const char *vhost = doctor_quote(d->arena, d->config->broker.vhost);
	const char *policy = comparison_text(queue, "policy");
	const char *operators = comparison_text(queue, "operator_policy");
	const char *of_users =
		arena_printf(d->arena, "rabbitmqctl clear_policy -p %s %s",
			     vhost, doctor_quote(d->arena, policy));
	const char *of_operators = arena_printf(
		d->arena, "rabbitmqctl clear_operator_policy -p %s %s", vhost,
		doctor_quote(d->arena, operators));

	if (*operators == '\0')
		return of_users;
	if (*policy == '\0')
		return of_operators;
	return arena_printf(d->arena, "%s, or %s", of_users, of_operators);
}

void doctor_examine(const struct doctor *d)
{
	doctor_examine_broker(d);
	doctor_examine_topology(d);
	doctor_examine_queues(d);
}

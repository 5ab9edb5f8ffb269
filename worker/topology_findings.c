/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology_findings.c - what comparing a plan with a broker has found.
 */
#include "worker/topology.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void append(struct findings *f, struct arena *arena,
		   const struct finding *finding)
{
	if (f->count == f->room) {
		size_t room = f->room == 0 ? 64 : f->room * 2;
		struct finding *list = arena_array(arena, room, sizeof(*list));

		if (f->count > 0)
			memcpy(list, f->list, f->count * sizeof(*list));
		f->list = list;
		f->room = room;
	}
	f->list[f->count++] = *finding;
	f->differs += finding->kind == FINDING_DIFFERS;
	f->unknown += finding->kind == FINDING_UNKNOWN;
	f->unused += finding->kind == FINDING_UNUSED;
}

static const char *spell(struct arena *arena, const char *format, va_list args)
{
	char text[1000];

	vsnprintf(text, sizeof(text), format, args);
	return arena_string(arena, text_of(text));
}

void findings_add(struct findings *f, struct arena *arena,
		  enum finding_kind kind, const char *object,
		  const char *format, ...)
{
	struct finding finding = {.kind = kind, .object = object};
	va_list args;

	va_start(args, format);
	finding.text = spell(arena, format, args);
	va_end(args);
	append(f, arena, &finding);
}

void findings_add_unknown(struct findings *f, struct arena *arena,
			  const char *object, const char *reason,
			  const char *format, ...)
{
	struct finding finding = {
		.kind = FINDING_UNKNOWN, .object = object, .reason = reason};
	va_list args;

	va_start(args, format);
	finding.text = spell(arena, format, args);
	va_end(args);
	append(f, arena, &finding);
}

void findings_because(struct findings *f, enum finding_cause cause)
{
	f->list[f->count - 1].cause = cause;
}

const char *finding_kind_name(enum finding_kind kind)
{
	switch (kind) {
	case FINDING_OK:
		return "ok";
	case FINDING_DIFFERS:
		return "differs";
	case FINDING_UNKNOWN:
		return "unknown";
	case FINDING_UNUSED:
		return "unused";
	}
	return "?";
}

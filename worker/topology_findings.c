/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology_findings.c - what comparing a plan with a broker has found.
 */
#include "worker/topology.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void findings_add(struct findings *f, struct arena *arena,
		  enum finding_kind kind, const char *object,
		  const char *format, ...)
{
	char text[1000];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (f->count == f->room) {
		size_t room = f->room == 0 ? 64 : f->room * 2;
		struct finding *list = arena_array(arena, room, sizeof(*list));

		if (f->count > 0)
			memcpy(list, f->list, f->count * sizeof(*list));
		f->list = list;
		f->room = room;
	}
	f->list[f->count++] = (struct finding){
		.kind = kind,
		.object = object,
		.text = arena_string(arena, text_of(text)),
	};
	f->differs += kind == FINDING_DIFFERS;
	f->unknown += kind == FINDING_UNKNOWN;
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
	}
	return "?";
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hl7v2.h - the segments and fields of an HL7 v2 message (chapter 2, "ER7").
 *
 * A message begins with MSH and the separators that it uses. What is found
 * around real ones is tolerated: a byte order mark, blank space, the bytes that
 * frame it on a socket (MLLP: 0B before, 1C behind), and segments that end in
 * LF or CR LF instead of CR. Texts are borrowed from the message, and escapes
 * are left as they are.
 */
#ifndef WORKER_HL7V2_H
#define WORKER_HL7V2_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/text.h"

struct hl7v2 {
	struct text body; /* from MSH on, up to the end of the message */
	char field;       /* separators: MSH-1 */
	char component;   /* and the first, second and fourth of MSH-2 */
	char repetition;
	char part; /* of a component */
};

/* False if it is no such message. Neither is a batch, which begins with FHS or
   BHS. Of several messages, it is the first. */
bool hl7v2_open(struct text body, struct hl7v2 *message);

/* The first segment of that name, three letters; false if there is none. */
bool hl7v2_segment(const struct hl7v2 *message, const char *name,
		   struct text *segment);

/* The next one in *rest, which begins as the body, and is moved on behind it. */
bool hl7v2_next(const struct hl7v2 *message, const char *name,
		struct text *rest, struct text *segment);

/* A field, counted from 1 as the standard does, without the blanks around it;
   empty where there is none. Of one that repeats, the first. */
struct text hl7v2_field(const struct hl7v2 *message, struct text segment,
			size_t n);

/* The n-th component of a field, and the n-th part of a component; from 1. */
struct text hl7v2_component(const struct hl7v2 *message, struct text field,
			    size_t n);
struct text hl7v2_part(const struct hl7v2 *message, struct text component,
		       size_t n);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template_parts.h - the insides of templates, for template*.c alone.
 */
#ifndef WORKER_TEMPLATE_PARTS_H
#define WORKER_TEMPLATE_PARTS_H

#include "worker/template.h"

enum piece_source {
	PIECE_LITERAL,
	PIECE_ID,
	PIECE_TYPE,
	PIECE_ROUTING_KEY,
	PIECE_HEADER,
	PIECE_BODY,
};

/* Where a piece stands, which says what may be put there. */
enum piece_place {
	PLACE_PLAIN,  /* anything */
	PLACE_PATH,   /* of a url */
	PLACE_QUERY,  /* of a url */
	PLACE_STRING, /* of JSON */
	PLACE_VALUE,  /* where JSON has a value */
};

struct piece {
	enum piece_source source;
	enum piece_place place;
	bool is_encoded; /* {url:...} */
	/* LITERAL: what stands there. HEADER: its name. BODY: the pointer. */
	struct text text;
	const char
		*shown; /* as it was written: "{header.mrn}"; literal: NULL */
};

/* A literal of a url stands in one place: it is cut at the end of the host, at
   "?" and at "#". */
struct template
{
	enum template_kind kind;
	const char *written;
	struct piece *pieces;
	size_t count;
	bool is_json;
};

/* Each says where the pieces of one kind of template stand. The end of a
   sentence, if they cannot stand there. */
const char *template_place_url(struct template *t, struct arena *arena);
const char *template_place_body(struct template *t, struct arena *arena);

/* Each placeholder becomes "x", and where JSON has a value `value`. */
const char *template_fill(const struct template *t, const char *value,
			  struct arena *arena);

/* What the message has for a placeholder, spelled for its place: lives as long
   as the view's JSON. Else a clause in the arena of the message. */
const char *template_value(const struct template *t, const struct piece *piece,
			   struct message_view *view, struct text *value);

/* Why a url may not be made of these texts, one for each piece: a clause. */
const char *template_path_flaw(const struct template *t,
			       const struct text *texts, struct arena *arena);

#endif

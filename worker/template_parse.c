/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template_parse.c - takes a template apart, and says what is wrong with it.
 */
#include <string.h>

#include "worker/config_nearest.h"
#include "worker/json_pointer.h"
#include "worker/template_parts.h"

/* A template on its way. What is literal is gathered until a placeholder. */
struct parser {
	struct arena *arena;
	struct template *t;
	struct text rest; /* not read yet */
	char *literal;
	size_t literal_len;
	const char *flaw; /* NULL: none yet */
};

static void add(struct parser *p, struct piece piece)
{
	p->t->pieces[p->t->count++] = piece;
}

static void flush(struct parser *p)
{
	if (p->literal_len > 0)
		add(p, (struct piece){.text = {p->literal, p->literal_len}});
	p->literal += p->literal_len;
	p->literal_len = 0;
}

static void take_literal(struct parser *p, size_t len)
{
	p->literal[p->literal_len++] = *p->rest.at;
	p->rest.at += len;
	p->rest.len -= len;
}

/* --- placeholders ------------------------------------------------------------- */

static const struct {
	const char *name;
	enum piece_source source;
} names[] = {
	{"id", PIECE_ID},
	{"type", PIECE_TYPE},
	{"routing_key", PIECE_ROUTING_KEY},
};

#define NAMES (sizeof(names) / sizeof(names[0]))

static void refuse_name(struct parser *p, const struct piece *piece,
			const char *name)
{
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (size_t i = 0; i < NAMES; i++)
		nearest_offer(&nearest, names[i].name);
	if (nearest.name != NULL)
		p->flaw = arena_printf(p->arena,
				       "has a placeholder \"%.80s\", which "
				       "there is not. The nearest is {%s}.",
				       piece->shown, nearest.name);
	else
		p->flaw = arena_printf(
			p->arena,
			"has a placeholder \"%.80s\", which there is not. "
			"There are {id}, {type}, {routing_key}, {header.NAME} "
			"and {body/POINTER}%s.",
			piece->shown,
			p->t->kind == TEMPLATE_BODY
				? ""
				: ", and \"{{\" for a brace");
}

/* What stands between the braces. */
static void read_name(struct parser *p, struct piece *piece, struct text name)
{
	const char *flaw;

	if (text_starts(name, "url:")) {
		piece->is_encoded = true;
		name.at += strlen("url:");
		name.len -= strlen("url:");
	}
	for (size_t i = 0; i < NAMES; i++) {
		if (!text_is(name, names[i].name))
			continue;
		piece->source = names[i].source;
		return;
	}
	if (text_starts(name, "header.") && name.len > strlen("header.")) {
		piece->source = PIECE_HEADER;
		piece->text = text_of(name.at + strlen("header."));
		return;
	}
	if (!text_is(name, "body") && !text_starts(name, "body/")) {
		refuse_name(p, piece, name.at);
		return;
	}
	piece->source = PIECE_BODY;
	piece->text = text_of(name.at + strlen("body"));
	flaw = json_pointer_flaw(piece->text);
	if (flaw != NULL)
		p->flaw = arena_printf(p->arena,
				       "has a placeholder \"%.80s\", whose "
				       "JSON pointer %s.",
				       piece->shown, flaw);
}

static void read_placeholder(struct parser *p)
{
	const char *end = memchr(p->rest.at, '}', p->rest.len);
	struct piece piece = {0};
	size_t len;

	if (end == NULL) {
		p->flaw = arena_printf(
			p->arena,
			"has a \"{\" without its \"}\", at \"%.40s\". A brace "
			"by itself is written twice.",
			p->rest.at);
		return;
	}
	len = (size_t)(end - p->rest.at) + 1;
	piece.shown = arena_string(p->arena, (struct text){p->rest.at, len});
	read_name(p, &piece,
		  arena_text(p->arena, (struct text){p->rest.at + 1, len - 2}));
	flush(p);
	add(p, piece);
	p->rest.at += len;
	p->rest.len -= len;
}

/* --- braces --------------------------------------------------------------------- */

static bool is_twice(struct text rest)
{
	return rest.len > 1 && rest.at[0] == rest.at[1];
}

static void read_brace(struct parser *p)
{
	bool is_body = p->t->kind == TEMPLATE_BODY;
	char next = p->rest.len > 1 ? p->rest.at[1] : '\0';

	if (*p->rest.at == '{' && is_twice(p->rest))
		take_literal(p, 2);
	else if (*p->rest.at == '{' &&
		 (!is_body || (next >= 'a' && next <= 'z')))
		read_placeholder(p);
	else if (is_body)
		take_literal(p, 1);
	else if (is_twice(p->rest))
		take_literal(p, 2);
	else
		p->flaw = arena_printf(
			p->arena,
			"has a \"}\" without its \"{\", at \"%.40s\". A brace "
			"by itself is written twice.",
			p->rest.at);
}

static void read_pieces(struct parser *p)
{
	while (p->rest.len > 0 && p->flaw == NULL) {
		if (*p->rest.at == '{' || *p->rest.at == '}')
			read_brace(p);
		else
			take_literal(p, 1);
	}
	flush(p);
}

/* --- the whole ------------------------------------------------------------------ */

static const char *text_flaw(enum template_kind kind, struct text written)
{
	if (written.len > TEMPLATE_MAX)
		return "is longer than 16 KiB.";
	if (written.len == 0 && kind != TEMPLATE_BODY)
		return "is empty.";
	for (size_t i = 0; i < written.len; i++) {
		unsigned char c = (unsigned char)written.at[i];
		bool is_fit = kind == TEMPLATE_BODY     ? c != '\0'
			      : kind == TEMPLATE_HEADER ? c >= ' ' || c == '\t'
							: c >= ' ';

		if (!is_fit || (c == 0x7f && kind != TEMPLATE_BODY))
			return "holds a control character.";
	}
	return NULL;
}

static const char *place_all(struct template *t, struct arena *arena)
{
	switch (t->kind) {
	case TEMPLATE_URL:
		return template_place_url(t, arena);
	case TEMPLATE_BODY:
		return template_place_body(t, arena);
	case TEMPLATE_HEADER:
	case TEMPLATE_KEY:
		break;
	}
	return NULL;
}

/* Each placeholder, and what is literal before and behind it. */
static size_t pieces_max(struct text written)
{
	size_t braces = 0;

	for (size_t i = 0; i < written.len; i++)
		braces += written.at[i] == '{';
	return 2 * braces + 1;
}

const struct template *template_parse(enum template_kind kind,
				      struct text written, struct arena *arena,
				      const char **flaw)
{
	struct template *t = arena_alloc(arena, sizeof(*t));
	struct parser p = {.arena = arena, .t = t};

	*flaw = text_flaw(kind, written);
	if (*flaw != NULL)
		return NULL;
	t->kind = kind;
	t->written = arena_string(arena, written);
	t->pieces = arena_array(arena, pieces_max(written), sizeof(*t->pieces));
	p.rest = (struct text){t->written, written.len};
	p.literal = arena_alloc(arena, written.len + 1);
	read_pieces(&p);
	if (p.flaw == NULL)
		p.flaw = place_all(t, arena);
	*flaw = p.flaw;
	return p.flaw == NULL ? t : NULL;
}

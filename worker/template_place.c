/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template_place.c - where in a url, or in JSON, each piece of a template
 * stands.
 */
#include <ctype.h>
#include <string.h>

#include "worker/json.h"
#include "worker/template_parts.h"

/* --- urls (RFC 3986, section 3) ------------------------------------------------- */

enum stage {
	STAGE_HOST, /* scheme, host and port */
	STAGE_PATH,
	STAGE_QUERY,
	STAGE_FRAGMENT,
};

struct cutter {
	struct template *t;
	struct arena *arena;
	struct piece *pieces; /* the new ones */
	size_t count;
	enum stage stage;
};

static bool is_percent_encoded(struct text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '%' &&
		    (text.len - i < 3 ||
		     !isxdigit((unsigned char)text.at[i + 1]) ||
		     !isxdigit((unsigned char)text.at[i + 2])))
			return false;
	return true;
}

/* A url has no braces of its own. */
static struct text without_braces(struct text text, struct arena *arena)
{
	char *to = arena_alloc(arena, 3 * text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c != '{' && c != '}') {
			to[len++] = c;
			continue;
		}
		memcpy(to + len, c == '{' ? "%7B" : "%7D", 3);
		len += 3;
	}
	return (struct text){to, len};
}

static enum piece_place place_at(enum stage stage)
{
	switch (stage) {
	case STAGE_PATH:
		return PLACE_PATH;
	case STAGE_QUERY:
		return PLACE_QUERY;
	case STAGE_HOST:
	case STAGE_FRAGMENT:
		break;
	}
	return PLACE_PLAIN;
}

/* How much of a literal belongs to the stage. */
static size_t stage_len(enum stage stage, struct text text)
{
	const char *ends = stage == STAGE_HOST    ? "/?#"
			   : stage == STAGE_PATH  ? "?#"
			   : stage == STAGE_QUERY ? "#"
						  : "";
	size_t i = 0;

	while (i < text.len && (strchr(ends, text.at[i]) == NULL))
		i++;
	return i;
}

static enum stage stage_of(char c)
{
	return c == '?' ? STAGE_QUERY : c == '#' ? STAGE_FRAGMENT : STAGE_PATH;
}

static void cut(struct cutter *c, struct text text)
{
	while (text.len > 0) {
		size_t len = stage_len(c->stage, text);

		if (len > 0)
			c->pieces[c->count++] = (struct piece){
				.place = place_at(c->stage),
				.text = without_braces(
					(struct text){text.at, len}, c->arena)};
		text.at += len;
		text.len -= len;
		if (text.len == 0)
			return;
		/* What ends a stage begins the next one. */
		c->stage = stage_of(*text.at);
		if (c->stage == STAGE_PATH)
			continue;
		c->pieces[c->count++] = (struct piece){
			.place = place_at(c->stage), .text = {text.at, 1}};
		text.at++;
		text.len--;
	}
}

static const char *place_placeholder(struct cutter *c, const struct piece *old)
{
	struct piece piece = *old;

	if (c->stage == STAGE_FRAGMENT)
		return arena_printf(c->arena,
				    "has %.80s behind \"#\", which is never "
				    "sent.",
				    piece.shown);
	if (c->stage == STAGE_HOST)
		return arena_printf(c->arena,
				    "has %.80s in its scheme, host or port, "
				    "which no message may choose: a "
				    "placeholder may stand in the path, or in "
				    "the query.",
				    piece.shown);
	piece.place = place_at(c->stage);
	c->pieces[c->count++] = piece;
	return NULL;
}

/* The scheme and its slashes, which end no host. False: it is literal, and
   there are none. */
static bool take_scheme(struct cutter *c, struct text *text)
{
	for (size_t i = 0; i + 3 <= text->len; i++) {
		if (memcmp(text->at + i, "://", 3) != 0)
			continue;
		c->pieces[c->count++] = (struct piece){
			.place = PLACE_PLAIN, .text = {text->at, i + 3}};
		text->at += i + 3;
		text->len -= i + 3;
		return true;
	}
	return false;
}

const char *template_place_url(struct template *t, struct arena *arena)
{
	struct cutter c = {
		.t = t,
		.arena = arena,
		.pieces = arena_array(arena, t->count + 6, sizeof(*c.pieces))};
	const char *flaw = NULL;

	for (size_t i = 0; i < t->count && flaw == NULL; i++) {
		struct text text = t->pieces[i].text;

		if (t->pieces[i].source != PIECE_LITERAL) {
			flaw = place_placeholder(&c, &t->pieces[i]);
			continue;
		}
		if (!is_percent_encoded(text))
			return "has a \"%\" that two hexadecimal digits do not "
			       "follow (RFC 3986, section 2.1).";
		if (i == 0 && !take_scheme(&c, &text))
			return "does not begin with a scheme such as "
			       "\"http://\".";
		cut(&c, text);
	}
	t->pieces = c.pieces;
	t->count = c.count;
	return flaw;
}

/* --- JSON ------------------------------------------------------------------------- */

/* Is the end of a literal inside a string, if its beginning is? */
static bool is_inside(struct text text, bool inside)
{
	for (size_t i = 0; i < text.len; i++) {
		if (inside && text.at[i] == '\\')
			i++;
		else if (text.at[i] == '"')
			inside = !inside;
	}
	return inside;
}

static bool is_json(const struct template *t, const char *value,
		    struct arena *arena)
{
	struct json *json = json_parse(text_of(template_fill(t, value, arena)));
	bool is_one = json != NULL;

	json_free(json);
	return is_one;
}

const char *template_place_body(struct template *t, struct arena *arena)
{
	bool inside = false;

	if (t->count == 0 || t->pieces[0].source != PIECE_LITERAL ||
	    !json_begins(t->pieces[0].text))
		return NULL;
	for (size_t i = 0; i < t->count; i++) {
		struct piece *piece = &t->pieces[i];

		if (piece->source == PIECE_LITERAL)
			inside = is_inside(piece->text, inside);
		else
			piece->place = inside ? PLACE_STRING : PLACE_VALUE;
	}
	/* Where a value can stand, a number and a text can; beside another one
	   neither can. */
	t->is_json = is_json(t, "0", arena) && is_json(t, "\"x\"", arena);
	return t->is_json ? NULL
			  : "begins as JSON does, and is not JSON. Where a "
			    "value stands by itself a placeholder does without "
			    "quotes; a brace of JSON is not written twice.";
}

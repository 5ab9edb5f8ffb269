/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template_value.c - what a message has for a placeholder, spelled for where it
 * stands.
 */
#include <string.h>

#include "worker/json_pointer.h"
#include "worker/template_parts.h"
#include "worker/utf8.h"

/* --- what the message has ----------------------------------------------------------- */

static const char *say(struct message_view *view, const struct piece *piece,
		       const char *what)
{
	return arena_printf(&view->message->arena, "%s %s", what, piece->shown);
}

static const char *find_header(const struct piece *piece,
			       struct message_view *view, struct text *value)
{
	struct message *message = view->message;

	if (message_header(message, piece->text.at, value))
		return NULL;
	return say(view, piece,
		   table_find(&message->headers, piece->text.at) == NULL
			   ? "the message has no header for"
			   : "the message has a header that is no text, "
			     "number, boolean or timestamp for");
}

static const char *find_json(const struct piece *piece,
			     struct message_view *view, struct json **value)
{
	struct json *json = message_view_json(view);

	if (json == NULL)
		return say(view, piece,
			   message_view_is_broken(view)
				   ? "the body is broken JSON, or nested too "
				     "deeply, and is asked for"
				   : "the body is no JSON, and is asked for");
	if (!json_pointer_find(json, piece->text, value))
		return say(view, piece, "the body has no place for");
	return NULL;
}

/* json-c cuts integers off at the ends of 64 bits; as a key, or in a url, one
   would stand for many. */
static const char beyond[] = "the body has a number beyond 64 bits for";

static bool is_cut_off(const struct json *json, struct text spelled)
{
	return json_kind(json) == JSON_INTEGER &&
	       (text_is(spelled, "18446744073709551615") ||
		text_is(spelled, "-9223372036854775808"));
}

static const char *find_scalar(const struct piece *piece,
			       struct message_view *view, struct text *value)
{
	struct json *json = NULL;
	const char *flaw = find_json(piece, view, &json);

	if (flaw != NULL)
		return flaw;
	if (json_kind(json) == JSON_BOOL) {
		*value = json_truth(json, false) ? TEXT("true") : TEXT("false");
		return NULL;
	}
	if (!json_text(json, value))
		return say(view, piece,
			   json_kind(json) == JSON_NULL
				   ? "the body has null for"
				   : "the body has an object or array for");
	if (is_cut_off(json, *value))
		return say(view, piece, beyond);
	return NULL;
}

static const char *find(const struct piece *piece, struct message_view *view,
			struct text *value)
{
	switch (piece->source) {
	case PIECE_LITERAL:
		*value = piece->text;
		break;
	case PIECE_ID:
		*value = view->id;
		break;
	case PIECE_TYPE:
		*value = view->type;
		break;
	case PIECE_ROUTING_KEY:
		*value = view->message->routing_key;
		break;
	case PIECE_HEADER:
		return find_header(piece, view, value);
	case PIECE_BODY:
		return find_scalar(piece, view, value);
	}
	return NULL;
}

/* --- how it is spelled ---------------------------------------------------------------- */

/* RFC 3986, section 2.3. */
static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

static struct text percent_encode(struct text text, struct arena *arena)
{
	static const char digits[] = "0123456789ABCDEF";
	char *to = arena_alloc(arena, 3 * text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (is_unreserved(text.at[i])) {
			to[len++] = text.at[i];
			continue;
		}
		to[len++] = '%';
		to[len++] = digits[c >> 4];
		to[len++] = digits[c & 0x0f];
	}
	return (struct text){to, len};
}

static bool is_utf8(struct text text)
{
	for (size_t i = 0; i < text.len;) {
		size_t len = utf8_sequence(text.at + i, text.len - i);

		if (len == 0)
			return false;
		i += len;
	}
	return true;
}

/* As a string of JSON, with its quotes. */
static const char *quote(const struct piece *piece, struct message_view *view,
			 struct text *value)
{
	struct json *json;

	if (!is_utf8(*value))
		return say(view, piece,
			   "the message has what is no UTF-8, as JSON has to "
			   "be, for");
	json = json_of_text(*value);
	*value = arena_text(&view->message->arena, json_line(json));
	json_free(json);
	return NULL;
}

/* A whole value of JSON: what the body has, whatever it is; a number or boolean
   of a header; and else a string. */
static const char *spell_value(const struct piece *piece,
			       struct message_view *view, struct text *value)
{
	struct arena *arena = &view->message->arena;
	const struct field *field;
	struct json *json = NULL;
	const char *flaw;
	struct text text;

	if (piece->source == PIECE_BODY && !piece->is_encoded) {
		flaw = find_json(piece, view, &json);
		if (flaw != NULL)
			return flaw;
		text = json == NULL ? TEXT("null") : json_line(json);
		if (is_cut_off(json, text))
			return say(view, piece, beyond);
		*value = arena_text(arena, text);
		return NULL;
	}
	flaw = find(piece, view, value);
	if (flaw != NULL)
		return flaw;
	if (piece->is_encoded)
		*value = percent_encode(*value, arena);
	field = piece->source == PIECE_HEADER && !piece->is_encoded
			? table_find(&view->message->headers, piece->text.at)
			: NULL;
	/* A float may be no number that JSON has. */
	if (field != NULL && !field_text(field, &text)) {
		json = json_parse(*value);
		if (json != NULL) {
			json_free(json);
			return NULL;
		}
	}
	return quote(piece, view, value);
}

/* Inside a string of JSON: the same without the quotes. */
static const char *escape(const struct piece *piece, struct message_view *view,
			  struct text *value)
{
	const char *flaw = quote(piece, view, value);

	if (flaw == NULL)
		*value = (struct text){value->at + 1, value->len - 2};
	return flaw;
}

const char *template_value(const struct template *t, const struct piece *piece,
			   struct message_view *view, struct text *value)
{
	bool is_bounded = t->kind != TEMPLATE_BODY;
	const char *flaw;

	if (piece->place == PLACE_VALUE)
		return spell_value(piece, view, value);
	flaw = find(piece, view, value);
	if (flaw != NULL)
		return flaw;
	if (is_bounded && value->len > TEMPLATE_URL_MAX)
		return say(view, piece,
			   "the message has more than 8000 bytes for");
	if (t->kind == TEMPLATE_KEY && value->len == 0)
		return say(view, piece,
			   "the message has an empty text, which would be the "
			   "same for others, for");
	if (piece->is_encoded || t->kind == TEMPLATE_URL)
		*value = percent_encode(*value, &view->message->arena);
	return piece->place == PLACE_STRING ? escape(piece, view, value) : NULL;
}

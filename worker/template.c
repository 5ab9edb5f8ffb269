/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/template.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "worker/template_parts.h"

const char *template_written(const struct template *t)
{
	return t->written;
}

bool template_is_literal(const struct template *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->pieces[i].source != PIECE_LITERAL)
			return false;
	return true;
}

bool template_is_json(const struct template *t)
{
	return t->is_json;
}

/* All pieces in a row, in the arena. */
static struct text join(const struct text *texts, size_t count,
			struct arena *arena)
{
	size_t len = 0;
	char *to;
	char *at;

	for (size_t i = 0; i < count; i++)
		len += texts[i].len;
	to = arena_alloc(arena, len + 1);
	at = to;
	for (size_t i = 0; i < count; i++) {
		if (texts[i].len > 0)
			memcpy(at, texts[i].at, texts[i].len);
		at += texts[i].len;
	}
	return (struct text){to, len};
}

const char *template_fill(const struct template *t, const char *value,
			  struct arena *arena)
{
	struct text *texts = arena_array(arena, t->count + 1, sizeof(*texts));

	for (size_t i = 0; i < t->count; i++) {
		const struct piece *piece = &t->pieces[i];

		if (piece->source == PIECE_LITERAL)
			texts[i] = piece->text;
		else if (piece->place == PLACE_VALUE)
			texts[i] = text_of(value);
		else
			texts[i] = TEXT("x");
	}
	return join(texts, t->count, arena).at;
}

const char *template_sample(const struct template *t, struct arena *arena)
{
	return template_fill(t, "0", arena);
}

/* --- the result ------------------------------------------------------------------- */

static const char *length_flaw(const struct template *t, size_t len,
			       struct arena *arena)
{
	size_t max = t->kind == TEMPLATE_URL      ? TEMPLATE_URL_MAX
		     : t->kind == TEMPLATE_HEADER ? TEMPLATE_HEADER_MAX
		     : t->kind == TEMPLATE_KEY    ? TEMPLATE_KEY_MAX
						  : SIZE_MAX;

	if (len <= max)
		return NULL;
	return arena_printf(arena,
			    "what comes of its template is longer than %zu "
			    "bytes",
			    max);
}

static const char *result_flaw(const struct template *t, struct text result,
			       struct arena *arena)
{
	struct json *json;

	switch (t->kind) {
	case TEMPLATE_HEADER:
	case TEMPLATE_KEY:
		if (result.len == 0)
			return "what comes of its template is empty";
		break;
	case TEMPLATE_BODY:
		if (!t->is_json)
			return NULL;
		json = json_parse(result);
		json_free(json);
		return json == NULL ? "what comes of its template is nested "
				      "too deeply to be read as JSON"
				    : NULL;
	case TEMPLATE_URL:
		break;
	}
	return length_flaw(t, result.len, arena);
}

bool template_expand(const struct template *t, struct message_view *view,
		     struct text *result, const char **flaw)
{
	struct arena *arena = &view->message->arena;
	struct text *texts = arena_array(arena, t->count + 1, sizeof(*texts));
	struct text whole;

	*flaw = NULL;
	for (size_t i = 0; i < t->count && *flaw == NULL; i++) {
		if (t->pieces[i].source == PIECE_LITERAL)
			texts[i] = t->pieces[i].text;
		else
			*flaw = template_value(t, &t->pieces[i], view,
					       &texts[i]);
	}
	if (*flaw == NULL && t->kind == TEMPLATE_URL)
		*flaw = template_path_flaw(t, texts, arena);
	if (*flaw != NULL)
		return false;
	whole = join(texts, t->count, arena);
	*flaw = result_flaw(t, whole, arena);
	if (*flaw != NULL)
		return false;
	*result = whole;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/config_hint.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define NESTED_MAX 64

/* A walk over the text up to where the parser stopped. */
struct walk {
	const char *at;
	unsigned line; /* of `at` */
	unsigned end;  /* the line on which the parser stopped */
	char last;     /* character of code before `at`, no blank; 0: none */
	char open[NESTED_MAX]; /* brackets not closed yet */
	unsigned open_line[NESTED_MAX];
	size_t depth;
	struct arena *arena;
	struct config_hint hint; /* text NULL: none yet */
};

static void found(struct walk *w, unsigned line, const char *text)
{
	if (w->hint.text == NULL)
		w->hint = (struct config_hint){.line = line, .text = text};
}

static void next(struct walk *w)
{
	if (*w->at == '\n')
		w->line++;
	w->at++;
}

static void skip_comment(struct walk *w)
{
	while (*w->at != '\0' && strncmp(w->at, "*/", 2) != 0)
		next(w);
	if (*w->at != '\0')
		w->at += 2;
}

/* It is closed somewhere: config_text.h knows of those that are not. */
static void skip_string(struct walk *w)
{
	w->at++;
	while (*w->at != '\0' && *w->at != '"') {
		if (*w->at == '\\' && w->at[1] != '\0')
			next(w);
		next(w);
	}
	if (*w->at != '\0')
		w->at++;
}

static char closing(char open)
{
	return open == '{' ? '}' : open == '(' ? ')' : ']';
}

static void open_bracket(struct walk *w)
{
	bool in_array = w->depth > 0 && w->open[w->depth - 1] == '[';

	if (in_array && w->line == w->end)
		found(w, w->line,
		      "[ ] holds single values only. Use ( ) instead of [ ].");
	if (w->depth == NESTED_MAX)
		return;
	w->open[w->depth] = *w->at;
	w->open_line[w->depth++] = w->line;
}

static void close_bracket(struct walk *w)
{
	if (w->last == ',' && *w->at != '}')
		found(w, w->line,
		      arena_printf(w->arena,
				   "Take away the comma before \"%c\".",
				   *w->at));
	if (w->depth == 0) {
		found(w, w->line,
		      arena_printf(w->arena,
				   "Nothing is open for \"%c\" to "
				   "close.",
				   *w->at));
		return;
	}
	w->depth--;
	if (closing(w->open[w->depth]) == *w->at)
		return;
	found(w, w->line,
	      arena_printf(w->arena,
			   "The \"%c\" of line %u has to be closed by \"%c\" "
			   "before this \"%c\".",
			   w->open[w->depth], w->open_line[w->depth],
			   closing(w->open[w->depth]), *w->at));
}

static bool is_truth(const char *word, size_t len)
{
	return (len == 4 && strncasecmp(word, "true", 4) == 0) ||
	       (len == 5 && strncasecmp(word, "false", 5) == 0);
}

/* 5, -5L, 0x1F, 1.5e3 */
static bool is_number(const char *word, size_t len)
{
	size_t number = strspn(word, "+-.0123456789abcdefABCDEFxXL");

	return isdigit((unsigned char)word[len - 1])
		       ? number >= len && (isdigit((unsigned char)*word) ||
					   strchr("+-.", *word) != NULL)
		       : number >= len && word[len - 1] == 'L';
}

/* A word where a value is due. */
static void check_value(struct walk *w, const char *word, size_t len)
{
	if (is_truth(word, len) || is_number(word, len))
		return;
	found(w, w->line,
	      "Texts, names and durations stand in double quotes: \"5s\", not "
	      "5s.");
}

/* A word where the name of a setting is due. */
static void check_name(struct walk *w, const char *word, size_t len)
{
	if (memchr(word, '.', len) != NULL)
		found(w, w->line,
		      "The name of a setting has no dots. Write groups inside "
		      "each other: a = { b = 1; };");
	else if (!isalpha((unsigned char)*word))
		found(w, w->line,
		      "The name of a setting begins with a letter.");
	else if (strchr("=:", w->at[strspn(w->at, " \t\r\n")]) == NULL)
		found(w, w->line,
		      "Behind the name of a setting comes \"=\" and a value.");
}

static void take_word(struct walk *w)
{
	const char *word = w->at;
	bool in_list = w->depth > 0 && w->open[w->depth - 1] != '{';

	while (isalnum((unsigned char)*w->at) ||
	       (*w->at != '\0' && strchr("_-+.*", *w->at) != NULL))
		w->at++;
	if (w->line != w->end)
		return;

	size_t len = (size_t)(w->at - word);
	if (in_list || w->last == '=' || w->last == ':')
		check_value(w, word, len);
	else
		check_name(w, word, len);
}

static void take_mark(struct walk *w)
{
	char mark = *w->at;

	if (strchr("{[(", mark) != NULL)
		open_bracket(w);
	else if (strchr("}])", mark) != NULL)
		close_bracket(w);
	else if (mark == '\'')
		found(w, w->line, "Texts stand in double quotes (\").");
	else if (mark == ';' && (w->last == '=' || w->last == ':'))
		found(w, w->line, "A value is missing before \";\".");
	else if (mark == '@')
		found(w, w->line,
		      "An include is written alone on its line: "
		      "@include \"file\"");
	else if (strchr("=:;,", mark) == NULL)
		found(w, w->line,
		      arena_printf(w->arena,
				   "\"%c\" belongs into a text in double "
				   "quotes, or not here at all.",
				   mark));
	w->at++;
}

/* One thing of the text. */
static void take(struct walk *w)
{
	unsigned char c = (unsigned char)*w->at;
	char last = *w->at;

	if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
		next(w);
		return;
	}
	if (strncmp(w->at, "/*", 2) == 0) {
		skip_comment(w);
		return;
	}
	if (c == '"')
		skip_string(w);
	else if (isalnum(c) || strchr("_-+.*", (int)c) != NULL)
		take_word(w);
	else
		take_mark(w);
	w->last = last;
}

static struct config_hint hint_at_end(struct walk *w)
{
	if (*w->at == '\0' && w->depth > 0)
		found(w, w->open_line[w->depth - 1],
		      arena_printf(w->arena,
				   "The \"%c\" here is never closed by \"%c\".",
				   w->open[w->depth - 1],
				   closing(w->open[w->depth - 1])));
	found(w, w->end,
	      "Look for a missing \"=\" or a bracket that is not closed, here "
	      "and on the lines before.");
	return w->hint;
}

struct config_hint config_hint_find(const struct config_text *text,
				    unsigned line, struct arena *arena)
{
	struct walk walk = {.at = text->bytes,
			    .line = 1,
			    .end = line == 0 ? 1 : line,
			    .arena = arena};

	if (walk.end > text->line_count)
		walk.end = (unsigned)text->line_count;
	while (*walk.at != '\0' && walk.line <= walk.end &&
	       walk.hint.text == NULL)
		take(&walk);
	return hint_at_end(&walk);
}

bool config_hint_is_secret(const char *line)
{
	static const char *const marks[] = {
		"password", "passwd", "secret", "token",
		"auth",     "cookie", "key",
	};

	for (; *line != '\0'; line++) {
		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
			if (strncasecmp(line, marks[i], strlen(marks[i])) ==
				    0 &&
			    strncasecmp(line, "keys", 4) != 0)
				return true;
		if (*line == '@' && strncmp(line, "@include", 8) != 0)
			return true;
	}
	return false;
}

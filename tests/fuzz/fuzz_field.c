/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_field.c - the promises of worker/http_field.h. Input: the name of a
   field, a NUL, its value; all of it is a sentence to scrub as well. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "worker/http_field.h"

static char *string_of(struct text text)
{
	char *string = malloc(text.len + 1);

	fuzz_expect(string != NULL, "there is memory");
	if (text.len > 0)
		memcpy(string, text.at, text.len);
	string[text.len] = '\0';
	return string;
}

static void spell(const char *name, struct text value)
{
	struct arena arena;

	if (http_field_flaw(name, value) != NULL)
		return;
	arena_init(&arena);
	char *field = http_field_spell(name, value, &arena);

	fuzz_expect(strcspn(field, "\r\n") == strlen(field),
		    "a field is one line");
	fuzz_expect(strncmp(field, name, strlen(name)) == 0 &&
			    strchr(":;", field[strlen(name)]) != NULL,
		    "a field begins with its name");
	fuzz_expect(strlen(field) <= strlen(name) + 2 + value.len,
		    "nothing is added to a value");
	arena_fini(&arena);
}

/* A control byte ends a url, and has become '?' when it can be looked at. */
static void scrub(char *sentence)
{
	size_t len = strlen(sentence);
	bool has_control = false;

	for (char *c = sentence; *c != '\0'; c++)
		has_control |= (unsigned char)*c < 0x20 || *c == 0x7f;
	http_scrub(sentence);
	fuzz_expect(strlen(sentence) <= len, "scrubbing adds nothing");
	for (char *c = sentence; *c != '\0'; c++)
		fuzz_expect((unsigned char)*c >= 0x20 && *c != 0x7f,
			    "no control byte is left");
	for (char *url = strstr(sentence, "://"); url != NULL;
	     url = strstr(url + 3, "://")) {
		size_t host = strcspn(url + 3, has_control ? "'\" ?" : "'\" ");

		fuzz_expect(memchr(url + 3, '@', host) == NULL,
			    "no login is left in a url");
		fuzz_expect(strcspn(url + 3, "/?#\\") >= host,
			    "nothing of a url is left behind its host");
	}
}

void fuzz_field(struct text input)
{
	char *name = string_of(input);
	size_t len = strlen(name);
	struct text value = {.at = name + len, .len = 0};

	if (len < input.len)
		value = (struct text){.at = name + len + 1,
				      .len = input.len - len - 1};
	spell(name, value);
	scrub(name);
	free(name);
}

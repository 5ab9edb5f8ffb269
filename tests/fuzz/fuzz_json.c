/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_json.c - the promises of worker/json.h. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "worker/json.h"

/* Looks at every value, and asks each for what it is not, too. */
static void walk(const struct json *json, unsigned depth)
{
	fuzz_expect(depth <= 32, "nothing is nested deeper than 32");
	fuzz_expect((json_kind(json) == JSON_STRING) ==
			    (json_string(json) != NULL),
		    "strings, and they alone, have a string");
	(void)json_integer(json, -1);
	(void)json_truth(json, false);
	for (size_t i = 0; i < json_count(json); i++) {
		struct json *value = json_at(json, i);
		const char *key = json_member(json, i, &value);

		if (key != NULL)
			fuzz_expect(json_get(json, key) == value,
				    "a member is found by its key");
		walk(value, depth + 1);
	}
}

/* Whatever the bytes are, what is made of them is JSON. */
static void print_text(struct text input)
{
	struct json *made = json_of_text(input);
	struct json *read = json_parse(json_line(made));

	fuzz_expect(json_string(read) != NULL, "any text is printed as JSON");
	fuzz_expect(text_eq(json_line(made), json_line(read)),
		    "a text is read as it was printed");
	json_free(read);
	json_free(made);
}

void fuzz_json(struct text input)
{
	struct json *json = json_parse(input);

	print_text(input);
	if (json == NULL)
		return;
	walk(json, 1);
	struct json *again = json_parse(json_line(json));

	/* The value null is NULL too. */
	fuzz_expect(again != NULL, "what was read is printed as JSON");
	fuzz_expect(text_eq(json_line(json), json_line(again)),
		    "what was read is read again as it was");
	json_free(again);
	json_free(json);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * understand_unread.c - FHIR R4: successes that leave it open what was done.
 *
 * A 2xx to a batch is no word about its entries, and one with an
 * OperationOutcome none about what that says. Where these cannot be read, since
 * the answer is longer than response_limit, nested too deeply or broken, they
 * may have failed; to call it done could lose the message.
 */
#include <string.h>

#include "worker/understand_parts.h"
#include "worker/utf8.h"

static struct text without_blanks(struct text text)
{
	while (text.len > 0 && memchr(" \t\r\n", text.at[0], 4) != NULL) {
		text.at++;
		text.len--;
	}
	return text;
}

/* Cuts `word` off the start, and blanks before it. False if it is not there. */
static bool cut(struct text *text, const char *word)
{
	*text = without_blanks(*text);
	if (!text_starts(*text, word))
		return false;
	text->at += strlen(word);
	text->len -= strlen(word);
	return true;
}

/* True if the first resourceType in the text, which is that of the whole as
   servers write it, is of that name. */
static bool begins_as_outcome(struct text text)
{
	while (text.len > 0) {
		const char *quote = memchr(text.at, '"', text.len);

		if (quote == NULL)
			return false;
		text.len -= (size_t)(quote - text.at);
		text.at = quote;
		if (!cut(&text, "\"resourceType\"")) {
			text.at++;
			text.len--;
		} else if (cut(&text, ":")) {
			return cut(&text, "\"OperationOutcome\"");
		}
	}
	return false;
}

size_t understand_batch_entries(struct text sent)
{
	struct json *bundle = json_parse(utf8_unmarked(sent));
	size_t count = 0;

	if (text_is(text_of(json_string(json_get(bundle, "resourceType"))),
		    "Bundle") &&
	    text_is(text_of(json_string(json_get(bundle, "type"))), "batch"))
		count = json_count(json_get(bundle, "entry"));
	json_free(bundle);
	return count;
}

struct understanding understand_unread(const struct understand_input *input)
{
	struct text body = utf8_unmarked(input->body);

	if (!json_begins(body) || (!begins_as_outcome(body) &&
				   understand_batch_entries(input->sent) == 0))
		return (struct understanding){.sense = SENSE_NONE};
	return (struct understanding){
		.sense = SENSE_AMBIGUOUS,
		.error = "fhir-unread",
		.detail = TEXT("a success whose body cannot be read: cut at "
			       "response_limit, nested too deeply or broken"),
	};
}

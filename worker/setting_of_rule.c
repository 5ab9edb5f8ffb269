/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_of_rule.c - the settings of rules about answers.
 */
#include "worker/config_draft.h"
#include "worker/setting_rows.h"

static const struct setting rows[] = {
	{SCOPE_SUCCESS, SETTING_CHOICE, "means",
	 IN(struct success_draft, rule.meaning), .required = true,
	 .choices = "done|already-done|failed",
	 .example = "means = \"already-done\"; status = 409;",
	 .help = "done: the downstream has it. already-done: it had it from "
		 "an earlier call, which the log says. failed: whatever the "
		 "status says, it has not."},
	{SCOPE_SUCCESS, SETTING_TEXT, "error",
	 IN(struct success_draft, rule.error),
	 .otherwise = "what the answer is understood as, or else the "
		      "built-in name for its status",
	 .example = "means = \"failed\"; error = \"login-page\"; content_type "
		    "= \"text/html\";",
	 .help = "For failed: what the error is called. An error rule of the "
		 "policy finds it by understood."},
	{SCOPE_SUCCESS, SETTING_OPTION, "class",
	 IN(struct success_draft, class),
	 .choices = "transient|permanent|ambiguous",
	 .otherwise = "as the answer is understood, or else as built in",
	 .example = "means = \"failed\"; class = \"permanent\"; content_type = "
		    "\"text/html\";",
	 .help = "For failed: what it is where no error rule of the policy "
		 "says otherwise."},
	{SCOPE_SUCCESS, SETTING_STATUSES, "status",
	 IN(struct success_draft, rule.when),
	 .example = "means = \"already-done\"; status = [ \"409\", \"412\" ];",
	 .help = "The HTTP statuses that it is for, successes too: \"200\", "
		 "\"2xx\", \"409\"; at most 32."},
	{SCOPE_SUCCESS, SETTING_MATCH, "understood",
	 .choices = "a name, or a list of names",
	 .example =
		 "means = \"already-done\"; understood = \"fhir-duplicate\";",
	 .help = "Names that the downstream's \"understand\" gives the "
		 "answer."},
	{SCOPE_SUCCESS, SETTING_MATCH, "header",
	 .choices = "a group, or a list of groups",
	 .example = "means = \"done\"; header = { name = \"X-Stored\"; equals "
		    "= \"yes\"; };",
	 .help = "What header fields of the response are."},
	{SCOPE_SUCCESS, SETTING_MATCH, "pointer",
	 .choices = "a group, or a list of groups",
	 .example = "means = \"failed\"; status = \"2xx\"; pointer = { at = "
		    "\"/status\"; equals = \"error\"; };",
	 .help = "What places in a JSON body hold."},
	{SCOPE_SUCCESS, SETTING_MATCH, "text",
	 .choices = "a regular expression",
	 .example = "means = \"failed\"; text = \"(?i)queue is full\";",
	 .help = "What is found somewhere in the body, as far as it is kept "
		 "(response_limit)."},
	{SCOPE_SUCCESS, SETTING_MATCH, "content_type",
	 .choices = "a content type, or a list of them, such as "
		    "\"application/json\" or \"text/*\"",
	 .example = "means = \"done\"; status = 500; content_type = [ "
		    "\"application/json\", \"text/*\" ];",
	 .help = "What the Content-Type is, parameters aside."},
	{SCOPE_HEADER, SETTING_TEXT, "name", IN(struct test_draft, place),
	 .required = true, .example = "name = \"Location\"; exists = true;",
	 .help = "The field, in any case. Several of the same name are one, "
		 "joined with \", \" (RFC 9110, section 5.3), of which the "
		 "first 8 KiB are kept."},
	{SCOPE_HEADER, SETTING_MATCH, "equals", .choices = "a text",
	 .example = "name = \"X-Stored\"; equals = \"yes\";",
	 .help = "It is there, and just this."},
	{SCOPE_HEADER, SETTING_MATCH, "in", .choices = "a list of texts",
	 .example = "name = \"Server\"; in = [ \"proxy\", \"gateway\" ];",
	 .help = "It is there, and one of these."},
	{SCOPE_HEADER, SETTING_MAYBE, "exists", IN(struct test_draft, exists),
	 .example = "name = \"X-Request-Id\"; exists = false;",
	 .help = "It is there, or it is not."},
	{SCOPE_HEADER, SETTING_TEXT, "regex", IN(struct test_draft, regex),
	 .example = "name = \"Location\"; regex = \"/Observation/\\\\d+\";",
	 .help = "It is there, and this is found in it."},
	{SCOPE_POINTER, SETTING_TEXT, "at", IN(struct test_draft, place),
	 .required = true, .example = "at = \"/issue/0/code\"; exists = true;",
	 .help = "The place, as a JSON pointer (RFC 6901): "
		 "\"/issue/0/code\"."},
	{SCOPE_POINTER, SETTING_MATCH, "equals",
	 .choices = "a text, a number, true or false",
	 .example = "at = \"/stored\"; equals = true;",
	 .help = "It holds just this: a text is a string there, a number a "
		 "number."},
	{SCOPE_POINTER, SETTING_MATCH, "in",
	 .choices = "a list of texts, numbers, true and false",
	 .example = "at = \"/code\"; in = ( \"duplicate\", 409 );",
	 .help = "It holds one of these."},
	{SCOPE_POINTER, SETTING_MAYBE, "exists", IN(struct test_draft, exists),
	 .example = "at = \"/final\"; exists = false;",
	 .help = "There is such a place, whatever it holds, null too; or there "
		 "is not, or the body is no JSON."},
	{SCOPE_POINTER, SETTING_MAYBE, "is_null",
	 IN(struct test_draft, is_null),
	 .example = "at = \"/error\"; is_null = true;",
	 .help = "It holds null; or it holds something else."},
	{SCOPE_POINTER, SETTING_TEXT, "regex", IN(struct test_draft, regex),
	 .example = "at = \"/version\"; regex = \"^[0-9]+$\";",
	 .help = "It holds a string in which this is found, or a number, as it "
		 "is written."},
};

const struct setting_rows setting_of_rule = ALL_OF(rows);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_reference.c - prints docs/configuration.md from the table.
 */
#include "worker/setting_print.h"

#include <string.h>

static const char intro[] =
	"# Configuration\n"
	"\n"
	"<!-- Made by `rebound check --reference`; a test compares the two. "
	"-->\n"
	"\n"
	"The smallest file that works:\n"
	"\n"
	"    pipelines = { lab-results = { deliver_to = [ "
	"\"http://localhost:8081/\" ]; }; };\n"
	"\n"
	"`etc/rebound.cfg` is a sample with comments and an example of every "
	"setting. `rebound check -c FILE`\n"
	"says whether a file is right, and `rebound check -c FILE --print` "
	"prints it with all defaults.\n"
	"\n"
	"## How it is written\n"
	"\n"
	"The syntax is libconfig's: `name = value;`, groups in `{ }`, lists in "
	"`( )` or `[ ]`, comments\n"
	"from `#` or `//` to the end of the line, or between `/*` and `*/`. "
	"`[ ]` holds values of one\n"
	"kind only, and `( )` anything. A name has no dots: "
	"`downstreams.ehr.timeout` below stands for\n"
	"`downstreams = { ehr = { timeout = \"5s\"; }; };`. An example "
	"is what may stand inside\n"
	"the braces of its section.\n"
	"\n"
	"- **Durations** are texts with units, the largest first: `\"250ms\"`, "
	"`\"5s\"`, `\"1h30m\"`, `\"7d\"`.\n"
	"- **Sizes** are `\"64KiB\"`, `\"16MiB\"`, `\"1MB\"`, or bytes as a "
	"number.\n"
	"- A single value stands for a list of one, and a number may be "
	"written as a text.\n"
	"- **Environment:** a setting with one value has a twin with `_env` "
	"behind its name, which names\n"
	"  an environment variable: `url_env = \"EHR_URL\";`. The variable "
	"must be set and not empty.\n"
	"- **Secrets** have a twin with `_file` too, which names a file, "
	"relative to the folder of the\n"
	"  file that says so; one line end at its end is cut off. Only one of "
	"the three may be given.\n"
	"- **Includes:** `@include \"file\"`, alone on its line, puts another "
	"file in: a regular file,\n"
	"  relative to the folder of the file that names it, at most 10 "
	"deep.\n"
	"- Names of pipelines, downstreams, policies and errors are small "
	"letters, digits, `-` and `_`,\n"
	"  begin with a letter, and are at most 64 long; `audit` and `pool` "
	"are taken.\n"
	"\n"
	"Whatever is wrong is said all at once, with file and line, and "
	"nothing is done: the exit code\n"
	"is 78. Of a syntax error only the first is found.\n";

static const struct {
	enum setting_scope scope;
	const char *title;
	const char *text;
} sections[] = {
	{SCOPE_TOP, "The file", ""},
	{SCOPE_BROKER, "broker", ""},
	{SCOPE_LOGIN, "broker.admin, broker.operator, broker.publisher",
	 "All take the same settings."},
	{SCOPE_AUDIT, "audit",
	 "[The audit trail](audit.md) says what is done with it."},
	{SCOPE_DOWNSTREAM, "downstreams.NAME",
	 "A downstream takes the settings of [all levels]"
	 "(#settings-of-all-levels) too.\n"
	 "\n"
	 "Of `headers`, a value of a twin, and that of any name with "
	 "authorization, cookie, key, token\n"
	 "or secret in it, is never printed. Names that rebound sets itself "
	 "are refused. `map_headers`\n"
	 "takes `property:` with one of content-type, content-encoding, "
	 "correlation-id, reply-to,\n"
	 "expiration, message-id, type, user-id, app-id, cluster-id, "
	 "timestamp, priority; and `header:`\n"
	 "with the name of any message header."},
	{SCOPE_AUTH, "downstreams.NAME.auth",
	 "A secret from a file is read again when the file changes, which is "
	 "looked for with a call, at most\n"
	 "once a second; and when the service answers 401 or 403. If it has "
	 "changed, that call is made once\n"
	 "more before its answer counts. While the file cannot be used, the "
	 "secret stays what it was."},
	{SCOPE_BASIC, "downstreams.NAME.auth.basic", ""},
	{SCOPE_AUTH_HEADER, "downstreams.NAME.auth.header", ""},
	{SCOPE_SUCCESS, "downstreams.NAME.success",
	 "A list of groups. A rule holds for a complete answer if all that it "
	 "asks for does; it asks for\n"
	 "something. Regular expressions are Perl's (PCRE2): `(?i)` before one "
	 "lets case not count, and `(?m)`\n"
	 "makes `^` and `$` the ends of a line. A backslash is written twice."},
	{SCOPE_UNDERSTAND, "downstreams.NAME.understand",
	 "The group says more than the word: `understand = { format = "
	 "\"fhir\"; done = [ \"duplicate\" ]; };`.\n"
	 "What the lists say of a code counts before what its format does; "
	 "upper and lower case are the same.\n"
	 "An issue type of FHIR stands for those below it in their tree too."},
	{SCOPE_BREAKER, "downstreams.NAME.breaker",
	 "[Downstream health](health.md) draws its states, and says why each "
	 "default is what it is."},
	{SCOPE_HEALTH, "downstreams.NAME.health", ""},
	{SCOPE_HOLD, "downstreams.NAME.hold",
	 "A list of groups. Days and times are UTC."},
	{SCOPE_PIPELINE, "pipelines.NAME", ""},
	{SCOPE_SOURCE, "pipelines.NAME.source", ""},
	{SCOPE_POLICY, "policies.NAME",
	 "A policy takes the settings below, and those of [all levels]"
	 "(#settings-of-all-levels). See\n"
	 "[policies](policies.md) for what they do together."},
	{SCOPE_ERROR, "policies.NAME.errors",
	 "A list of groups. An error matches if one of its statuses or "
	 "transports does, where it has any, and\n"
	 "all else that it asks for; it asks for something. It takes the "
	 "settings of "
	 "[all levels](#settings-of-all-levels) too.\n"
	 "Behind the last of them stand the [built-in rules]"
	 "(errors.md#built-in-rules), which `rebound explain\n"
	 "--defaults` prints."},
	{SCOPE_TYPE, "policies.NAME.types",
	 "A list of groups. A message type takes the settings of "
	 "[all levels](#settings-of-all-levels) too."},
	{SCOPE_TYPE_ERROR, "policies.NAME.types.errors",
	 "A list of groups: what holds for one error of such messages. It "
	 "takes the settings of\n"
	 "[all levels](#settings-of-all-levels) too."},
	{SCOPE_TUNING, "Settings of all levels",
	 "These can stand in an error of a message type, in an error, in the "
	 "group `ambiguous`, in a message\n"
	 "type, in a downstream and in a policy. The first of these that sets "
	 "one counts, each setting by\n"
	 "itself; then the default. Nothing takes a minimum."},
	{SCOPE_QUICK, "quick", ""},
	{SCOPE_SCHEDULE, "schedule",
	 "A setting that the kind has no use for is refused."},
	{SCOPE_HEADER, "header",
	 "Of an error or a success rule: one group, or a list of groups that "
	 "all must hold. Each makes one test."},
	{SCOPE_POINTER, "pointer",
	 "Of an error or a success rule: one group, or a list of groups that "
	 "all must hold. Each makes one test.\n"
	 "A body that is no JSON, is nested deeper than 32, or was cut at "
	 "`response_limit` has no places."},
};

static bool is_bare(const struct setting *setting)
{
	return setting->kind == SETTING_BOOL ||
	       setting->kind == SETTING_MAYBE ||
	       setting->kind == SETTING_COUNT ||
	       setting->kind == SETTING_FACTOR;
}

static void print_default(const struct setting *setting, FILE *to)
{
	const char *quote = is_bare(setting) ? "" : "\"";

	if (setting->fallback != NULL)
		fprintf(to, " Default: `%s%s%s`.", quote, setting->fallback,
			quote);
	else if (setting->otherwise != NULL)
		fprintf(to, " Default: %s.", setting->otherwise);
	else if (setting->required)
		fputs(" Required.", to);
}

static void print_setting(const struct setting *setting, FILE *to)
{
	struct arena arena;

	arena_init(&arena);
	fprintf(to, "- **`%s`**: %s. %s", setting->name,
		setting_expected(&arena, setting), setting->help);
	print_default(setting, to);
	if (setting->kind == SETTING_SECRET)
		fprintf(to, " Twins: `%s_file`, `%s_env`.", setting->name,
			setting->name);
	fprintf(to, " Example: `%s`\n", setting->example);
	arena_fini(&arena);
}

static void print_later(enum setting_scope scope, FILE *to)
{
	const struct setting *row;
	const char *before = "\nNot supported by this version: ";
	bool any = false;

	for (size_t i = 0; (row = setting_at(i)) != NULL; i++) {
		if (row->scope != scope || row->kind != SETTING_LATER)
			continue;
		fprintf(to, "%s`%s`", before, row->name);
		before = ", ";
		any = true;
	}
	fputs(any ? ".\n" : "", to);
}

void setting_print_reference(FILE *to)
{
	const struct setting *row;

	fputs(intro, to);
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		fprintf(to, "\n## %s\n\n", sections[i].title);
		if (*sections[i].text != '\0')
			fprintf(to, "%s\n\n", sections[i].text);
		for (size_t k = 0; (row = setting_at(k)) != NULL; k++)
			if (row->scope == sections[i].scope &&
			    row->kind != SETTING_LATER)
				print_setting(row, to);
		print_later(sections[i].scope, to);
	}
}

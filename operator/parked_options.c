/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/parked_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "operator/commands.h"
#include "policy/duration.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char help[] =
	"rebound parked shows what waits for a person, and why.\n"
	"\n"
	"Usage: rebound parked list  [-c FILE] [-p PIPELINE] [OPTION]...\n"
	"       rebound parked count [-c FILE] [-p PIPELINE] [OPTION]...\n"
	"       rebound parked show  [-c FILE] [-p PIPELINE] [OPTION]... ID\n"
	"\n"
	"  -c, --config FILE      the configuration\n"
	"  -p, --pipeline P       the pipeline; not needed if there is one\n"
	"  -h, --help             print this\n"
	"\n"
	"Which messages (all that is asked must hold):\n"
	"      --id ID            this id; ID@INSTANT, as list prints the\n"
	"                         instant, tells apart those that share one\n"
	"      --type TYPE        message type\n"
	"      --reason REASON    why it is parked, or the policy's word for "
	"it\n"
	"      --error ERROR      error type of the last call\n"
	"      --downstream D     the downstream that ended it\n"
	"      --older-than T     parked for longer than T (2h, 7d)\n"
	"      --newer-than T     parked for no longer than T\n"
	"      --where NAME=VALUE a header has this value; up to 8 times\n"
	"\n"
	"How:\n"
	"      --limit N          list: no more than N\n"
	"      --newest           list: the newest first; the last 1000 if no\n"
	"                         limit is set, which is 10000 at most\n"
	"      --by COLUMNS       count: by these, of type, reason, error,\n"
	"                         class and downstream, with commas between\n"
	"                         them; default: reason,error,downstream\n"
	"      --body             show: the body alone; on a terminal only if\n"
	"                         it is JSON\n"
	"      --json             JSON, a line for each message or group\n"
	"\n"
	"It reads the parking queue (DLQ) and changes nothing: all messages "
	"go\n"
	"back to where they were, in their order, when it ends, or is killed.\n"
	"Until then nobody else gets them. The login is broker.operator, or\n"
	"else the workers'.\n"
	"\n"
	"Exit codes: 0 done, 64 wrong usage, 66 no such message, 69 the "
	"broker\n"
	"is out of reach, 75 others held some of the messages, which are\n"
	"missing, 77 the broker refuses the credentials or a right is "
	"missing,\n"
	"78 the configuration is wrong or does not fit the broker, 130 Ctrl-C\n"
	"came first (143: SIGTERM).\n";

static const char *const columns[] = {
	[PARKED_BY_TYPE] = "type",
	[PARKED_BY_REASON] = "reason",
	[PARKED_BY_ERROR] = "error",
	[PARKED_BY_CLASS] = "class",
	[PARKED_BY_DOWNSTREAM] = "downstream",
};

const char *parked_column_name(enum parked_column column)
{
	return columns[column];
}

static int take_column(struct parked_options *o, struct text name)
{
	for (size_t i = 0; i < COUNT(columns); i++) {
		if (!text_is(name, columns[i]))
			continue;
		for (size_t j = 0; j < o->by_count; j++)
			if (o->by[j] == (enum parked_column)i)
				return -1;
		o->by[o->by_count++] = (enum parked_column)i;
		return -1;
	}
	return command_usage("parked",
			     "--by takes type, reason, error, class and "
			     "downstream, with commas between them, not "
			     "\"%.*s\"",
			     (int)name.len, name.at);
}

static int take_columns(struct parked_options *o, const char *list)
{
	int code = -1;

	o->by_count = 0;
	for (;;) {
		size_t len = strcspn(list, ",");

		code = take_column(o, (struct text){.at = list, .len = len});
		if (code >= 0 || list[len] == '\0')
			return code;
		list += len + 1;
	}
}

static int take_limit(struct parked_options *o, const char *written)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(written, &end, 10);
	if (errno != 0 || *end != '\0' || value < 1 || value > UINT32_MAX)
		return command_usage("parked",
				     "--limit takes a number from 1 on, not "
				     "\"%s\"",
				     written);
	o->limit = (size_t)value;
	return -1;
}

static int take_age(millis *age, const char *name, const char *written)
{
	if (duration_parse(text_of(written), age) && *age > 0)
		return -1;
	return command_usage("parked",
			     "%s takes a duration (90s, 2h, 7d), not \"%s\"",
			     name, written);
}

static int take_where(struct parked_options *o, const char *written)
{
	if (parked_filter_where(&o->filter, written))
		return -1;
	return command_usage("parked",
			     "--where takes NAME=VALUE, up to %d times, not "
			     "\"%s\"",
			     PARKED_WHERE_MAX, written);
}

static int set(const char **option, const char *value)
{
	*option = value;
	return -1;
}

static int set_flag(bool *option)
{
	*option = true;
	return -1;
}

/* Flat: one case an option. -1: go on; else the exit code. */
static int take_option(struct parked_options *o, int option)
{
	switch (option) {
	case 'i':
		return set(&o->filter.id, optarg);
	case 't':
		return set(&o->filter.type, optarg);
	case 'r':
		return set(&o->filter.reason, optarg);
	case 'e':
		return set(&o->filter.error, optarg);
	case 'd':
		return set(&o->filter.downstream, optarg);
	case 'O':
		return take_age(&o->filter.older, "--older-than", optarg);
	case 'N':
		return take_age(&o->filter.newer, "--newer-than", optarg);
	case 'w':
		return take_where(o, optarg);
	case 'l':
		return take_limit(o, optarg);
	case 'n':
		return set_flag(&o->newest);
	case 'b':
		return take_columns(o, optarg);
	case 'B':
		return set_flag(&o->body);
	case 'j':
		return set_flag(&o->json);
	}
	return -1;
}

static int find_action(struct parked_options *o, const char *name)
{
	static const char *const names[] = {[PARKED_LIST] = "list",
					    [PARKED_COUNT] = "count",
					    [PARKED_SHOW] = "show"};

	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			o->action = (enum parked_action)i;
			return -1;
		}
	}
	return command_usage(
		"parked", "it can list, count and show, and not \"%s\"", name);
}

/* What has no meaning for the action is refused: it was meant. */
static int check_fit(struct parked_options *o)
{
	if ((o->limit != 0 || o->newest) && o->action != PARKED_LIST)
		return command_usage("parked",
				     "--limit and --newest go with list");
	if (o->by_count > 0 && o->action != PARKED_COUNT)
		return command_usage("parked", "--by goes with count");
	if (o->body && o->action != PARKED_SHOW)
		return command_usage("parked", "--body goes with show");
	if (o->body && o->json)
		return command_usage("parked", "say --body or --json");
	if (o->newest && o->limit > PARKED_NEWEST_MAX)
		return command_usage("parked",
				     "--newest goes with a --limit of %d at "
				     "most",
				     PARKED_NEWEST_MAX);
	return -1;
}

static int take_words(struct parked_options *o, char **words, size_t count)
{
	int code;

	if (count == 0)
		return command_usage("parked", "say list, count or show");
	code = find_action(o, words[0]);
	if (code >= 0)
		return code;
	if (o->action == PARKED_SHOW && count == 2 && o->filter.id == NULL) {
		o->filter.id = words[1];
		count--;
	}
	if (count > 1)
		return command_usage("parked", "\"%s\" is one word too many",
				     words[count - 1]);
	if (o->action == PARKED_SHOW && o->filter.id == NULL)
		return command_usage("parked", "say the id to show");
	return -1;
}

static void fill_in(struct parked_options *o)
{
	if (o->newest && o->limit == 0)
		o->limit = 1000;
	if (o->by_count > 0)
		return;
	o->by[o->by_count++] = PARKED_BY_REASON;
	o->by[o->by_count++] = PARKED_BY_ERROR;
	o->by[o->by_count++] = PARKED_BY_DOWNSTREAM;
}

int parked_options_parse(int argc, char **argv, struct parked_options *o)
{
	static const struct option longs[] = {
		COMMAND_OPTION_CONFIG,
		COMMAND_OPTION_PIPELINE,
		{"id", required_argument, NULL, 'i'},
		{"type", required_argument, NULL, 't'},
		{"reason", required_argument, NULL, 'r'},
		{"error", required_argument, NULL, 'e'},
		{"downstream", required_argument, NULL, 'd'},
		{"older-than", required_argument, NULL, 'O'},
		{"newer-than", required_argument, NULL, 'N'},
		{"where", required_argument, NULL, 'w'},
		{"limit", required_argument, NULL, 'l'},
		{"newest", no_argument, NULL, 'n'},
		{"by", required_argument, NULL, 'b'},
		{"body", no_argument, NULL, 'B'},
		{"json", no_argument, NULL, 'j'},
		COMMAND_OPTION_HELP,
		{NULL, 0, NULL, 0},
	};
	struct command_line line = {.command = "parked",
				    .help = help,
				    .shorts = ":c:p:h",
				    .longs = longs,
				    .argc = argc,
				    .argv = argv};
	int option;
	int code;

	while ((option = command_option(&line)) != 0) {
		code = take_option(o, option);
		if (code >= 0)
			return code;
	}
	if (line.has_ended)
		return line.code;
	o->file = line.file;
	o->pipeline = line.pipeline;
	code = take_words(o, argv + optind, (size_t)(argc - optind));
	if (code < 0)
		code = check_fit(o);
	if (code < 0)
		fill_in(o);
	return code;
}

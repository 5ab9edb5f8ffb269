/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.c - `rebound audit`: the trail is checked, and written out.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "operator/audit_reader.h"
#include "operator/commands.h"
#include "operator/stop.h"
#include "worker/audit.h"
#include "worker/audit_check.h"
#include "worker/deadline.h"
#include "worker/log_line.h"

#define LOGS_MAX 100

static const char help[] =
	"rebound audit checks the audit trail, and writes it out.\n"
	"\n"
	"Usage: rebound audit verify [-c FILE] [--heads LOG]... [--json]\n"
	"       rebound audit export [-c FILE] [--since T] [--until T]\n"
	"\n"
	"  verify   follows the chain of each writer from the oldest entry "
	"that "
	"is\n"
	"           there: lines that are missing, changed or out of order.\n"
	"  export   prints the entries, one JSON object a line, as they "
	"stand.\n"
	"\n"
	"Options:\n"
	"  -c, --config FILE  the configuration (see rebound --help)\n"
	"      --heads LOG    a log of workers: the heads in it must be in the "
	"trail,\n"
	"                     unless retention took them; may be repeated; - "
	"is "
	"\n"
	"                     standard input\n"
	"      --json         verify: an object for each finding, and one for "
	"the whole\n"
	"      --since T      entries from that RFC 3339 time on\n"
	"      --until T      entries before that time\n"
	"  -h, --help         this text\n"
	"\n"
	"Exit codes: 0 whole, 65 a chain is not, or a log cannot be read as "
	"one, 69 the\nbroker is out of reach, 77 a permission is missing, 78 "
	"the configuration is\nwrong, or there is no trail.\n";

struct order {
	const char *action;
	const char *file;
	const char *logs[LOGS_MAX];
	size_t log_count;
	bool json;
	millis since;
	millis until;
	bool has_since;
	bool has_until;
};

static int fail(const struct broker_problem *problem)
{
	fprintf(stderr, "rebound audit: %s\n", problem->text);
	return command_exit_code(problem->status);
}

static enum broker_status read_trail(struct audit_reader *reader,
				     const struct config *config,
				     struct broker_problem *problem)
{
	reader->shows_progress = isatty(STDERR_FILENO);
	stop_catch();
	return audit_read_all(reader, config, problem);
}

/* --- verify -------------------------------------------------------------- */

struct verifying {
	const struct order *order;
	struct audit_check *check;
	struct log_lines lines; /* JSON to print */
};

static void print_lines(struct log_lines *lines)
{
	fwrite(lines->bytes, 1, lines->len, stdout);
	lines->len = 0;
}

static void print_json(struct verifying *v, const struct audit_finding *f)
{
	log_line_begin(&v->lines);
	log_line_word(&v->lines, "finding", audit_flaw_name(f->flaw));
	if (f->chain.len > 0)
		log_line_text(&v->lines, "chain", f->chain);
	if (f->seq > 0)
		log_line_integer(&v->lines, "seq", (int64_t)f->seq);
	if (f->line > 0)
		log_line_integer(&v->lines, "line", (int64_t)f->line);
	if (f->missing > 0)
		log_line_integer(&v->lines, "missing", (int64_t)f->missing);
	log_line_end(&v->lines);
	print_lines(&v->lines);
}

static void print_words(const struct audit_finding *f)
{
	switch (f->flaw) {
	case AUDIT_FLAW_GAP:
		printf("%" PRIu64 " entries are missing before", f->missing);
		break;
	case AUDIT_FLAW_CHANGED:
		printf("not as it was written is the one before, or this:");
		break;
	case AUDIT_FLAW_ORDER:
		printf("out of its order, or changed, is");
		break;
	case AUDIT_FLAW_AFTER_END:
		printf("after the end of its chain comes");
		break;
	case AUDIT_FLAW_UNREADABLE:
		printf("no entry is line %" PRIu64 " of the trail\n", f->line);
		return;
	case AUDIT_FLAW_HEAD:
		printf("not the one that the log knows is");
		break;
	case AUDIT_FLAW_NO_HEAD:
		printf("in the log, and not in the trail, is");
		break;
	}
	printf(" entry %" PRIu64 " of chain %.*s", f->seq, (int)f->chain.len,
	       f->chain.at);
	if (f->line > 0)
		printf(", line %" PRIu64, f->line);
	printf("\n");
}

static void found(void *context, const struct audit_finding *finding)
{
	struct verifying *v = context;

	if (v->order->json)
		print_json(v, finding);
	else
		print_words(finding);
}

static bool check_line(void *context, struct text line)
{
	struct verifying *v = context;

	audit_check_line(v->check, line);
	return true;
}

/* False if it cannot be read, which was said. */
static bool read_heads(struct audit_check *check, const char *name)
{
	bool is_stdin = strcmp(name, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(name, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	if (file == NULL) {
		fprintf(stderr, "rebound audit: %s cannot be read: %s\n", name,
			strerror(errno));
		return false;
	}
	while ((len = getline(&line, &room, file)) >= 0)
		(void)audit_check_expect(
			check, (struct text){.at = line, .len = (size_t)len});
	free(line);
	if (!is_stdin)
		fclose(file);
	return true;
}

static void print_total_json(struct verifying *v,
			     const struct audit_totals *totals,
			     uint64_t foreign)
{
	struct log_lines *l = &v->lines;

	log_line_begin(l);
	log_line_integer(l, "entries", (int64_t)totals->lines);
	log_line_integer(l, "chains", (int64_t)totals->chains);
	log_line_integer(l, "twice", (int64_t)totals->again);
	log_line_integer(l, "without_beginning", (int64_t)totals->cut);
	log_line_integer(l, "without_end", (int64_t)totals->open);
	log_line_integer(l, "newer", (int64_t)totals->newer);
	log_line_integer(l, "heads", (int64_t)totals->heads);
	log_line_integer(l, "foreign", (int64_t)foreign);
	log_line_integer(l, "findings", (int64_t)(totals->flaws + foreign));
	log_line_end(l);
	print_lines(l);
}

static void print_total(const struct audit_totals *totals)
{
	printf("%" PRIu64 " entries in %" PRIu64 " chains", totals->lines,
	       totals->chains);
	if (totals->again > 0)
		printf(", %" PRIu64 " of them twice", totals->again);
	if (totals->cut > 0)
		printf("; %" PRIu64 " chains begin before what is kept",
		       totals->cut);
	if (totals->open > 0)
		printf("; %" PRIu64 " have no end: their writers live, or were "
		       "killed",
		       totals->open);
	if (totals->newer > 0)
		printf("; %" PRIu64 " entries are of a later version, of which "
		       "the place alone was checked",
		       totals->newer);
	if (totals->heads > 0)
		printf("; %" PRIu64 " heads of the log are as it says",
		       totals->heads);
	printf(totals->flaws == 0 ? ". Nothing is missing, changed or out of "
				    "order.\n"
				  : ". %" PRIu64 " findings.\n",
	       totals->flaws);
}

static int conclude(struct verifying *v, const struct audit_reader *reader)
{
	struct audit_totals totals;

	if (stop_signal() != 0)
		return stop_exit_code();
	totals = audit_check_end(v->check);
	if (v->order->json)
		print_total_json(v, &totals, reader->foreign_count);
	else
		print_total(&totals);
	if (reader->foreign_count > 0)
		fprintf(stderr, "rebound audit: in %" PRIu64 " messages %s.\n",
			reader->foreign_count, reader->foreign);
	return totals.flaws == 0 && reader->foreign_count == 0 ? EX_OK
							       : EX_DATAERR;
}

static int verify(const struct order *order, const struct config *config)
{
	struct verifying v = {.order = order};
	struct audit_reader reader = {.take = check_line, .context = &v};
	struct broker_problem problem;
	int code = EX_NOINPUT;
	bool can = true;

	v.check = audit_check_new(found, &v);
	for (size_t i = 0; i < order->log_count && can; i++)
		can = read_heads(v.check, order->logs[i]);
	if (can)
		code = read_trail(&reader, config, &problem) == BROKER_OK
			       ? conclude(&v, &reader)
			       : fail(&problem);
	audit_check_free(v.check);
	log_lines_fini(&v.lines);
	return code;
}

/* --- export -------------------------------------------------------------- */

static bool is_wanted(const struct order *order, struct text text)
{
	struct audit_line line;
	bool is_read;
	millis at;

	if (!order->has_since && !order->has_until)
		return true;
	is_read = audit_read(text, &line) == AUDIT_READ_OK;
	at = line.entry.at_wall;

	audit_line_fini(&line);
	/* What cannot be read has no time, and is not kept from anybody. */
	return !is_read || ((!order->has_since || at >= order->since) &&
			    (!order->has_until || at < order->until));
}

static bool print_line(void *context, struct text line)
{
	const struct order *order = context;

	if (is_wanted(order, line))
		printf("%.*s\n", (int)line.len, line.at);
	return !ferror(stdout);
}

static int export_all(struct order *order, const struct config *config)
{
	struct audit_reader reader = {.take = print_line, .context = order};
	struct broker_problem problem;

	if (read_trail(&reader, config, &problem) != BROKER_OK)
		return fail(&problem);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "rebound audit: the entries cannot be "
				"written.\n");
		return EX_CANTCREAT;
	}
	return stop_signal() != 0 ? stop_exit_code() : EX_OK;
}

/* --- the command --------------------------------------------------------- */

/* -1: go on; else the exit code. */
static int take_instant(const char *option, const char *value, millis *time,
			bool *is_given)
{
	*is_given = true;
	if (deadline_parse(text_of(value), time))
		return -1;
	return command_usage("audit",
			     "%s takes a time such as 2026-11-24T09:00:00Z, "
			     "and not \"%s\"",
			     option, value);
}

static int take_option(struct order *order, int option)
{
	switch (option) {
	case 'H':
		if (order->log_count == LOGS_MAX)
			return command_usage("audit",
					     "--heads is given more than %d "
					     "times",
					     LOGS_MAX);
		order->logs[order->log_count++] = optarg;
		return -1;
	case 's':
		return take_instant("--since", optarg, &order->since,
				    &order->has_since);
	case 'u':
		return take_instant("--until", optarg, &order->until,
				    &order->has_until);
	default:
		order->json = true;
		return -1;
	}
}

static int check_order(const struct order *order, int argc, char **argv)
{
	bool is_verify;

	if (argc - optind != 1)
		return command_usage("audit", "say verify or export");
	is_verify = strcmp(argv[optind], "verify") == 0;
	if (!is_verify && strcmp(argv[optind], "export") != 0)
		return command_usage("audit",
				     "say verify or export, and not \"%s\"",
				     argv[optind]);
	if (is_verify && (order->has_since || order->has_until))
		return command_usage("audit", "verify looks at all there is: "
					      "--since and --until go with "
					      "export");
	if (!is_verify && (order->json || order->log_count > 0))
		return command_usage("audit",
				     "--json and --heads go with verify");
	return -1;
}

static int carry_out(struct order *order, const struct config *config)
{
	if (config->audit.record == AUDIT_OFF) {
		fprintf(stderr, "rebound audit: the configuration has no audit "
				"trail: audit.record is \"off\".\n");
		return EX_CONFIG;
	}
	if (config->audit.queue != AUDIT_STREAM) {
		fprintf(stderr, "rebound audit: the audit trail is in a quorum "
				"queue, from which reading would take. Only a "
				"stream can be read (audit.queue).\n");
		return EX_CONFIG;
	}
	return strcmp(order->action, "verify") == 0 ? verify(order, config)
						    : export_all(order, config);
}

int command_audit(int argc, char **argv)
{
	static const struct option longs[] = {
		COMMAND_OPTION_CONFIG,
		{"heads", required_argument, NULL, 'H'},
		{"json", no_argument, NULL, 'j'},
		{"since", required_argument, NULL, 's'},
		{"until", required_argument, NULL, 'u'},
		COMMAND_OPTION_HELP,
		{NULL, 0, NULL, 0},
	};
	struct command_line line = {.command = "audit",
				    .help = help,
				    .shorts = ":c:h",
				    .longs = longs,
				    .argc = argc,
				    .argv = argv};
	struct order order = {0};
	struct config *config;
	int option, code;

	while ((option = command_option(&line)) != 0) {
		code = take_option(&order, option);
		if (code >= 0)
			return code;
	}
	if (line.has_ended)
		return line.code;
	code = check_order(&order, argc, argv);
	if (code >= 0)
		return code;
	order.action = argv[optind];
	config = command_config(line.file);
	code = config == NULL ? EX_CONFIG : carry_out(&order, config);
	config_free(config);
	return code;
}

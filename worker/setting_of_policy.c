/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_of_policy.c - the settings of policies.
 */
#include "worker/config_draft.h"
#include "worker/setting_rows.h"

static const struct setting rows[] = {
	{SCOPE_POLICY, SETTING_OR_WORD, "ambiguous",
	 IN(struct policy, own.ambiguous), .otherwise = "retry",
	 .choices = "retry|park",
	 .example = "ambiguous = { schedule = { kind = \"fixed\"; first = "
		    "\"5m\"; }; max_attempts = 3; };",
	 .help = "What follows when the request was sent and no answer came, "
		 "so that it may have been carried out. A group stands for "
		 "\"retry\" with a schedule, limits and so on of its own."},
	{SCOPE_POLICY, SETTING_LIST, "errors",
	 .example = "errors = ( { name = \"schema\"; status = [ \"400\", "
		    "\"422\" ]; class = \"permanent\"; } );",
	 .help = "Rules that name errors and say what they are, tried in "
		 "order; behind them stand the built-in ones."},
	{SCOPE_POLICY, SETTING_LIST, "types",
	 .example = "types = ( { match = \"lab.result.critical\"; max_attempts "
		    "= 20; } );",
	 .help = "Settings for messages of some types; the most specific "
		 "match counts."},
	{SCOPE_ERROR, SETTING_TEXT, "name", IN(struct error_rule, name),
	 .required = true, .example = "name = \"maintenance\"; status = 503;",
	 .help = "What the error is called in headers, logs and metrics: "
		 "small letters, digits, \"-\" and \"_\"."},
	{SCOPE_ERROR, SETTING_STATUSES, "status", IN(struct error_rule, when),
	 .example = "status = [ \"429\", \"500-503\" ];",
	 .help = "The HTTP statuses that it stands for: \"429\", \"5xx\", "
		 "\"500-503\"; at most 32."},
	{SCOPE_ERROR, SETTING_TRANSPORTS, "transport",
	 IN(struct error_rule, when),
	 .choices =
		 "dns|connect|tls|timeout-before-send|timeout-after-send|reset-"
		 "before-send|reset-after-send|protocol|cut-response|header|"
		 "template",
	 .example = "transport = [ \"dns\", \"connect\" ];",
	 .help = "The ways a call can fail that it stands for."},
	{SCOPE_ERROR, SETTING_MATCH, "downstream",
	 .choices = "a name, or a list of names", .otherwise = "all",
	 .example = "status = 404; downstream = [ \"ehr\" ];",
	 .help = "The downstreams whose answers it is for."},
	{SCOPE_ERROR, SETTING_MATCH, "understood",
	 .choices = "a name, or a list of names",
	 .example = "understood = [ \"fhir-throttled\", \"fhir-lock-error\" ];",
	 .help = "Names that a success rule of the downstream, or its "
		 "\"understand\", gives the answer."},
	{SCOPE_ERROR, SETTING_MATCH, "header",
	 .choices = "a group, or a list of groups",
	 .example = "status = 401; header = { name = \"WWW-Authenticate\"; "
		    "regex = \"invalid_token\"; };",
	 .help = "What header fields of the response are."},
	{SCOPE_ERROR, SETTING_MATCH, "pointer",
	 .choices = "a group, or a list of groups",
	 .example = "status = 500; pointer = { at = \"/issue/0/code\"; in = [ "
		    "\"lock-error\", \"deadlock\" ]; };",
	 .help = "What places in a JSON body hold."},
	{SCOPE_ERROR, SETTING_MATCH, "text", .choices = "a regular expression",
	 .example =
		 "status = \"5xx\"; text = \"OutOfMemoryError|out of memory\";",
	 .help = "What is found somewhere in the body, as far as it is kept "
		 "(response_limit)."},
	{SCOPE_ERROR, SETTING_MATCH, "content_type",
	 .choices = "a content type, or a list of them, such as "
		    "\"application/json\" or \"text/*\"",
	 .example = "status = \"4xx\"; content_type = \"text/*\";",
	 .help = "What the Content-Type is, parameters aside."},
	{SCOPE_ERROR, SETTING_CHOICE, "class", IN(struct error_rule, class),
	 .fallback = "transient", .choices = "transient|permanent|ambiguous",
	 .example = "status = 401; class = \"transient\";",
	 .help = "transient: tried again. permanent: parked at once. "
		 "ambiguous: the policy says."},
	{SCOPE_ERROR, SETTING_MAYBE, "storm", IN(struct error_rule, storm),
	 .otherwise = "true",
	 .example = "status = 422; class = \"permanent\"; storm = false;",
	 .help = "Whether such permanent errors in a row are the downstream's "
		 "fault (see storm of a downstream). false: each is its "
		 "message's, as of a batch of bad data."},
	{SCOPE_TYPE, SETTING_TEXT, "match", IN(struct type_rule, match),
	 .required = true,
	 .example = "match = \"lab.*.critical\"; max_attempts = 20;",
	 .help = "The message types, which are the type property or else the "
		 "routing key: words between dots, \"*\" for one, \"#\" for "
		 "any "
		 "number."},
	{SCOPE_TYPE, SETTING_LIST, "errors",
	 .example = "match = \"lab.#\"; errors = ( { name = \"throttled\"; "
		    "max_attempts = 50; } );",
	 .help = "Settings for some errors of such messages."},
	{SCOPE_TYPE_ERROR, SETTING_TEXT, "name", IN(struct type_error, error),
	 .required = true,
	 .example = "name = \"throttled\"; max_attempts = 50;",
	 .help = "The error type: of a rule of this policy, built in, or named "
		 "by a downstream."},
	{SCOPE_TUNING, SETTING_GROUP, "schedule",
	 .otherwise = "exponential, from 2s by 3 to 30m",
	 .example = "schedule = { kind = \"linear\"; first = \"5s\"; max = "
		    "\"1m\"; };",
	 .help = "How long a message waits between two tries."},
	{SCOPE_TUNING, SETTING_COUNT, "max_attempts",
	 IN(struct tuning, max_attempts), .min = 1, .max = ATTEMPTS_MAX,
	 .otherwise = "8", .example = "max_attempts = 12;",
	 .help = "How many times a message is tried in all, the first time "
		 "included; then it is parked. 100000 leaves it to "
		 "give_up_after."},
	{SCOPE_TUNING, SETTING_FOREVER, "give_up_after",
	 IN(struct tuning, give_up_after), .min = 1,
	 .max = 3650 * MILLIS_PER_DAY, .otherwise = "24h",
	 .example = "give_up_after = \"3d\";",
	 .help = "How old a message may become, counted from when a worker "
		 "first saw it; then it is parked."},
	{SCOPE_TUNING, SETTING_UNLESS_FALSE, "quick", .otherwise = "false",
	 .example = "quick = { tries = 2; within = \"1s\"; };",
	 .help = "Quick retries: a few more calls at once, while the message "
		 "is held, each time that it is taken from its queue. They "
		 "count as attempts, and leave the schedule where it is."},
	{SCOPE_TUNING, SETTING_OPTION, "ambiguous",
	 IN(struct tuning, ambiguous), .otherwise = "retry",
	 .choices = "retry|park", .example = "ambiguous = \"park\";",
	 .help = "What an ambiguous answer comes to: another try, which may "
		 "carry the request out twice, or parking."},
	{SCOPE_TUNING, SETTING_MAYBE, "honour_retry_after",
	 IN(struct tuning, honour), .otherwise = "true",
	 .example = "honour_retry_after = false;",
	 .help = "Wait as long as a Retry-After asks for, if the schedule "
		 "does not wait longer."},
	{SCOPE_TUNING, SETTING_DURATION, "retry_after_floor",
	 IN(struct tuning, retry_after_floor), .min = 1,
	 .max = 7 * MILLIS_PER_DAY, .otherwise = "none",
	 .example = "retry_after_floor = \"5s\";",
	 .help = "The shortest wait that a Retry-After gives."},
	{SCOPE_TUNING, SETTING_DURATION, "retry_after_ceiling",
	 IN(struct tuning, retry_after_ceiling), .min = MILLIS_PER_SECOND,
	 .max = 7 * MILLIS_PER_DAY, .otherwise = "1h",
	 .example = "retry_after_ceiling = \"2h\";",
	 .help = "The longest wait that a Retry-After gives, before it is "
		 "rounded up, by an eighth or a second at most, to what the "
		 "delay queues can wait."},
	{SCOPE_TUNING, SETTING_TEXT, "park_as", IN(struct tuning, park_as),
	 .example = "park_as = \"interface-team\";",
	 .help = "A word of yours for messages that are parked so, beside the "
		 "reason: in the header rebound-parked-as, and in the log. "
		 "Small letters, digits, \"-\" and \"_\"."},
	{SCOPE_TUNING, SETTING_MAYBE, "count_hold",
	 IN(struct tuning, count_hold), .otherwise = "false",
	 .example = "count_hold = true;",
	 .help = "Count the time that a message was held, since its downstream "
		 "was not called, towards give_up_after. Its own deadline "
		 "counts in any case."},
	{SCOPE_QUICK, SETTING_COUNT, "tries", IN(struct quick, tries), .min = 1,
	 .max = QUICK_TRIES_MAX, .required = true,
	 .example = "tries = 3; within = \"2s\";",
	 .help = "How many more calls are made."},
	{SCOPE_QUICK, SETTING_DURATION, "within", IN(struct quick, within),
	 .min = 1, .max = QUICK_WITHIN_MAX, .required = true,
	 .example = "tries = 2; within = \"500ms\";",
	 .help = "The time for them, from the first failure on. The waits "
		 "between them double and fill it."},
	{SCOPE_SCHEDULE, SETTING_CHOICE, "kind", IN(struct schedule, kind),
	 .fallback = "exponential",
	 .choices = "exponential|linear|fixed|custom",
	 .example = "kind = \"fixed\"; first = \"1m\";",
	 .help = "exponential: first, then times factor, up to max. linear: "
		 "first, then plus step, up to max. fixed: first, always. "
		 "custom: the list of delays."},
	{SCOPE_SCHEDULE, SETTING_DURATION, "first", IN(struct schedule, first),
	 .min = 1, .max = SCHEDULE_DELAY_MAX, .fallback = "2s",
	 .example = "first = \"10s\";",
	 .help = "The first wait. Not for custom."},
	{SCOPE_SCHEDULE, SETTING_FACTOR, "factor", IN(struct schedule, factor),
	 .min = 1, .max = 100, .fallback = "3",
	 .example = "kind = \"exponential\"; factor = 1.5;",
	 .help = "How many times longer each wait is than the one before. "
		 "For exponential."},
	{SCOPE_SCHEDULE, SETTING_DURATION, "step", IN(struct schedule, step),
	 .min = 0, .max = SCHEDULE_DELAY_MAX, .otherwise = "as long as first",
	 .example = "kind = \"linear\"; first = \"5s\"; step = \"10s\";",
	 .help = "How much longer each wait is than the one before. For "
		 "linear."},
	{SCOPE_SCHEDULE, SETTING_DURATION, "max", IN(struct schedule, max),
	 .min = 1, .max = SCHEDULE_DELAY_MAX,
	 .otherwise = "\"30m\", or first if that is longer",
	 .example = "kind = \"exponential\"; max = \"1h\";",
	 .help = "The longest wait. For exponential and linear."},
	{SCOPE_SCHEDULE, SETTING_DURATIONS, "delays",
	 IN(struct schedule, delays),
	 .example = "kind = \"custom\"; delays = [ \"10s\", \"1m\", \"10m\" ];",
	 .help = "The waits, one after the other, at most 64. For custom."},
	{SCOPE_SCHEDULE, SETTING_FLAG, "then", IN(struct schedule, then_park),
	 .fallback = "repeat", .choices = "repeat|park",
	 .example = "kind = \"custom\"; delays = [ \"10s\", \"1m\" ]; then = "
		    "\"park\";",
	 .help = "What follows the last of the delays: the last again, or "
		 "parking. For custom."},
	{SCOPE_SCHEDULE, SETTING_PERCENT, "jitter",
	 IN(struct schedule, jitter_pct), .min = 0, .max = 100,
	 .fallback = "0%",
	 .example = "kind = \"fixed\"; first = \"1m\"; jitter = \"50%\";",
	 .help = "How much shorter a wait may be, by chance, so that "
		 "messages do not all come back at once: \"none\", a share, "
		 "or \"full\", which is \"100%\". Each wait makes three delay "
		 "queues with it."},
};

const struct setting_rows setting_of_policy = ALL_OF(rows);

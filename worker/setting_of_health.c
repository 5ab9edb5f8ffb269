/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_of_health.c - the settings of downstreams that say when one counts as
 * healthy, and how much it is asked to do.
 */
#include "worker/config_draft.h"
#include "worker/setting_rows.h"

static const struct setting rows[] = {
	{SCOPE_DOWNSTREAM, SETTING_TEXT, "rate",
	 IN(struct downstream_config, health.rate_written),
	 .otherwise = "no limit", .example = "rate = \"200/s\";",
	 .help = "How many calls one worker begins in a second, a minute or an "
		 "hour: \"200/s\", \"30/m\", \"1000/h\"."},
	{SCOPE_DOWNSTREAM, SETTING_COUNT, "burst",
	 IN(struct downstream_config, health.burst), .min = 1,
	 .max = BUCKET_BURST_MAX,
	 .otherwise = "what the rate gives in a second",
	 .example = "rate = \"30/m\"; burst = 10;",
	 .help = "How many calls may begin at once after a pause, within the "
		 "rate."},
	{SCOPE_DOWNSTREAM, SETTING_UNLESS_FALSE, "breaker",
	 .otherwise = "as below",
	 .example = "breaker = { consecutive = 5; open = \"2s\"; };",
	 .help = "When failures stop the calls for a while, and how they begin "
		 "again. false: they never do."},
	{SCOPE_DOWNSTREAM, SETTING_COUNT, "storm",
	 IN(struct downstream_config, health.breaker.storm), .min = 0,
	 .max = BREAKER_STORM_MAX, .fallback = "20", .example = "storm = 50;",
	 .help = "So many permanent errors of one error type, of different "
		 "messages, with no success between, are the downstream's "
		 "fault (a credential that was changed, a wrong url): it is "
		 "held like one with an open breaker, and no more are parked. "
		 "0: each is its message's fault. An error rule can be left "
		 "out of it."},
	{SCOPE_DOWNSTREAM, SETTING_GROUP, "health",
	 .example = "health = { url = \"http://localhost:8081/health\"; };",
	 .help = "A request that tells whether it is healthy, asked while its "
		 "breaker is open: an answer as expected lets calls through "
		 "before its time."},
	{SCOPE_DOWNSTREAM, SETTING_LIST, "hold",
	 .example = "hold = ( { days = [ \"sat\" ]; from = \"22:00\"; until = "
		    "\"04:00\"; reason = \"upgrade\"; } );",
	 .help = "Planned windows in which nothing is delivered to it: what "
		 "comes waits in its queues, and no attempt is counted."},
	{SCOPE_BREAKER, SETTING_DURATION, "window",
	 IN(struct breaker_rules, window), .min = MILLIS_PER_SECOND,
	 .max = MILLIS_PER_HOUR, .fallback = "10s",
	 .example = "window = \"30s\";",
	 .help = "The time in which calls are counted for \"failures\"."},
	{SCOPE_BREAKER, SETTING_COUNT, "calls", IN(struct breaker_rules, calls),
	 .min = 1, .max = 100000, .fallback = "20", .example = "calls = 50;",
	 .help = "Fewer calls in the window do not open it, whatever their "
		 "share of failures."},
	{SCOPE_BREAKER, SETTING_PERCENT, "failures",
	 IN(struct breaker_rules, share_pct), .min = 1, .max = 100,
	 .fallback = "50%", .example = "failures = \"25%\";",
	 .help = "The share of the calls in the window that opens it when they "
		 "fail. Transient and ambiguous errors are failures; permanent "
		 "ones, which are one message's, do not count."},
	{SCOPE_BREAKER, SETTING_COUNT, "consecutive",
	 IN(struct breaker_rules, row), .min = 0, .max = 100000,
	 .fallback = "10", .example = "consecutive = 5;",
	 .help = "So many failures in a row open it, however far apart. 0: "
		 "the share alone does."},
	{SCOPE_BREAKER, SETTING_DURATION, "open",
	 IN(struct breaker_rules, open), .min = 1, .max = MILLIS_PER_DAY,
	 .fallback = "5s", .example = "open = \"2s\";",
	 .help = "How long it is open at first. With each reopening that no "
		 "success follows, twice as long."},
	{SCOPE_BREAKER, SETTING_DURATION, "open_max",
	 IN(struct breaker_rules, open_max), .min = 1, .max = MILLIS_PER_DAY,
	 .fallback = "1m", .example = "open_max = \"5m\";",
	 .help = "And no longer than this."},
	{SCOPE_BREAKER, SETTING_PERCENT, "jitter",
	 IN(struct breaker_rules, jitter_pct), .min = 0, .max = 100,
	 .fallback = "20%", .example = "jitter = \"10%\";",
	 .help = "The share of that time that is taken off at random, so that "
		 "a pool does not try in step."},
	{SCOPE_BREAKER, SETTING_COUNT, "probes",
	 IN(struct breaker_rules, probes), .min = 1, .max = BREAKER_PROBES_MAX,
	 .fallback = "1", .example = "probes = 3;",
	 .help = "How many calls each worker then lets through to see."},
	{SCOPE_BREAKER, SETTING_DURATION, "ramp",
	 IN(struct breaker_rules, ramp), .min = 1, .max = MILLIS_PER_HOUR,
	 .otherwise = "1, 2, 4, 8 ... calls at once, as they are answered",
	 .example = "ramp = \"30s\";",
	 .help = "How long it then takes until it is called as much as ever, "
		 "growing evenly. A failure takes it half way back."},
	{SCOPE_HEALTH, SETTING_TEXT, "url", IN(struct probe_config, url),
	 .required = true, .example = "url = \"http://localhost:8081/health\";",
	 .help = "What is asked: of the same host, with the same certificates "
		 "and credential."},
	{SCOPE_HEALTH, SETTING_WORD, "method", IN(struct probe_config, method),
	 .fallback = "GET", .choices = "GET|OPTIONS|POST",
	 .example = "url = \"http://localhost:8081/health\"; method = "
		    "\"OPTIONS\";",
	 .help = "The method of the request, which has no body."},
	{SCOPE_HEALTH, SETTING_DURATION, "interval",
	 IN(struct probe_config, interval), .min = 100, .max = MILLIS_PER_HOUR,
	 .fallback = "5s",
	 .example = "url = \"http://localhost:8081/health\"; interval = "
		    "\"1s\";",
	 .help = "How often each worker asks; up to a fifth more at random, so "
		 "that a pool does not ask in step."},
	{SCOPE_HEALTH, SETTING_DURATION, "timeout",
	 IN(struct probe_config, timeout), .min = 1, .max = MILLIS_PER_MINUTE,
	 .fallback = "2s",
	 .example = "url = \"http://localhost:8081/health\"; timeout = "
		    "\"1s\";",
	 .help = "How long it may take to answer; then it is not healthy."},
	{SCOPE_HEALTH, SETTING_STATUSES, "expect",
	 IN(struct probe_config, expect), .otherwise = "200 to 299",
	 .example = "url = \"http://localhost:8081/health\"; expect = [ 200, "
		    "404 ];",
	 .help = "The statuses of one that is healthy."},
	{SCOPE_HEALTH, SETTING_BOOL, "always", IN(struct probe_config, always),
	 .fallback = "false",
	 .example = "url = \"http://localhost:8081/health\"; always = true;",
	 .help = "Ask while the breaker is closed, too."},
	{SCOPE_HOLD, SETTING_TEXTS, "days", IN(struct hold_draft, days),
	 .otherwise = "every day",
	 .example = "days = [ \"sat\", \"sun\" ]; from = \"22:00\"; until = "
		    "\"04:00\";",
	 .help = "The days on which it begins: mon, tue, wed, thu, fri, sat, "
		 "sun."},
	{SCOPE_HOLD, SETTING_TEXT, "from", IN(struct hold_draft, from),
	 .required = true, .example = "from = \"22:00\"; until = \"04:00\";",
	 .help = "When it begins: a time of the day, in UTC, or once, such as "
		 "\"2026-12-01T22:00:00Z\"."},
	{SCOPE_HOLD, SETTING_TEXT, "until", IN(struct hold_draft, until),
	 .required = true,
	 .example = "from = \"2026-12-01T22:00:00Z\"; until = "
		    "\"2026-12-02T04:00:00Z\";",
	 .help = "When it ends, likewise; a time of the day that is not later "
		 "is the next day's."},
	{SCOPE_HOLD, SETTING_TEXT, "reason", IN(struct hold_draft, reason),
	 .example = "from = \"22:00\"; until = \"04:00\"; reason = "
		    "\"upgrade\";",
	 .help = "Why, for those who look."},
};

const struct setting_rows setting_of_health = ALL_OF(rows);

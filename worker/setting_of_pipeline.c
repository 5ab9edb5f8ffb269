/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_of_pipeline.c - the settings of pipelines.
 */
#include "policy/lanes.h"
#include "worker/config_draft.h"
#include "worker/setting_rows.h"

static const struct setting rows[] = {
	{SCOPE_PIPELINE, SETTING_GROUP, "source",
	 .example = "source = { exchange = \"clinical-events\"; keys = [ "
		    "\"lab.#\" ]; };",
	 .help = "Where the messages come from. Without it the pipeline has "
		 "an exchange of its own to publish to: its name on the "
		 "broker with .in behind it."},
	{SCOPE_PIPELINE, SETTING_TEXTS, "deliver_to",
	 IN(struct pipeline_draft, deliver_to), .required = true,
	 .example = "deliver_to = \"ehr\";",
	 .help = "The downstream that gets the messages, by name; or a url, "
		 "which makes a downstream named like the pipeline. Exactly "
		 "one in this version."},
	{SCOPE_PIPELINE, SETTING_TEXT, "policy",
	 IN(struct pipeline_draft, policy), .fallback = "built-in",
	 .example = "policy = \"careful\";",
	 .help = "The policy that decides about errors."},
	{SCOPE_PIPELINE, SETTING_COUNT, "prefetch",
	 IN(struct pipeline_draft, prefetch), .min = 1, .max = 65535,
	 .otherwise = "twice the downstream's concurrency",
	 .example = "prefetch = 16;",
	 .help = "How many messages one worker has in hand at once."},
	{SCOPE_PIPELINE, SETTING_COUNT, "priority",
	 IN(struct pipeline_draft, priority), .min = 0, .max = 9,
	 .fallback = "4", .example = "priority = 9;",
	 .help = "Whose calls come first where pipelines deliver to the same "
		 "downstream: the highest. A tenth of the places goes to the "
		 "others all the same."},
	{SCOPE_PIPELINE, SETTING_SIZE, "in_flight_bytes",
	 IN(struct pipeline_draft, in_flight_bytes), .min = 1 << 20,
	 .max = (int64_t)64 << 30, .fallback = "256MiB",
	 .example = "in_flight_bytes = \"64MiB\";",
	 .help = "How much the bodies of those may be together: while they "
		 "are more, no other is taken, until half of it is done. One "
		 "larger body is delivered all the same."},
	{SCOPE_PIPELINE, SETTING_COUNT, "max_lanes",
	 IN(struct pipeline_draft, max_lanes), .min = 1, .max = LANES_MAX,
	 .fallback = "128", .example = "max_lanes = 200;",
	 .help = "The most delay queues (lanes) that the policy may make for "
		 "this pipeline."},
	{SCOPE_PIPELINE, SETTING_TEXT, "type_from",
	 IN(struct pipeline_draft, type_from), .fallback = "type",
	 .example = "type_from = \"body:/resourceType\";",
	 .help = "Where the type of a message stands, by which policies tell "
		 "messages apart. type: the type property, or else the "
		 "routing key. routing-key: the routing key. header:NAME: a "
		 "message header that is a text. body:/POINTER: a text in a "
		 "JSON body (RFC 6901); each body is then parsed. A message "
		 "that has none there has its type property, or else its "
		 "routing key."},
	{SCOPE_PIPELINE, SETTING_TEXT, "deadline_header",
	 IN(struct pipeline_draft, deadline_header),
	 .example = "deadline_header = \"valid-until\";",
	 .help = "A message header that says until when the message is worth "
		 "delivering: an AMQP timestamp, milliseconds since 1970 as a "
		 "whole number, or a time of RFC 3339 as a text. After it the "
		 "message is parked without a call, and no call is waited for "
		 "that would come after it. A header that is none of these is "
		 "ignored, and the log says so."},
	{SCOPE_PIPELINE, SETTING_LATER, "routes", .help = ""},
	{SCOPE_PIPELINE, SETTING_LATER, "journal_in_body", .help = ""},
	{SCOPE_PIPELINE, SETTING_LATER, "send_journal", .help = ""},
	{SCOPE_PIPELINE, SETTING_LATER, "id_from", .help = ""},
	{SCOPE_SOURCE, SETTING_TEXT, "exchange",
	 IN(struct source_draft, exchange),
	 .example = "exchange = \"clinical-events\"; keys = \"lab.#\";",
	 .help = "An exchange of yours, which has to exist. It is bound to "
		 "the pipeline and never declared."},
	{SCOPE_SOURCE, SETTING_TEXTS, "keys", IN(struct source_draft, keys),
	 .otherwise = "\"#\"",
	 .example = "exchange = \"clinical-events\"; keys = [ \"lab.#\", "
		    "\"order.*.urgent\" ];",
	 .help = "The routing keys that are taken from it, with \"*\" and "
		 "\"#\" "
		 "if it is a topic exchange."},
	{SCOPE_SOURCE, SETTING_TEXT, "queue", IN(struct source_draft, queue),
	 .example = "queue = \"lab-inbox\";",
	 .help = "A queue that exists and belongs to somebody else, to be "
		 "consumed instead of a queue of ours. Its arguments are "
		 "left alone."},
};

const struct setting_rows setting_of_pipeline = ALL_OF(rows);

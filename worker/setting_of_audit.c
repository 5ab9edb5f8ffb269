/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_of_audit.c - the settings of the audit trail.
 */
#include "worker/config_draft.h"
#include "worker/setting_rows.h"

static const struct setting rows[] = {
	{SCOPE_AUDIT, SETTING_CHOICE, "record", IN(struct audit_config, record),
	 .fallback = "all", .choices = "all|failures|off",
	 .example = "record = \"failures\";",
	 .help = "What is recorded. all: every turning point of a message, "
		 "each delivery too. failures: a delivery only where a call "
		 "had failed before. off: nothing, and nothing of what people "
		 "do with parked messages either."},
	{SCOPE_AUDIT, SETTING_CHOICE, "mode", IN(struct audit_config, mode),
	 .fallback = "best-effort", .choices = "best-effort|required",
	 .example = "mode = \"required\";",
	 .help = "best-effort: entries are published beside the acks, and are "
		 "dropped, which is counted and recorded, where the broker "
		 "does not take them for long. required: a message is acked "
		 "only once the broker has confirmed its entries."},
	{SCOPE_AUDIT, SETTING_CHOICE, "queue", IN(struct audit_config, queue),
	 .fallback = "stream", .choices = "stream|quorum",
	 .example = "queue = \"quorum\";",
	 .help = "What holds the entries. quorum is for brokers whose streams "
		 "are switched off: slower to read, and dearer to keep."},
	{SCOPE_AUDIT, SETTING_DURATION, "max_age",
	 IN(struct audit_config, max_age), .min = MILLIS_PER_DAY,
	 .max = 3650 * MILLIS_PER_DAY, .fallback = "90d",
	 .example = "max_age = \"365d\";",
	 .help = "How long entries are kept. The queue has this as an "
		 "argument, which the broker never changes: change it later "
		 "by a broker policy (docs/audit.md)."},
	{SCOPE_AUDIT, SETTING_SIZE, "max_size",
	 IN(struct audit_config, max_size), .min = INT64_C(16) << 20,
	 .max = INT64_C(1) << 40, .fallback = "10GiB",
	 .example = "max_size = \"100GiB\";",
	 .help = "How much is kept on each node that holds the entries: "
		 "beyond it the oldest go, of whatever age. An argument of "
		 "the queue, as max_age is."},
	{SCOPE_AUDIT, SETTING_DURATION, "heads", IN(struct audit_config, heads),
	 .min = MILLIS_PER_SECOND, .max = MILLIS_PER_DAY, .fallback = "10m",
	 .example = "heads = \"1m\";",
	 .help = "How often a worker logs the head of its chain, number and "
		 "SHA-256 of its last entry, if there are new ones: an anchor "
		 "outside the broker."},
};

const struct setting_rows setting_of_audit = ALL_OF(rows);

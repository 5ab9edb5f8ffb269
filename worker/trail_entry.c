/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail_entry.c - which entry of the audit trail a report becomes.
 */
#include "worker/trail_parts.h"

/* The event, or AUDIT_EVENT_COUNT for none. */
static int event_of(const struct report *report, enum audit_record record)
{
	if (report->kind == REPORT_REJECTED)
		return AUDIT_REJECTED;
	if (report->kind == REPORT_CALL)
		return report->is_first_failure ? AUDIT_FAILED
						: AUDIT_EVENT_COUNT;
	if (report->kind != REPORT_VERDICT)
		return AUDIT_EVENT_COUNT;
	switch (report->verdict) {
	case VERDICT_DONE:
		/* What was said when its copy was made is not said again. */
		if (report->is_again && report->how == DELIVERED_COPIED)
			return AUDIT_EVENT_COUNT;
		return record == AUDIT_ALL || report->has_failed
			       ? AUDIT_DELIVERED
			       : AUDIT_EVENT_COUNT;
	case VERDICT_RETRY:
		return report->is_held ? AUDIT_HELD : AUDIT_RETRY;
	case VERDICT_PARK:
		return AUDIT_PARKED;
	case VERDICT_QUICK:
		break;
	}
	return AUDIT_EVENT_COUNT;
}

static void add_call(struct audit_entry *entry, const struct report *report)
{
	const struct outcome *outcome = report->outcome;

	entry->attempt = report->attempt;
	entry->downstream = report->attempt > 0 ? report->downstream : NULL;
	entry->step = text_of(entry->downstream);
	entry->error = text_of(report->error);
	entry->class = text_of(report->class);
	if (outcome == NULL) {
		entry->status = report->status;
		return;
	}
	entry->status = outcome->status;
	entry->duration = outcome->duration;
	if (outcome->transport != TRANSPORT_COMPLETE)
		entry->transport = transport_name(outcome->transport);
}

static void add_message(struct audit_entry *entry, const struct report *report,
			char sha256[SHA256_HEX_MAX])
{
	entry->pipeline = report->pipeline->name;
	entry->id = report->id;
	entry->type = report->type;
	entry->policy = text_of(report->policy);
	if (report->first_seen_wall > 0 &&
	    entry->at_wall >= report->first_seen_wall)
		entry->age = entry->at_wall - report->first_seen_wall;
	if (report->message == NULL)
		return;
	entry->correlation = report->message->properties.correlation_id;
	audit_body(entry, report->message->body, sha256);
}

bool trail_entry_of(const struct report *report, enum audit_record record,
		    millis wall, struct audit_entry *entry,
		    char sha256[SHA256_HEX_MAX])
{
	int event = event_of(report, record);

	if (event == AUDIT_EVENT_COUNT)
		return false;
	*entry = audit_entry_of((enum audit_event)event, wall);
	add_message(entry, report, sha256);
	add_call(entry, report);
	if (event == AUDIT_RETRY || event == AUDIT_HELD) {
		entry->delay = report->delay;
		entry->lane = report->lane;
	} else if (event == AUDIT_PARKED) {
		entry->reason = text_of(report->reason);
		entry->note = text_of(report->parked_as);
	} else if (event == AUDIT_DELIVERED) {
		entry->note = text_of(report->reason);
	}
	return true;
}

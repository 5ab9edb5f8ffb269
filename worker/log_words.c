/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/log_words.h"

#include <stddef.h>

const char *log_event_of(enum report_kind kind)
{
	switch (kind) {
	case REPORT_CALL:
	case REPORT_VOID:
		return "call";
	case REPORT_VERDICT:
		return "verdict";
	case REPORT_HOLDING:
	case REPORT_MOVING:
	case REPORT_REJECTED:
	case REPORT_STUCK:
	case REPORT_ALONE:
	case REPORT_TOGETHER:
	case REPORT_PAUSED:
	case REPORT_RESUMED:
	case REPORT_DEADLINE:
	case REPORT_GAVE_UP:
		break;
	}
	return "state";
}

const char *log_state_of(enum report_kind kind)
{
	switch (kind) {
	case REPORT_HOLDING:
		return "holding";
	case REPORT_MOVING:
		return "moving";
	case REPORT_REJECTED:
		return "rejected";
	case REPORT_STUCK:
		return "stuck";
	case REPORT_ALONE:
		return "alone";
	case REPORT_TOGETHER:
		return "together";
	case REPORT_PAUSED:
		return "paused";
	case REPORT_RESUMED:
		return "resumed";
	case REPORT_DEADLINE:
		return "deadline";
	case REPORT_GAVE_UP:
		return "gave-up";
	case REPORT_CALL:
	case REPORT_VOID:
	case REPORT_VERDICT:
		break;
	}
	return NULL;
}

const char *log_text_of(enum report_kind kind)
{
	switch (kind) {
	case REPORT_HOLDING:
		return "The broker did not take a copy. Deliveries stay "
		       "unacked, and copies are tried again with growing "
		       "waits.";
	case REPORT_MOVING:
		return "The broker takes all copies again.";
	case REPORT_REJECTED:
		return "A message cannot be published again in any form; it "
		       "went to parking by the source queue's dead-lettering.";
	case REPORT_STUCK:
		return "A message cannot be published again in any form, and "
		       "the source queue is not ours: it stays unacked. Take "
		       "it out by hand, or give the queue a dead-letter "
		       "exchange.";
	case REPORT_ALONE:
		return "A message came back several times without an end, as "
		       "one does that kills workers: such messages are "
		       "delivered alone, and the others wait.";
	case REPORT_TOGETHER:
		return "Many messages are delivered at once again.";
	case REPORT_PAUSED:
		return "The bodies in hand are more than in_flight_bytes: no "
		       "other message is taken until half of it is done.";
	case REPORT_RESUMED:
		return "Messages are taken again.";
	case REPORT_DEADLINE:
		return "The deadline of a message cannot be read, and is "
		       "ignored. It must be an AMQP timestamp, a number (no "
		       "text) of milliseconds since 1970, or a time of RFC "
		       "3339.";
	case REPORT_GAVE_UP:
		return "A regular expression of a rule took too much work on "
		       "an answer, and counts as not found there; where it "
		       "would have told a failure, the answer is ambiguous. "
		       "Make it simpler: nested repeats are what takes long. "
		       "This is said once.";
	case REPORT_CALL:
	case REPORT_VOID:
	case REPORT_VERDICT:
		break;
	}
	return NULL;
}

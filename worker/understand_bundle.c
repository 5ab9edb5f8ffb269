/* SPDX-License-Identifier: Apache-2.0 */
/*
 * understand_bundle.c - FHIR R4: the answer to a batch or a transaction.
 *
 * http://hl7.org/fhir/R4/http.html#transaction-response: one entry for each of
 * the request, each with the status that it would have had by itself, while the
 * whole is a 200. It is a failure if an entry is one: transient if any of them
 * is, since sending the whole again helps that one; else permanent. Where an
 * entry has no status, or one of a batch has no answer at all, nobody knows
 * whether it was done: that is ambiguous.
 */

#include "policy/policy.h"
#include "worker/understand_parts.h"

#define NAMED_MAX 10 /* entries that a detail names */

/* What its entries come to. */
struct sum {
	size_t entries;
	size_t already; /* of them */
	size_t failed;
	size_t unknown;
	const char *named; /* "2, 5": the first that failed, from 1 */
	/* The one that counts; SENSE_NONE: none failed. */
	struct understanding worst;
};

/* "201 Created", and the number 201: 201. 0 if it begins with no three
   digits. */
static int status_in(const struct json *response)
{
	struct text text;
	int status = 0;

	if (!json_text(json_get(response, "status"), &text) || text.len < 3)
		return 0;
	for (size_t i = 0; i < 3; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return 0;
		status = 10 * status + (text.at[i] - '0');
	}
	return status;
}

/* The class that the status alone gives, by the built-in rules. */
static enum sense sense_of_status(int status)
{
	const struct outcome outcome = {.transport = TRANSPORT_COMPLETE,
					.status = status};
	const struct downstream_rules any = {.name = ""};
	struct policy policy;
	struct judgement judgement;

	policy_init(&policy, "built-in");
	judgement = policy_judge(&policy, &any, &outcome);
	return judgement.class == CLASS_PERMANENT ? SENSE_PERMANENT
						  : SENSE_TRANSIENT;
}

/* 304 is the answer to a conditional read. */
static bool is_failure(int status)
{
	return status >= 300 && status != 304;
}

static const struct json *outcome_in(const struct json *entry)
{
	const struct json *response = json_get(entry, "response");
	const struct json *outcome = json_get(response, "outcome");

	return outcome != NULL ? outcome : json_get(entry, "resource");
}

static struct understanding read_entry(const struct understand_config *config,
				       const struct json *entry,
				       struct arena *arena)
{
	const struct json *outcome = outcome_in(entry);
	int status = status_in(json_get(entry, "response"));
	struct understanding it = {.sense = SENSE_NONE};

	if (text_is(text_of(json_string(json_get(outcome, "resourceType"))),
		    "OperationOutcome"))
		it = understand_issues(config, outcome,
				       status == 0 ? 200 : status, arena);
	if (it.sense == SENSE_NONE && status < 200)
		it.sense = SENSE_AMBIGUOUS;
	if (it.sense == SENSE_NONE && is_failure(status))
		it = (struct understanding){
			.sense = SENSE_FAILED,
			.error = arena_printf(arena, "fhir-entry-%d", status)};
	if (it.sense == SENSE_FAILED)
		it.sense = sense_of_status(status);
	return it;
}

/* What of it is to outlive the reading of its entry. */
static struct understanding keep(const struct understanding *it,
				 struct arena *arena)
{
	struct understanding kept = *it;

	if (it->error != NULL)
		kept.error = arena_string(arena, text_of(it->error));
	kept.detail = arena_text(arena, it->detail);
	return kept;
}

static void add(struct sum *sum, const struct understanding *it,
		struct arena *arena)
{
	sum->entries++;
	sum->already += it->sense == SENSE_ALREADY;
	sum->unknown += it->sense == SENSE_AMBIGUOUS;
	if (it->sense != SENSE_TRANSIENT && it->sense != SENSE_PERMANENT)
		return;
	if (sum->failed++ < NAMED_MAX)
		sum->named = arena_printf(
			arena, "%s%s%zu", sum->failed > 1 ? sum->named : "",
			sum->failed > 1 ? ", " : "", sum->entries);
	if (sum->worst.sense == SENSE_NONE ||
	    (it->sense == SENSE_TRANSIENT &&
	     sum->worst.sense == SENSE_PERMANENT))
		sum->worst = keep(it, arena);
}

static const char *name_entries(const struct sum *sum, struct arena *arena)
{
	size_t more = sum->failed > NAMED_MAX ? sum->failed - NAMED_MAX : 0;

	if (more > 0)
		return arena_printf(arena, "entries %s and %zu more",
				    sum->named, more);
	return arena_printf(arena, "%s %s",
			    sum->failed == 1 ? "entry" : "entries", sum->named);
}

/* No entry failed, as far as they can be read. */
static struct understanding
without_failure(const struct sum *sum, struct text sent, struct arena *arena)
{
	size_t asked = understand_batch_entries(sent);
	size_t known = sum->entries - sum->unknown;

	if (sum->unknown == 0 && sum->entries >= asked)
		return (struct understanding){
			.sense =
				sum->already > 0 && sum->already == sum->entries
					? SENSE_ALREADY
					: SENSE_NONE};
	if (asked < sum->entries)
		asked = sum->entries;
	return (struct understanding){
		.sense = SENSE_AMBIGUOUS,
		.error = "fhir-entries-missing",
		.detail = text_of(
			arena_printf(arena, "%zu of %zu entries have a status",
				     known, asked)),
	};
}

struct understanding understand_bundle(const struct understand_config *config,
				       const struct json *bundle,
				       struct text sent, struct arena *arena)
{
	const struct json *entries = json_get(bundle, "entry");
	struct sum sum = {0};
	struct arena of_entry; /* there may be very many */

	arena_init(&of_entry);
	for (size_t i = 0; i < json_count(entries); i++) {
		struct understanding it =
			read_entry(config, json_at(entries, i), &of_entry);

		add(&sum, &it, arena);
		arena_clear(&of_entry);
	}
	arena_fini(&of_entry);
	if (sum.failed == 0)
		return without_failure(&sum, sent, arena);
	sum.worst.detail = understand_details(
		arena, text_of(name_entries(&sum, arena)), sum.worst.detail);
	return sum.worst;
}

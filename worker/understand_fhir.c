/* SPDX-License-Identifier: Apache-2.0 */
/*
 * understand_fhir.c - FHIR R4 in JSON: OperationOutcome.
 *
 * An issue is a failure if its severity is fatal or error. Of several failures
 * the heaviest counts (understand_outweighs), and among those the most severe,
 * and the first. An answer that is no success and has none but lighter issues
 * is named by the first of the most severe, and classed by its status.
 */
#include <string.h>

#include "worker/fhir_issue.h"
#include "worker/understand_parts.h"
#include "worker/utf8.h"

/* http://hl7.org/fhir/R4/valueset-issue-severity.html */
enum severity {
	SEVERITY_UNKNOWN,
	SEVERITY_INFORMATION,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
	SEVERITY_FATAL,
};

static enum severity severity_of(const struct json *issue)
{
	static const char *const names[] = {"", "information", "warning",
					    "error", "fatal"};
	struct text name = text_of(json_string(json_get(issue, "severity")));

	for (int s = SEVERITY_INFORMATION; s <= SEVERITY_FATAL; s++)
		if (text_is(name, names[s]))
			return (enum severity)s;
	return SEVERITY_UNKNOWN;
}

/* What the configuration says of a code or of the families it is of; else what
   FHIR says; a code that FHIR does not have is a failure by its status. */
static enum sense sense_of(const struct understand_config *config,
			   struct text code)
{
	const struct fhir_issue *issue = fhir_issue(code);
	enum sense sense = understand_listed(config, code);

	for (const struct fhir_issue *up = issue;
	     sense == SENSE_NONE && up != NULL && up->parent != NULL;) {
		up = fhir_issue(text_of(up->parent));
		sense = understand_listed(config, text_of(up->code));
	}
	if (sense != SENSE_NONE)
		return sense;
	if (issue == NULL)
		return SENSE_FAILED;
	return fhir_issue_is_transient(issue) ? SENSE_TRANSIENT
					      : SENSE_PERMANENT;
}

static struct text detail_of(const struct json *issue)
{
	const struct json *details = json_get(issue, "details");
	const struct json *coding = json_at(json_get(details, "coding"), 0);
	const char *texts[] = {
		json_string(json_get(details, "text")),
		json_string(json_get(issue, "diagnostics")),
		json_string(json_get(coding, "display")),
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i] != NULL && *texts[i] != '\0')
			return text_of(texts[i]);
	return (struct text){0};
}

/* The issue that counts. */
struct pick {
	const struct json *issue; /* NULL: none yet */
	enum sense sense;
	enum severity severity;
};

static void consider(struct pick *best, const struct pick *next)
{
	if (best->issue == NULL ||
	    understand_outweighs(next->sense, best->sense) ||
	    (next->sense == best->sense && next->severity > best->severity))
		*best = *next;
}

struct understanding understand_issues(const struct understand_config *config,
				       const struct json *outcome, int status,
				       struct arena *arena)
{
	const struct json *issues = json_get(outcome, "issue");
	bool is_success = status >= 200 && status <= 299;
	struct pick failure = {0};
	struct pick other = {0};

	for (size_t i = 0; i < json_count(issues); i++) {
		const struct json *issue = json_at(issues, i);
		struct pick pick = {issue, SENSE_FAILED, severity_of(issue)};

		/* Without a severity it is as severe as its status is. */
		if (pick.severity == SEVERITY_UNKNOWN && !is_success)
			pick.severity = SEVERITY_ERROR;
		if (pick.severity < SEVERITY_ERROR) {
			consider(&other, &pick);
			continue;
		}
		pick.sense = sense_of(
			config, text_of(json_string(json_get(issue, "code"))));
		consider(&failure, &pick);
	}
	if (failure.issue == NULL && !is_success)
		failure = other;
	if (failure.issue == NULL)
		return (struct understanding){.sense = SENSE_NONE};
	return (struct understanding){
		.sense = failure.sense,
		.error = understand_name(
			arena, "fhir-",
			text_of(json_string(json_get(failure.issue, "code")))),
		.detail = understand_detail(arena, detail_of(failure.issue)),
	};
}

static bool is_answer_to_many(const struct json *resource)
{
	struct text type = text_of(json_string(json_get(resource, "type")));

	return text_is(type, "batch-response") ||
	       text_is(type, "transaction-response");
}

struct understanding understand_fhir(const struct understand_config *config,
				     const struct understand_input *input,
				     struct arena *arena)
{
	struct json *resource = json_parse(utf8_unmarked(input->body));
	struct text type =
		text_of(json_string(json_get(resource, "resourceType")));
	struct understanding understood = {.sense = SENSE_NONE};
	bool is_success = input->status >= 200 && input->status <= 299;

	if (text_is(type, "OperationOutcome"))
		understood = understand_issues(config, resource, input->status,
					       arena);
	else if (is_success && resource == NULL)
		understood = understand_unread(input);
	else if (is_success && text_is(type, "Bundle") &&
		 is_answer_to_many(resource))
		understood =
			understand_bundle(config, resource, input->sent, arena);
	json_free(resource);
	return understood;
}

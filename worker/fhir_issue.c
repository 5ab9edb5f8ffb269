/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/fhir_issue.h"

#include <string.h>

static const struct fhir_issue issues[] = {
	{"invalid", NULL},
	{"structure", "invalid"},
	{"required", "invalid"},
	{"value", "invalid"},
	{"invariant", "invalid"},
	{"security", NULL},
	{"login", "security"},
	{"unknown", "security"},
	{"expired", "security"},
	{"forbidden", "security"},
	{"suppressed", "security"},
	{"processing", NULL},
	{"not-supported", "processing"},
	{"duplicate", "processing"},
	{"multiple-matches", "processing"},
	{"not-found", "processing"},
	{"deleted", "not-found"},
	{"too-long", "processing"},
	{"code-invalid", "processing"},
	{"extension", "processing"},
	{"too-costly", "processing"},
	{"business-rule", "processing"},
	{"conflict", "processing"},
	{"transient", NULL},
	{"lock-error", "transient"},
	{"no-store", "transient"},
	{"exception", "transient"},
	{"timeout", "transient"},
	{"incomplete", "transient"},
	{"throttled", "transient"},
	{"informational", NULL},
};

const struct fhir_issue *fhir_issue_at(size_t i)
{
	return i < sizeof(issues) / sizeof(issues[0]) ? &issues[i] : NULL;
}

const struct fhir_issue *fhir_issue(struct text code)
{
	for (size_t i = 0; fhir_issue_at(i) != NULL; i++)
		if (text_is(code, issues[i].code))
			return &issues[i];
	return NULL;
}

bool fhir_issue_is_transient(const struct fhir_issue *issue)
{
	const char *family =
		issue->parent != NULL ? issue->parent : issue->code;

	return strcmp(family, "transient") == 0;
}

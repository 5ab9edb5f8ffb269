/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fhir_issue.h - the codes of FHIR R4 that say what kind of issue it is.
 *
 * http://hl7.org/fhir/R4/valueset-issue-type.html: IssueType 4.0.1, a tree. The
 * definitions there say of the family "transient" that the same request may
 * succeed later, and of "processing" that there is no point in sending it
 * again.
 */
#ifndef WORKER_FHIR_ISSUE_H
#define WORKER_FHIR_ISSUE_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/text.h"

struct fhir_issue {
	const char *code;
	const char *parent; /* NULL: none */
};

/* The issue type of that code, or NULL. */
const struct fhir_issue *fhir_issue(struct text code);

/* The i-th issue type, parents before children; NULL behind the last. */
const struct fhir_issue *fhir_issue_at(size_t i);

/* True if it is "transient", or of that family. */
bool fhir_issue_is_transient(const struct fhir_issue *issue);

#endif

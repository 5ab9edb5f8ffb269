/* SPDX-License-Identifier: Apache-2.0 */
/*
 * understand_parts.h - what the formats have in common, for understand*.c.
 */
#ifndef WORKER_UNDERSTAND_PARTS_H
#define WORKER_UNDERSTAND_PARTS_H

#include "worker/json.h"
#include "worker/understand.h"

/* Each reads one format. SENSE_NONE: the body is not of it. */
struct understanding understand_fhir(const struct understand_config *config,
				     const struct understand_input *input,
				     struct arena *arena);
struct understanding understand_hl7v2(const struct understand_config *config,
				      const struct understand_input *input,
				      struct arena *arena);
struct understanding understand_problem(const struct understand_config *config,
					const struct understand_input *input,
					struct arena *arena);

/* An OperationOutcome that came with that status. understand_fhir.c */
struct understanding understand_issues(const struct understand_config *config,
				       const struct json *outcome, int status,
				       struct arena *arena);

/* A Bundle that answers a batch or transaction, `sent`. understand_bundle.c */
struct understanding understand_bundle(const struct understand_config *config,
				       const struct json *bundle,
				       struct text sent, struct arena *arena);

/* Entries of the batch that was sent; 0: it is no batch. understand_unread.c */
size_t understand_batch_entries(struct text sent);

/* A 2xx whose body is no JSON: AMBIGUOUS if it may hold that something failed.
   understand_unread.c */
struct understanding understand_unread(const struct understand_input *input);

/* What the configuration says of a code, upper and lower case being the same:
   ALREADY, TRANSIENT or PERMANENT; NONE where it says nothing. */
enum sense understand_listed(const struct understand_config *config,
			     struct text code);

/* True if `a` weighs more, when one answer says both: what cannot pass by
   itself does not do so because something else could. */
bool understand_outweighs(enum sense a, enum sense b);

/* `prefix` and what of the code a name can have: small letters, digits and
   "_", all else one "-". In the arena; NULL if nothing is left of the code. */
const char *understand_name(struct arena *arena, const char *prefix,
			    struct text code);

/* A detail out of one text, or of two with ": " between them. */
struct text understand_detail(struct arena *arena, struct text text);
struct text understand_details(struct arena *arena, struct text head,
			       struct text more);

#endif

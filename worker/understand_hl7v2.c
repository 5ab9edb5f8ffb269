/* SPDX-License-Identifier: Apache-2.0 */
/*
 * understand_hl7v2.c - HL7 v2: an acknowledgement in the body.
 *
 *   MSH|^~\&|LAB|...|ACK|77|P|2.5
 *   MSA|AE|MSG00001|...
 *   ERR||PID^1^3|204^Unknown key identifier|E|||...|No such patient
 *
 * MSA-1 (table 0008) says how it went: AA, CA, AE, CE, AR, CR. MSA-2 says for
 * which message, by its MSH-10: an acknowledgement of another one tells nothing
 * of ours. What an AE or CE is follows from the first of these that speaks:
 *
 *   the configuration, of the error code, then of MSA-1
 *   the error code (table 0357): ERR-3, before v2.5 ERR-1, before v2.3 MSA-6
 *   its severity (ERR-4, table 0516): F transient, E permanent
 *   nothing: transient
 *
 * Errors of severity W or I are none. Of several the heaviest counts.
 */
#include <string.h>

#include "worker/hl7v2.h"
#include "worker/understand_parts.h"

/* What is read of an acknowledgement. */
struct ack {
	const struct understand_config *config;
	struct hl7v2 message;
	struct text msa;
	struct text code; /* MSA-1 */
	bool is_rejected; /* AR, CR */
};

/* One of its errors. */
struct fault {
	struct text code;
	char severity; /* '\0': none */
	struct text detail;
	enum sense sense;
};

/* HL7 table 0357, message error condition codes. That the record is locked, or
   the application failed, may pass; all else is about the message. */
static enum sense sense_of_code(struct text code)
{
	static const char *const permanent[] = {
		"100", "101", "102", "103", "104", "198", "199",
		"200", "201", "202", "203", "204", "205"};

	if (text_is(code, "206") || text_is(code, "207"))
		return SENSE_TRANSIENT;
	for (size_t i = 0; i < sizeof(permanent) / sizeof(permanent[0]); i++)
		if (text_is(code, permanent[i]))
			return SENSE_PERMANENT;
	return SENSE_NONE;
}

static enum sense sense_of(const struct ack *ack, struct text code,
			   char severity)
{
	enum sense sense = understand_listed(ack->config, code);

	if (sense == SENSE_NONE)
		sense = understand_listed(ack->config, ack->code);
	if (sense == SENSE_NONE && ack->is_rejected)
		return SENSE_PERMANENT;
	if (sense == SENSE_NONE)
		sense = sense_of_code(code);
	if (sense == SENSE_NONE && severity == 'E')
		return SENSE_PERMANENT;
	return sense == SENSE_NONE ? SENSE_TRANSIENT : sense;
}

static struct text first_of(const struct text *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (texts[i].len > 0)
			return texts[i];
	return (struct text){0};
}

/* An ERR segment, of any version. */
static struct fault read_err(const struct ack *ack, struct text err)
{
	const struct hl7v2 *m = &ack->message;
	struct text coded = hl7v2_field(m, err, 3);
	struct text old =
		hl7v2_component(m, hl7v2_field(m, err, 1), 4); /* ELD */
	struct text severity = hl7v2_field(m, err, 4);
	const struct text codes[] = {
		hl7v2_component(m, coded, 1),
		hl7v2_part(m, old, 1),
	};
	const struct text details[] = {
		hl7v2_field(m, err, 8),
		hl7v2_field(m, err, 7),
		hl7v2_component(m, coded, 2),
		hl7v2_part(m, old, 2),
	};
	struct fault fault = {
		.code = first_of(codes, 2),
		.severity = severity.len == 1 ? severity.at[0] : '\0',
		.detail = first_of(details, 4),
	};

	fault.sense = sense_of(ack, fault.code, fault.severity);
	return fault;
}

/* What MSA alone says of an error. */
static struct fault read_msa(const struct ack *ack)
{
	const struct hl7v2 *m = &ack->message;
	struct text coded = hl7v2_field(m, ack->msa, 6);
	struct fault fault = {.code = hl7v2_component(m, coded, 1),
			      .detail = hl7v2_component(m, coded, 2)};

	fault.sense = sense_of(ack, fault.code, fault.severity);
	return fault;
}

static bool is_error(const struct fault *fault)
{
	return fault->severity != 'W' && fault->severity != 'I' &&
	       !text_is(fault->code, "0");
}

static struct understanding failure(const struct ack *ack, struct arena *arena)
{
	struct fault worst = {.sense = SENSE_NONE};
	struct text rest = ack->message.body;
	struct text err;

	while (hl7v2_next(&ack->message, "ERR", &rest, &err)) {
		struct fault fault = read_err(ack, err);

		if (is_error(&fault) &&
		    understand_outweighs(fault.sense, worst.sense))
			worst = fault;
	}
	if (worst.sense == SENSE_NONE)
		worst = read_msa(ack);
	const struct text details[] = {worst.detail,
				       hl7v2_field(&ack->message, ack->msa, 3)};

	return (struct understanding){
		.sense = worst.sense,
		.error = understand_name(arena, "hl7v2-",
					 worst.code.len > 0 ? worst.code
							    : ack->code),
		.detail = understand_detail(arena, first_of(details, 2)),
	};
}

/* The control id of a message; empty if it has none, or is no HL7. */
static struct text control_id(struct text body)
{
	struct hl7v2 message;
	struct text msh;

	if (!hl7v2_open(body, &message) ||
	    !hl7v2_segment(&message, "MSH", &msh))
		return (struct text){0};
	return hl7v2_field(&message, msh, 10);
}

/* What came with a status that is no success, and names no message that was
   sent, is no word for it. */
static bool counts(int status, struct text sent_id)
{
	bool is_success = status >= 200 && status <= 299;

	return is_success || sent_id.len > 0;
}

struct understanding understand_hl7v2(const struct understand_config *config,
				      const struct understand_input *input,
				      struct arena *arena)
{
	struct ack ack = {.config = config};
	struct text sent_id;

	if (!hl7v2_open(input->body, &ack.message) ||
	    !hl7v2_segment(&ack.message, "MSA", &ack.msa))
		return (struct understanding){.sense = SENSE_NONE};
	ack.code = hl7v2_field(&ack.message, ack.msa, 1);
	ack.is_rejected = text_is(ack.code, "AR") || text_is(ack.code, "CR");
	sent_id = control_id(input->sent);
	if (sent_id.len > 0 &&
	    !text_eq(sent_id, hl7v2_field(&ack.message, ack.msa, 2)))
		return (struct understanding){
			.sense = SENSE_AMBIGUOUS,
			.error = "hl7v2-other-message",
			.detail = TEXT("MSA-2 is not the MSH-10 that was sent"),
		};
	if (text_is(ack.code, "AA") || text_is(ack.code, "CA"))
		return (struct understanding){
			.sense = counts(input->status, sent_id) ? SENSE_DONE
								: SENSE_NONE};
	if (!ack.is_rejected && !text_is(ack.code, "AE") &&
	    !text_is(ack.code, "CE"))
		return (struct understanding){
			.sense = SENSE_AMBIGUOUS,
			.error = "hl7v2-unknown",
			.detail = TEXT("MSA-1 is none of AA, AE, AR, CA, CE "
				       "and CR"),
		};
	return failure(&ack, arena);
}

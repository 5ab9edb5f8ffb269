/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/explain_words.h"

#include <string.h>

#include "operator/explain_settings.h"

#define NAME_WIDTH 13 /* of the names before the sentences */

const char *explain_outcome(const struct explain_case *c)
{
	if (c->outcome.transport != TRANSPORT_COMPLETE)
		return transport_name(c->outcome.transport);
	return arena_printf(c->arena, "%d", c->outcome.status);
}

const char *explain_type(const struct explain_case *c)
{
	if (c->facts.type.len == 0)
		return "without a type";
	return arena_printf(c->arena, "of type %s",
			    explain_clean(c->facts.type, c->arena));
}

static const char *success_rule(const struct explain_case *c)
{
	const struct success_rule *rule = c->judgement.success;

	return arena_printf(c->arena,
			    "success rule of downstream \"%s\", %s, which "
			    "means \"%s\"",
			    c->downstream->name,
			    explain_line(rule->written, c->arena),
			    success_meaning_name(rule->meaning));
}

const char *explain_judge(const struct explain_case *c)
{
	const struct judgement *j = &c->judgement;

	switch (j->by) {
	case JUDGED_BY_STATUS:
		return "a complete response of 200 to 299 is a success";
	case JUDGED_BY_SUCCESS_RULE:
		return success_rule(c);
	case JUDGED_BY_UNDERSTANDING:
		return "what the body says, read as \"understand\" has it";
	case JUDGED_BY_RULE:
		return arena_printf(
			c->arena, "error rule \"%s\", %s", j->rule->name,
			explain_line(j->rule->own.written, c->arena));
	case JUDGED_BY_BUILT_IN:
		return arena_printf(c->arena,
				    "built-in rule \"%s\", as no rule of "
				    "policy \"%s\" holds",
				    j->rule->name, c->policy->name);
	}
	return judged_by_name(j->by);
}

const char *explain_reason(const struct explain_case *c,
			   enum park_reason reason, uint32_t attempt)
{
	switch (reason) {
	case PARK_PERMANENT:
		return "the error cannot pass";
	case PARK_AMBIGUOUS:
		return "it may have been carried out, and ambiguous is "
		       "\"park\"";
	case PARK_ATTEMPTS:
		if (attempt < c->settled.max_attempts)
			return "the schedule gives up";
		return arena_printf(c->arena, "max_attempts is %u",
				    c->settled.max_attempts);
	case PARK_AGE:
		return arena_printf(
			c->arena,
			"it would be older than give_up_after, %s, when it "
			"is due",
			explain_duration(c->settled.give_up_after, c->arena));
	case PARK_DEADLINE:
		return "it would be past its own deadline when it is due";
	case PARK_UNREADABLE:
	case PARK_NO_ROUTE:
	case PARK_SUSPECT:
	case PARK_TOO_LARGE:
		break;
	}
	return park_reason_name(reason);
}

/* --- a line ----------------------------------------------------------------------- */

static void print_name(const char *name, FILE *to)
{
	fprintf(to, "%-*s", NAME_WIDTH, name);
}

static void print_line(const char *name, const char *sentence, FILE *to)
{
	print_name(name, to);
	fprintf(to, "%s\n", sentence);
}

static void print_heading(const struct explain_case *c, FILE *to)
{
	fprintf(to, "A message %s", explain_type(c));
	fprintf(to, " in pipeline %s, and what %s answers.\n\n",
		c->pipeline->name, c->downstream->name);
}

static const char *how_sent(enum sent sent)
{
	switch (sent) {
	case SENT_NONE:
		return "nothing of the request was sent";
	case SENT_SOME:
		return "the request was not sent whole";
	case SENT_ALL:
		break;
	}
	return "the request was sent, and no complete answer came";
}

static void print_outcome(const struct explain_case *c, FILE *to)
{
	const struct outcome *o = &c->outcome;

	print_name("outcome", to);
	fprintf(to, "%s", explain_outcome(c));
	if (o->transport != TRANSPORT_COMPLETE)
		fprintf(to, ": %s", how_sent(o->sent));
	if (o->retry_after >= 0)
		fprintf(to, ", Retry-After %s",
			explain_duration(o->retry_after, c->arena));
	fputc('\n', to);
	if (o->understood.error == NULL && o->understood.detail.len == 0)
		return;
	print_name("body", to);
	fprintf(to, "says %s",
		o->understood.error != NULL ? o->understood.error : "nothing");
	if (o->understood.detail.len > 0)
		fprintf(to, ": %s",
			explain_clean(o->understood.detail, c->arena));
	fputc('\n', to);
}

/* A success rule that calls it a failure, and leaves the class to others. */
static void print_failed(const struct explain_case *c, FILE *to)
{
	if (!c->judgement.is_done && c->judgement.success != NULL &&
	    c->judgement.by != JUDGED_BY_SUCCESS_RULE)
		print_line("failed by", success_rule(c), to);
}

/* --- what follows ------------------------------------------------------------------ */

static void print_quick(const struct explain_case *c,
			const struct explain_plan *plan, FILE *to)
{
	if (plan->quick_count == 0)
		return;
	print_name("quick", to);
	for (size_t i = 0; i < plan->quick_count; i++)
		fprintf(to, "%s%s", i > 0 ? ", " : "again after ",
			explain_duration(plan->quick[i], c->arena));
	fprintf(to, ", while the message is held; then:\n");
}

static void print_way(const struct explain_case *c,
		      const struct explain_way *way, FILE *to)
{
	const struct verdict *v = &way->verdict;
	const char *chance = way->thirds == 3   ? ""
			     : way->thirds == 2 ? " (two times in three)"
						: " (one time in three)";

	switch (v->kind) {
	case VERDICT_DONE:
		print_line("verdict",
			   v->is_already ? "done, by an earlier call" : "done",
			   to);
		return;
	case VERDICT_RETRY:
	case VERDICT_QUICK:
		print_name("verdict", to);
		fprintf(to, "retry after %s%s\n",
			explain_duration(v->delay, c->arena), chance);
		break;
	case VERDICT_PARK:
		print_name("verdict", to);
		fprintf(to, "park (%s)%s: %s\n", park_reason_name(v->reason),
			chance, explain_reason(c, v->reason, way->attempt));
		break;
	}
	print_name(v->kind == VERDICT_PARK ? "queue" : "lane", to);
	fprintf(to, "%s\n", way->queue);
	if (v->park_as != NULL)
		print_line("parked as", v->park_as, to);
}

static void print_retry_after(const struct explain_case *c,
			      const struct explain_way *way, FILE *to)
{
	if (c->outcome.retry_after < 0 || way->verdict.kind != VERDICT_RETRY)
		return;
	print_name("Retry-After", to);
	if (!c->settled.honours_retry_after)
		fprintf(to, "is not honoured\n");
	else if (!way->verdict.by_server)
		fprintf(to, "is not longer than the schedule's wait\n");
	else
		fprintf(to,
			"from %s to %s is honoured, rounded up to what the "
			"ladder gives: %s\n",
			explain_duration(c->settled.retry_after_floor,
					 c->arena),
			explain_duration(c->settled.retry_after_ceiling,
					 c->arena),
			way->trips != NULL ? way->trips : "no lane");
}

/* What a retry of an ambiguous error may do. */
static void print_ambiguous(const struct explain_case *c, FILE *to)
{
	if (c->judgement.class != CLASS_AMBIGUOUS ||
	    c->settled.ambiguous != AMBIGUOUS_RETRY)
		return;
	print_name("ambiguous", to);
	fprintf(to, "it may have been carried out; %s is %s\n",
		c->downstream->name,
		c->downstream->rules.is_idempotent
			? "idempotent, so a retry does no more"
			: "not idempotent, so a retry may do it twice");
}

/* A permanent error asks for no limit. */
static void print_limits(const struct explain_case *c, FILE *to)
{
	const struct settled *s = &c->settled;

	if (c->judgement.class == CLASS_PERMANENT)
		return;
	print_name("limits", to);
	fprintf(to, "call %u of %u (max_attempts); %s old",
		c->step.attempts + 1, s->max_attempts,
		explain_duration(c->facts.age, c->arena));
	if (s->give_up_after == POLICY_UNLIMITED_TIME)
		fprintf(to, ", never too old (give_up_after)");
	else
		fprintf(to, " of %s (give_up_after)",
			explain_duration(s->give_up_after, c->arena));
	if (c->facts.has_deadline)
		fprintf(to, "; its deadline is in %s",
			explain_duration(c->facts.to_deadline, c->arena));
	fputc('\n', to);
}

static void print_end(const struct explain_case *c,
		      const struct explain_plan *plan, FILE *to)
{
	const struct explain_end *end = &plan->longest;
	const char *latest = explain_about(end->last.ended, c->arena);
	const char *soonest =
		explain_about(plan->shortest.last.ended, c->arena);

	if (end->calls == 1)
		return;
	print_name("end", to);
	fprintf(to, "if every call ends so: parked (%s) after %u calls, ",
		park_reason_name(end->last.verdict.reason), end->calls);
	if (strcmp(latest, soonest) == 0)
		fprintf(to, "%s from now\n", latest);
	else
		fprintf(to, "%s to %s from now\n", soonest, latest);
}

static void print_settings(const struct explain_case *c, FILE *to)
{
	struct explain_setting settings[EXPLAIN_SETTINGS];
	int width = 0;

	explain_settings(c, settings);
	for (size_t i = 0; i < EXPLAIN_SETTINGS; i++)
		if ((int)strlen(settings[i].value) > width)
			width = (int)strlen(settings[i].value);
	fprintf(to, "\n%-21s%-*s  said by\n", "setting", width, "value");
	for (size_t i = 0; i < EXPLAIN_SETTINGS; i++) {
		const struct explain_setting *s = &settings[i];

		fprintf(to, "%-21s%-*s  %s", s->name, width, s->value, s->by);
		if (s->written.file != NULL)
			fprintf(to, ", %s", explain_line(s->written, c->arena));
		fputc('\n', to);
	}
}

void explain_print(const struct explain_case *c,
		   const struct explain_plan *plan, FILE *to)
{
	print_heading(c, to);
	print_outcome(c, to);
	print_failed(c, to);
	print_line("judged by", explain_judge(c), to);
	if (c->judgement.is_done) {
		print_way(c, &plan->ways[0], to);
		return;
	}
	print_name("error", to);
	fprintf(to, "%s, %s\n", c->judgement.error,
		error_class_name(c->judgement.class));
	print_quick(c, plan, to);
	for (size_t i = 0; i < plan->way_count; i++)
		print_way(c, &plan->ways[i], to);
	print_retry_after(c, &plan->ways[0], to);
	print_ambiguous(c, to);
	print_limits(c, to);
	print_end(c, plan, to);
	print_settings(c, to);
}

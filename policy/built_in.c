/* SPDX-License-Identifier: Apache-2.0 */
/*
 * built_in.c - what holds where a configuration says nothing: the rules that
 * stand behind those of every policy, the settings, and the names.
 */
#include "policy/policy.h"

#define ONE(status)                                                            \
	.when = {.statuses = {{(status), (status)}}, .status_count = 1}
#define ON(transport) .when = {.transports = UINT32_C(1) << (transport)}

static const struct error_rule rules[] = {
	/* Nothing was sent whole, so nothing was carried out. */
	{.name = "dns", ON(TRANSPORT_DNS)},
	{.name = "connect", ON(TRANSPORT_CONNECT)},
	{.name = "tls", ON(TRANSPORT_TLS)},
	{.name = "timeout-before-send", ON(TRANSPORT_TIMEOUT_BEFORE_SEND)},
	{.name = "reset-before-send", ON(TRANSPORT_RESET_BEFORE_SEND)},
	/* The request went out, and nobody knows what became of it. */
	{.name = "timeout-after-send",
	 .class = CLASS_AMBIGUOUS,
	 ON(TRANSPORT_TIMEOUT_AFTER_SEND)},
	{.name = "reset-after-send",
	 .class = CLASS_AMBIGUOUS,
	 ON(TRANSPORT_RESET_AFTER_SEND)},
	{.name = "cut-response",
	 .class = CLASS_AMBIGUOUS,
	 ON(TRANSPORT_CUT_RESPONSE)},
	{.name = "protocol", .class = CLASS_AMBIGUOUS, ON(TRANSPORT_PROTOCOL)},
	/* It can never be sent. */
	{.name = "header", .class = CLASS_PERMANENT, ON(TRANSPORT_HEADER)},
	{.name = "template", .class = CLASS_PERMANENT, ON(TRANSPORT_TEMPLATE)},

	/* A success by its status, and a failure by a success rule or by what the
	   body says. */
	{.name = "failed-inside",
	 .when = {.statuses = {{200, 299}}, .status_count = 1}},

	{.name = "request-timeout", ONE(408)},
	{.name = "too-early", ONE(425)},
	{.name = "throttled", ONE(429)},
	{.name = "auth",
	 .class = CLASS_PERMANENT,
	 .when = {.statuses = {{401, 401}, {403, 403}, {407, 407}},
		  .status_count = 3}},
	{.name = "not-found",
	 .class = CLASS_PERMANENT,
	 .when = {.statuses = {{404, 404}, {410, 410}}, .status_count = 2}},
	{.name = "too-large",
	 .class = CLASS_PERMANENT,
	 .when = {.statuses = {{413, 414}, {431, 431}}, .status_count = 2}},
	{.name = "redirect",
	 .class = CLASS_PERMANENT,
	 .when = {.statuses = {{300, 399}}, .status_count = 1}},
	{.name = "rejected",
	 .class = CLASS_PERMANENT,
	 .when = {.statuses = {{400, 499}}, .status_count = 1}},
	{.name = "not-implemented",
	 .class = CLASS_PERMANENT,
	 .when = {.statuses = {{501, 501}, {505, 505}}, .status_count = 2}},
	{.name = "bad-gateway", ONE(502)},
	{.name = "unavailable", ONE(503)},
	{.name = "gateway-timeout", ONE(504)},
	/* Last: all other 5xx, and whatever no other rule knows. */
	{.name = "server-error",
	 .when = {.statuses = {{500, 599}}, .status_count = 1}},
};

const struct error_rule *policy_built_in_rules(size_t *count)
{
	*count = sizeof(rules) / sizeof(rules[0]);
	return rules;
}

void policy_init(struct policy *policy, const char *name)
{
	*policy = (struct policy){.name = name};
}

const char *error_class_name(enum error_class class)
{
	switch (class) {
	case CLASS_TRANSIENT:
		return "transient";
	case CLASS_PERMANENT:
		return "permanent";
	case CLASS_AMBIGUOUS:
		return "ambiguous";
	}
	return "?";
}

bool error_class_parse(struct text name, enum error_class *class)
{
	for (int c = CLASS_TRANSIENT; c <= CLASS_AMBIGUOUS; c++) {
		if (text_is(name, error_class_name((enum error_class)c))) {
			*class = (enum error_class)c;
			return true;
		}
	}
	return false;
}

const char *verdict_kind_name(enum verdict_kind kind)
{
	switch (kind) {
	case VERDICT_DONE:
		return "done";
	case VERDICT_RETRY:
		return "retry";
	case VERDICT_PARK:
		return "park";
	case VERDICT_QUICK:
		return "quick";
	}
	return "?";
}

const char *park_reason_name(enum park_reason reason)
{
	switch (reason) {
	case PARK_PERMANENT:
		return "permanent";
	case PARK_AMBIGUOUS:
		return "ambiguous";
	case PARK_ATTEMPTS:
		return "attempts";
	case PARK_AGE:
		return "age";
	case PARK_DEADLINE:
		return "deadline";
	case PARK_UNREADABLE:
		return "unreadable";
	case PARK_NO_ROUTE:
		return "no-route";
	case PARK_SUSPECT:
		return "suspect";
	case PARK_TOO_LARGE:
		return "too-large";
	}
	return "?";
}

const char *success_meaning_name(enum success_meaning meaning)
{
	switch (meaning) {
	case SUCCESS_DONE:
		return "done";
	case SUCCESS_ALREADY:
		return "already-done";
	case SUCCESS_FAILED:
		return "failed";
	}
	return "?";
}

const char *judged_by_name(enum judged_by by)
{
	switch (by) {
	case JUDGED_BY_STATUS:
		return "status";
	case JUDGED_BY_SUCCESS_RULE:
		return "success rule";
	case JUDGED_BY_UNDERSTANDING:
		return "body";
	case JUDGED_BY_RULE:
		return "error rule";
	case JUDGED_BY_BUILT_IN:
		return "built-in rule";
	}
	return "?";
}

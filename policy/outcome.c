/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/outcome.h"

#include <assert.h>

const char *transport_name(enum transport transport)
{
	switch (transport) {
	case TRANSPORT_COMPLETE:
		return "complete";
	case TRANSPORT_DNS:
		return "dns";
	case TRANSPORT_CONNECT:
		return "connect";
	case TRANSPORT_TLS:
		return "tls";
	case TRANSPORT_TIMEOUT_BEFORE_SEND:
		return "timeout-before-send";
	case TRANSPORT_TIMEOUT_AFTER_SEND:
		return "timeout-after-send";
	case TRANSPORT_RESET_BEFORE_SEND:
		return "reset-before-send";
	case TRANSPORT_RESET_AFTER_SEND:
		return "reset-after-send";
	case TRANSPORT_PROTOCOL:
		return "protocol";
	case TRANSPORT_CUT_RESPONSE:
		return "cut-response";
	case TRANSPORT_HEADER:
		return "header";
	case TRANSPORT_TEMPLATE:
		return "template";
	}
	return "?";
}

bool transport_parse(struct text name, enum transport *transport)
{
	for (int t = 0; t < TRANSPORT_COUNT; t++) {
		if (text_is(name, transport_name((enum transport)t))) {
			*transport = (enum transport)t;
			return true;
		}
	}
	return false;
}

bool outcome_is_success(const struct outcome *outcome)
{
	return outcome->transport == TRANSPORT_COMPLETE &&
	       outcome->status >= 200 && outcome->status <= 299;
}

static bool has_bit(const uint64_t *bits, size_t matcher)
{
	return matcher < MATCHERS_MAX &&
	       (bits[matcher / 64] >> (matcher % 64) & 1) != 0;
}

static void set_bit(uint64_t *bits, size_t matcher)
{
	assert(matcher < MATCHERS_MAX);
	bits[matcher / 64] |= UINT64_C(1) << (matcher % 64);
}

bool facts_has(const struct facts *facts, size_t matcher)
{
	return has_bit(facts->bits, matcher);
}

void facts_add(struct facts *facts, size_t matcher)
{
	set_bit(facts->bits, matcher);
}

bool facts_is_open(const struct facts *facts, size_t matcher)
{
	return has_bit(facts->open, matcher);
}

void facts_leave_open(struct facts *facts, size_t matcher)
{
	set_bit(facts->open, matcher);
}

const char *sent_name(enum sent sent)
{
	switch (sent) {
	case SENT_NONE:
		return "none";
	case SENT_SOME:
		return "some";
	case SENT_ALL:
		return "all";
	}
	return "?";
}

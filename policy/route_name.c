/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route_name.c - names of what a route is and is at.
 */
#include "policy/route.h"

const char *route_state_name(enum route_state state)
{
	switch (state) {
	case ROUTE_DELIVERING:
		return "delivering";
	case ROUTE_COMPENSATING:
		return "compensating";
	}
	return "?";
}

bool route_state_parse(struct text name, enum route_state *state)
{
	for (int i = 0; i < ROUTE_STATE_COUNT; i++) {
		if (text_is(name, route_state_name((enum route_state)i))) {
			*state = (enum route_state)i;
			return true;
		}
	}
	return false;
}

const char *route_order_name(enum route_order order)
{
	switch (order) {
	case ROUTE_PARALLEL:
		return "parallel";
	case ROUTE_SEQUENTIAL:
		return "sequential";
	}
	return "?";
}

const char *route_failure_name(enum route_failure failure)
{
	switch (failure) {
	case ROUTE_PARK:
		return "park";
	case ROUTE_COMPENSATE:
		return "compensate";
	}
	return "?";
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/quick.h"

bool quick_wait(const struct quick *quick, uint32_t made, millis spent,
		millis *wait)
{
	millis share;
	millis next;

	if (quick->tries > QUICK_TRIES_MAX || made >= quick->tries ||
	    spent >= quick->within)
		return false;
	share = ((millis)1 << quick->tries) - 1;
	next = (quick->within << made) / share;
	if (next < 1)
		next = 1;
	if (next > quick->within - spent)
		next = quick->within - spent;
	*wait = next;
	return true;
}

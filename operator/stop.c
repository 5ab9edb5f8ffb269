/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/stop.h"

#include <assert.h>
#include <signal.h>
#include <stddef.h>

/* A handler has no argument of its own to leave word in. */
static volatile sig_atomic_t came;

static void remember(int number)
{
	came = number;
}

void stop_catch(void)
{
	/* SA_RESETHAND: whoever asks twice does not want to wait. */
	struct sigaction action = {.sa_handler = remember,
				   .sa_flags = (int)SA_RESETHAND};
	int failed = sigemptyset(&action.sa_mask) |
		     sigaction(SIGINT, &action, NULL) |
		     sigaction(SIGTERM, &action, NULL);

	assert(failed == 0);
	(void)failed;
}

int stop_signal(void)
{
	return came;
}

int stop_exit_code(void)
{
	return 128 + stop_signal();
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/message.h"

#include <stdlib.h>

struct message *message_new(void)
{
	struct message *message = calloc(1, sizeof(*message));

	if (message == NULL)
		abort();
	arena_init(&message->arena);
	message->body.at = "";
	return message;
}

void message_free(struct message *message)
{
	if (message == NULL)
		return;
	arena_fini(&message->arena);
	free(message);
}

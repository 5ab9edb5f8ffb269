/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/message.h"

#include <stdlib.h>

#include "worker/mem.h"

struct message *message_new(void)
{
	struct message *message = mem_new(sizeof(*message));

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

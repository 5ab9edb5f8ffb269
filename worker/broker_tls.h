/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_tls.h - what rabbitmq-c cannot be told about TLS is told to OpenSSL:
 * the lowest version, what was revoked, and that a node whose certificate
 * does not hold is left during the handshake, before it sees ours.
 *
 * The only door to libssl. Used by broker_socket.c on each new connection, so
 * that a list of what was revoked is read anew for each.
 */
#ifndef WORKER_BROKER_TLS_H
#define WORKER_BROKER_TLS_H

#include <stdbool.h>

#include "worker/config.h"

/* How a handshake fared; all zeroes before it. */
struct broker_handshake {
	long flaw; /* what is wrong with the node's certificate, as an error
	              of X.509 verification; 0: nothing */
};

/*
 * Sets up an SSL_CTX, which rabbitmq-c has given its authorities already.
 * False, and nothing can be connected, if broker.crl_file cannot be read or
 * holds no list. Unless that, *handshake is written during each handshake
 * with the context, and has to live as long.
 */
bool broker_tls_set(void *ssl_ctx, const struct broker_config *config,
		    struct broker_handshake *handshake);

/*
 * A clause that says why a handshake of this thread has just failed, with the
 * mend, for a person; NULL if OpenSSL does not know. Static.
 */
const char *broker_tls_why(const struct broker_handshake *handshake);

#endif

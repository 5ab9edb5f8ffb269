/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_socket.c - the socket under a connection: TCP or TLS, its options,
 * and how long it may be silent.
 */
#include "worker/broker_amqp.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* rabbitmq-c 0.11 cannot be told to use OpenSSL's own default, so this looks
   where systems keep their bundle. NULL if there is none. */
static const char *system_ca_file(void)
{
	const char *const files[] = {
		getenv("SSL_CERT_FILE"),              /* as OpenSSL does */
		"/etc/ssl/certs/ca-certificates.crt", /* Debian */
		"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
		"/etc/ssl/ca-bundle.pem",             /* SUSE */
		"/etc/ssl/cert.pem",                  /* Alpine, BSD */
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i] != NULL && access(files[i], R_OK) == 0)
			return files[i];
	return NULL;
}

/* A pass phrase is never asked for: there may be nobody to answer. */
static int show_certificate(amqp_socket_t *socket,
			    const struct broker_config *config)
{
	if (config->cert_file == NULL)
		return AMQP_STATUS_OK;
	amqp_ssl_socket_set_key_passwd(socket, "");
	return amqp_ssl_socket_set_key(socket, config->cert_file,
				       config->key_file);
}

static amqp_socket_t *tls_socket(struct broker *b, int *status)
{
	amqp_socket_t *socket = amqp_ssl_socket_new(b->connection);
	const char *ca_file = b->config->ca_file;
	amqp_boolean_t verifies = !b->config->insecure_skip_verify;

	*status = AMQP_STATUS_NO_MEMORY;
	if (socket == NULL)
		return NULL;
	amqp_ssl_socket_set_verify_peer(socket, verifies);
	amqp_ssl_socket_set_verify_hostname(socket, verifies);
	*status = AMQP_STATUS_OK;
	if (ca_file == NULL)
		ca_file = system_ca_file();
	/* Without a bundle no certificate can be verified, and none is. */
	if (ca_file != NULL)
		*status = amqp_ssl_socket_set_cacert(socket, ca_file);
	if (*status == AMQP_STATUS_OK)
		*status = show_certificate(socket, b->config);
	if (*status == AMQP_STATUS_OK &&
	    !broker_tls_set(amqp_ssl_socket_get_context(socket), b->config,
			    &b->handshake))
		*status = AMQP_STATUS_SSL_ERROR;
	return *status == AMQP_STATUS_OK ? socket : NULL;
}

void broker_socket_user_timeout(const struct broker *b, unsigned timeout)
{
	/* Best effort: without it a dead peer is noticed by the heartbeat. */
	(void)setsockopt(broker_fd(b), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout,
			 sizeof(timeout));
}

/* rabbitmq-c sets some of these itself, in some versions. */
static void set_options(const struct broker *b)
{
	int fd = broker_fd(b);
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	broker_socket_user_timeout(b, b->user_timeout);
}

int broker_socket_open(struct broker *b, const struct node_config *node)
{
	millis wait = b->config->connect_timeout;
	struct timeval timeout = {
		.tv_sec = wait / MILLIS_PER_SECOND,
		.tv_usec = wait % MILLIS_PER_SECOND * 1000,
	};
	int status = AMQP_STATUS_NO_MEMORY;
	amqp_socket_t *socket = node->tls ? tls_socket(b, &status)
					  : amqp_tcp_socket_new(b->connection);

	if (socket == NULL)
		return status;
	status = amqp_socket_open_noblock(socket, node->host, node->port,
					  &timeout);
	if (status == AMQP_STATUS_OK)
		set_options(b);
	return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/broker_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

/* Verifies as OpenSSL would, and keeps the reason: rabbitmq-c 0.11 puts the
   connection away with it. */
static int verify(X509_STORE_CTX *store, void *context)
{
	struct broker_handshake *handshake = context;
	int is_sound = X509_verify_cert(store);

	handshake->flaw =
		is_sound == 1 ? X509_V_OK : X509_STORE_CTX_get_error(store);
	return is_sound;
}

/* One list of each authority up to the root has to be in the file, and be in
   date: the same rule that libcurl has for downstreams. */
static bool read_revoked(SSL_CTX *context, const char *crl_file)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);
	X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());

	return lookup != NULL &&
	       X509_load_crl_file(lookup, crl_file, X509_FILETYPE_PEM) > 0 &&
	       X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK |
						   X509_V_FLAG_CRL_CHECK_ALL) ==
		       1;
}

bool broker_tls_set(void *ssl_ctx, const struct broker_config *config,
		    struct broker_handshake *handshake)
{
	SSL_CTX *context = ssl_ctx;
	int lowest = config->tls_min == TLS_MIN_1_3 ? TLS1_3_VERSION
						    : TLS1_2_VERSION;

	*handshake = (struct broker_handshake){0};
	if (SSL_CTX_set_min_proto_version(context, lowest) != 1)
		return false;
	if (config->insecure_skip_verify)
		return true;
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(context, verify, handshake);
	return config->crl_file == NULL ||
	       read_revoked(context, config->crl_file);
}

/* --- why not --------------------------------------------------------------- */

static const char *why_not_trusted(long flaw)
{
	switch (flaw) {
	case X509_V_ERR_CERT_REVOKED:
		return "its certificate was revoked, says broker.crl_file. "
		       "Give the node a new one";
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		return "broker.crl_file has no list of an authority of its "
		       "certificate. Put one of each up to the root into the "
		       "file";
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
		return "a list in broker.crl_file is out of date. Fetch it "
		       "anew";
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "its certificate, or one of its authorities', has "
		       "expired or is not valid yet. Renew it, or set the "
		       "clock of this machine";
	case X509_V_ERR_HOSTNAME_MISMATCH: /* where rabbitmq-c asks for it */
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "its certificate is for another name. Name the node in "
		       "broker.nodes as its certificate does";
	default:
		return "its certificate is not signed by an authority that is "
		       "trusted here. Set broker.ca_file to the certificate "
		       "of the one that signed it";
	}
}

/* Either side may have found that there is no version in common. */
static bool is_over_version(unsigned long error)
{
	return ERR_GET_LIB(error) == ERR_LIB_SSL &&
	       (ERR_GET_REASON(error) == SSL_R_UNSUPPORTED_PROTOCOL ||
		ERR_GET_REASON(error) == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
}

const char *broker_tls_why(const struct broker_handshake *handshake)
{
	unsigned long error = ERR_peek_last_error();

	if (handshake->flaw != X509_V_OK)
		return why_not_trusted(handshake->flaw);
	if (is_over_version(error))
		return "it speaks no version of TLS that broker.tls_min "
		       "allows. Enable a newer one there (ssl_options."
		       "versions)";
	if (ERR_GET_LIB(error) == ERR_LIB_SSL &&
	    ERR_GET_REASON(error) == SSL_R_WRONG_VERSION_NUMBER)
		return "the port does not speak TLS. That of amqps:// is 5671 "
		       "by default";
	return NULL;
}

#include "net/tls_context.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <csignal>

namespace net {
namespace {

std::string openssl_reason() {
    const unsigned long code = ERR_peek_last_error();
    const char* reason = ERR_reason_error_string(code);
    return reason ? reason : "unknown TLS error";
}

bool is_ip_literal(const std::string& host) {
    in6_addr scratch{};
    return inet_pton(AF_INET, host.c_str(), &scratch) == 1 ||
           inet_pton(AF_INET6, host.c_str(), &scratch) == 1;
}

SslContextPtr make_context(const SSL_METHOD* method) {
    // OpenSSL writes to sockets by write(), which cannot be told to leave the signal out.
    std::signal(SIGPIPE, SIG_IGN);
    SslContextPtr context(SSL_CTX_new(method));
    if (!context) return context;
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
    // Idle connections give their record buffers back; a record that must wait may be given again from
    // elsewhere.
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return context;
}

}  // namespace

base::Result<TlsClientContext> TlsClientContext::make(const std::string& extra_ca_file) {
    TlsClientContext made;
    made.context_ = make_context(TLS_client_method());
    if (!made.context_ || SSL_CTX_set_default_verify_paths(made.context_.get()) != 1)
        return base::fail(base::ErrorCode::internal, "cannot set up TLS: " + openssl_reason());
    if (!extra_ca_file.empty() &&
        SSL_CTX_load_verify_locations(made.context_.get(), extra_ca_file.c_str(), nullptr) != 1)
        return base::fail(base::ErrorCode::invalid_argument, "cannot read certificate authorities from " +
                                                                 extra_ca_file + ": " + openssl_reason());
    SSL_CTX_set_verify(made.context_.get(), SSL_VERIFY_PEER, nullptr);
    return made;
}

base::Result<SslPtr> TlsClientContext::connect(int fd, const std::string& host) const {
    SslPtr ssl(SSL_new(context_.get()));
    bool ok = ssl && SSL_set_fd(ssl.get(), fd) == 1;
    if (ok && is_ip_literal(host)) {
        ok = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str()) == 1;
    } else if (ok) {
        SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        ok = SSL_set1_host(ssl.get(), host.c_str()) == 1 &&
             SSL_set_tlsext_host_name(ssl.get(), host.c_str()) == 1;
    }
    if (!ok) return base::fail(base::ErrorCode::internal, "cannot set up TLS: " + openssl_reason());
    SSL_set_connect_state(ssl.get());
    return ssl;
}

base::Result<TlsServerContext> TlsServerContext::make(const std::string& certificate_file,
                                                      const std::string& key_file) {
    TlsServerContext made;
    made.context_ = make_context(TLS_server_method());
    if (!made.context_)
        return base::fail(base::ErrorCode::internal, "cannot set up TLS: " + openssl_reason());
    if (SSL_CTX_use_certificate_chain_file(made.context_.get(), certificate_file.c_str()) != 1)
        return base::fail(base::ErrorCode::invalid_argument,
                          "cannot read the certificate " + certificate_file + ": " + openssl_reason());
    if (SSL_CTX_use_PrivateKey_file(made.context_.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(made.context_.get()) != 1)
        return base::fail(
            base::ErrorCode::invalid_argument,
            "the key " + key_file + " cannot be read or is not the certificate's: " + openssl_reason());
    return made;
}

base::Result<SslPtr> TlsServerContext::accept(int fd) const {
    SslPtr ssl(SSL_new(context_.get()));
    if (!ssl || SSL_set_fd(ssl.get(), fd) != 1)
        return base::fail(base::ErrorCode::internal, "cannot set up TLS: " + openssl_reason());
    SSL_set_accept_state(ssl.get());
    return ssl;
}

std::string describe_tls_failure(const SSL* ssl) {
    const long verified = SSL_get_verify_result(ssl);
    switch (verified) {
        case X509_V_OK:
            return openssl_reason();
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return "the certificate is for another host name";
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return "the certificate has expired";
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return "the certificate is not valid yet";
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            return "the certificate is signed by itself, not by an authority";
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
            return "the certificate's authority is not known to this server";
        case X509_V_ERR_INVALID_PURPOSE:
            return "the certificate is not meant for servers";
        case X509_V_ERR_EE_KEY_TOO_SMALL:
        case X509_V_ERR_CA_KEY_TOO_SMALL:
        case X509_V_ERR_CA_MD_TOO_WEAK:
            return "the certificate's key or signature is too weak";
        case X509_V_ERR_INVALID_CA:
        case X509_V_ERR_INVALID_NON_CA:
            return "the certificate was issued by one that is no authority";
        default:
            return X509_verify_cert_error_string(verified);
    }
}

}  // namespace net

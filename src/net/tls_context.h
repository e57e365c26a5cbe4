// TLS settings made once at start: how we prove who we are, and how we check who a platform is. Safe from any
// thread.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "net/transport.h"

namespace net {

struct SslContextDeleter {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContextPtr = std::unique_ptr<SSL_CTX, SslContextDeleter>;

// Checks the peer's certificate chain against the system's authorities, and those of `extra_ca_file` (PEM;
// empty: none).
class TlsClientContext {
  public:
    static base::Result<TlsClientContext> make(const std::string& extra_ca_file);

    // A TLS client on `fd` that sends `host` as SNI and accepts only a certificate for that name or address.
    base::Result<SslPtr> connect(int fd, const std::string& host) const;

  private:
    SslContextPtr context_;
};

// Answers with a certificate chain and its key (PEM files).
class TlsServerContext {
  public:
    static base::Result<TlsServerContext> make(const std::string& certificate_file,
                                               const std::string& key_file);

    base::Result<SslPtr> accept(int fd) const;

  private:
    SslContextPtr context_;
};

// Why a handshake failed, in words: "the certificate is for another host", "the certificate has expired".
std::string describe_tls_failure(const SSL* ssl);

}  // namespace net

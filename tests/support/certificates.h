// Certificates for tests, made on the spot: an authority, and what it signs. Files go into one temporary
// folder that is removed with the object.
#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace test_support {

class Certificates {
  public:
    struct Files {
        std::string certificate;
        std::string key;
    };

    Certificates() {
        char name[] = "/tmp/everycast-certificates-XXXXXX";
        folder_ = ::mkdtemp(name);
        authority_key_ = new_key();
        authority_ = make("Test Authority", "", authority_key_.get(), -3600, 86'400, nullptr, nullptr);
        save(authority_.get(), folder_ / "authority.pem");
    }
    ~Certificates() { std::filesystem::remove_all(folder_); }
    Certificates(const Certificates&) = delete;
    Certificates& operator=(const Certificates&) = delete;

    std::string authority() const { return folder_ / "authority.pem"; }

    // For an address such as "127.0.0.1"; valid from and until these many seconds from now.
    Files signed_for(const std::string& address, long from_s = -3600, long until_s = 86'400) {
        const Key key = new_key();
        return save(
            make(address, address, key.get(), from_s, until_s, authority_.get(), authority_key_.get()), key);
    }
    Files self_signed_for(const std::string& address) {
        const Key key = new_key();
        return save(make(address, address, key.get(), -3600, 86'400, nullptr, nullptr), key);
    }

  private:
    using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
    using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

    static Key new_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

    static void extend(X509* certificate, int nid, const std::string& value) {
        X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }

    Certificate make(const std::string& name, const std::string& address, EVP_PKEY* key, long from_s,
                     long until_s, X509* issuer, EVP_PKEY* issuer_key) {
        Certificate certificate(X509_new(), X509_free);
        X509_set_version(certificate.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial_);
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from_s);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), until_s);
        X509_set_pubkey(certificate.get(), key);
        X509_NAME* subject = X509_get_subject_name(certificate.get());
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
        X509_set_issuer_name(certificate.get(), issuer ? X509_get_subject_name(issuer) : subject);
        if (address.empty())
            extend(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
        else
            extend(certificate.get(), NID_subject_alt_name, "IP:" + address);
        X509_sign(certificate.get(), issuer_key ? issuer_key : key, EVP_sha256());
        return certificate;
    }

    static void save(X509* certificate, const std::filesystem::path& file) {
        std::FILE* out = std::fopen(file.c_str(), "w");
        PEM_write_X509(out, certificate);
        std::fclose(out);
    }
    Files save(const Certificate& certificate, const Key& key) {
        const std::string name = folder_ / std::to_string(serial_);
        save(certificate.get(), name + ".pem");
        std::FILE* out = std::fopen((name + ".key").c_str(), "w");
        PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(out);
        return {name + ".pem", name + ".key"};
    }

    std::filesystem::path folder_;
    long serial_ = 0;
    Key authority_key_{nullptr, EVP_PKEY_free};
    Certificate authority_{nullptr, X509_free};
};

}  // namespace test_support

#pragma once

#include <memory>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string>

/// OpenSSL's objects with owners.
namespace lightcone::live::openssl {

template <auto Free>
struct Freer
{
    template <class T>
    void operator()(T* object) const
    {
        Free(object);
    }
};

using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

/// The newest thing that OpenSSL complained about on this thread; clears the rest.
std::string lastError();

/// One field of a certificate's subject, as UTF-8; empty where there is none.
std::string subjectField(const X509*, int nid);

} // namespace lightcone::live::openssl

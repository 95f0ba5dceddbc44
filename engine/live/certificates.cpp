#include "engine/live/certificates.h"

#include "engine/describe/described.h"
#include "engine/live/openssl.h"

#include <algorithm>
#include <array>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <utility>

namespace lightcone::live {

namespace {

using namespace openssl;

Error failure(const std::string& what)
{
    return fail("cannot make " + what + ": " + lastError());
}

bool add(X509_NAME* name, const char* field, const std::string& value)
{
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(value.data()),
                                      static_cast<int>(value.size()), -1, 0)
        == 1;
}

bool extend(X509* certificate, X509* issuer, int nid, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// 128 bits of chance: two authorities never give the same number.
bool number(X509* certificate)
{
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        return false;
    }
    bytes[0] &= 0x7F;
    const std::unique_ptr<BIGNUM, Freer<BN_free>> big(
        BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    return big && BN_to_ASN1_INTEGER(big.get(), X509_get_serialNumber(certificate)) != nullptr;
}

CertificatePtr begin(const Validity& validity, EVP_PKEY* key)
{
    CertificatePtr certificate(X509_new());
    if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1
        || !number(certificate.get())
        || X509_gmtime_adj(X509_getm_notBefore(certificate.get()), validity.from.count()) == nullptr
        || X509_gmtime_adj(X509_getm_notAfter(certificate.get()), validity.until.count()) == nullptr
        || X509_set_pubkey(certificate.get(), key) != 1) {
        return nullptr;
    }
    return certificate;
}

std::string contents(BIO* bio)
{
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

Result<Credentials> toPem(X509* certificate, EVP_PKEY* key)
{
    const BioPtr first(BIO_new(BIO_s_mem()));
    const BioPtr second(BIO_new(BIO_s_mem()));
    if (!first || !second || PEM_write_bio_X509(first.get(), certificate) != 1
        || PEM_write_bio_PKCS8PrivateKey(second.get(), key, nullptr, nullptr, 0, nullptr, nullptr)
            != 1) {
        return failure("PEM");
    }
    return Credentials{contents(first.get()), contents(second.get())};
}

/// "DNS:localhost,IP:127.0.0.1"
std::string alternativeNames(const std::vector<std::string>& hosts)
{
    std::string names;
    for (const auto& host : hosts) {
        const bool address = host.find(':') != std::string::npos
            || std::all_of(host.begin(), host.end(),
                           [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
        names += (names.empty() ? "" : ",") + std::string(address ? "IP:" : "DNS:") + host;
    }
    return names;
}

} // namespace

Result<Credentials> makeAuthority(const std::string& cluster, const Validity& validity)
{
    const KeyPtr key(EVP_EC_gen("P-256"));
    const auto certificate = key ? begin(validity, key.get()) : nullptr;
    if (!certificate) {
        return failure("the authority's key");
    }
    auto* name = X509_get_subject_name(certificate.get());
    if (!add(name, "O", cluster) || !add(name, "CN", cluster + " authority")
        || X509_set_issuer_name(certificate.get(), name) != 1
        || !extend(certificate.get(), certificate.get(), NID_basic_constraints,
                   "critical,CA:TRUE,pathlen:0")
        || !extend(certificate.get(), certificate.get(), NID_key_usage,
                   "critical,keyCertSign,cRLSign")
        || !extend(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash")
        || X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) {
        return failure("the authority's certificate");
    }
    return toPem(certificate.get(), key.get());
}

Result<Credentials> certify(const Credentials& authority, const Subject& subject,
                            const Validity& validity)
{
    const BioPtr certificateText(BIO_new_mem_buf(authority.certificate.data(),
                                                 static_cast<int>(authority.certificate.size())));
    const BioPtr keyText(
        BIO_new_mem_buf(authority.key.data(), static_cast<int>(authority.key.size())));
    const CertificatePtr issuer(
        PEM_read_bio_X509(certificateText.get(), nullptr, nullptr, nullptr));
    const KeyPtr issuerKey(PEM_read_bio_PrivateKey(keyText.get(), nullptr, nullptr, nullptr));
    const KeyPtr key(EVP_EC_gen("P-256"));
    if (!issuer || !issuerKey || !key) {
        return failure("a certificate for " + subject.name);
    }
    const auto certificate = begin(validity, key.get());
    auto* name = certificate ? X509_get_subject_name(certificate.get()) : nullptr;
    if (name == nullptr || !add(name, "O", subject.cluster)
        || !add(name, "OU", describe::nameOf(subject.role)) || !add(name, "CN", subject.name)
        || X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get())) != 1
        || !extend(certificate.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE")
        || !extend(certificate.get(), issuer.get(), NID_key_usage, "critical,digitalSignature")
        || !extend(certificate.get(), issuer.get(), NID_ext_key_usage, "serverAuth,clientAuth")
        || !extend(certificate.get(), issuer.get(), NID_authority_key_identifier, "keyid")
        || (!subject.hosts.empty()
            && !extend(certificate.get(), issuer.get(), NID_subject_alt_name,
                       alternativeNames(subject.hosts)))
        || X509_sign(certificate.get(), issuerKey.get(), EVP_sha256()) == 0) {
        return failure("a certificate for " + subject.name);
    }
    return toPem(certificate.get(), key.get());
}

} // namespace lightcone::live

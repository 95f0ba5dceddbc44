#include "engine/live/tls.h"

#include "engine/describe/described.h"
#include "engine/live/openssl.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <filesystem>
#include <fstream>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sslerr.h>

namespace lightcone::live {

namespace openssl {

std::string lastError()
{
    const auto code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "OpenSSL says no more" : reason;
}

std::string subjectField(const X509* certificate, int nid)
{
    auto* name = X509_get_subject_name(certificate);
    const int place = X509_NAME_get_index_by_NID(name, nid, -1);
    if (place < 0) {
        return {};
    }
    unsigned char* text = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, place)));
    if (size < 0) {
        return {};
    }
    std::string out(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
    return out;
}

} // namespace openssl

namespace {

namespace ssl = boost::asio::ssl;
using namespace openssl;

Result<Certified> certified(const X509* certificate)
{
    const auto unit = subjectField(certificate, NID_organizationalUnitName);
    Certified out{Role::Observer, subjectField(certificate, NID_commonName),
                  subjectField(certificate, NID_organizationName)};
    for (const auto role : {Role::Peer, Role::Client, Role::Observer, Role::Operator}) {
        if (describe::nameOf(role) == unit) {
            out.role = role;
            return out;
        }
    }
    return fail("the certificate of '" + out.name
                + "' gives no role: expected OU to be peer, client, observer or operator, found '"
                + unit + "'");
}

Error inFile(std::string message, const std::string& file)
{
    auto error = fail(std::move(message));
    error.file = file;
    return error;
}

/// OpenSSL's own words for a missing file are poor.
Result<void> readable(const std::string& file, std::string_view what)
{
    if (file.empty()) {
        return fail("TLS needs " + std::string(what)
                    + ": authority, certificate and key are given together");
    }
    if (!std::ifstream(file)) {
        return inFile("cannot read " + std::string(what), file);
    }
    return {};
}

Result<void> load(Tls& tls, const TlsFiles& files)
{
    boost::system::error_code error;
    tls.context.load_verify_file(files.authority, error);
    if (error) {
        ERR_clear_error();
        return inFile("expected the authority's certificate in PEM: " + error.message(),
                      files.authority);
    }
    tls.context.use_certificate_chain_file(files.certificate, error);
    if (error) {
        ERR_clear_error();
        return inFile("expected a certificate in PEM: " + error.message(), files.certificate);
    }
    tls.context.use_private_key_file(files.key, ssl::context::pem, error);
    if (error) {
        ERR_clear_error();
        const bool misfit =
            ERR_GET_REASON(static_cast<unsigned long>(error.value())) == X509_R_KEY_VALUES_MISMATCH;
        return inFile(misfit ? "the key is not the certificate's"
                             : "expected a private key in PEM: " + error.message(),
                      files.key);
    }
    return {};
}

/// What the other side would find out, found out before.
Result<void> verifyOwn(SSL_CTX* context, X509* certificate, const std::string& file)
{
    const std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>> check(X509_STORE_CTX_new());
    if (!check
        || X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(context), certificate, nullptr)
            != 1) {
        return inFile("cannot check the certificate: " + lastError(), file);
    }
    if (X509_verify_cert(check.get()) != 1) {
        const auto code = X509_STORE_CTX_get_error(check.get());
        ERR_clear_error();
        return inFile(std::string("the certificate is no good: ")
                          + X509_verify_cert_error_string(code),
                      file);
    }
    return {};
}

std::string whyNotVerified(long code)
{
    switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "its certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "its certificate is not valid yet";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return "its certificate is not of this cluster's authority";
    default:
        return std::string("its certificate is no good: ") + X509_verify_cert_error_string(code);
    }
}

/// Alerts of the other side (RFC 8446, section 6.2), and what people do wrong.
std::string whyByReason(int reason)
{
    switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_RECORD_TOO_SMALL:
    case SSL_R_BAD_RECORD_TYPE:
        return "it speaks plain text, and TLS was expected";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        return "one of the two does not speak TLS 1.3";
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
        return "it showed no certificate";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return "the other side asks for a certificate";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        return "the other side does not take our certificate: it is not of its cluster's authority";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        return "the other side does not take our certificate: it has expired";
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
        return "the other side does not take our certificate";
    default:
        return {};
    }
}

} // namespace

Result<TlsPtr> openTls(const TlsFiles& files)
{
    for (const auto& [file, what] :
         {std::pair(&files.authority, "the authority's certificate"),
          std::pair(&files.certificate, "a certificate"), std::pair(&files.key, "a key")}) {
        if (auto there = readable(*file, what); !there) {
            return there.error();
        }
    }
    auto tls = std::make_shared<Tls>(Tls{ssl::context(ssl::context::tls), {}, {}, {}});
    auto* context = tls->context.native_handle();
    if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1) {
        return fail("this OpenSSL does not speak TLS 1.3: " + lastError());
    }
    if (auto loaded = load(*tls, files); !loaded) {
        return loaded.error();
    }
    auto* certificate = SSL_CTX_get0_certificate(context);
    if (auto good = verifyOwn(context, certificate, files.certificate); !good) {
        return good.error();
    }
    auto own = certified(certificate);
    if (!own) {
        return inFile(own.error().message, files.certificate);
    }
    tls->role = own->role;
    tls->name = own->name;
    tls->cluster = own->cluster;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    // Connections live long; a ticket would let somebody in again without a certificate.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    return tls;
}

Result<Certified> certifiedBy(SSL* ssl)
{
    const CertificatePtr certificate(SSL_get1_peer_certificate(ssl));
    if (!certificate) {
        return fail("it showed no certificate");
    }
    return certified(certificate.get());
}

std::string whyRefusedByTls(const boost::system::error_code& error)
{
    if (error.category() != boost::asio::error::get_ssl_category()) {
        return {};
    }
    return whyByReason(ERR_GET_REASON(static_cast<unsigned long>(error.value())));
}

std::string whyHandshakeFailed(const boost::system::error_code& error, SSL* ssl)
{
    const auto verified = SSL_get_verify_result(ssl);
    if (verified != X509_V_OK) {
        return whyNotVerified(verified);
    }
    auto why = whyRefusedByTls(error);
    if (!why.empty()) {
        return why;
    }
    if (error == boost::asio::error::eof || error == ssl::error::stream_truncated
        || error == boost::asio::error::connection_reset) {
        return "it hung up during the TLS handshake";
    }
    return "the TLS handshake failed: " + error.message();
}

} // namespace lightcone::live

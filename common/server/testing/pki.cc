#include "common/server/testing/pki.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/crypto/key_provider.h"
#include "common/rpc/client.h"

namespace waymark::testing {
namespace {

[[noreturn]] void Die(absl::string_view what) {
  std::cerr << "test certificates: " << what << "\n";
  std::abort();
}

EVP_PKEY* NewKey() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  if (key == nullptr) Die("no key");
  return key;
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) Die(value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* NewCertificate(EVP_PKEY* key, const std::string& name, absl::Time not_after) {
  static std::atomic<int64_t> serial{1};
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), serial++);
  ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(absl::Now() - absl::Hours(48)));
  ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(not_after));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(certificate, key);
  return certificate;
}

std::string ToPem(X509* certificate) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, size);
  BIO_free(bio);
  return text;
}

std::string ToPem(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, size);
  BIO_free(bio);
  return text;
}

std::string NewFolder() {
  std::string pattern = std::filesystem::temp_directory_path() / "waymark-test-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) Die("no temporary folder");
  return pattern;
}

}  // namespace

struct Authority::State {
  EVP_PKEY* key = NewKey();
  X509* certificate = nullptr;
};

Authority::Authority() : state_(std::make_unique<State>()) {
  state_->certificate =
      NewCertificate(state_->key, "Waymark test authority", absl::Now() + absl::Hours(48));
  X509_set_issuer_name(state_->certificate, X509_get_subject_name(state_->certificate));
  AddExtension(state_->certificate, state_->certificate, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(state_->certificate, state_->certificate, NID_key_usage, "critical,keyCertSign");
  X509_sign(state_->certificate, state_->key, EVP_sha256());
}

Authority::~Authority() {
  X509_free(state_->certificate);
  EVP_PKEY_free(state_->key);
}

Authority::Files Authority::Issue(absl::string_view service) const {
  return IssueFor(absl::StrCat("spiffe://waymark/", service), absl::Now() + absl::Hours(24));
}

Authority::Files Authority::IssueFor(absl::string_view uri, absl::Time not_after) const {
  EVP_PKEY* key = NewKey();
  X509* certificate = NewCertificate(key, "test", not_after);
  X509_set_issuer_name(certificate, X509_get_subject_name(state_->certificate));
  AddExtension(certificate, state_->certificate, NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(certificate, state_->certificate, NID_key_usage, "critical,digitalSignature");
  AddExtension(certificate, state_->certificate, NID_ext_key_usage, "serverAuth,clientAuth");
  // The names are only for gRPC's server, which complains in its log about an SNI it does not hold.
  AddExtension(certificate, state_->certificate, NID_subject_alt_name,
               absl::StrCat("DNS:localhost,IP:127.0.0.1", uri.empty() ? "" : ",URI:", uri));
  X509_sign(certificate, state_->key, EVP_sha256());
  Files files = {.certificate = ToPem(certificate),
                 .key = ToPem(key),
                 .authority = ToPem(state_->certificate)};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

void Authority::Install(const Files& files, const std::string& path) {
  static std::atomic<int> number{0};
  const std::string fresh = absl::StrCat(path, ".", number++);
  std::filesystem::create_directories(fresh);
  std::ofstream(fresh + "/tls.crt") << files.certificate;
  std::ofstream(fresh + "/tls.key") << files.key;
  std::ofstream(fresh + "/ca.crt") << files.authority;
  const std::string link = fresh + ".link";
  std::filesystem::create_symlink(std::filesystem::absolute(fresh), link);
  std::filesystem::rename(link, path);
}

Surroundings::Surroundings()
    : folder_(NewFolder()), token_key_(*access::MakeDevelopmentKey("test-key")) {
  WriteFile("jwks.json", token_key_.jwks);
}

Surroundings::~Surroundings() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Surroundings::WriteFile(absl::string_view name, absl::string_view text) const {
  std::string path = absl::StrCat(folder_, "/", name);
  std::ofstream(path, std::ios::trunc) << text;
  return path;
}

std::string Surroundings::CertificatesOf(absl::string_view service) {
  std::string path = absl::StrCat(folder_, "/tls-", service);
  if (!std::filesystem::exists(path)) Authority::Install(authority_.Issue(service), path);
  return path;
}

server::Options Surroundings::OptionsFor(absl::string_view service) {
  server::Options options;
  options.certificates = CertificatesOf(service);
  options.refresh_certificates = absl::Seconds(1);
  options.jwks = absl::StrCat(folder_, "/jwks.json");
  options.issuer = kIssuer;
  options.keys = absl::StrCat(folder_, "/keys-", service);
  if (!std::filesystem::exists(options.keys) && !crypto::CreateKeyFile(options.keys).ok()) {
    Die("no key file");
  }
  options.pseudonym_key = absl::StrCat(folder_, "/pseudonym.key");
  if (!std::filesystem::exists(options.pseudonym_key) &&
      !crypto::WriteKeyFile(options.pseudonym_key).ok()) {
    Die("no pseudonym key");
  }
  options.stop_within = absl::Seconds(5);
  return options;
}

access::DevelopmentClaims Surroundings::Claims() const {
  return {.issuer = kIssuer,
          .user_id = "nurse-1",
          .tenant = "demo",
          .roles = {"OH_NURSE"},
          .not_before = absl::Now() - absl::Minutes(1),
          .expiry = absl::Now() + absl::Hours(1)};
}

std::string Surroundings::Token(const access::DevelopmentClaims& claims) const {
  return access::MintDevelopmentToken(token_key_.private_jwk, claims).value();
}

std::string Surroundings::TokenFor(std::vector<std::string> roles, absl::string_view tenant,
                                   absl::string_view user) const {
  access::DevelopmentClaims claims = Claims();
  claims.roles = std::move(roles);
  claims.tenant = std::string(tenant);
  claims.user_id = std::string(user);
  return Token(claims);
}

std::shared_ptr<grpc::Channel> Surroundings::Channel(absl::string_view as, int port,
                                                     absl::string_view service) {
  return rpc::Connect({.target = absl::StrCat("127.0.0.1:", port),
                       .certificates = CertificatesOf(as),
                       .peer = std::string(service),
                       .refresh_certificates = absl::Seconds(1)});
}

}  // namespace waymark::testing

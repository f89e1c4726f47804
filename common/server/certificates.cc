#include "common/server/certificates.h"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"

namespace waymark::server {
namespace {

struct OpenSslDelete {
  void operator()(X509* x) const { X509_free(x); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <class T>
using Owned = std::unique_ptr<T, OpenSslDelete>;

absl::Status Unreadable(absl::string_view path) {
  return status::FailedPrecondition("TLS_FILE_UNREADABLE",
                                    absl::StrCat("Cannot read ", path, " as PEM."));
}

absl::StatusOr<std::vector<Owned<X509>>> ReadCertificates(const std::string& path) {
  const Owned<BIO> file(BIO_new_file(path.c_str(), "r"));
  std::vector<Owned<X509>> certificates;
  while (file != nullptr) {
    Owned<X509> one(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
    if (one == nullptr) break;
    certificates.push_back(std::move(one));
  }
  if (certificates.empty()) return Unreadable(path);
  return certificates;
}

absl::Time ToTime(const ASN1_TIME* time) {
  struct tm parts = {};
  ASN1_TIME_to_tm(time, &parts);
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::vector<std::string> WaymarkServices(X509* certificate) {
  const Owned<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> services;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    absl::string_view uri(
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.uniformResourceIdentifier)),
        ASN1_STRING_length(name->d.uniformResourceIdentifier));
    if (absl::ConsumePrefix(&uri, "spiffe://waymark/")) services.emplace_back(uri);
  }
  return services;
}

}  // namespace

absl::StatusOr<CertificateFacts> CheckCertificates(absl::string_view folder, absl::Time now) {
  const std::string certificate_path = absl::StrCat(folder, "/tls.crt");
  const std::string key_path = absl::StrCat(folder, "/tls.key");
  ASSIGN_OR_RETURN(const std::vector<Owned<X509>> chain, ReadCertificates(certificate_path));
  ASSIGN_OR_RETURN(const std::vector<Owned<X509>> authorities,
                   ReadCertificates(absl::StrCat(folder, "/ca.crt")));
  const Owned<BIO> key_file(BIO_new_file(key_path.c_str(), "r"));
  const Owned<EVP_PKEY> key(
      key_file == nullptr ? nullptr
                          : PEM_read_bio_PrivateKey(key_file.get(), nullptr, nullptr, nullptr));
  if (key == nullptr) return Unreadable(key_path);
  X509* own = chain.front().get();
  if (X509_check_private_key(own, key.get()) != 1) {
    return status::FailedPrecondition(
        "TLS_PAIR_MISMATCH", absl::StrCat(key_path, " is not the key of ", certificate_path,
                                          ": replace the folder as a whole, never single files."));
  }
  CertificateFacts facts{.not_after = ToTime(X509_get0_notAfter(own)), .service = ""};
  if (now >= facts.not_after || now < ToTime(X509_get0_notBefore(own))) {
    return status::FailedPrecondition("TLS_EXPIRED",
                                      absl::StrCat(certificate_path, " is not valid now."));
  }
  const Owned<X509_STORE> store(X509_STORE_new());
  for (const Owned<X509>& authority : authorities) {
    X509_STORE_add_cert(store.get(), authority.get());
  }
  STACK_OF(X509)* between = sk_X509_new_null();
  for (size_t i = 1; i < chain.size(); ++i) sk_X509_push(between, chain[i].get());
  const Owned<X509_STORE_CTX> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), own, between);
  X509_STORE_CTX_set_time(context.get(), 0, absl::ToTimeT(now));
  const bool is_signed = X509_verify_cert(context.get()) == 1;
  sk_X509_free(between);
  if (!is_signed) {
    return status::FailedPrecondition(
        "TLS_NOT_SIGNED", absl::StrCat(folder, "/ca.crt did not sign ", certificate_path, "."));
  }
  const std::vector<std::string> services = WaymarkServices(own);
  if (services.size() != 1) {
    return status::FailedPrecondition(
        "TLS_NO_IDENTITY",
        absl::StrCat(certificate_path, " must name exactly one spiffe://waymark/<service>."));
  }
  facts.service = services.front();
  return facts;
}

}  // namespace waymark::server

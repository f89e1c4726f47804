#include "common/server/certificates.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "common/server/testing/pki.h"
#include "common/status/status.h"

namespace waymark::server {
namespace {

class CertificatesTest : public ::testing::Test {
 protected:
  std::string Install(const testing::Authority::Files& files) {
    std::string path = surroundings_.folder() + "/tls";
    testing::Authority::Install(files, path);
    return path;
  }
  std::string ReasonFor(const testing::Authority::Files& files) {
    return status::Reason(CheckCertificates(Install(files), absl::Now()).status());
  }
  testing::Surroundings surroundings_;
};

TEST_F(CertificatesTest, ReadsTheServiceAndTheLastInstant) {
  const absl::StatusOr<CertificateFacts> facts =
      CheckCertificates(Install(surroundings_.authority().Issue("audit")), absl::Now());
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->service, "audit");
  EXPECT_GT(facts->not_after, absl::Now() + absl::Hours(23));
}

TEST_F(CertificatesTest, RefusesAKeyBesideAnotherKeysCertificate) {
  testing::Authority::Files files = surroundings_.authority().Issue("audit");
  files.key = surroundings_.authority().Issue("audit").key;
  EXPECT_EQ(ReasonFor(files), "TLS_PAIR_MISMATCH");
}

TEST_F(CertificatesTest, RefusesACertificateOfAnotherAuthority) {
  testing::Authority::Files files = surroundings_.authority().Issue("audit");
  files.authority = testing::Authority().Issue("audit").authority;
  EXPECT_EQ(ReasonFor(files), "TLS_NOT_SIGNED");
}

TEST_F(CertificatesTest, RefusesACertificateThatHasEnded) {
  EXPECT_EQ(ReasonFor(surroundings_.authority().IssueFor("spiffe://waymark/audit",
                                                         absl::Now() - absl::Hours(1))),
            "TLS_EXPIRED");
}

TEST_F(CertificatesTest, RefusesACertificateWithoutAnIdentityOfOurs) {
  const absl::Time later = absl::Now() + absl::Hours(1);
  EXPECT_EQ(ReasonFor(surroundings_.authority().IssueFor("", later)), "TLS_NO_IDENTITY");
  EXPECT_EQ(ReasonFor(surroundings_.authority().IssueFor("spiffe://elsewhere/audit", later)),
            "TLS_NO_IDENTITY");
}

TEST_F(CertificatesTest, RefusesMissingAndUnreadableFiles) {
  EXPECT_EQ(status::Reason(CheckCertificates("/nowhere", absl::Now()).status()),
            "TLS_FILE_UNREADABLE");
  testing::Authority::Files files = surroundings_.authority().Issue("audit");
  files.key = "not PEM";
  EXPECT_EQ(ReasonFor(files), "TLS_FILE_UNREADABLE");
  files = surroundings_.authority().Issue("audit");
  files.authority = "";
  EXPECT_EQ(ReasonFor(files), "TLS_FILE_UNREADABLE");
}

}  // namespace
}  // namespace waymark::server

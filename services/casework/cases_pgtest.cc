#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/schema_walk.h"
#include "services/casework/cases.h"
#include "services/casework/conformance.h"
#include "services/casework/toy_for_test.h"

namespace waymark::casework {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(Toy, CaseLifecycle, ToyPathway);

TEST(CaseworkSchemaPgTest, TablesKeepTheRules) {
  ::waymark::testing::TestDatabase database(
      {{std::string(kCaseworkLine), std::string(kCaseworkFolder)}});
  EXPECT_THAT(::waymark::testing::WalkSchema(database), ::testing::IsEmpty());
}

}  // namespace
}  // namespace waymark::casework

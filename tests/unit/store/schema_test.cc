#include "server/store/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/store/sqlite.h"

namespace adieu::store::sqlite {
namespace {

using testing::HasSubstr;

constexpr const char* kThree[] = {"CREATE TABLE a (x INTEGER)", "INSERT INTO a VALUES (7)",
                                  "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 8"};

TEST(Migrate, GoesOnFromTheVersionOfTheFile) {
  auto connection = Open(":memory:");
  ASSERT_TRUE(connection.ok());
  const std::span<const char* const> three = kThree;
  for (std::size_t version : {1U, 1U, 3U, 3U}) {
    ASSERT_FALSE(Migrate(connection->get(), three.first(version)));
    EXPECT_EQ(*ReadNumber(connection->get(), "PRAGMA user_version"), static_cast<std::int64_t>(version));
  }
  EXPECT_EQ(*ReadNumber(connection->get(), "SELECT count(*) FROM a WHERE x = 7 AND y = 8"), 1);
}

TEST(Migrate, RefusesANewerFile) {
  auto connection = Open(":memory:");
  ASSERT_TRUE(connection.ok());
  const std::span<const char* const> three = kThree;
  ASSERT_FALSE(Migrate(connection->get(), three));
  const auto error = Migrate(connection->get(), three.first(2));
  ASSERT_TRUE(error);
  EXPECT_THAT(error->message, HasSubstr("version 3"));
}

TEST(Migrate, AFailedStepLeavesTheVersionBefore) {
  auto connection = Open(":memory:");
  ASSERT_TRUE(connection.ok());
  const char* const steps[] = {kThree[0], "INSERT INTO a VALUES (7); INSERT INTO b VALUES (7)"};
  const auto error = Migrate(connection->get(), steps);
  ASSERT_TRUE(error);
  EXPECT_THAT(error->message, HasSubstr("migration to schema version 2: no such table: b"));
  EXPECT_EQ(*ReadNumber(connection->get(), "PRAGMA user_version"), 1);
  EXPECT_EQ(*ReadNumber(connection->get(), "SELECT count(*) FROM a"), 0);
  EXPECT_FALSE(Migrate(connection->get(), std::span<const char* const>(kThree)));
}

TEST(Migrate, TheSchemaOfThisProgramIsWhole) {
  auto connection = Open(":memory:");
  ASSERT_TRUE(connection.ok());
  EXPECT_FALSE(Migrate(connection->get(), Migrations()));
  EXPECT_EQ(*ReadText(connection->get(), "PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace adieu::store::sqlite

// Requests are signed as Kalshi checks them; keys come from files that nobody else can read.
#include "venue/kalshi/signature.hpp"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "support/temp_folder.hpp"

namespace voltage::venue::kalshi {
namespace {

class Signature : public ::testing::TestWithParam<Key::Kind> {};

TEST_P(Signature, verifies_and_binds_time_method_and_path) {
  const auto key = Key::generate(GetParam());
  ASSERT_TRUE(key);
  const Time now = Time::from_ms(1'795'366'800'123);
  const auto signature = key->sign(now, "GET", "/trade-api/ws/v2");
  ASSERT_TRUE(signature);
  EXPECT_TRUE(key->verify("1795366800123", "GET", "/trade-api/ws/v2", *signature));
  EXPECT_FALSE(key->verify("1795366800124", "GET", "/trade-api/ws/v2", *signature));
  EXPECT_FALSE(key->verify("1795366800123", "POST", "/trade-api/ws/v2", *signature));
  EXPECT_FALSE(key->verify("1795366800123", "GET", "/trade-api/v2", *signature));
  EXPECT_FALSE(key->verify("1795366800123", "GET", "/trade-api/ws/v2", "bm9uc2Vuc2U="));
}

TEST_P(Signature, a_key_survives_its_file) {
  const voltage::testing::TempFolder folder;
  const auto key = Key::generate(GetParam());
  ASSERT_TRUE(key && key->write(folder.path("key.pem")));
  const auto read = Key::read(folder.path("key.pem"));
  ASSERT_TRUE(read);
  const auto signature = key->sign(Time::from_ms(1), "GET", "/x");
  EXPECT_TRUE(read->verify("1", "GET", "/x", *signature));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Signature, ::testing::Values(Key::Kind::rsa, Key::Kind::ed25519));

TEST(KeyFile, one_that_others_can_read_is_refused_and_nothing_of_it_is_said) {
  const voltage::testing::TempFolder folder;
  const auto key = Key::generate(Key::Kind::ed25519);
  ASSERT_TRUE(key && key->write(folder.path("key.pem")));
  ASSERT_EQ(::chmod(folder.path("key.pem").c_str(), 0644), 0);
  const auto read = Key::read(folder.path("key.pem"));
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("chmod 600"), std::string::npos);
  EXPECT_EQ(read.error().message.find("BEGIN"), std::string::npos);
}

TEST(KeyFile, what_is_no_key_is_refused_without_a_word_of_its_content) {
  const voltage::testing::TempFolder folder;
  const auto path = folder.write("key.pem", "secret words");
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  const auto read = Key::read(path);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message.find("secret"), std::string::npos);
  EXPECT_FALSE(Key::read(folder.path("nowhere.pem")));
}

}  // namespace
}  // namespace voltage::venue::kalshi

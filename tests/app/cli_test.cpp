// What a person gets who mistypes.
#include "app/cli.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/temp_folder.hpp"

namespace voltage::app {
namespace {

struct Said {
  int code{};
  std::string error;
};

Said run(std::vector<std::string> words) {
  words.insert(words.begin(), "voltage");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  ::testing::internal::CaptureStderr();
  const int code = run_cli(static_cast<int>(argv.size()), argv.data());
  return {code, ::testing::internal::GetCapturedStderr()};
}

TEST(Cli, a_command_that_is_none_is_named) {
  const auto said = run({"lvie", "--live"});
  EXPECT_EQ(said.code, 2);
  EXPECT_EQ(said.error, "voltage: 'lvie' is no command; voltage --help lists them\n");
}

// Read as an empty one it would mean production with the limits of nobody's choice.
TEST(Cli, a_folder_is_no_configuration) {
  const voltage::testing::TempFolder folder;
  for (const char* command : {"live", "guard", "doctor"}) {
    const auto said = run({command, "--config", folder.path()});
    EXPECT_EQ(said.code, 1) << command;
    EXPECT_NE(said.error.find(folder.path() + ": cannot be read"), std::string::npos) << said.error;
  }
  EXPECT_NE(run({"live", "--config", folder.path("none.toml")}).error.find("none.toml: cannot be opened"),
            std::string::npos);
}

TEST(Cli, looking_at_a_store_that_is_not_there_makes_none) {
  const voltage::testing::TempFolder folder;
  const std::string store = folder.path("nothere");
  for (const char* command : {"list", "rollback"}) {
    const auto said = run({"models", command, "--store", store});
    EXPECT_EQ(said.code, 1) << command;
    EXPECT_NE(said.error.find(store + ": there is no store of bundles"), std::string::npos) << said.error;
    EXPECT_FALSE(std::filesystem::exists(store));
  }
}

TEST(Cli, a_mistyped_folder_of_runs_does_not_look_like_an_empty_one) {
  const voltage::testing::TempFolder folder;
  const std::string typo = folder.path("typo");
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"runs"}, {"evidence"}, {"seal"}, {"nightly"}, {"report", "R"}, {"digest"}, {"violations", "R"}}) {
    auto with = words;
    with.insert(with.end(), {"--data", typo});
    const auto said = run(with);
    EXPECT_EQ(said.code, 2) << words[0];
    EXPECT_NE(said.error.find("'" + typo + "' is no folder; name the one"), std::string::npos)
        << words[0] << ": " << said.error;
    EXPECT_FALSE(std::filesystem::exists(typo));
  }
  for (const char* command : {"runs", "evidence"}) {
    const auto said = run({command, "--data", folder.path()});
    EXPECT_EQ(said.code, 0) << command << ": " << said.error;
  }
}

TEST(Cli, a_folder_is_no_file_of_frames) {
  const voltage::testing::TempFolder folder;
  const auto said = run({"decode", "kalshi", folder.path()});
  EXPECT_EQ(said.code, 1);
  EXPECT_NE(said.error.find(folder.path() + ": is a folder; a file is needed"), std::string::npos) << said.error;
}

}  // namespace
}  // namespace voltage::app

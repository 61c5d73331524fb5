// A key is in nothing that a process with it says or leaves behind: output, errors, journal, recordings, cores.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/temp_folder.hpp"
#include "support/venue_process.hpp"

namespace voltage {
namespace {

namespace fs = std::filesystem;
using testing::run;

const std::string kVoltage = VOLTAGE_BINARY;

std::string bytes_of(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// The lines of the key's body, each of which alone would be too much.
std::vector<std::string> secrets_of(const std::string& key_file) {
  std::vector<std::string> lines;
  std::istringstream text{bytes_of(key_file)};
  for (std::string line; std::getline(text, line);) {
    if (line.size() >= 20 && !line.starts_with("-----")) lines.push_back(line);
  }
  return lines;
}

// Names of the files below that hold one of them.
std::vector<std::string> leaks(const fs::path& folder, const std::vector<std::string>& secrets) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = bytes_of(entry.path());
    for (const auto& secret : secrets) {
      if (bytes.find(secret) != std::string::npos) found.push_back(entry.path().string());
    }
  }
  return found;
}

class Secrets : public ::testing::TestWithParam<const char*> {};

TEST_P(Secrets, are_in_no_output_error_journal_or_recording) {
  const testing::VenueProcess venue{std::string{"--seed 12 "} + GetParam()};
  ASSERT_FALSE(venue.line().empty());
  const std::string key = venue.field("kalshi_key_file");
  const auto secrets = secrets_of(key);
  ASSERT_FALSE(secrets.empty());
  const testing::TempFolder keys, folder;
  const std::string line = folder.write("venue.json", venue.line());
  // The search finds what is there to be found.
  fs::copy_file(key, keys.path("key.pem"));
  EXPECT_FALSE(leaks(keys.path(), secrets).empty());

  const auto voltage = [&](const std::string& arguments, const std::string& name) {
    return run("cd " + folder.path() + " && timeout 120 " + kVoltage + " " + arguments + " >" + name + ".out 2>" +
               name + ".err");
  };
  EXPECT_EQ(voltage("record --venue " + line + " --dir rec --for 3s", "record"), 0);
  EXPECT_EQ(voltage("paper --venue " + line + " --for 6s --data d", "paper"), 0);
  // Orders leave and are signed. Whether the books were equal at the end is another test's.
  EXPECT_GE(voltage("live --live --cap 50 --venue " + line + " --for 6s --data e", "live"), 0);
  EXPECT_TRUE(fs::exists(folder.path("e/runs")));
  EXPECT_EQ(voltage("probe --venue " + line + " --findings found.json --json", "probe"), 0);

  // Errors: a key that others may read, one that is broken, a stranger's id, a venue that is not there.
  fs::copy_file(key, keys.path("open.pem"));
  ::chmod(keys.path("open.pem").c_str(), 0644);
  std::string broken = bytes_of(key);
  broken.erase(broken.find('\n') + 30, 5);
  keys.write("broken.pem", broken);
  ::chmod(keys.path("broken.pem").c_str(), 0600);
  const std::string rest = " --kalshi-rest " + venue.field("kalshi_rest") + " --kalshi-ws " + venue.field("kalshi_ws") +
                           " --kraken-ws " + venue.field("kraken_ws_v2");
  const std::string id = " --key-id " + venue.field("kalshi_key_id");
  EXPECT_EQ(voltage("record --only kalshi --for 2s --key-file " + keys.path("open.pem") + id + rest, "mode"), 1);
  EXPECT_NE(bytes_of(folder.path("mode.err")).find("chmod 600"), std::string::npos);
  EXPECT_EQ(voltage("record --only kalshi --for 2s --key-file " + keys.path("broken.pem") + id + rest, "broken"), 1);
  EXPECT_NE(bytes_of(folder.path("broken.err")).find("holds no private key"), std::string::npos);
  EXPECT_EQ(voltage("record --only kalshi --for 3s --key-id stranger --key-file " + key + rest, "stranger"), 1);
  EXPECT_NE(bytes_of(folder.path("stranger.err")).find("401"), std::string::npos);
  EXPECT_EQ(
      voltage("probe --key-id stranger --key-file " + key + " --kalshi-rest " + venue.field("kalshi_rest"), "who"), 1);
  EXPECT_NE(bytes_of(folder.path("who.err")).find("401"), std::string::npos);
  EXPECT_EQ(voltage("probe --key-file " + key + id + " --kalshi-rest http://127.0.0.1:1/trade-api/v2", "nobody"), 1);

  for (const auto& file : leaks(folder.path(), secrets)) ADD_FAILURE() << file << " holds a line of the key";
}

INSTANTIATE_TEST_SUITE_P(Keys, Secrets, ::testing::Values("", "--ed25519"),
                         [](const auto& key) { return std::string{*key.param == '\0' ? "rsa" : "ed25519"}; });

std::vector<std::string> cores(const std::string& folder) {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator{folder}) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("core")) found.push_back(name);
  }
  return found;
}

TEST(Cores, a_process_with_a_key_leaves_none) {
  const testing::TempFolder control, folder;
  run("cd " + control.path() + " && ulimit -c unlimited && sh -c 'kill -ABRT $$' >/dev/null 2>&1");
  if (cores(control.path()).empty()) GTEST_SKIP() << "this machine writes no core files into the working directory";

  const testing::VenueProcess venue{"--seed 13"};
  ASSERT_FALSE(venue.line().empty());
  const std::string line = folder.write("venue.json", venue.line());
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string command = "cd " + folder.path() + " && ulimit -c unlimited && exec " + kVoltage +
                                " paper --venue " + line + " --data d >out 2>err";
    ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    std::_Exit(127);
  }
  for (int i = 0; i < 600 && bytes_of(folder.path("out")).find("healthy") == std::string::npos; ++i) ::usleep(100'000);
  EXPECT_NE(bytes_of(folder.path("out")).find("healthy"), std::string::npos) << bytes_of(folder.path("err"));
  ::kill(child, SIGABRT);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
  EXPECT_FALSE(WCOREDUMP(status));
  for (const auto& core : cores(folder.path())) ADD_FAILURE() << core << " was left behind";
}

}  // namespace
}  // namespace voltage

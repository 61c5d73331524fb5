// The rules of the house that a machine can check: who may include whom, what the core may not call, how
// long a file may be, and which names say nothing.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace voltage {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot{VOLTAGE_SOURCE_DIR};
const std::set<std::string> kCore{"base",    "market",   "event", "ledger",    "features", "forecast",
                                  "pricing", "strategy", "risk",  "execution", "engine"};

struct Source {
  fs::path path;       // from the root
  std::string folder;  // of src; empty outside
  std::vector<std::string> lines;
};

std::vector<Source> sources(const std::vector<std::string>& under) {
  std::vector<Source> all;
  for (const auto& top : under) {
    for (const auto& entry : fs::recursive_directory_iterator{kRoot / top}) {
      const auto ext = entry.path().extension();
      if (ext != ".cpp" && ext != ".hpp" && ext != ".h") continue;
      Source s{fs::relative(entry.path(), kRoot), {}, {}};
      if (top == "src" && std::distance(s.path.begin(), s.path.end()) > 2)
        s.folder = std::next(s.path.begin())->string();
      std::ifstream in{entry.path()};
      for (std::string line; std::getline(in, line);) s.lines.push_back(line);
      all.push_back(std::move(s));
    }
  }
  return all;
}

// folder -> folders that it may include.
std::map<std::string, std::set<std::string>> layers() {
  std::map<std::string, std::set<std::string>> out;
  std::ifstream in{kRoot / "tools/layers.txt"};
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto colon = line.find(':');
    auto& allowed = out[line.substr(0, colon)];
    std::istringstream words{line.substr(colon + 1)};
    for (std::string word; words >> word;) allowed.insert(word);
  }
  return out;
}

// The includes of `s` that its layer does not allow.
std::vector<std::string> breaks(const Source& s, const std::map<std::string, std::set<std::string>>& allowed) {
  static const std::regex kInclude{R"re(^\s*#include "([a-z_]+)/)re"};
  std::vector<std::string> out;
  const auto rule = allowed.find(s.folder);
  if (rule == allowed.end()) return {"folder " + s.folder + " is not in tools/layers.txt"};
  for (std::size_t i = 0; i < s.lines.size(); ++i) {
    std::smatch m;
    if (!std::regex_search(s.lines[i], m, kInclude) || m[1] == s.folder || rule->second.contains(m[1])) continue;
    if (!allowed.contains(m[1])) continue;  // a library of others
    out.push_back(s.path.string() + ":" + std::to_string(i + 1) + " includes " + m[1].str());
  }
  return out;
}

TEST(House, every_folder_includes_only_what_lies_below_it) {
  const auto allowed = layers();
  ASSERT_FALSE(allowed.empty());
  for (const auto& s : sources({"src"})) {
    if (s.folder.empty()) continue;
    for (const auto& line : breaks(s, allowed)) ADD_FAILURE() << line;
  }
}

TEST(House, the_layer_check_can_fail) {
  const Source bad{"src/market/x.cpp", "market", {"#include \"base/types.hpp\"", "#include \"engine/engine.hpp\""}};
  EXPECT_EQ(breaks(bad, layers()).size(), 1U);
}

TEST(House, the_core_has_no_clock_thread_file_socket_or_luck) {
  const std::regex banned{
      R"(std::chrono::(system|steady|high_resolution)_clock|std::(thread|mutex|async|random_device|mt19937|ofstream|ifstream|rand)\b|\b(time|clock|getenv|socket|fopen|rand)\(|#include <(thread|mutex|fstream|iostream|random)>)"};
  for (const auto& s : sources({"src"})) {
    if (!kCore.contains(s.folder)) continue;
    for (std::size_t i = 0; i < s.lines.size(); ++i) {
      const std::string code = s.lines[i].substr(0, s.lines[i].find("//"));
      EXPECT_FALSE(std::regex_search(code, banned)) << s.path.string() << ":" << i + 1 << ": " << code;
    }
  }
}

TEST(House, files_are_short_enough_to_live_in) {
  for (const auto& s : sources({"src", "tests"})) EXPECT_LE(s.lines.size(), 500U) << s.path.string();
}

TEST(House, names_say_what_a_thing_is) {
  const std::regex vague{R"((^|/|_)(util|utils|helper|helpers|misc|manager|common|stuff)(_|/|\.))"};
  for (const auto& s : sources({"src", "tests"}))
    EXPECT_FALSE(std::regex_search(s.path.string(), vague)) << s.path.string();
}

TEST(House, every_header_opens_with_what_it_is) {
  for (const auto& s : sources({"src"})) {
    if (s.path.extension() != ".hpp" || s.lines.size() < 2) continue;
    EXPECT_EQ(s.lines[0], "#pragma once") << s.path.string();
    EXPECT_TRUE(s.lines[1].starts_with("//")) << s.path.string() << ": the second line says what this is";
  }
}

}  // namespace
}  // namespace voltage

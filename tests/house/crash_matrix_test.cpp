// docs/crash-matrix.md says for each thing that breaks which test shows the defence. It is written from the results of
// a run of those tests (tools/crash-matrix.sh) and agrees with docs/crash-matrix.rows and with the tests that there
// are.
#include <algorithm>
#include <cstdlib>
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

struct Row {
  std::string number, breaks, defence, open;
  std::vector<std::string> tests;
};

std::string trimmed(const std::string& s) {
  const auto from = s.find_first_not_of(" \t"), to = s.find_last_not_of(" \t\r");
  return from == std::string::npos ? "" : s.substr(from, to - from + 1);
}

std::vector<std::string> parts(const std::string& line, char by) {
  std::vector<std::string> out(1);
  for (const char c : line) {
    if (c == by)
      out.emplace_back();
    else
      out.back() += c;
  }
  for (auto& p : out) p = trimmed(p);
  return out;
}

std::string slurp(const fs::path& path) {
  std::ifstream in{path};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<Row> rows() {
  std::vector<Row> out;
  std::istringstream in{slurp(kRoot / "docs/crash-matrix.rows")};
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto p = parts(line, '|');
    EXPECT_EQ(p.size(), 5U) << line;
    if (p.size() != 5) continue;
    Row row{p[0], p[1], p[2], p[4], {}};
    if (p[3] != "-") row.tests = parts(p[3], ',');
    out.push_back(std::move(row));
  }
  return out;
}

// Suite.name of every test in the sources.
std::set<std::string> tests_there_are() {
  static const std::regex kTest{R"(TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\))"};
  std::set<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator{kRoot / "tests"}) {
    if (!entry.path().string().ends_with("_test.cpp")) continue;
    const std::string text = slurp(entry.path());
    for (std::sregex_iterator m{text.begin(), text.end(), kTest}, end; m != end; ++m)
      out.insert((*m)[1].str() + "." + (*m)[2].str());
  }
  return out;
}

std::vector<std::string> problems(const std::vector<Row>& rows, const std::set<std::string>& known) {
  std::vector<std::string> out;
  for (const auto& r : rows) {
    if (r.tests.empty() && r.open.empty()) out.push_back(r.number + ": no test, and no word on why");
    for (const auto& t : r.tests) {
      if (!known.contains(t)) out.push_back(r.number + ": there is no test " + t);
    }
  }
  return out;
}

// By test: what the run of it said. Not in it: it did not run.
using Results = std::map<std::string, std::string>;

// ctest's JUnit files, separated by colons. What failed in one has failed.
Results results(const std::string& files) {
  // A test with parameters is there once for each: Prefix/Suite.name/parameter.
  static const std::regex kCase{R"re(<testcase name="(?:\w+/)?(\w+\.\w+)[^"]*"[^>]*status="([a-z]+)")re"};
  Results out;
  for (const auto& junit : parts(files, ':')) {
    const std::string text = slurp(junit);
    std::sregex_iterator m{text.begin(), text.end(), kCase};
    for (const std::sregex_iterator end; m != end; ++m) {
      auto& known = out[(*m)[1]];
      if (known.empty() || known == "notrun" || (*m)[2] == "fail") known = (*m)[2];
    }
  }
  return out;
}

std::string verdict(const Row& row, const Results& of) {
  if (row.tests.empty()) return "not tested";
  std::vector<std::string> wrong;
  for (const auto& t : row.tests) {
    const auto result = of.find(t);
    if (result == of.end() || result->second == "notrun" || result->second == "disabled")
      wrong.push_back(t + " did not run");
    else if (result->second != "run")
      wrong.push_back(t + " failed");
  }
  if (wrong.empty()) return "passed";
  std::string out = "**not green**:";
  for (const auto& w : wrong) out += " " + w + ";";
  return out;
}

std::string render(const std::vector<Row>& rows, const Results& of) {
  const auto green = std::count_if(rows.begin(), rows.end(), [&](const Row& r) { return verdict(r, of) == "passed"; });
  std::ostringstream out;
  out << "# What breaks, and what is done about it\n\n"
      << "Written by `tools/crash-matrix.sh` from a run of the tests that it names; not by hand. 1 to 34: what breaks "
         "in\n"
      << "production. A to E: what Kalshi's data, orders, availability and settlement, and Kraken, are known to do. A "
         "row is\n"
      << "green when every test that it names ran and passed. " << green << " of " << rows.size() << " are.\n\n"
      << "| # | what breaks | defence | tests | result | not shown |\n|---|---|---|---|---|---|\n";
  for (const auto& r : rows) {
    out << "| " << r.number << " | " << r.breaks << " | " << r.defence << " | ";
    for (std::size_t i = 0; i < r.tests.size(); ++i) out << (i == 0 ? "" : "<br>") << "`" << r.tests[i] << "`";
    out << " | " << verdict(r, of) << " | " << r.open << " |\n";
  }
  return out.str();
}

TEST(CrashMatrix, has_every_row) {
  std::vector<std::string> expected;
  for (int i = 1; i <= 34; ++i) expected.push_back(std::to_string(i));
  for (const auto& [letter, count] : {std::pair{'A', 17}, {'B', 24}, {'C', 4}, {'D', 6}, {'E', 15}}) {
    for (int i = 1; i <= count; ++i) expected.push_back(letter + std::to_string(i));
  }
  std::vector<std::string> found;
  for (const auto& r : rows()) found.push_back(r.number);
  EXPECT_EQ(found, expected);
}

TEST(CrashMatrix, names_only_tests_that_exist) {
  for (const auto& p : problems(rows(), tests_there_are())) ADD_FAILURE() << p;
}

TEST(CrashMatrix, that_check_can_fail) {
  const std::set<std::string> known{"A.b"};
  EXPECT_EQ(problems({{"1", "", "", "", {"A.b"}}}, known).size(), 0U);
  EXPECT_EQ(problems({{"1", "", "", "", {"A.c"}}}, known).size(), 1U);
  EXPECT_EQ(problems({{"1", "", "", "", {}}}, known).size(), 1U);
  EXPECT_EQ(verdict({"1", "", "", "", {"A.b"}}, {{"A.b", "run"}}), "passed");
  EXPECT_NE(verdict({"1", "", "", "", {"A.b"}}, {{"A.b", "fail"}}), "passed");
  EXPECT_NE(verdict({"1", "", "", "", {"A.b"}}, {{"A.b", "notrun"}}), "passed");
  EXPECT_NE(verdict({"1", "", "", "", {"A.b"}}, {}), "passed");
}

// The page may lag behind nothing but results: rows, defences and tests are those of today.
TEST(CrashMatrix, the_page_is_of_these_rows_and_tests) {
  const std::string page = slurp(kRoot / "docs/crash-matrix.md");
  const auto all = rows();
  std::map<std::string, std::string> lines;
  std::istringstream in{page};
  for (std::string line; std::getline(in, line);) {
    const auto p = parts(line, '|');
    if (p.size() == 8) lines[p[1]] = line;
  }
  for (const auto& r : all) {
    const auto line = lines.find(r.number);
    if (line == lines.end()) {
      ADD_FAILURE() << r.number << " is not on the page: run tools/crash-matrix.sh";
      continue;
    }
    // As it would be with the result that stands there.
    const auto p = parts(line->second, '|');
    std::string again = render({r}, {});
    again = again.substr(again.rfind("\n| ") + 1);
    const auto q = parts(again.substr(0, again.size() - 1), '|');
    for (const std::size_t i : {1U, 2U, 3U, 4U, 6U}) EXPECT_EQ(p[i], q[i]) << r.number << ": run tools/crash-matrix.sh";
    // A row without a test says why; one that is not green says so in as many words.
    EXPECT_TRUE(p[5] == "passed" || p[5].starts_with("**not green**") || (p[5] == "not tested" && !r.open.empty()))
        << r.number << ": " << p[5];
  }
}

// Not a check but the pen: tools/crash-matrix.sh runs the named tests and then this.
TEST(CrashMatrix, is_written_from_a_run) {
  const char* junit = std::getenv("VOLTAGE_MATRIX_JUNIT");
  if (junit == nullptr) GTEST_SKIP() << "tools/crash-matrix.sh sets VOLTAGE_MATRIX_JUNIT";
  const auto of = results(junit);
  ASSERT_FALSE(of.empty()) << junit << " holds no results";
  std::ofstream{kRoot / "docs/crash-matrix.md"} << render(rows(), of);
}

}  // namespace
}  // namespace voltage

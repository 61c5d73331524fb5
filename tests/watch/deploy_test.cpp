// What is deployed beside the program speaks of what the program has: every metric of the dashboard and the alert
// rules is exported, every option of the unit exists, the bill of materials is that of the sources.
#include <gmock/gmock.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "app/watch/alerts.hpp"
#include "app/watch/metrics.hpp"
#include "support/temp_folder.hpp"
#include "watch/views.hpp"

namespace voltage::app::watch {
namespace {

using ::testing::HasSubstr;

std::string read(const std::string& file) {
  std::ifstream in{std::string{VOLTAGE_SOURCE_DIR} + "/" + file};
  EXPECT_TRUE(in) << file;
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::set<std::string> exported() {
  std::set<std::string> names;
  std::istringstream lines{metrics_text(testing::view())};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) names.insert(line.substr(7, line.find(' ', 7) - 7));
  }
  return names;
}

std::string said_by(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {};
  std::string out;
  for (int c; (c = std::fgetc(pipe)) != EOF;) out += static_cast<char>(c);
  ::pclose(pipe);
  return out;
}

// The metrics that are named and not exported.
std::set<std::string> missing(const std::string& text) {
  static const std::regex kMetric{R"(\b(voltage_[a-z_]+|process_[a-z_]+))"};
  std::set<std::string> out;
  const auto there = exported();
  for (std::sregex_iterator it{text.begin(), text.end(), kMetric}, end; it != end; ++it) {
    if (!there.contains((*it)[1])) out.insert((*it)[1]);
  }
  return out;
}

TEST(Deploy, the_dashboard_and_the_alert_rules_name_only_metrics_that_are_exported) {
  EXPECT_GT(exported().size(), 40U);
  std::string queries;
  const auto dashboard = nlohmann::json::parse(read("deploy/grafana-dashboard.json"));
  for (const auto& panel : dashboard.at("panels")) {
    for (const auto& target : panel.at("targets")) queries += target.at("expr").get<std::string>() + "\n";
  }
  EXPECT_THAT(queries, HasSubstr("voltage_net_settled_low_dollars"));
  EXPECT_THAT(missing(queries), ::testing::IsEmpty());
  EXPECT_THAT(missing(read("deploy/prometheus-alerts.yml")), ::testing::IsEmpty());
  EXPECT_EQ(missing("rate(voltage_no_such_total[5m])").size(), 1U) << "the check can fail";
}

// Prometheus' own checker, where the machine has it (Debian: package prometheus).
TEST(Deploy, the_alert_rules_are_read_by_prometheus) {
  if (std::system("promtool --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no promtool here";
  const std::string said =
      said_by("promtool check rules '" + std::string{VOLTAGE_SOURCE_DIR} + "/deploy/prometheus-alerts.yml'");
  EXPECT_THAT(said, HasSubstr("SUCCESS"));
  EXPECT_THAT(said, ::testing::Not(HasSubstr("FAILED")));
}

TEST(Deploy, every_runbook_link_of_the_rules_has_its_entry) {
  const std::string rules = read("deploy/prometheus-alerts.yml"), runbook = read("docs/RUNBOOK.md");
  static const std::regex kLink{R"(RUNBOOK\.md#([a-z_]+))"};
  int links = 0;
  for (std::sregex_iterator it{rules.begin(), rules.end(), kLink}, end; it != end; ++it, ++links)
    EXPECT_THAT(runbook, HasSubstr("\n## " + (*it)[1].str() + "\n"));
  EXPECT_GT(links, 8);
}

TEST(Deploy, every_option_of_the_units_is_one_of_the_program) {
  int options = 0;
  for (const char* file : {"deploy/voltage.service", "deploy/voltage-nightly.service"}) {
    const std::string unit = read(file);
    const auto begin = unit.find("ExecStart=/opt/voltage/voltage ");
    ASSERT_NE(begin, std::string::npos) << file;
    std::string line = unit.substr(begin, unit.find("\nLoadCredential", begin) - begin);
    std::istringstream words{line.substr(line.find(' ') + 1)};
    std::string command, word;
    words >> command;
    const std::string help = said_by(std::string{VOLTAGE_BINARY} + " " + command + " --help");
    EXPECT_THAT(help, HasSubstr("--help")) << command;
    while (words >> word) {
      if (!word.starts_with("--")) continue;
      ++options;
      EXPECT_THAT(help, ::testing::ContainsRegex(word + "[ ,]")) << file;
    }
  }
  EXPECT_GT(options, 8);
}

TEST(Deploy, the_units_give_away_no_privilege) {
  const std::string unit = read("deploy/voltage.service");
  for (const char* line :
       {"\nDynamicUser=yes\n", "\nNoNewPrivileges=yes\n", "\nCapabilityBoundingSet=\n", "\nProtectSystem=strict\n",
        "\nMemoryDenyWriteExecute=yes\n", "\nLoadCredential=kalshi.pem:", "\nWatchdogSec=", "\nUMask=0077\n"})
    EXPECT_THAT(unit, HasSubstr(line));
  if (std::system("systemd-analyze --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no systemd-analyze here";
  for (const char* file : {"voltage.service", "voltage-nightly.service"}) {
    const std::string command = "systemd-analyze security --offline=true --threshold=20 '" +
                                std::string{VOLTAGE_SOURCE_DIR} + "/deploy/" + file + "' >/dev/null 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << file << ": exposure above 2.0";
  }
}

// A build folder whose program is a few words.
std::string build_that_says(const voltage::testing::TempFolder& folder, const std::string& name,
                            const std::string& words) {
  std::filesystem::create_directories(folder.path(name));
  const std::string program = folder.write(name + "/voltage", "#!/bin/sh\n" + words + "\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  return folder.path(name);
}

TEST(Deploy, a_release_is_put_in_use_and_the_one_before_comes_back_by_one_command) {
  const voltage::testing::TempFolder folder;
  const std::string script =
      "VOLTAGE_ROOT='" + folder.path("root") + "' sh '" + VOLTAGE_SOURCE_DIR + "/deploy/release.sh' ";
  const auto runs = [&] { return said_by(folder.path("root") + "/voltage"); };
  EXPECT_THAT(said_by(script + "rollback"), HasSubstr("no release before"));
  EXPECT_THAT(said_by(script + "install " + folder.path("nowhere")), HasSubstr("not there"));
  for (const char* version : {"one", "two", "three"}) {
    const auto said = said_by(script + "install " + build_that_says(folder, version, std::string{"echo "} + version));
    EXPECT_THAT(said, HasSubstr("in use: ")) << said;
    EXPECT_EQ(runs(), std::string{version} + "\n");
  }
  EXPECT_THAT(said_by(script + "install " + build_that_says(folder, "broken", "exit 3")),
              HasSubstr("nothing was changed"));
  EXPECT_EQ(runs(), "three\n") << "what does not run is never put in use";
  said_by(script + "rollback");
  EXPECT_EQ(runs(), "two\n");
  EXPECT_THAT(said_by(script + "list"), ::testing::ContainsRegex("\\* [0-9a-f]+  two"));
  said_by(script + "rollback");
  EXPECT_EQ(runs(), "one\n");
  EXPECT_THAT(said_by(script + "rollback"), HasSubstr("no release before"));
  EXPECT_EQ(runs(), "one\n");
}

TEST(Deploy, the_bill_of_materials_is_that_of_the_sources) {
  const std::string command =
      "cd '" + std::string{VOLTAGE_SOURCE_DIR} + "' && python3 tools/sbom.py --check sbom.json 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string said;
  for (int c; (c = std::fgetc(pipe)) != EOF;) said += static_cast<char>(c);
  EXPECT_EQ(::pclose(pipe), 0) << said;
}

}  // namespace
}  // namespace voltage::app::watch

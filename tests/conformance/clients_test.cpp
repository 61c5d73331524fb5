// Clients that are not ours against `voltage venue`, unchanged but for base URL and key. They are fetched from
// the package registries into the build folder once; where those can't be reached the tests are skipped.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "io/atomic_file.hpp"
#include "support/full.hpp"
#include "support/temp_folder.hpp"
#include "support/venue_process.hpp"
#include "venue/kalshi/published.hpp"

namespace voltage {
namespace {

namespace fs = std::filesystem;

using testing::run;
using Venue = testing::VenueProcess;

const fs::path kTools = fs::path{VOLTAGE_BINARY}.parent_path() / "conformance-clients";
const std::string kScripts = std::string{VOLTAGE_SOURCE_DIR} + "/tests/conformance";
// VOLTAGE_OFFLINE set: nothing is fetched, and the tests are skipped.
bool online() {
  return std::getenv("VOLTAGE_OFFLINE") == nullptr;
}

// An interpreter of at least 3.13, which two of the clients ask for; empty if there is none.
std::string newest_python() {
  for (const char* name :
       {"python3", "python3.14", "python3.13", "$(ls -d $HOME/.pyenv/versions/3.1[3-9]*/bin/python3 | tail -1)"}) {
    if (run(std::string{name} + " -c 'import sys; sys.exit(sys.version_info < (3, 13))' >/dev/null 2>&1") == 0)
      return name;
  }
  return {};
}

// Packages in a folder of their own, no other Python touched; empty if they can't be had.
std::string python(const std::string& name, const std::string& packages, const std::string& interpreter = "python3") {
  const fs::path folder = kTools / name;
  const std::string with = "PYTHONPATH=" + folder.string() + " timeout 300 " + interpreter + " ";
  if (fs::exists(folder / ".done")) return with;
  fs::create_directories(folder);
  const std::string fetch = "timeout 300 " + interpreter +
                            " -m pip install -q --disable-pip-version-check --retries 1 --timeout 10 --target " +
                            folder.string() + " " + packages + " >/dev/null 2>&1 && touch " + folder.string() +
                            "/.done";
  return run(fetch) == 0 ? with : std::string{};
}

// The official OpenAPI and AsyncAPI documents, from the source package that ships them; empty if they can't be had.
std::string official_documents() {
  const fs::path specs = kTools / "specs";
  const fs::path folder = specs / "kalshi_sdk-22.4.0/specs";
  if (fs::exists(folder)) return folder.string();
  fs::create_directories(specs);
  const std::string fetch =
      "cd " + specs.string() +
      " && timeout 120 python3 -m pip download -q --retries 1 --timeout 10 --disable-pip-version-check --no-deps "
      "--no-binary kalshi-sdk "
      "--ignore-requires-python kalshi-sdk==22.4.0 -d . >/dev/null 2>&1 && tar -xzf kalshi_sdk-22.4.0.tar.gz";
  if (run(fetch) == 0) return folder.string();
  fs::remove_all(specs);
  return {};
}

std::string text_of(const std::string& path) {
  return io::read_file(path).value_or("");
}

std::string with(std::string text, const std::string& what, const std::string& instead) {
  EXPECT_NE(text.find(what), std::string::npos) << what;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos;) text.replace(at, what.size(), instead);
  return text;
}

#define NEEDS(condition, what) \
  if (!(condition)) GTEST_SKIP() << what

TEST(Conformance, what_we_read_is_what_kalshi_publishes_and_a_change_there_is_named) {
  NEEDS(online(), "VOLTAGE_OFFLINE is set: no packages are fetched");
  const std::string specs = official_documents();
  NEEDS(!specs.empty(), "the official documents can't be fetched");
  using Lines = std::vector<std::string>;
  const std::string calls = text_of(specs + "/openapi.yaml"), stream = text_of(specs + "/asyncapi.yaml");
  EXPECT_EQ(venue::kalshi::rest_changes(calls).value(), Lines{});
  EXPECT_EQ(venue::kalshi::stream_changes(stream).value(), Lines{});
  EXPECT_EQ(venue::kalshi::rest_changes(with(calls, "        fee_cost:", "        fee_paid:")).value(),
            Lines{"GET /portfolio/fills: fills.fee_cost is gone"});
  EXPECT_EQ(venue::kalshi::stream_changes(with(stream, "            delta_fp:", "            change_fp:")).value(),
            Lines{"orderbook_delta: delta_fp is gone"});
}

TEST(Conformance, every_answer_and_frame_fits_the_official_documents) {
  NEEDS(online(), "VOLTAGE_OFFLINE is set: no packages are fetched");
  const std::string with_python = python("checker", "pyyaml jsonschema websockets cryptography");
  NEEDS(!with_python.empty(), "the Python packages can't be fetched");
  const std::string specs = official_documents();
  NEEDS(!specs.empty(), "the official documents can't be fetched");
  const Venue venue{
      "--seed 8 --fees 1s:KXBTCD=quadratic:1 --fees 9s:KXBTC-NONE=flat:2 --fees 12s:KXBTC-NONE=none"
      " --fees 15s:KXBTC-NONE=quadratic:0.5 --fees 18s:KXBTC-NONE=none"};
  ASSERT_FALSE(venue.line().empty());
  EXPECT_EQ(run(with_python + kScripts + "/schema_check.py '" + venue.line() + "' " + specs), 0);
}

TEST(Conformance, generated_requests_get_answers_that_fit_the_official_document) {
  NEEDS(online(), "VOLTAGE_OFFLINE is set: no packages are fetched");
  const std::string with_python = python("generator", "schemathesis==4.32.5 cryptography");
  NEEDS(!with_python.empty(), "schemathesis can't be fetched");
  const std::string specs = official_documents();
  NEEDS(!specs.empty(), "the official documents can't be fetched");
  const Venue venue{"--seed 14"};
  ASSERT_FALSE(venue.line().empty());
  EXPECT_EQ(run(with_python + kScripts + "/generated_check.py '" + venue.line() + "' " + specs + " " +
                std::to_string(tests::cases(6, 60))),
            0);
}

TEST(Conformance, pykalshi_trades_and_keeps_books_on_the_virtual_kalshi) {
  NEEDS(online(), "VOLTAGE_OFFLINE is set: no packages are fetched");
  const std::string with_python = python("pykalshi", "pykalshi==2.0.0");
  NEEDS(!with_python.empty(), "pykalshi can't be fetched");
  const Venue venue{"--seed 15"};
  ASSERT_FALSE(venue.line().empty());
  EXPECT_EQ(run(with_python + kScripts + "/pykalshi_check.py '" + venue.line() + "'"), 0);
}

TEST(Conformance, kalshi_sdk_follows_the_streams_of_the_virtual_kalshi) {
  NEEDS(online(), "VOLTAGE_OFFLINE is set: no packages are fetched");
  const std::string interpreter = newest_python();
  NEEDS(!interpreter.empty(), "kalshi-sdk needs a Python 3.13, and none is there");
  const std::string with_python = python("kalshi_sdk", "kalshi-sdk==22.4.0", interpreter);
  NEEDS(!with_python.empty(), "kalshi-sdk can't be fetched");
  const Venue venue{"--seed 16"};
  ASSERT_FALSE(venue.line().empty());
  EXPECT_EQ(run(with_python + kScripts + "/kalshi_sdk_check.py '" + venue.line() + "'"), 0);
}

TEST(Conformance, the_official_python_sdk_trades_on_the_virtual_kalshi) {
  NEEDS(online(), "VOLTAGE_OFFLINE is set: no packages are fetched");
  const std::string interpreter = newest_python();
  NEEDS(!interpreter.empty(), "kalshi-python-sync needs a Python 3.13, and none is there");
  const std::string with_python = python("kalshi_python", "kalshi-python-sync==3.34.0", interpreter);
  NEEDS(!with_python.empty(), "kalshi-python-sync can't be fetched");
  const Venue venue{"--seed 17"};
  ASSERT_FALSE(venue.line().empty());
  EXPECT_EQ(run(with_python + kScripts + "/kalshi_python_check.py '" + venue.line() + "'"), 0);
}

TEST(Conformance, ccxt_reads_the_virtual_kraken) {
  NEEDS(online(), "VOLTAGE_OFFLINE is set: no packages are fetched");
  const std::string with_python = python("ccxt", "ccxt==4.5.90");
  NEEDS(!with_python.empty(), "ccxt can't be fetched");
  const Venue venue{"--seed 9"};
  ASSERT_FALSE(venue.line().empty());
  EXPECT_EQ(run(with_python + kScripts + "/ccxt_check.py '" + venue.line() + "'"), 0);
}

TEST(Conformance, the_official_typescript_sdk_trades_on_the_virtual_kalshi) {
  NEEDS(online(), "VOLTAGE_OFFLINE is set: no packages are fetched");
  NEEDS(run("command -v node >/dev/null && command -v npm >/dev/null") == 0, "node and npm are not there");
  const fs::path folder = kTools / "node";
  fs::create_directories(folder);
  NEEDS(run("cd " + folder.string() +
            " && timeout 300 npm install --silent --no-audit --no-fund kalshi-typescript@3.30.0 >/dev/null 2>&1") == 0,
        "kalshi-typescript can't be fetched");
  const Venue venue{"--seed 10"};
  ASSERT_FALSE(venue.line().empty());
  EXPECT_EQ(run("node " + kScripts + "/kalshi_ts_check.mjs '" + venue.line() + "' " + folder.string()), 0);
}

// Our own commands over the same sockets.
TEST(Commands, record_and_paper_run_on_the_virtual_venues_and_the_run_replays) {
  const Venue venue{"--seed 11"};
  ASSERT_FALSE(venue.line().empty());
  const voltage::testing::TempFolder folder;
  const std::string line = folder.write("venue.json", venue.line());
  const std::string voltage = VOLTAGE_BINARY;
  const std::string here = "cd " + folder.path() + " && ";
  EXPECT_EQ(run(here + voltage + " record --venue " + line + " --dir rec --for 6s >/dev/null"), 0);
  EXPECT_EQ(run(here + "for f in rec/kalshi-*.gz; do " + voltage + " decode kalshi $f >/dev/null 2>&1 || exit 1; done"),
            0);
  EXPECT_EQ(run(here + "for f in rec/kraken-*.gz; do " + voltage + " decode kraken $f >/dev/null 2>&1 || exit 1; done"),
            0);
  EXPECT_EQ(run(here + voltage + " paper --venue " + line + " --for 20s --history 20m --data d > paper.out"), 0);
  // Live, or live and late: on a busy machine frames come more than a second old, and paper must then say stale.
  EXPECT_EQ(run(here + "grep -qE 'stream 0: (healthy|stale)' paper.out && grep -q 'stream 4: healthy' paper.out"), 0)
      << run(here + "cat paper.out >&2");
  EXPECT_EQ(run(here + voltage + " replay d/runs/paper-* >/dev/null"), 0);
  // The key is in none of what they wrote.
  EXPECT_EQ(run(here + "! grep -rqE 'BEGIN (RSA )?PRIVATE KEY' ."), 0);
}

}  // namespace
}  // namespace voltage

#pragma once
// Where runs are kept: <data>/runs/<run>, each a journal and manifest.json. A RUN on the command line is the
// name of one, or the path of such a folder.
#include <memory>
#include <string>
#include <vector>

#include "app/run/core.hpp"
#include "io/journal_writer.hpp"

namespace voltage::app::journal {

inline constexpr const char* kDataDefault = "voltage-data";

std::string runs_folder(const std::string& data);
Result<std::string> find_run(const std::string& data, const std::string& run);
std::vector<std::string> run_folders(const std::string& data);  // by name

struct RunStart {
  std::string folder;
  std::string kind;  // demo, backtest, paper, shadow, live
  std::uint64_t seed{};
  Time start{};
  std::string model_hash;  // empty: told with each forecast
};
// Writes the manifest and opens the journal. Fails, and nothing may start, if the disk does not take it.
Result<std::unique_ptr<io::JournalWriter>> start_run(const RunStart& start, const CoreConfig& config,
                                                     io::JournalOptions options);

}  // namespace voltage::app::journal

#include "app/journal/run_folder.hpp"

#include <algorithm>
#include <filesystem>

#include "app/version.hpp"
#include "base/hash.hpp"
#include "io/atomic_file.hpp"
#include "io/journal_seal.hpp"
#include "io/program_hash.hpp"

namespace voltage::app::journal {

namespace fs = std::filesystem;

std::string runs_folder(const std::string& data) {
  return data + "/runs";
}

Result<std::string> find_run(const std::string& data, const std::string& run) {
  for (const std::string& folder : {runs_folder(data) + "/" + run, run}) {
    if (io::segment_there(folder, 1)) return folder;
  }
  return fail(run + ": is no run under " + runs_folder(data) + " and no folder with a journal; see `voltage runs`");
}

std::vector<std::string> run_folders(const std::string& data) {
  std::vector<std::string> out;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator{runs_folder(data), ec}) {
    if (io::segment_there(entry.path().string(), 1)) out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::unique_ptr<io::JournalWriter>> start_run(const RunStart& start, const CoreConfig& config,
                                                     io::JournalOptions options) {
  const auto program = io::program_hash();
  if (!program) return tl::unexpected(program.error());
  io::Manifest m;
  m.run = fs::path{start.folder}.filename().string();
  m.kind = start.kind;
  m.program = std::string{"voltage "} + kVersion + " " + commit();
  m.binary_hash = *program;
  m.config = to_bytes(config);
  m.config_hash = sha256_hex(m.config);
  m.model_hash = start.model_hash;
  m.seed = start.seed;
  m.start = start.start;
  auto disk = io::open_journal_folder(start.folder);
  if (!disk) return tl::unexpected(disk.error());
  if (auto ok = io::write_file(start.folder + "/manifest.json", io::manifest_json(m)); !ok) {
    return tl::unexpected(ok.error());
  }
  return io::JournalWriter::create(std::move(*disk), m, options);
}

}  // namespace voltage::app::journal

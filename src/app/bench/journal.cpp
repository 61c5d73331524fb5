// Bytes and the disk.
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "app/bench/benchmark.hpp"
#include "app/bench/session.hpp"
#include "event/codec.hpp"
#include "io/journal_writer.hpp"

namespace voltage::app::bench {
namespace {

class Swallow final : public io::JournalDisk {
  class File final : public io::JournalFile {
    Status append(std::string_view bytes, std::size_t& written) override {
      written = bytes.size();
      return {};
    }
    Status sync() override { return {}; }
  };
  Result<std::unique_ptr<io::JournalFile>> create(const std::string&) override { return std::make_unique<File>(); }
};

// A folder of its own that goes when it does.
class Scratch {
 public:
  explicit Scratch(const std::string& in) {
    std::error_code ec;
    path_ = (in.empty() ? std::filesystem::temp_directory_path(ec).string() : in) + "/voltage-bench-XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr) error_ = path_ + ": " + std::strerror(errno);
  }
  ~Scratch() {
    std::error_code ec;
    if (error_.empty()) std::filesystem::remove_all(path_, ec);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& path() const { return path_; }
  const std::string& error() const { return error_; }

 private:
  std::string path_, error_;
};

}  // namespace

Result<Figures> codec(const Input& input) {
  const auto& events = session().events;
  std::string bytes;
  Samples samples{events.size()};
  for (std::size_t i = 0; i < (input.quick ? events.size() / 10 : events.size()); ++i) {
    bytes.clear();
    samples.time([&] { event::encode(events[i].what, bytes); });
  }
  return samples.figures();
}

Result<Figures> journal_append(const Input& input) {
  const auto& events = session().events;
  auto journal = io::JournalWriter::create(std::make_unique<Swallow>(), {}, {.durable = false, .patient = true});
  if (!journal) return tl::unexpected(journal.error());
  Samples samples{events.size()};
  for (std::size_t i = 0; i < (input.quick ? events.size() / 10 : events.size()); ++i)
    samples.time([&] { (*journal)->append(events[i]); });
  if (const auto ok = (*journal)->close(); !ok) return tl::unexpected(ok.error());
  return samples.figures();
}

Result<Figures> journal_order(const Input& input) {
  if (!session().order) return fail("the simulated hour had no order");
  const Scratch scratch{input.disk};
  if (!scratch.error().empty()) return fail(scratch.error());
  auto disk = io::open_journal_folder(scratch.path() + "/journal");
  if (!disk) return tl::unexpected(disk.error());
  auto journal = io::JournalWriter::create(std::move(*disk), {}, {.stall_max = Duration{10'000'000'000}});
  if (!journal) return tl::unexpected(journal.error());
  const event::Event& cause = session().events.back();
  const std::size_t n = input.quick ? 20 : 500;
  bool all = true;
  Samples samples{n};
  for (std::size_t i = 0; i < n; ++i)
    samples.time([&] { all = (*journal)->append(cause, static_cast<std::uint32_t>(i), *session().order) && all; });
  if (!all) return fail("the disk took longer than ten seconds");
  return samples.figures();
}

}  // namespace voltage::app::bench

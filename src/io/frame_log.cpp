#include "io/frame_log.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>

#include "base/time.hpp"
#include "io/base64.hpp"
#include "io/json_writer.hpp"

namespace voltage::io {
namespace {

namespace fs = std::filesystem;
constexpr Duration kFlushEvery{5'000'000'000};

gzFile gz_of(void* p) {
  return static_cast<gzFile>(p);
}

}  // namespace

bool is_utf8(std::string_view text) {
  std::string quoted;
  append_json_string(quoted, text);
  // A byte that is no UTF-8 was replaced, and the replacement was not there before.
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  return quoted.find(kReplacement) == std::string::npos || text.find(kReplacement) != std::string_view::npos;
}

FrameLog::FrameLog(FrameLogRules rules) : rules_{std::move(rules)} {}

FrameLog::~FrameLog() {
  static_cast<void>(close());
}

Status FrameLog::open(Time at) {
  std::error_code e;
  fs::create_directories(rules_.folder, e);
  std::string stamp = format_iso(Time{at.ns - at.ns % 1'000'000'000});
  std::erase(stamp, ':');
  path_ = fmt::format("{}/{}-{}.jsonl.gz", rules_.folder, rules_.prefix, stamp);
  for (int n = 2; fs::exists(path_, e) || fs::exists(path_ + ".part", e); ++n) {
    path_ = fmt::format("{}/{}-{}-{}.jsonl.gz", rules_.folder, rules_.prefix, stamp, n);
  }
  gz_ = gzopen((path_ + ".part").c_str(), "wb6");
  if (gz_ == nullptr) return fail(fmt::format("{}.part: cannot create: {}", path_, std::strerror(errno)));
  opened_ = flushed_ = at;
  return prune();
}

Status FrameLog::close() {
  if (gz_ == nullptr) return {};
  const int closed = gzclose(gz_of(std::exchange(gz_, nullptr)));
  if (closed != Z_OK) return fail(path_ + ".part: the last bytes could not be written (disk full?)");
  std::error_code e;
  fs::rename(path_ + ".part", path_, e);
  if (e) return fail(fmt::format("{}: cannot rename: {}", path_, e.message()));
  return {};
}

Status FrameLog::line(Time at, std::string text) {
  if (gz_ != nullptr && at - opened_ >= rules_.rotate) {
    if (const auto closed = close(); !closed) return closed;
  }
  if (gz_ == nullptr) {
    if (const auto opened = open(at); !opened) return opened;
  }
  text += '\n';
  if (gzwrite(gz_of(gz_), text.data(), static_cast<unsigned>(text.size())) != static_cast<int>(text.size())) {
    return fail(path_ + ".part: cannot write (disk full?)");
  }
  bytes_ += static_cast<std::int64_t>(text.size());
  if (at - flushed_ >= kFlushEvery) {
    flushed_ = at;
    if (gzflush(gz_of(gz_), Z_SYNC_FLUSH) != Z_OK) return fail(path_ + ".part: cannot write (disk full?)");
  }
  return {};
}

Status FrameLog::frame(Time received, std::string_view raw) {
  JsonWriter w;
  w.begin_object().integer("recv_ts_ns", received.ns);
  if (is_utf8(raw)) {
    w.string("raw", raw);
  } else {
    w.string("raw_base64", to_base64(raw));
  }
  ++frames_;
  return line(received, w.end_object().take());
}

Status FrameLog::note(Time at, std::string_view text) {
  JsonWriter w;
  return line(at, w.begin_object().integer("recv_ts_ns", at.ns).string("note", text).end_object().take());
}

// Deletes whole files of ours only, oldest first, until age and budget are kept.
Status FrameLog::prune() {
  struct File {
    fs::file_time_type changed;
    std::uintmax_t size;
    fs::path path;
  };
  std::vector<File> files;
  std::error_code e;
  std::uintmax_t total = 0;
  for (const auto& entry : fs::directory_iterator{rules_.folder, e}) {
    const std::string file = entry.path().filename().string();
    if (!file.ends_with(".jsonl.gz") || !(file.starts_with("kalshi-") || file.starts_with("kraken-"))) continue;
    files.push_back({entry.last_write_time(e), entry.file_size(e), entry.path()});
    total += files.back().size;
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.changed < b.changed; });
  const auto oldest = fs::file_time_type::clock::now() - std::chrono::nanoseconds{rules_.keep.ns};
  for (const auto& f : files) {
    if (f.changed >= oldest && static_cast<std::int64_t>(total) <= rules_.budget_bytes) break;
    if (!fs::remove(f.path, e)) return fail(fmt::format("{}: cannot delete: {}", f.path.string(), e.message()));
    total -= f.size;
  }
  return {};
}

}  // namespace voltage::io

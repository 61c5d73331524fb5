#pragma once
// Raw frames on disk, byte for byte with their receive times: gzip files of one line a frame,
// {"recv_ts_ns":N,"raw":"…"} (raw_base64 where the bytes are no UTF-8, note for what the recorder itself has
// to say). A file grows as NAME.part and gets its name when it is closed whole. The oldest files of a folder
// go when its budget or their age is passed.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/types.hpp"

namespace voltage::io {

struct FrameLogRules {
  std::string folder;
  std::string prefix;                         // "kalshi"
  Duration rotate{3'600'000'000'000};         // a new file each hour
  std::int64_t budget_bytes{20'000'000'000};  // of all files of the folder
  Duration keep{30 * 86'400'000'000'000};
};

class FrameLog {
 public:
  explicit FrameLog(FrameLogRules rules);
  ~FrameLog();
  FrameLog(const FrameLog&) = delete;
  FrameLog& operator=(const FrameLog&) = delete;

  Status frame(Time received, std::string_view raw);
  Status note(Time at, std::string_view text);
  Status close();
  std::int64_t frames() const { return frames_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  Status line(Time at, std::string text);
  Status open(Time at);
  Status prune();

  FrameLogRules rules_;
  void* gz_{nullptr};
  std::string path_;
  Time opened_{}, flushed_{};
  std::int64_t frames_{0}, bytes_{0};
};

// True if the text is UTF-8 throughout.
bool is_utf8(std::string_view text);

}  // namespace voltage::io

#include "app/journal/bars_before.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>

#include "event/codec.hpp"
#include "io/atomic_file.hpp"
#include "io/crc32c.hpp"
#include "io/journal_format.hpp"

namespace voltage::app::journal {
namespace {

constexpr const char* kFile = "/bars-before";

}  // namespace

Status write_bars_before(const std::string& folder, std::span<const event::CandleClosed> bars) {
  std::string out, body;
  for (const auto& bar : bars) {
    body.clear();
    event::encode(bar, body);
    io::append_frame(body, out);
  }
  const std::string path = folder + kFile, part = path + ".part";
  {
    std::ofstream file{part, std::ios::binary | std::ios::trunc};
    file << out;
    if (!file.flush()) return fail(path + ": can't be written");
  }
  std::error_code ec;
  std::filesystem::rename(part, path, ec);
  if (ec) return fail(path + ": " + ec.message());
  return {};
}

Result<std::vector<event::CandleClosed>> read_bars_before(const std::string& folder) {
  std::vector<event::CandleClosed> out;
  const std::string path = folder + kFile;
  if (!std::filesystem::exists(path)) return out;
  const auto text = io::read_file(path);
  if (!text) return tl::unexpected(text.error());
  std::string_view rest{*text};
  while (!rest.empty()) {
    std::uint32_t size = 0, crc = 0;
    if (rest.size() < io::kFrameHead) return fail(path + ": is cut off");
    std::memcpy(&size, rest.data(), sizeof size);
    std::memcpy(&crc, rest.data() + sizeof size, sizeof crc);
    rest.remove_prefix(io::kFrameHead);
    if (rest.size() < size || io::crc32c(rest.substr(0, size)) != crc) return fail(path + ": is damaged");
    const auto what = event::decode_payload(rest.substr(0, size));
    const auto* bar = what ? std::get_if<event::CandleClosed>(&*what) : nullptr;
    if (bar == nullptr) return fail(path + ": holds what is no bar");
    out.push_back(*bar);
    rest.remove_prefix(size);
  }
  return out;
}

}  // namespace voltage::app::journal

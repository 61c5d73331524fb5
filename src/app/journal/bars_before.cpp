#include "app/journal/bars_before.hpp"

#include <filesystem>
#include <fstream>

#include "event/codec.hpp"
#include "io/atomic_file.hpp"
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
  for (std::string_view rest{*text}; !rest.empty();) {
    const auto body = io::frame_body(rest);
    if (!body) return fail(path + ": is damaged or cut off");
    const auto what = event::decode_payload(*body);
    const auto* bar = what ? std::get_if<event::CandleClosed>(&*what) : nullptr;
    if (bar == nullptr) return fail(path + ": holds what is no bar");
    out.push_back(*bar);
    rest.remove_prefix(io::kFrameHead + body->size());
  }
  return out;
}

}  // namespace voltage::app::journal

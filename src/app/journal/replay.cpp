#include "app/journal/replay.hpp"

#include <algorithm>
#include <utility>

#include "event/codec.hpp"

namespace voltage::app::journal {
namespace {

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string what_differs(std::uint32_t place, std::string_view recorded, std::string_view now) {
  const auto before = event::EffectCodec::decode(recorded);
  const auto after = event::EffectCodec::decode(now);
  return "effect " + std::to_string(place) + ": recorded " + (before ? event::name(*before) : "?") + " " +
         hex(recorded) + ", now " + (after ? event::name(*after) : "?") + " " + hex(now);
}

}  // namespace

Result<std::unique_ptr<Replayer>> Replayer::open(const std::string& folder) {
  auto reader = io::JournalReader::open(folder);
  if (!reader) return tl::unexpected(reader.error());
  const auto config = core_config(reader->manifest().config);
  if (!config) return fail(folder + ": " + config.error().message);
  return std::unique_ptr<Replayer>{new Replayer{std::move(*reader), *config}};
}

Status Replayer::advance() {
  auto next = reader_.next();
  if (!next) return tl::unexpected(next.error());
  record_ = *next;
  return {};
}

Result<std::optional<event::Event>> Replayer::peek() {
  if (!std::exchange(started_, true)) {
    if (auto ok = advance(); !ok) return tl::unexpected(ok.error());
  }
  if (!record_) return std::nullopt;
  if (record_->type != io::RecordType::event) return fail(reader_.place() + ": an effect before its cause");
  auto what = event::decode_payload(record_->what);
  if (!what) return fail(reader_.place() + ": " + what.error().message);
  return event::Event{record_->seq, record_->at, std::move(*what)};
}

Result<std::optional<Difference>> Replayer::act() {
  auto next = peek();
  if (!next) return tl::unexpected(next.error());
  CHECK(*next);
  const event::Event& e = **next;
  if (e.seq != events_ + 1) {
    return fail(reader_.place() + ": event " + std::to_string(e.seq) + " after " + std::to_string(events_));
  }
  ++events_;
  effects_ = core_.engine().on(e);
  std::optional<Difference> difference;
  std::uint32_t place = 0;
  std::string now;
  for (;;) {
    if (auto ok = advance(); !ok) return tl::unexpected(ok.error());
    if (!record_ || record_->type != io::RecordType::effect) break;
    ++compared_;
    if (record_->seq != e.seq || record_->place != place) {
      return fail(reader_.place() + ": effect " + std::to_string(record_->place) + " of event " +
                  std::to_string(record_->seq) + " where another belongs");
    }
    now.clear();
    if (place < effects_.size()) event::EffectCodec::encode(effects_[place], now);
    if (!difference && now != record_->what) difference = {e.seq, what_differs(place, record_->what, now)};
    ++place;
  }
  // The last event before a crash may have left before all its effects were written.
  const bool cut_off = !record_ && !reader_.ended_in_order();
  if (!difference && place < effects_.size() && !cut_off) {
    difference = {e.seq, "effect " + std::to_string(place) + ": not recorded, now " + event::name(effects_[place])};
  }
  return difference;
}

Result<ReplayReport> replay(const std::string& folder, const std::function<void(std::uint64_t)>& progress) {
  auto replayer = Replayer::open(folder);
  if (!replayer) return tl::unexpected(replayer.error());
  Replayer& r = **replayer;
  ReplayReport report;
  report.manifest = r.manifest();
  for (;;) {
    const auto next = r.peek();
    if (!next) return tl::unexpected(next.error());
    if (!*next) break;
    auto difference = r.act();
    if (!difference) return tl::unexpected(difference.error());
    if (progress && r.events() % 65'536 == 0) progress(r.events());
    if (*difference) {
      report.difference = std::move(*difference);
      break;
    }
  }
  report.events = r.events();
  report.effects = r.effects_compared();
  report.ended_in_order = r.ended_in_order();
  report.torn_bytes = r.torn_bytes();
  return report;
}

}  // namespace voltage::app::journal

#include "app/journal/carry.hpp"

#include <algorithm>

#include "app/journal/run_folder.hpp"
#include "app/run/core.hpp"
#include "event/codec.hpp"
#include "io/journal_reader.hpp"

namespace voltage::app::journal {

Result<LeftOver> left_over(const std::string& folder) {
  auto reader = io::JournalReader::open(folder, true);
  if (!reader) return tl::unexpected(reader.error());
  const auto config = core_config(reader->manifest().config);
  if (!config) return fail(folder + ": " + config.error().message);
  ledger::Ledger ledger{config->engine.cash};
  ledger::Ledger::Changes ignored;
  risk::Gate gate{config->engine.limits, config->engine.carried};
  bool first = true;
  LeftOver out{folder, {}, {}, reader->manifest().start, {}};
  for (;;) {
    const auto record = reader->next();
    if (!record) return tl::unexpected(record.error());
    if (!*record) break;
    const auto& r = **record;
    if (r.type != io::RecordType::event) continue;
    const bool fact = event::is_fact(r.what);
    if (!fact && !first) continue;
    first = false;
    gate.follow(r.at, ledger);
    out.known_until = std::max(out.known_until, r.at);
    if (!fact) continue;
    const auto what = event::decode_payload(r.what);
    if (!what) return fail(reader->place() + ": " + what.error().message);
    if (const auto* fill = std::get_if<event::FillSeen>(&*what)) {
      ledger.on(*fill, ignored);
    } else if (const auto* settled = std::get_if<event::Settled>(&*what)) {
      ledger.on(*settled, ignored);
    } else if (const auto* moved = std::get_if<event::CashMoved>(&*what)) {
      ledger.on(*moved, ignored);
      out.moves.insert(moved->id);
    } else if (const auto* said = std::get_if<event::OperatorSaid>(&*what)) {
      if (said->action == event::OperatorAction::resume)
        gate.resume();
      else if (!said->reason.starts_with(kEndOfSession))
        gate.halt(said->reason);
    }
    gate.follow(r.at, ledger);
  }
  // The gate leaves money that came or went out of its sums; the next run begins with it in its cash.
  out.losses = gate.carried();
  out.losses.deposit(ledger.deposits());
  if (gate.halted()) out.halted = gate.halted_why();
  return out;
}

Result<std::optional<LeftOver>> newest_left_over(const std::string& data, const std::string& kind) {
  std::string newest;
  Time newest_start{-1};
  for (const auto& folder : run_folders(data)) {
    const auto manifest = io::read_manifest(folder);
    if (!manifest || manifest->kind != kind || manifest->start <= newest_start) continue;
    newest = folder;
    newest_start = manifest->start;
  }
  if (newest.empty()) return std::nullopt;
  auto left = left_over(newest);
  if (!left) return tl::unexpected(left.error());
  return std::optional{std::move(*left)};
}

}  // namespace voltage::app::journal
